#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Mounts on members of a real Active Directory (tests/lab): accounts of the domain by winbindd and
# by SSSD, and what happens while those do not answer.  Needs $GUISEFS, $GUISE and $LAB, the folder of
# the lab, and the programs that tools/deps --domain provides in $LAB_PROGRAMS.
#
# With GUISEFS_LAB=FOLDER the lab is there, and stays for the next run.
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=shell.sh
. "$(dirname "$(readlink -f "$0")")/shell.sh"

[[ -z ${GUISEFS_DEPS:-} ]] || LAB_PROGRAMS=$GUISEFS_DEPS/domain
# an account of the lab's members that is not of the domain
LOCAL_UID=58731

# --- outside: the lab, and a run of this script on each of its members ---

lab_end()
{
	local status=$?
	trap - EXIT INT TERM HUP
	if [[ -n ${GUISEFS_LAB:-} ]]; then
		"$LAB/ad-down" "$lab"
	else
		"$LAB/ad-down" --purge "$lab"
	fi
	(exit "$status")
	end
}

outside()
{
	local status=0 services=()
	begin
	lab=${GUISEFS_LAB:-$folder/lab}
	trap lab_end EXIT
	services=(winbind)
	"$LAB/ad-up" --programs "$LAB_PROGRAMS" "$lab" >"$folder/.up" 2>&1 || {
		status=$?
		tail -n 5 "$folder/.up"
		exit "$status"
	}
	if "$LAB/ad-up" --programs "$LAB_PROGRAMS" --sssd "$lab" >"$folder/.up" 2>&1; then
		services+=(sssd)
	else
		status=$?
		tail -n 5 "$folder/.up"
		[[ $status == 77 ]] || exit "$status"
		printf '0 passed, 0 failed, 1 skipped\n'
		status=0
	fi
	for service in "${services[@]}"; do
		"$LAB/ad-run" "$(machine_of "$service")" "$lab" "$(readlink -f "$0")" inside "$service" "$lab" || status=1
	done
	exit "$status"
}

machine_of()
{
	[[ $1 == winbind ]] && echo fs1 || echo fs2
}

# --- inside: on a member ---

# of USER: the name by which this member's service knows somebody of the domain
of()
{
	[[ $service == winbind ]] && printf 'GUISE\\%s' "$1" || printf '%s@guise.test' "$1"
}

# as USER COMMAND...: as that user of the domain, or "local", with all groups
as()
{
	local user=$1
	shift
	if [[ $user == local ]]; then
		setpriv --reuid="$LOCAL_UID" --regid="$LOCAL_UID" --clear-groups -- "$@"
		return
	fi
	setpriv --reuid="${uid[$user]}" --regid="${gid[$user]}" --groups="${groups[$user]}" -- "$@"
}

# Whom there is.  Ids are looked up once: later the service is stopped.
people_find()
{
	local user name
	declare -gA uid gid groups sid
	printf 'glocal:x:%s:%s::/:/bin/sh\n' "$LOCAL_UID" "$LOCAL_UID" >>/etc/passwd
	printf 'glocal:x:%s:\n' "$LOCAL_UID" >>/etc/group
	for user in alice bob mallory svc-web; do
		name=$(of "$user")
		uid[$user]=$(id -u "$name") && gid[$user]=$(id -g "$name") &&
			groups[$user]=$(id -G "$name" | tr ' ' ,) || return
	done
	staff_gid=$(getent group "$(of staff)" | cut -d: -f3)
	[[ -n $staff_gid ]]
}

# What whoami says of USER: "user" or one of its groups' lines, SIDs last
whoami_of()
{
	as "$1" "$GUISE" whoami "$folder/one"
}

people_have_domain_sids()
{
	local user said
	for user in alice bob mallory svc-web; do
		said=$(whoami_of "$user") || return
		printf '%s\n' "$said"
		sid[$user]=$(awk '$1 == "user:" { print $NF }' <<<"$said")
		[[ ${sid[$user]} == S-1-5-21-*-*-*-???? && $said == *" S-1-22-1-${uid[$user]}"* ]] || return
		[[ $said == *"$(of "$user")"* ]] || return
	done
	domain=${sid[alice]%-*}
	[[ $(whoami_of alice) == *" $domain-513"*" S-1-22-2-${gid[alice]}"* ]] || return
	staff=$(whoami_of alice | awk -v gid="S-1-22-2-$staff_gid" '$NF == gid { print last } { last = $NF }')
	[[ $staff == "$domain"-* ]] && [[ $(whoami_of bob) == *"$staff"* ]] &&
		[[ $(whoami_of mallory) != *"$staff"* ]]
}

