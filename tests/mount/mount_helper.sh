#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# mount(8) and fstab, by way of the helper mount.fuse.guisefs; and that a daemonised
# start returns only when the mount is usable.  Needs $GUISEFS, $GUISE and $HELPER.
#
# All of it happens in a mount namespace of its own, where /sbin holds the helper.
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=shell.sh
. "$(dirname "$(readlink -f "$0")")/shell.sh"

# A copy of /sbin with the helper in it, mounted over /sbin: mount(8) looks nowhere
# else.  Never the true one below $folder, which is deleted at the end.
sbin_make()
{
	local real
	real=$(readlink -f /sbin)
	# in the host's own namespace this would take /sbin away from everybody
	[[ $(readlink /proc/self/ns/mnt) != "$OUTSIDE" ]] || return
	cp -a "$real" "$folder/.sbin" && rm -f "$folder/.sbin/mount.fuse.guisefs" "$folder/.sbin/guisefs" &&
		install -m 0755 "$HELPER" "$folder/.sbin/mount.fuse.guisefs" &&
		ln -s "$GUISEFS" "$folder/.sbin/guisefs" && mount --bind "$folder/.sbin" "$real"
}

is_mounted()
{
	[[ $(findmnt -n -o FSTYPE,SOURCE --mountpoint "$folder/$1") =~ ^fuse\.guisefs\ +"$folder/.$1"$ ]] &&
		[[ $(<"$folder/$1/file") == contents ]]
}

has_option()
{
	findmnt -n -o OPTIONS --mountpoint "$folder/$1" | tr , '\n' | grep -qx "$2"
}

daemons()
{
	pgrep -f "guisefs $folder/" | wc -l
}

# The daemon ends with its mount, a moment later.
no_daemon()
{
	local attempt
	for attempt in {1..600}; do
		[[ $(daemons) == 0 ]] && return
		sleep 0.1
	done
	pgrep -af "guisefs $folder/"
	return 1
}

mount_by_type()
{
	mount -t fuse.guisefs "$folder/.one" "$folder/one" && is_mounted one && has_option one nosuid &&
		has_option one nodev && has_option one rw && ! has_option one default_permissions && [[ $(daemons) == 1 ]]
}

unmount_one()
{
	umount "$folder/one" && ! mountpoint -q "$folder/one" && [[ ! -e $folder/one/file ]] && no_daemon
}

mount_with_options()
{
	mount -t fuse.guisefs -o "ro,noatime,noexec,traverse=strict,log=$folder/log" "$folder/.one" "$folder/one" &&
		is_mounted one && has_option one ro && has_option one noexec && has_option one noatime &&
		! touch "$folder/one/new" 2>/dev/null && umount "$folder/one" && no_daemon
}

# mount_refused OPTIONS PATTERN: mount fails and says why.
mount_refused()
{
	local status=0
	mount -t fuse.guisefs -o "$1" "$folder/.one" "$folder/one" >"$folder/.said" 2>&1 || status=$?
	cat "$folder/.said"
	((status != 0)) && ! mountpoint -q "$folder/one" && grep -q "$2" "$folder/.said" && no_daemon
}

# mount(8) keeps the word to itself; the mount is nosuid all the same.
mount_suid()
{
	mount -t fuse.guisefs -o suid,dev "$folder/.one" "$folder/one" && is_mounted one &&
		has_option one nosuid && has_option one nodev && umount "$folder/one" && no_daemon
}

fstab_make()
{
	printf '%s %s fuse.guisefs %s 0 0\n' \
		"$folder/.one" "$folder/one" "defaults,noauto,nofail,_netdev,x-systemd.requires=x,log=$folder/log" \
		"$folder/.two" "$folder/two" "ro,nofail,user" \
		"$folder/.with\\040space" "$folder/with\\040space" defaults >"$folder/fstab"
}

mount_from_fstab()
{
	mount -T "$folder/fstab" "$folder/one" && is_mounted one && mount -T "$folder/fstab" "$folder/two" &&
		is_mounted two && has_option two ro && umount "$folder/one" "$folder/two" && no_daemon
}

mount_all_of_fstab()
{
	mount -a -T "$folder/fstab" && ! mountpoint -q "$folder/one" && is_mounted two &&
		is_mounted 'with space' && umount "$folder/two" "$folder/with space" && no_daemon
}

