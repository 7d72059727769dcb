#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Bad input to guisefs and guise: refused in one line that says what, where and what
# was expected, with the documented exit status, and nothing has changed.
# Needs $GUISEFS and $GUISE.
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=shell.sh
. "$(dirname "$(readlink -f "$0")")/shell.sh"

mounts()
{
	awk '{print $5}' /proc/self/mountinfo | grep -F "$folder" || true
}

descriptor()
{
	"$GUISE" show --format sddl "$folder/share/file"
}

# refused STATUS PATTERN COMMAND...: that status, nothing on stdout, one line on
# stderr that matches; no mount came or went, and the descriptor is what it was.
refused()
{
	local wanted=$1 pattern=$2 status=0 before after
	shift 2
	before=$(mounts; descriptor)
	"$@" >"$folder/.out" 2>"$folder/.err" </dev/null || status=$?
	after=$(mounts; descriptor)
	printf 'status %s, wanted %s\nwanted: %s\nstderr: ' "$status" "$wanted" "$pattern"
	cat "$folder/.err" "$folder/.out"
	# shellcheck disable=SC2053
	[[ $status == "$wanted" && ! -s $folder/.out && $(wc -l <"$folder/.err") == 1 ]] &&
		[[ $(<"$folder/.err") == $pattern ]] && diff <(echo "$before") <(echo "$after")
}

# What guisefs does not take.
mounts_refused()
{
	local s=$folder/.source m=$folder/point
	check "no operands" refused 2 'guisefs: expected SOURCE and MOUNTPOINT, got 0*' "$GUISEFS"
	check "one operand" refused 2 'guisefs: expected SOURCE and MOUNTPOINT, got 1 operand;*' "$GUISEFS" "$s"
	check "three operands" refused 2 'guisefs: *got 3 operands*' "$GUISEFS" "$s" "$m" "$s"
	check "unknown short option" refused 2 'guisefs: -x: unknown option*' "$GUISEFS" -x "$s" "$m"
	check "unknown long option" refused 2 'guisefs: --frobnicate: unknown option*' "$GUISEFS" --frobnicate "$s" "$m"
	check "-o without value" refused 2 'guisefs: option -o: expected a value' "$GUISEFS" "$s" "$m" -o
	check "unknown mount option" refused 2 'guisefs: option frobnicate: unknown*' "$GUISEFS" "$s" "$m" -o frobnicate
	check "unknown option among good ones" refused 2 'guisefs: option nocloak: unknown*' \
		"$GUISEFS" "$s" "$m" -o ro,nocloak,noatime
	check "traverse without value" refused 2 'guisefs: option traverse*' "$GUISEFS" "$s" "$m" -o traverse
	check "traverse with an empty value" refused 2 'guisefs: option traverse=: expected one of bypass, strict' \
		"$GUISEFS" "$s" "$m" -o traverse=
	check "wrong traverse" refused 2 'guisefs: option traverse=Strict: expected one of bypass, strict' \
		"$GUISEFS" "$s" "$m" -o traverse=Strict
	check "wrong chmod" refused 2 'guisefs: option chmod=no: expected one of mask, replace, ignore, deny' \
		"$GUISEFS" "$s" "$m" -o chmod=no
	check "wrong create-mode" refused 2 'guisefs: option create-mode=x: expected one of private, mask, ignore, posix' \
		"$GUISEFS" "$s" "$m" -o create-mode=x
	check "wrong root" refused 2 'guisefs: option root=nobody: expected one of admin, squash' \
		"$GUISEFS" "$s" "$m" -o root=nobody
	check "wrong attributes" refused 2 'guisefs: option attributes=all: expected one of guarded, public' \
		"$GUISEFS" "$s" "$m" -o attributes=all
	check "wrong on-move" refused 2 'guisefs: option on-move=copy: expected one of keep, inherit' \
		"$GUISEFS" "$s" "$m" -o on-move=copy
	check "wrong handles" refused 2 'guisefs: option handles=: expected one of cached, revocable' \
		"$GUISEFS" "$s" "$m" -o handles=
	for value in 0 -1 257 x 4x '' 99999999999999999999; do
		check "threads=$value" refused 2 'guisefs: option threads*: expected a number from 1 to 256' \
			"$GUISEFS" "$s" "$m" -o "threads=$value"
	done
	check "empty log" refused 2 'guisefs: option log*: expected a file name' "$GUISEFS" "$s" "$m" -o log=
	check "suid" refused 2 'guisefs: option suid: *always nosuid*' "$GUISEFS" "$s" "$m" -o suid
	check "dev" refused 2 'guisefs: option dev: *always nodev*' "$GUISEFS" "$s" "$m" -o ro,dev
}

# Operands that are not what they should be.
operands_refused()
{
	local s=$folder/.source m=$folder/point
	check "missing source" refused 1 "guisefs: $folder/none: No such file or directory*" "$GUISEFS" "$folder/none" "$m"
	check "source is a file" refused 1 "guisefs: $folder/file: *folder*" "$GUISEFS" "$folder/file" "$m"
	check "missing mount point" refused 1 "guisefs: $folder/none: No such file or directory*" \
		"$GUISEFS" "$s" "$folder/none"
	check "mount point is a file" refused 1 "guisefs: $folder/file: not a folder*" "$GUISEFS" "$s" "$folder/file"
	check "mount point in use" refused 1 "guisefs: $folder/share: in use*" "$GUISEFS" "$s" "$folder/share"
	check "empty source" refused 1 'guisefs: *: No such file or directory*' "$GUISEFS" '' "$m"
	check "empty mount point" refused 1 'guisefs: *: No such file or directory*' "$GUISEFS" "$s" ''
	check "log that cannot be opened" refused 1 "guisefs: $folder/none/log: No such file or directory*" \
		"$GUISEFS" "$s" "$m" -o "log=$folder/none/log"
	install -m 0755 "$GUISEFS" "$folder/.guisefs"
	check "not root" refused 1 'guisefs: not permitted: *must be started by root' \
		by_user "$account" "$folder/.guisefs" "$s" "$m"
}

