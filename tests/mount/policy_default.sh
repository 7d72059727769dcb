#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The host's own policy file: what a mount makes of it when it is there, comes, breaks and goes.
# Needs $GUISEFS and $GUISE.
#
# All of it happens in a mount namespace of its own, with an /etc of its own.
set -uo pipefail
shopt -s extglob
# shellcheck source-path=SCRIPTDIR source=shell.sh
. "$(dirname "$(readlink -f "$0")")/shell.sh"

FILE=/etc/guisefs/guise.conf

etc_make()
{
	# in the host's own namespace this would change everybody's /etc
	[[ $(readlink /proc/self/ns/mnt) != "$OUTSIDE" ]] || return
	mkdir "$folder/.etc" && mount -t tmpfs none "$folder/.etc" &&
		mkdir "$folder/.etc/upper" "$folder/.etc/work" &&
		mount -t overlay none -o "lowerdir=/etc,upperdir=$folder/.etc/upper,workdir=$folder/.etc/work" /etc &&
		rm -rf /etc/guisefs && mkdir -m 0755 /etc/guisefs
}

policy_put()
{
	printf '%b' "$1" >"$FILE.new" && mv "$FILE.new" "$FILE"
}

# shows PATTERN: what the mount has in force.
shows()
{
	local said
	said=$("$GUISE" policy show "$folder/one") || return
	printf '%s\n' "$said"
	# shellcheck disable=SC2053
	[[ $said == $1 ]]
}

# reloads PATTERN: what the mount says to a reload.
reloads()
{
	local said
	said=$("$GUISE" policy reload 2>&1)
	printf '%s\n' "$said"
	# shellcheck disable=SC2053
	[[ $said == *"$folder/one: "$1* ]]
}

without_a_file()
{
	rm -f "$FILE" && share_start one && shows $'# built in\n*' && reloads ok && shows $'# built in\n*'
}

a_file_comes()
{
	policy_put '[role A]\n' && reloads ok && shows "# $FILE"$'\n*[[]role A]*'
}

a_file_that_has_gone_is_no_leave_to_forget()
{
	rm "$FILE" && reloads "$FILE: No such file" && shows $'*[[]role A]*'
}

an_empty_file_is()
{
	policy_put '' && reloads ok && shows "# $FILE"$'\n[[]defaults]\nlevel=identify'
}

a_broken_file_ends_no_mount_and_starts_none()
{
	local status=0
	policy_put '[role]\n' && reloads "$FILE:1: role; expected" && shows $'*level=identify' &&
		share_stop one || return
	share_start one 2>"$folder/.said" || status=$?
	cat "$folder/.said"
	[[ $status == 2 && $(<"$folder/.said") == "guisefs: $FILE:1: role; expected "* ]]
}

# grants PATTERN WORD...: when a consent made by "guise token WORD..." ends, as its owner sees it.
grants()
{
	local wanted=$1 serial ends
	shift
	serial=$(by_user 64003 "$GUISE" token "$@") || return
	ends=$(by_user 64003 "$GUISE" token show "$serial" | sed -n 's/^ends in: *\([^ ]*\) .*/\1/p')
	by_user 64003 "$GUISE" token revoke "$serial"
	printf 'ends in %s\nwanted:  %s\n' "$ends" "$wanted"
	# shellcheck disable=SC2053
	[[ $ends == $wanted ]]
}

a_consent_lasts_as_long_as_the_host_says()
{
	local issue=(issue --user S-1-22-1-1000 --for 33 --level identify)
	policy_put '[defaults]\nttl=3h\n' && share_start one || return
	grants '@(3h|2h*)' grant --for 33 && grants '@(3h|2h*)' "${issue[@]}" || return
	grants '@(5m|4m*|3m*)' grant --for 33 --ttl 5m || return
	# what the tool would take itself is more than the host allows
	policy_put '[defaults]\nmax-ttl=6m\n' && reloads ok || return
	grants '@(6m|5m*|4m*)' grant --for 33 && grants '@(6m|5m*|4m*)' "${issue[@]}" || return
	policy_put '' && reloads ok && grants '@(10m|9m*|8m*)' grant --for 33 || return
	share_stop one && grants '@(10m|9m*|8m*)' grant --for 33
}

leave_other_mounts()
{
	local point
	awk '/ - fuse.guisefs / { print $5 }' /proc/self/mountinfo | while read -r point; do
		umount --lazy -- "$(printf '%b' "$point")"
	done
}

need_mounts
if [[ ${1:-} != inside ]]; then
	exec unshare --mount --propagation private -- "$0" inside "$(readlink /proc/self/ns/mnt)"
fi
OUTSIDE=${2:?the mount namespace that this one is not}
begin
if ! etc_make; then
	umount --lazy "$folder/.etc" 2>/dev/null
	give_up "no /etc of our own"
fi
leave_other_mounts
check "without a file" without_a_file
check "a file comes" a_file_comes
check "a file that has gone is no leave to forget" a_file_that_has_gone_is_no_leave_to_forget
check "an empty file is" an_empty_file_is
check "a broken file" a_broken_file_ends_no_mount_and_starts_none
check "a consent lasts as long as the host says" a_consent_lasts_as_long_as_the_host_says
umount --lazy /etc "$folder/.etc"
finish
