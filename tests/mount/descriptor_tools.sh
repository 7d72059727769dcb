#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Other projects' tools for descriptors on a mount: getcifsacl and setcifsacl (cifs-utils),
# ntfssecaudit (ntfs-3g), and the attributes that they use.  Needs $GUISEFS and $GUISE.
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=shell.sh
. "$(dirname "$(readlink -f "$0")")/shell.sh"

# by NAME COMMAND...: as the owner, as somebody without rights, or as root
by()
{
	local uid
	case $1 in
	owner) uid=$account_uid ;;
	other) uid=$other_uid ;;
	root) uid=0 ;;
	esac
	shift
	setpriv --reuid="$uid" --regid="$uid" --clear-groups -- "$@"
}

sddl_of()
{
	getfattr --absolute-names --only-values -n system.guise.sddl "$share/$1"
}

# is FILE SDDL: has it exactly that descriptor?
is()
{
	local now
	now=$(sddl_of "$1") && [[ $now == "$2" ]] || { printf 'now %s\nnot %s\n' "$now" "$2" && return 1; }
}

# file_new NAME: one of the owner's with a known descriptor; the text that precedes its list
file_new()
{
	rm -rf "${share:?}/$1" && by owner sh -c "echo text >'$share/$1'" &&
		"$GUISE" set "$share/$1" "D:(A;;FA;;;$owner)"
}

# raw ATTRIBUTE FILE
raw()
{
	getfattr --absolute-names -e hex --only-values -n "$1" "$share/$2" | od -An -v -tx1 | tr -d ' \n'
}

# --- getcifsacl, setcifsacl ---

cifs_shows_what_is_there()
{
	local said
	file_new f && "$GUISE" set "$share/f" "D:P(D;;FW;;;$other)(A;OICI;FA;;;$owner)(A;ID;0x1200a9;;;WD)" &&
		said=$(by owner getcifsacl -r "$share/f") && printf '%s\n' "$said" &&
		diff <(sed -n '2,$p' <<<"$said" | sed '/^$/d') - <<-END
			REVISION:0x1
			CONTROL:0x9004
			OWNER:$owner
			GROUP:S-1-22-2-$account_uid
			DACL:
			ACL:$other:0x1/0x0/0x120116
			ACL:$owner:0x0/0x3/0x1f01ff
			ACL:S-1-1-0:0x0/0x10/0x1200a9
			No SACL
		END
}

cifs_shows_words()
{
	local said
	said=$(by owner getcifsacl "$share/f") && printf '%s\n' "$said" && [[ $said == *"ACL:$owner:ALLOWED/OI|CI/FULL"*"ACL:S-1-1-0:ALLOWED/I/READ"* ]]
}

cifs_shows_nothing_to_others()
{
	file_new f && ! by other getcifsacl "$share/f" && ! by other setcifsacl -a "ACL:$other:ALLOWED/0x0/FULL" "$share/f" &&
		is f "$head(A;;FA;;;$owner)"
}

cifs_recurses()
{
	mkdir -p "$share/tree/sub" && echo 1 >"$share/tree/sub/leaf" &&
		[[ $(getcifsacl -R "$share/tree" | grep -c '^OWNER:S-1-5-18') == 3 ]]
}

cifs_adds()
{
	file_new f && by owner setcifsacl -a "ACL:$other:ALLOWED/0x0/0x120089" "$share/f" &&
		is f "$head(A;;FA;;;$owner)(A;;FR;;;$other)" && [[ $(by other cat "$share/f") == text ]]
}

cifs_adds_in_order()
{
	by owner setcifsacl -A "ACL:$other:DENIED/0x0/0x1" "$share/f" &&
		is f "$head(D;;CC;;;$other)(A;;FA;;;$owner)(A;;FR;;;$other)" && ! by other cat "$share/f"
}

cifs_modifies()
{
	by owner setcifsacl -M "ACL:$other:DENIED/0x0/0x2" "$share/f" &&
		is f "$head(D;;DC;;;$other)(A;;FA;;;$owner)(A;;FR;;;$other)" && by other cat "$share/f"
}