# The mount is usable when mount returns, every time; standard output is let go of.
usable_at_once()
{
	local round out
	for round in {1..15}; do
		out=$(timeout 10 "$GUISEFS" "$folder/.one" "$folder/one" -o "log=$folder/log" 2>&1) &&
			[[ -z $out ]] && [[ $(<"$folder/one/file") == contents ]] && umount "$folder/one" ||
			{ echo "round $round: $out" && return 1; }
	done
	no_daemon
}

mounted_twice()
{
	local status=0
	mount -t fuse.guisefs "$folder/.one" "$folder/one" || return
	"$GUISEFS" "$folder/.one" "$folder/one" 2>"$folder/.said" || status=$?
	cat "$folder/.said"
	umount "$folder/one" && [[ $status == 1 ]] && grep -q 'in use' "$folder/.said" && no_daemon
}

# SIGTERM unmounts.
ended_by_signal()
{
	mount -t fuse.guisefs "$folder/.one" "$folder/one" && is_mounted one || return
	kill -TERM "$(pgrep -f "guisefs $folder/.one")" && no_daemon && ! mountpoint -q "$folder/one"
}

# A daemon that is killed leaves a dead mount, which says so and can be unmounted.
ended_by_force()
{
	local status=0
	mount -t fuse.guisefs "$folder/.one" "$folder/one" || return
	kill -KILL "$(pgrep -f "guisefs $folder/.one")" && no_daemon || return
	"$GUISEFS" "$folder/.one" "$folder/one" 2>"$folder/.said" || status=$?
	cat "$folder/.said"
	[[ $status == 1 ]] && grep -q 'daemon has ended' "$folder/.said" && umount "$folder/one" &&
		mount_by_type && unmount_one
}

# The helper by itself: what it would run.
helper_pretends()
{
	local said
	said=$("$(readlink -f /sbin)/mount.fuse.guisefs" "$folder/.one" "$folder/one" -f -v -n -o ro,log=x -o noatime 2>&1)
	printf '%s\n' "$said"
	[[ $said == *"guisefs $folder/.one $folder/one -o ro\\,log=x\\,noatime" ]] && ! mountpoint -q "$folder/one"
}

helper_takes_path()
{
	mkdir -p "$folder/.elsewhere" "$folder/.path" && install -m 0755 "$HELPER" "$folder/.elsewhere/mount.fuse.guisefs" &&
		ln -sf "$GUISEFS" "$folder/.path/guisefs" &&
		PATH=$folder/.path:$PATH "$folder/.elsewhere/mount.fuse.guisefs" "$folder/.one" "$folder/one" -o rw &&
		is_mounted one && umount "$folder/one" && no_daemon
}

helper_wants_two()
{
	local status=0
	"$(readlink -f /sbin)/mount.fuse.guisefs" "$folder/.one" >"$folder/.said" 2>&1 || status=$?
	[[ $status == 1 && $(<"$folder/.said") == Usage:* ]]
}

need_mounts
if [[ ${1:-} != inside ]]; then
	exec unshare --mount --propagation private -- "$0" inside "$(readlink /proc/self/ns/mnt)"
fi
OUTSIDE=${2:?the mount namespace that this one is not}
begin
HELPER=$(readlink -f -- "${HELPER:?the script mount.fuse.guisefs}")
for name in one two 'with space'; do
	mkdir "$folder/$name" "$folder/.$name"
	printf contents >"$folder/.$name/file"
done
if ! sbin_make; then
	echo "no /sbin of our own"
	exit 1
fi
check "mount -t fuse.guisefs" mount_by_type
check "umount" unmount_one
check "mount with options" mount_with_options
check "unknown option" mount_refused frobnicate 'option frobnicate: unknown'
check "wrong value" mount_refused chmod=no 'expected one of mask'
check "suid, dev" mount_suid
fstab_make
check "fstab" mount_from_fstab
check "mount -a" mount_all_of_fstab
check "usable at once" usable_at_once
check "mounted twice" mounted_twice
check "SIGTERM" ended_by_signal
check "SIGKILL" ended_by_force
check "helper: -f -v" helper_pretends
check "helper: guisefs in PATH" helper_takes_path
check "helper: two operands" helper_wants_two
finish