local_accounts_are_as_they_were()
{
	local said
	said=$(whoami_of local) && printf '%s\n' "$said" && [[ $said == *"S-1-22-1-$LOCAL_UID"* ]] &&
		[[ $said != *S-1-5-21-* ]]
}

# lies FILE: owner and group of what lies behind the mount
lies()
{
	stat -c '%u %g' "$folder/.one/$1"
}

sddl_of()
{
	getfattr --absolute-names --only-values -n system.guise.sddl "$folder/one/$1"
}

a_new_file_is_its_domain_users()
{
	as alice sh -c "umask 022; echo secret >'$folder/one/new'" && sddl_of new &&
		[[ $(sddl_of new) == "O:${sid[alice]}G:$domain-513D:"* ]] &&
		[[ $(stat -c '%u %g' "$folder/one/new") == "${uid[alice]} ${gid[alice]}" ]] &&
		[[ $(lies new) == "${uid[alice]} ${gid[alice]}" ]] &&
		[[ $(as alice "$GUISE" show "$folder/one/new") == *"owner:  $(of alice)"* ]] &&
		! as mallory cat "$folder/one/new"
}

# may USER FILE: can it read, and write?  "rw", "r-", "--"
may()
{
	local read=- write=-
	as "$1" cat "$folder/$2" >/dev/null && read=r
	as "$1" sh -c "echo more >>'$folder/$2'" && write=w
	echo "$read$write"
}

set_by_root()
{
	"$GUISE" set "$folder/one/new" "$1"
}

people_and_groups_are_allowed()
{
	set_by_root "D:P(A;;FA;;;${sid[alice]})(A;;FR;;;$staff)" &&
		[[ $(may alice one/new) == rw && $(may bob one/new) == r- ]] &&
		[[ $(may mallory one/new) == -- && $(may local one/new) == -- ]]
}

people_and_groups_are_denied()
{
	set_by_root "D:P(D;;FW;;;$staff)(D;;FR;;;${sid[mallory]})(A;;FA;;;WD)" &&
		[[ $(may alice one/new) == r- && $(may bob one/new) == r- ]] &&
		[[ $(may mallory one/new) == -w && $(may local one/new) == rw ]]
}

unix_sids_of_the_same_people_count_alike()
{
	set_by_root "D:P(D;;FR;;;S-1-22-1-${uid[mallory]})(D;;FW;;;S-1-22-2-$staff_gid)(A;;FA;;;WD)" &&
		[[ $(may alice one/new) == r- && $(may mallory one/new) == -w ]] &&
		set_by_root "O:S-1-22-1-${uid[alice]}D:P(A;;FR;;;OW)" &&
		[[ $(may alice one/new) == r- && $(may bob one/new) == -- ]]
}

names_of_the_domain_say_who()
{
	local said
	set_by_root "O:${sid[alice]}D:P(A;;FA;;;${sid[alice]})(A;;FR;;;$staff)" || return
	said=$("$GUISE" show "$folder/one/new") && printf '%s\n' "$said" &&
		[[ $said == *"$(of alice)"*"$(of staff)"* ]]
}

# the folder behind the mount is open to all here, as far as its files let them in
the_backing_folder_is_no_back_door()
{
	set_by_root "O:${sid[alice]}D:P(A;;FR;;;${sid[bob]})(A;;FA;;;${sid[alice]})" || return
	getfacl -n "$folder/.one/new" 2>/dev/null
	[[ $(may bob .one/new) == r- && $(may mallory .one/new) == -- && $(may local .one/new) == -- ]] ||
		return
	set_by_root "D:P(A;;FR;;;$staff)" && getfacl -n "$folder/.one/new" 2>/dev/null
	[[ $(may bob .one/new) == r- && $(may mallory .one/new) == -- ]] || return
	# somebody of another domain, who could be anybody, is denied: then nobody is let in behind it
	set_by_root "D:P(D;;FR;;;S-1-5-21-1-2-3-1000)(A;;FR;;;WD)" &&
		[[ $(may bob .one/new) == -- && $(may bob one/new) == r- ]]
}