# What guise does not take.
descriptors_refused()
{
	local file=$folder/share/file
	check "no SDDL" refused 2 'guise set: expected one PATH and one SDDL text*' "$GUISE" set "$file"
	check "empty SDDL" refused 2 'guise set: SDDL: at offset 0*: expected *' "$GUISE" set "$file" ''
	check "no part" refused 2 'guise set: SDDL: at offset 0 (near "X:SY"): expected *' "$GUISE" set "$file" X:SY
	check "unknown ACE type" refused 2 'guise set: SDDL: at offset 3 *: expected *' "$GUISE" set "$file" 'D:(Q;;FA;;;WD)'
	check "unknown right" refused 2 'guise set: SDDL: at offset 6 *: expected *' "$GUISE" set "$file" 'D:(A;;ZZ;;;WD)'
	check "unknown flag" refused 2 'guise set: SDDL: at offset 5 *: expected *' "$GUISE" set "$file" 'D:(A;XX;FA;;;WD)'
	check "unknown alias" refused 2 'guise set: SDDL: at offset 11 *: expected *' "$GUISE" set "$file" 'D:(A;;FA;;;QQ)'
	check "name in place of a SID" refused 2 'guise set: SDDL: at offset 11 *: expected *' \
		"$GUISE" set "$file" 'D:(A;;FA;;;alice)'
	check "bad SID" refused 2 'guise set: SDDL: at offset 2 *: expected *' "$GUISE" set "$file" 'O:S-1-'
	check "cut off" refused 2 'guise set: SDDL: at offset * (at the end): expected *' "$GUISE" set "$file" 'D:(A;;FA;;;WD'
	check "something after the end" refused 2 'guise set: SDDL: at offset 14 *: expected *' \
		"$GUISE" set "$file" 'D:(A;;FA;;;WD)x'
	check "missing file" refused 4 "guise set: $folder/share/none: No such file or directory" \
		"$GUISE" set "$folder/share/none" 'D:(A;;FA;;;WD)'
	check "not on a mount" refused 4 "guise set: *: not on a guisefs mount*" \
		by_user "$account" "$folder/.guise" set /etc/passwd 'D:(A;;FA;;;WD)'
	check "not allowed" refused 1 "guise set: $file: permission denied: this needs WRITE_DAC" \
		by_user "$account" "$folder/.guise" set "$file" 'D:(A;;FA;;;WD)'
}

# Attributes, past the tool.
attributes_refused()
{
	local file=$folder/share/file name
	for name in sddl ntfs_acl; do
		[[ $name == ntfs_acl ]] || name=guise.sddl
		check "system.$name: garbage" refused 1 'setfattr: *: Invalid argument' \
			setfattr -n "system.$name" -v 'D:(garbage' "$file"
	done
	check "system.guise.access is read only" refused 1 'setfattr: *' \
		setfattr -n system.guise.access -v all "$file"
	check "trusted.*" refused 1 'setfattr: *: Operation not supported' setfattr -n trusted.x -v 1 "$file"
	check "announcing nonsense" refused 1 '*: Invalid argument' \
		getfattr --absolute-names -n system.guise.thread.x "$folder/share"
}

tokens_refused()
{
	local key
	key=$(keyctl add user "guise-test-$$" payload @u)
	check "grant to nobody" refused 2 'guise token grant: *no-such-account: *' \
		"$GUISE" token grant --for no-such-account --level impersonate
	check "unknown level" refused 2 'guise token grant: --level much: expected *' "$GUISE" token grant --for root --level much
	check "ttl 0" refused 2 'guise token grant: --ttl 0: expected *' "$GUISE" token grant --for root --ttl 0
	check "serial that is text" refused 2 'guise token show: x1: not a serial: expected *' "$GUISE" token show x1
	check "serial out of range" refused 2 'guise token revoke: 4294967296: not a serial: expected *' \
		"$GUISE" token revoke 4294967296
	check "show: no token" refused 1 "guise token show: $key: *" "$GUISE" token show "$key"
	check "revoke: no token" refused 1 "guise token revoke: $key: *" "$GUISE" token revoke "$key"
	check "run: no token" refused 125 "guise run: $key: *" "$GUISE" run --token "$key" -- touch "$folder/ran"
	check "the key is what it was" test "$(keyctl print "$key")" = payload
	check "nothing ran" test ! -e "$folder/ran"
	keyctl unlink "$key" @u >/dev/null
	check "unknown command" refused 2 'guise: frobnicate: *' "$GUISE" frobnicate
	check "no command" refused 2 'guise: no command given*' "$GUISE"
}

begin
account_add
mkdir "$folder/.source" "$folder/point"
: >"$folder/file"
install -m 0755 "$GUISE" "$folder/.guise"
check "a share" share_start share
: >"$folder/share/file"
check "a descriptor" "$GUISE" set "$folder/share/file" 'O:SYD:(A;;FA;;;SY)(A;;FR;;;WD)'
mounts_refused
operands_refused
descriptors_refused
attributes_refused
tokens_refused
check "the good input works" "$GUISEFS" "$folder/.source" "$folder/point" -o \
	"log=$folder/log,ro,noatime,defaults,nofail,_netdev,x-systemd.automount,comment=x,threads=2"
check "and is mounted" mountpoint -q "$folder/point"
check "unmount" share_stop point
check "unmount" share_stop share
finish