cifs_deletes()
{
	by owner setcifsacl -D "ACL:$other:DENIED/0x0/0x2,ACL:$other:ALLOWED/0x0/0x120089" "$share/f" &&
		is f "$head(A;;FA;;;$owner)" && ! by other cat "$share/f"
}

cifs_sets()
{
	by owner setcifsacl -S "ACL:$owner:ALLOWED/0x0/FULL,ACL:S-1-1-0:ALLOWED/0x0/0x120089" "$share/f" &&
		is f "$head(A;;FA;;;$owner)(A;;FR;;;WD)" && by other cat "$share/f"
}

cifs_sets_what_a_folder_hands_on()
{
	rm -rf "$share/d" && by owner mkdir "$share/d" &&
		by owner setcifsacl -S "ACL:$owner:ALLOWED/OI|CI/FULL,ACL:$other:ALLOWED/OI|IO/0x120089" "$share/d" &&
		by owner sh -c "echo text >'$share/d/new'" && is d/new "$head(A;;FA;;;$owner)(A;;FR;;;$other)" &&
		[[ $(by other cat "$share/d/new") == text ]]
}

cifs_sets_owner_and_group()
{
	local dacl="D:(A;;FA;;;$owner)"
	file_new f && ! by owner setcifsacl -o "$other" "$share/f" && ! by owner setcifsacl -g "S-1-22-2-$other_uid" "$share/f" &&
		is f "$head(A;;FA;;;$owner)" && by owner setcifsacl -o "$owner" "$share/f" &&
		by root setcifsacl -o "$other" "$share/f" && is f "O:${other}G:S-1-22-2-$account_uid$dacl" &&
		by root setcifsacl -g "S-1-22-2-$other_uid" "$share/f" && is f "O:${other}G:S-1-22-2-$other_uid$dacl" &&
		[[ $(stat -c '%u %g' "$folder/.share/f") == "$other_uid $other_uid" ]]
}

# What is done to the DACL leaves the SACL, also by who cannot see it, and the other way round.
cifs_audits()
{
	local dacl="(A;;FA;;;$owner)" one="(AU;SA;FA;;;WD)"
	file_new f && ! by owner setcifsacl -U -a 'ACL:S-1-1-0:AUDIT/SA/FULL' "$share/f" && is f "$head$dacl" &&
		by root setcifsacl -U -a 'ACL:S-1-1-0:AUDIT/SA/FULL' "$share/f" && is f "$head${dacl}S:$one" &&
		by root setcifsacl -U -a "ACL:$other:AUDIT/FA/0x120089" "$share/f" &&
		is f "$head${dacl}S:$one(AU;FA;FR;;;$other)" &&
		by root setcifsacl -U -M "ACL:$other:AUDIT/SA/0x120089" "$share/f" &&
		by root setcifsacl -U -D "ACL:S-1-1-0:AUDIT/SA/FULL" "$share/f" &&
		is f "$head${dacl}S:(AU;SA;FR;;;$other)" &&
		by owner setcifsacl -a "ACL:$other:ALLOWED/0x0/0x120089" "$share/f" &&
		is f "$head$dacl(A;;FR;;;$other)S:(AU;SA;FR;;;$other)" &&
		by root setcifsacl -U -S 'ACL:S-1-1-0:AUDIT/SA/FULL' "$share/f" &&
		is f "$head$dacl(A;;FR;;;$other)S:$one"
}

cifs_hides_the_sacl()
{
	[[ $(by owner getcifsacl "$share/f") == *'No SACL'* && $(by root getcifsacl "$share/f") == *'ACL:S-1-1-0:AUDIT/SA/FULL'* ]]
}

# --- ntfs-3g ---

secaudit_reads()
{
	local said
	# it does not bear memory that is not zero
	file_new f && said=$(by owner env -u MALLOC_PERTURB_ ntfssecaudit -v "$share/f")
	printf '%s\n' "$said"
	[[ $said == *"Windows owner $owner"* && $said == *"Windows group S-1-22-2-$account_uid"* && $said == *'mode 0700'* ]] &&
		[[ $(sed -n 's/^ *0000[0-9a-f]0 //p' <<<"$said" | tr -d ' \n') == "$(raw system.ntfs_acl f)" ]]
}

