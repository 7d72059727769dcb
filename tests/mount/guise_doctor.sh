#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# guise doctor on mounts that are well, and on some that are not.  Needs $GUISEFS and $GUISE.
set -uo pipefail
# Threads of all tests announce themselves to every mount that they see: to a daemon that is stopped here they would
# wait for long.
if [[ $EUID == 0 && -z ${DOCTOR_APART:-} ]]; then
	DOCTOR_APART=1 exec unshare --mount --propagation private -- bash "$0" "$@"
fi
# shellcheck source-path=SCRIPTDIR source=shell.sh
. "$(dirname "$(readlink -f "$0")")/shell.sh"

# doctor WORDS...: what guise doctor says with them, also if it found something
doctor()
{
	PATH="$(dirname "$GUISEFS"):$PATH" "$GUISE" doctor "$@" || (($? == 1))
}

# says SEVERITY CHECK TEXT [WORDS...]: is there such a finding?
says()
{
	local said severity=$1 check=$2 text=$3
	shift 3
	said=$(doctor "$@") && awk -v severity="$severity" -v check="$check" -v text="$text" \
		'$1 == severity && $2 == check && index($0, text) { found = 1 } END { exit !found }' \
		<<<"$said" || { printf '%s\n' "$said" && return 1; }
}

says_not()
{
	! says "$@" >/dev/null
}

daemon_of()
{
	pgrep -f -x -- "$GUISEFS $folder/.$1 $folder/$1 .*"
}

a_share_that_is_well()
{
	says ok mount "$folder/well answers: guisefs " "$folder/well" &&
		says ok exposure "only root can reach $folder/.well" "$folder/well" &&
		says ok filesystem "$folder/.well" "$folder/well" && says ok keyring "" &&
		says ok lock "" && says ok device ""
}

all_shares_are_looked_at()
{
	says ok mount "$folder/well answers" && says ok mount "$folder/other answers" &&
		says_not ok mount "$folder/other answers" "$folder/well"
}

others_reach_the_backing_folder()
{
	chmod 755 "$folder/.well" && says warning exposure "everybody can reach $folder/.well" "$folder/well" &&
		says warning exposure "everybody can reach $folder/.well" "$folder/.well" &&
		! "$GUISE" doctor "$folder/.well" >/dev/null && chmod 700 "$folder/.well" &&
		says_not warning exposure "" "$folder/well"
}

a_list_lets_others_in()
{
	setfacl -m "u:$account:rx" "$folder/.well" &&
		says warning exposure "the POSIX ACL of $folder/.well" "$folder/well" &&
		setfacl -b "$folder/.well" && chmod 700 "$folder/.well" && says_not warning exposure "" "$folder/well"
}

it_is_mounted_elsewhere()
{
	mkdir -p "$folder/bound" && says_not note backing "" "$folder/well" &&
		mount --bind "$folder/.well" "$folder/bound" &&
		says note backing "$folder/bound" "$folder/well" && umount "$folder/bound"
}

a_filesystem_without_anything()
{
	mkdir -p "$folder/poor" && mount -t ramfs ramfs "$folder/poor" && chmod 700 "$folder/poor" &&
		says problem filesystem "no extended attributes" "$folder/poor" &&
		says_not problem filesystem "$folder/.well" "$folder/.well" && umount "$folder/poor"
}

the_daemon_is_stopped()
{
	local daemon
	daemon=$(daemon_of other) && kill -STOP "$daemon" &&
		says problem mount "$folder/other does not answer" "$folder/other" &&
		says problem backing "$folder/other/sub does not answer" "$folder/other/sub"
	local status=$?
	kill -CONT "$daemon"
	return "$status"
}

the_daemon_is_killed()
{
	kill -KILL "$(daemon_of other)" && says problem mount "$folder/other: Transport endpoint" "$folder/other" &&
		says problem mount "$folder/other: Transport endpoint" && umount "$folder/other"
}

nothing_of_the_path_is_run_as_root()
{
	mkdir -p "$folder/programs" && printf '#!/bin/sh\ntouch %s/ran\n' "$folder" >"$folder/programs/guisefs" &&
		chmod 755 "$folder/programs/guisefs" || return 1
	PATH=$folder/programs:$PATH "$GUISE" doctor "$folder/well" >"$folder/said" || (($? == 1)) || return 1
	[[ ! -e $folder/ran ]] && grep -q "^ok  *program *guisefs " "$folder/said"
}

json_is_json()
{
	doctor --format json "$folder/well" >"$folder/json" && python3 - "$folder" <<-'END'
		import json, sys
		said = json.load(open(sys.argv[1] + "/json"))
		checks = {one["check"] for one in said["findings"]}
		assert {"device", "kernel", "mount", "exposure"} <= checks, checks
		assert said["worst"] in ("ok", "note", "warning", "problem"), said
		for one in said["findings"]:
		    assert set(one) == {"check", "severity", "what", "means", "do"}, one
	END
}

a_user_is_told_what_a_user_can_see()
{
	mkdir -p "$folder/shut/.backing" && chmod 700 "$folder/shut" || return 1
	by_user "$account_uid" "$GUISE" doctor "$folder/well" >"$folder/said"
	(($? <= 1)) && grep -q "^ok  *device" "$folder/said" && grep -q "^ok  *keyring" "$folder/said" &&
		grep -q "^ok  *exposure" "$folder/said" || { cat "$folder/said" && return 1; }
	by_user "$account_uid" "$GUISE" doctor "$folder/shut/.backing"
	(($? == 1)) # denied
}

wrong_words()
{
	"$GUISE" doctor a b
	(($? == 2)) || return 1
	"$GUISE" doctor --format xml
	(($? == 2)) || return 1
	"$GUISE" doctor "$folder/none"
	(($? == 4))
}

begin
account_add
share_start well
share_start other
chmod 700 "$folder/.well" "$folder/.other"
check "a share that is well" a_share_that_is_well
check "without a folder all shares are looked at" all_shares_are_looked_at
check "a backing folder that everybody can reach" others_reach_the_backing_folder
check "a backing folder whose POSIX ACL lets others in" a_list_lets_others_in
check "a backing folder that is mounted elsewhere" it_is_mounted_elsewhere
check "a filesystem that cannot store descriptors" a_filesystem_without_anything
check "a user is told what a user can see" a_user_is_told_what_a_user_can_see
check "root runs nothing that PATH names" nothing_of_the_path_is_run_as_root
check "JSON" json_is_json
check "wrong words" wrong_words
check "a daemon that does not answer" the_daemon_is_stopped
check "a daemon that has ended" the_daemon_is_killed
finish