what_a_mode_says_is_meant_for_the_domain_too()
{
	echo old >"$folder/.one/old" && chown "${uid[alice]}:$staff_gid" "$folder/.one/old" &&
		chmod 0640 "$folder/.one/old" &&
		[[ $(may alice one/old) == rw && $(may bob one/old) == r- ]] &&
		[[ $(may mallory one/old) == -- ]]
}

chown_writes_domain_sids()
{
	chown "${uid[bob]}:$staff_gid" "$folder/one/new" && sddl_of new &&
		[[ $(sddl_of new) == "O:${sid[bob]}G:${staff}D:"* ]] &&
		[[ $(lies new) == "${uid[bob]} $staff_gid" ]] &&
		[[ $(stat -c '%u %g' "$folder/one/new") == "${uid[bob]} $staff_gid" ]] &&
		! as mallory chown "${uid[mallory]}" "$folder/one/new"
}

a_client_of_the_domain_consents()
{
	local key said
	set_by_root "O:${sid[alice]}D:P(A;;FA;;;${sid[alice]})" || return
	key=$(as alice "$GUISE" token grant --for "$(of svc-web)" --level impersonate) || return
	said=$(as svc-web "$GUISE" run --token "$key" cat "$folder/one/new") && [[ $said == secret* ]] &&
		! as mallory "$GUISE" run --token "$key" cat "$folder/one/new" &&
		! as svc-web cat "$folder/one/new"
}

a_logon_service_names_people_of_the_domain()
{
	local key said
	key=$("$GUISE" token issue --user "$(of alice)" --group "$(of staff)" --for "$(of svc-web)" \
		--level impersonate) || return
	keyctl pipe "$key"
	[[ $(keyctl pipe "$key") == *"for S-1-22-1-${uid[svc-web]}"*"user ${sid[alice]}"*"group $staff"* ]] ||
		return
	said=$(as svc-web "$GUISE" run --token "$key" "$GUISE" whoami "$folder/one") || return
	printf '%s\n' "$said"
	[[ $said == *"${sid[alice]}"*"S-1-22-1-${uid[alice]}"*"$staff"*"S-1-22-2-$staff_gid"* ]] &&
		as svc-web "$GUISE" run --token "$key" sh -c "echo x >'$folder/one/issued'" &&
		[[ $(lies issued) == "${uid[alice]} $staff_gid" ]]
}

# Only this mount: tools reload all that are in sight.
reload()
{
	local said
	said=$(getfattr --absolute-names --only-values -n system.guise.policy.reload "$folder/one")
	printf '%s\n' "$said"
	[[ $said == ok ]]
}

policy_is()
{
	printf '%b' "$1" >"$folder/policy.new" && mv "$folder/policy.new" "$folder/policy" && reload
}

a_policy_names_people_of_the_domain()
{
	local key
	set_by_root "O:${sid[alice]}D:P(A;;FA;;;${sid[alice]})" || return
	key=$(as alice "$GUISE" token grant --for "$(of svc-web)" --level impersonate) || return
	local name
	for name in "$(of svc-web)" "${sid[svc-web]}" "uid:${uid[svc-web]}"; do
		policy_is '' && as svc-web "$GUISE" run --token "$key" true || return
		policy_is "[account ${name//\\/\\\\}]\nimpersonate=no\n" || return
		! as svc-web "$GUISE" run --token "$key" true || return
	done
	grep -q reason=actor-denied "$folder/log" || return
	policy_is "[role Staff]\nmembers=$(of staff | sed 's/\\/\\\\/')\n" &&
		[[ $(as bob "$GUISE" role check --policy "$folder/policy" Staff) == yes ]] &&
		[[ $(as mallory "$GUISE" role check --policy "$folder/policy" Staff) == no ]]
}

another_mapping_can_be_chosen()
{
	policy_is '[domain]\nmapping=none\n' && [[ $(whoami_of alice) != *S-1-5-21-* ]] &&
		policy_is "[domain]\nmapping=$service\n" && [[ $(whoami_of alice) == *"${sid[alice]}"* ]] &&
		! policy_is '[domain]\nmapping=other\n' && policy_is ''
}