secaudit_says_that_others_may_not()
{
	local said
	! said=$(by other ntfssecaudit "$share/f") && [[ $said == *'Could not get the NTFS ACL'* ]]
}

# --- the attributes ---

# What an attribute gives, another object takes, and then it has the same; but for SE_DACL_AUTO_INHERITED,
# which stays only if SE_DACL_AUTO_INHERIT_REQ is given with it, as on Windows.
bytes_come_back()
{
	local attribute bytes
	for attribute in system.ntfs_acl system.cifs_acl system.cifs_ntsd system.cifs_ntsd_full system.guise.ntacl; do
		file_new f && file_new g &&
			"$GUISE" set "$share/f" "O:${other}D:PARAI(D;;WD;;;$other)(A;ID;FA;;;$owner)S:(AU;SA;FA;;;WD)" &&
			bytes=$(raw "$attribute" f) && setfattr -n "$attribute" -v "0x$bytes" "$share/g" || return
		printf '%s\n' "$attribute"
		case $attribute in
		*cifs_acl) is g "${head}P(D;;WD;;;$other)(A;ID;FA;;;$owner)" ;;
		*cifs_ntsd) is g "$(sddl_of f | sed 's/PAI/P/; s/S:.*//')" ;;
		*) is g "$(sddl_of f | sed 's/PAI/P/')" ;;
		esac || return
	done
}

