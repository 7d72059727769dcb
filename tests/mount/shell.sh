# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash disable=SC2034
# What the scripts of mounted tests share: an account, a folder, shares, counting.
#
# Expects the programs in $GUISEFS and $GUISE.  Source it, then call begin, the
# cases, and finish.  A script without root or /dev/fuse ends as skipped.

passed=0
failed=0
skipped=0
folder=
account=
account_uid=

# Ends the script with exit status 77 ("skipped") unless mounts can be made here.
need_mounts()
{
	[[ $EUID == 0 ]] || give_up "needs root"
	[[ -c /dev/fuse ]] || give_up "needs /dev/fuse"
	GUISEFS=$(readlink -f -- "${GUISEFS:?the program guisefs}")
	GUISE=$(readlink -f -- "${GUISE:?the program guise}")
}

give_up()
{
	printf 'skipped: %s\n' "$1"
	exit 77
}

# Makes $folder, which every user can pass through but not list.
begin()
{
	need_mounts
	export LC_ALL=C
	umask 022
	PATH=$PATH:/usr/sbin:/sbin
	trap end EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	folder=$(mktemp -d /tmp/guisefs-test.XXXXXX)
	chmod 0711 "$folder"
}

# What is mounted below $folder, as the kernel tells it.
mounted_below()
{
	awk -v below="$folder/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo
}

end()
{
	local status=$? point
	trap - EXIT INT TERM HUP
	cd / || true
	for point in "$folder"/*/; do
		umount --lazy -- "${point%/}" 2>/dev/null
	done
	[[ -z $account ]] || account_remove
	# never through a mount: a bind mount would look like the same file system to rm
	if [[ $folder == /tmp/guisefs-test.?????? && -z $(mounted_below) ]]; then
		rm -rf --one-file-system -- "$folder"
	else
		printf 'left behind, with mounts: %s\n' "$folder"
		((status != 0)) || status=1
	fi
	exit "$status"
}

# An ordinary user for the time of the test: $account, $account_uid.
account_add()
{
	local name=gt$$shell attempt
	for attempt in {1..300}; do
		if useradd -M -U -d "$folder" -s /bin/sh "$name" 2>"$folder/.useradd"; then
			account=$name
			account_uid=$(id -u -- "$name")
			return
		fi
		sleep 0.2 # another process may be writing /etc/passwd
	done
	cat "$folder/.useradd"
	exit 1
}

account_remove()
{
	local attempt
	setpriv --reuid="$account_uid" --clear-groups keyctl clear @u 2>/dev/null
	for attempt in {1..300}; do
		userdel "$account" 2>/dev/null && return
		sleep 0.2
	done
}

# by_user USER COMMAND...: runs it as that user, alone in its group.
by_user()
{
	local user=$1
	shift
	if [[ $user == root ]]; then
		"$@"
	else
		setpriv --reuid="$user" --regid="$user" --clear-groups -- "$@"
	fi
}

# share_start NAME [OPTIONS]: mounts $folder/NAME, which shows $folder/.NAME.
share_start()
{
	mkdir -p "$folder/$1" "$folder/.$1"
	"$GUISEFS" "$folder/.$1" "$folder/$1" -o "log=$folder/log${2:+,$2}" </dev/null
}

share_stop()
{
	umount -- "$folder/$1"
}

# check NAME COMMAND...: one case; the command's output is shown if it fails.
check()
{
	local name=$1 status=0
	shift
	"$@" >"$folder/.output" 2>&1 </dev/null || status=$?
	if [[ $status == 0 ]]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	printf 'FAILED %s (status %s)\n' "$name" "$status"
	sed 's/^/  /' "$folder/.output" | head -n 30
}

# skip NAME WHY: one case that cannot be tested here.
skip()
{
	skipped=$((skipped + 1))
	printf 'skipped: %s: %s\n' "$1" "$2"
}

finish()
{
	printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
	[[ $failed == 0 ]]
	exit
}