# with nothing kept that was answered before
service_stop()
{
	"$LAB/ad-run" "$(machine_of "$service")" "$lab" stop && reload
}

who_is_of_the_domain_is_refused_while_it_is_away()
{
	set_by_root "D:P(A;;FA;;;WD)" && key=$(as alice "$GUISE" token grant --for "$LOCAL_UID" --level impersonate) &&
		service_stop || return
	: >"$folder/log"
	[[ $(may alice one/new) == -- && $(may mallory one/new) == -- ]] || return
	cat "$folder/log"
	grep -q "reason=domain-unavailable" "$folder/log" || return
	: >"$folder/log"
	! as local "$GUISE" run --token "$key" cat "$folder/one/new" || return
	cat "$folder/log"
	grep -q "reason=domain-unavailable" "$folder/log"
}

local_accounts_go_on_while_it_is_away()
{
	[[ $(may local one/new) == rw ]] && cat "$folder/one/new" >/dev/null &&
		as local sh -c "echo mine >'$folder/one/mine' && rm '$folder/one/mine'" &&
		key=$("$GUISE" token issue --user glocal --for "$LOCAL_UID" --level impersonate) &&
		as local "$GUISE" run --token "$key" cat "$folder/one/new"
}

no_wrong_owner_is_written_while_it_is_away()
{
	! chown "${uid[bob]}" "$folder/one/new" &&
		! set_by_root "O:${sid[bob]}G:S-1-22-2-$LOCAL_UID" &&
		! set_by_root "O:S-1-22-1-${LOCAL_UID}G:$staff" && [[ $(lies new) == "${uid[alice]} "* ]] &&
		[[ $(sddl_of new) == "O:${sid[alice]}G:"* ]] &&
		[[ $(stat -c %u "$folder/one/new") == 65534 ]] &&
		chown "$LOCAL_UID" "$folder/.one/old"
}

a_policy_that_names_the_domain_is_not_taken_while_it_is_away()
{
	! policy_is "[role Staff]\nmembers=$staff\n" && policy_is ''
}

when_it_is_back_all_is_as_before()
{
	"$LAB/ad-run" "$(machine_of "$service")" "$lab" start || return
	for _ in {1..600}; do
		[[ $(may alice one/new) == rw ]] && break
		sleep 0.1
	done
	[[ $(may alice one/new) == rw && $(stat -c %u "$folder/one/new") == "${uid[alice]}" ]] &&
		[[ $(whoami_of bob) == *"${sid[bob]}"* ]]
}

inside_end()
{
	local status=$? user
	trap - EXIT INT TERM HUP
	for user in "${uid[@]}" "$LOCAL_UID"; do
		setpriv --reuid="$user" --clear-groups keyctl clear @u 2>/dev/null
	done
	(exit "$status")
	end
}

inside()
{
	service=$1 lab=$2
	begin
	trap inside_end EXIT
	people_find || exit
	mkdir "$folder/.one" && chmod 1777 "$folder/.one" && : >"$folder/policy" || exit
	share_start one "policy=$folder/policy" || exit
	check "$service: people have domain SIDs" people_have_domain_sids
	[[ $failed == 0 ]] || finish
	for name in local_accounts_are_as_they_were a_new_file_is_its_domain_users \
		people_and_groups_are_allowed people_and_groups_are_denied \
		unix_sids_of_the_same_people_count_alike names_of_the_domain_say_who \
		the_backing_folder_is_no_back_door what_a_mode_says_is_meant_for_the_domain_too \
		chown_writes_domain_sids a_client_of_the_domain_consents \
		a_logon_service_names_people_of_the_domain a_policy_names_people_of_the_domain \
		another_mapping_can_be_chosen who_is_of_the_domain_is_refused_while_it_is_away \
		local_accounts_go_on_while_it_is_away no_wrong_owner_is_written_while_it_is_away \
		a_policy_that_names_the_domain_is_not_taken_while_it_is_away \
		when_it_is_back_all_is_as_before; do
		check "$service: ${name//_/ }" "$name"
	done
	finish
}

need_mounts
case ${1:-} in
inside) inside "$2" "$3" ;;
*) outside ;;
esac