# What smbd reads instead of security.NTACL, which a mount gives nobody, root neither.  There it is of version 3; behind, of
# version 4 with a hash, which takes 80 bytes more.  After a header with offsets the descriptors are the same.
samba_s_format_is_what_lies_behind()
{
	local shown behind
	file_new f && shown=$(raw system.guise.ntacl f) &&
		behind=$(getfattr --absolute-names -e hex --only-values -n security.NTACL "$folder/.share/f" | od -An -v -tx1 | tr -d ' \n') &&
		[[ $shown == 03000300* && $behind == 04000400* && ${#shown} -gt 200 && ${shown:200} == "${behind:360}" ]] &&
		refused 'Operation not supported' getfattr -n security.NTACL "$share/f" &&
		refused 'Operation not supported' setfattr -n security.NTACL -v "0x$(raw system.guise.ntacl f)" "$share/f" &&
		! by other getfattr -n system.guise.ntacl "$share/f" &&
		! by other setfattr -n system.guise.ntacl -v "0x$(raw system.guise.ntacl f)" "$share/f"
}

# refused ERROR COMMAND...
refused()
{
	local said
	said=$(LC_ALL=C "${@:2}" 2>&1) && return 1
	printf '%s\n' "$said"
	[[ $said == *"$1"* ]]
}

nonsense_is_refused()
{
	local attribute
	file_new f || return
	for attribute in system.ntfs_acl system.cifs_acl system.cifs_ntsd system.cifs_ntsd_full system.guise.ntacl; do
		refused 'Invalid argument' setfattr -n "$attribute" -v 0x0100 "$share/f" &&
			refused 'Invalid argument' setfattr -n "$attribute" -v 0x0100048000000000000000000000000014000000 "$share/f" &&
			refused 'Invalid argument' setfattr -n "$attribute" -v 0x0100008000000000000000000000000000000000 "$share/f" &&
			refused 'Operation not supported' setfattr -x "$attribute" "$share/f" || return
	done
	# of a SACL alone, where the attribute is of the DACL
	refused 'Invalid argument' setfattr -n system.cifs_acl \
		-v 0x01001080000000000000000014000000000000000200080000000000 "$share/f" && is f "$head(A;;FA;;;$owner)"
}

what_there_is_not_is_not_supported()
{
	local attribute
	for attribute in ntfs_attrib ntfs_attrib_be ntfs_times ntfs_crtime ntfs_reparse_data ntfs_object_id ntfs_dos_name \
		ntfs_efsinfo ntfs_ea cifs_aclx dos_attrib nfs4_acl richacl; do
		refused 'Operation not supported' getfattr -n "system.$attribute" "$share/f" &&
			refused 'Operation not supported' setfattr -n "system.$attribute" -v 0x00000000 "$share/f" || return
	done
}

# A listing leaves them out, so that nothing that copies what is listed would have to set them.
descriptors_are_not_listed()
{
	setfattr -n user.note -v 1 "$share/f" && [[ $(getfattr --absolute-names -m - "$share/f" | grep -v '^#') == user.note ]]
}

# A tree's descriptors are kept in a text, and set by it.
a_tree_is_dumped_and_restored()
{
	local before
	rm -rf "$share/tree" && mkdir -p "$share/tree/sub" && echo 1 >"$share/tree/sub/leaf" &&
		setfattr -n system.guise.sddl -v "O:${owner}D:P(A;OICI;FA;;;$owner)S:(AU;SA;FA;;;WD)" "$share/tree" &&
		"$GUISE" set "$share/tree/sub/leaf" "O:${other}D:(D;;FW;;;$other)(A;;FA;;;$owner)" || return
	before=$(cd "$share" && getfattr -R -n system.ntfs_acl --dump -e hex tree) && printf '%s\n' "$before" &&
		setcifsacl -S 'ACL:S-1-1-0:ALLOWED/0x0/FULL' "$share/tree" &&
		"$GUISE" set "$share/tree/sub/leaf" 'O:SYD:(A;;FA;;;WD)' &&
		(cd "$share" && setfattr --restore=- <<<"$before") &&
		[[ $(cd "$share" && getfattr -R -n system.ntfs_acl --dump -e hex tree) == "$before" ]]
}

# What lies behind is copied with all attributes: then a mount of the copy is as the mount.
a_copy_of_what_lies_behind_is_the_same()
{
	local behind=$folder/.share wanted
	wanted=$(cd "$share" && getfattr -R -n system.guise.sddl tree) && mkdir "$folder/.copy" &&
		cp -a "$behind/tree" "$folder/.copy/tree" && mkdir "$folder/.copy/tar" "$folder/.copy/rsync" &&
		tar -C "$behind" --xattrs --xattrs-include='*' --acls -cf - tree | tar -C "$folder/.copy/tar" --xattrs --xattrs-include='*' --acls -xpf - &&
		rsync -aAX "$behind/tree" "$folder/.copy/rsync/" && share_start copy && for at in . tar rsync; do
			diff <(cd "$folder/copy/$at" && getfattr -R -n system.guise.sddl tree) - <<<"$wanted"$'\n' || break
		done
	local status=$?
	share_stop copy
	return $status
}

begin
account_add
owner=S-1-22-1-$account_uid
other_uid=$((account_uid + 100000))
other=S-1-22-1-$other_uid
head="O:${owner}G:S-1-22-2-${account_uid}D:"
share=$folder/share
mkdir "$folder/.share"
chmod 0777 "$folder/.share"
check "mount" share_start share
cases=(cifs_shows_what_is_there cifs_shows_words cifs_shows_nothing_to_others cifs_recurses cifs_adds cifs_adds_in_order
	cifs_modifies cifs_deletes cifs_sets cifs_sets_what_a_folder_hands_on cifs_sets_owner_and_group cifs_audits
	cifs_hides_the_sacl)
for name in "${cases[@]}"; do
	if command -v getcifsacl >/dev/null; then
		check "$name" "$name"
	else
		skip "$name" "no getcifsacl and setcifsacl (cifs-utils) here"
	fi
done
for name in secaudit_reads secaudit_says_that_others_may_not; do
	if command -v ntfssecaudit >/dev/null; then
		check "$name" "$name"
	else
		skip "$name" "no ntfssecaudit (ntfs-3g) here"
	fi
done
for name in bytes_come_back samba_s_format_is_what_lies_behind nonsense_is_refused what_there_is_not_is_not_supported descriptors_are_not_listed \
	a_tree_is_dumped_and_restored a_copy_of_what_lies_behind_is_the_same; do
	check "$name" "$name"
done
check "unmount" share_stop share
finish
