#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# guise add, deny, remove, owner and edit on a mount: what they say is what the mount does, and
# who may not change a descriptor does not.  Needs $GUISEFS and $GUISE.
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=shell.sh
. "$(dirname "$(readlink -f "$0")")/shell.sh"

owner() { by_user "$account_uid" "$@"; }
other() { by_user 64990 "$@"; }
sddl() { "$GUISE" show --format sddl "$share/$1"; }

# file_new NAME [SDDL]: one of the owner's
file_new()
{
	rm -rf "${share:?}/$1" && owner sh -c "echo text >'$share/$1'" &&
		"$GUISE" set "$share/$1" "${2-D:(A;;FA;;;S-1-22-1-$account_uid)}"
}

# refused STATUS WORDS COMMAND...
refused()
{
	local want=$1 words=$2 status=0 said
	shift 2
	said=$("$@" 2>&1 </dev/null) || status=$?
	printf '%s\n' "$said"
	[[ $status == "$want" && $said == *"$words"* ]]
}

what_add_allows_can_be_done()
{
	file_new f && ! other cat "$share/f" && owner "$GUISE" add "$share/f" uid:64990:R &&
		other cat "$share/f" && ! other sh -c "echo more >>'$share/f'" &&
		owner "$GUISE" add "$share/f" uid:64990:W && other sh -c "echo more >>'$share/f'"
}

what_deny_denies_cannot()
{
	file_new f "D:(A;;FA;;;WD)" && owner "$GUISE" deny "$share/f" uid:64990:W &&
		other cat "$share/f" && ! other sh -c "echo more >>'$share/f'" &&
		owner sh -c "echo more >>'$share/f'"
}

what_remove_removes_is_gone()
{
	file_new f && owner "$GUISE" add "$share/f" uid:64990:R && other cat "$share/f" &&
		owner "$GUISE" remove "$share/f" uid:64990 && ! other cat "$share/f"
}

entries_of_a_folder_reach_what_is_made_in_it()
{
	rm -rf "${share:?}/d" && owner mkdir "$share/d" &&
		"$GUISE" set "$share/d" "D:PARAI(A;OICI;FA;;;S-1-22-1-$account_uid)" &&
		owner "$GUISE" add "$share/d" 'uid:64990:(OI)(CI)R' &&
		owner sh -c "echo text >'$share/d/f'" && other cat "$share/d/f" &&
		refused 1 "guise inherit copy" owner "$GUISE" remove "$share/d/f" uid:64990
}

strangers_change_nothing()
{
	local before
	file_new f "D:(A;;FA;;;S-1-22-1-$account_uid)(A;;FR;;;WD)" && before=$(sddl f) || return
	refused 1 "this needs WRITE_DAC" other "$GUISE" add "$share/f" uid:64990:F &&
		refused 1 "this needs WRITE_DAC" other "$GUISE" deny "$share/f" Everyone:F &&
		refused 1 "this needs WRITE_DAC" other "$GUISE" remove "$share/f" Everyone &&
		refused 1 "this needs WRITE_OWNER" other "$GUISE" owner "$share/f" uid:64990 &&
		EDITOR="sed -i 's/(R)/(F)/'" refused 1 "this needs WRITE_DAC" \
			other "$GUISE" edit --force "$share/f" &&
		[[ $(sddl f) == "$before" ]]
}

owners_give_nothing_away()
{
	file_new f && refused 1 "SeRestorePrivilege" owner "$GUISE" owner "$share/f" uid:64990 &&
		"$GUISE" owner "$share/f" uid:64990 && [[ $(sddl f) == O:S-1-22-1-64990* ]]
}

audit_entries_take_a_privilege()
{
	file_new f && refused 1 "SeSecurityPrivilege" \
		owner "$GUISE" add --audit failure "$share/f" Everyone:W &&
		"$GUISE" add --audit failure "$share/f" Everyone:W &&
		[[ $(sddl f) == *"S:"*"(AU;FA;0x100116;;;WD)" ]] &&
		owner "$GUISE" add "$share/f" uid:64990:R &&
		[[ $(sddl f) == *"(AU;FA;0x100116;;;WD)" ]] &&
		"$GUISE" remove --audit "$share/f" Everyone && [[ $(sddl f) != *AU* ]]
}

an_editor_changes_what_it_changes()
{
	file_new f && EDITOR="sed -i '/^dacl/a uid:64990:R'" owner "$GUISE" edit "$share/f" &&
		other cat "$share/f"
}

nobody_locks_himself_out_by_mistake()
{
	local before
	file_new f && before=$(sddl f) || return
	# OWNER RIGHTS takes from the owner what nothing else gives
	export EDITOR="sed -i 's/^  .*(F).*/OW:R/'"
	refused 2 "no WRITE_DAC left" owner "$GUISE" edit "$share/f" && [[ $(sddl f) == "$before" ]] &&
		owner "$GUISE" edit --force "$share/f" && [[ $(sddl f) == *"(A;;FR;;;OW)" ]]
}

who_can_take_ownership_is_never_out()
{
	file_new f && EDITOR="sed -i 's/^  .*(F).*/OW:R/'" "$GUISE" edit "$share/f"
}

nobody_resets_himself_out_by_mistake()
{
	local before
	rm -rf "${share:?}/shut" && mkdir "$share/shut" && "$GUISE" set "$share/shut" \
		"O:SYD:P(A;;0x1200a9;;;WD)(A;OICI;FA;;;SY)" && mkdir "$share/shut/own" &&
		"$GUISE" set "$share/shut/own" "O:S-1-22-1-${account_uid}D:P(A;OICI;FA;;;S-1-22-1-$account_uid)" &&
		owner touch "$share/shut/own/f" && before=$(sddl shut/own) || return
	refused 1 "you could not read it any more" owner "$GUISE" reset -R "$share/shut/own" &&
		[[ $(sddl shut/own) == "$before" ]] && owner "$GUISE" reset "$share/shut/own/f" &&
		refused 1 "you could not read it any more" owner "$GUISE" inherit off "$share/shut/own/f" &&
		owner "$GUISE" inherit off --force "$share/shut/own/f" &&
		owner "$GUISE" reset --force "$share/shut/own" && [[ $(sddl shut/own) != "$before" ]] &&
		"$GUISE" reset "$share/shut/own"
}

begin
account_add
share_start share
share=$folder/share
chmod 1777 "$folder/.share"
export TMPDIR=/tmp

for case in what_add_allows_can_be_done what_deny_denies_cannot what_remove_removes_is_gone \
	entries_of_a_folder_reach_what_is_made_in_it strangers_change_nothing \
	owners_give_nothing_away audit_entries_take_a_privilege an_editor_changes_what_it_changes \
	nobody_locks_himself_out_by_mistake nobody_resets_himself_out_by_mistake who_can_take_ownership_is_never_out; do
	check "$case" "$case"
done
share_stop share
finish
