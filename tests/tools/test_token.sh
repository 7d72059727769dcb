#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# guise token: the life of a token key, as a user of its own.
set -u
shopt -s extglob
guise=$(realpath "$1")
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/lib.sh"
# a mount's policy would change the defaults, so there shall be none here
if [[ $(id -u) == 0 && ! ${GUISE_TEST_OUTSIDE-} ]] &&
	unshare --mount --propagation private true 2>/dev/null; then
	GUISE_TEST_OUTSIDE=$(readlink /proc/self/ns/mnt) \
		exec unshare --mount --propagation private -- "$0" "$guise"
fi
# never in the host's own namespace
if [[ ${GUISE_TEST_OUTSIDE-} == mnt:* && $(readlink /proc/self/ns/mnt) != "$GUISE_TEST_OUTSIDE" ]]; then
	awk '/ - fuse.guisefs / { print $5 }' /proc/self/mountinfo | while read -r point; do
		umount --lazy -- "$(printf '%b' "$point")"
	done
fi
begin

as_user=()
as_other=()
if [[ $(id -u) == 0 ]] && command -v setpriv >/dev/null; then
	as_user=(setpriv --reuid 64991 --regid 64991 --clear-groups)
	as_other=(setpriv --reuid 64992 --regid 64992 --clear-groups)
fi
user() { run "${as_user[@]}" "$guise" "$@"; }

user token
expect "token without a subcommand" 2 "" "guise token: expected grant, restrict, issue, list, show or revoke *"
user token fly
expect "an unknown subcommand" 2 "" "guise token: fly: expected grant, restrict, issue, list, show or revoke *"
user token grant
expect "grant without an account" 2 "" "guise token grant: option --for ACCOUNT is missing *"
user token grant --for no-such-user-here
expect "an unknown account" 2 "" "guise token grant: --for no-such-user-here: no such account*"
user token grant --for -1
expect "the account -1" 2 "" "guise token grant: --for -1: no such account*"
user token grant --for 4294967295
expect "the user id that is none" 2 "" "guise token grant: --for 4294967295: no such account*"
user token grant --for root --level god
expect "an unknown level" 2 "" \
	"guise token grant: --level god: expected anonymous, identify, impersonate or delegate *"
for ttl in 0 0s -5m 5y 10mm "" m 4294967296 99999999999999999999 2000000h " 5"; do
	user token grant --for root --ttl "$ttl"
	expect "the time to live '$ttl'" 2 "" "guise token grant: --ttl $ttl: expected a positive *"
done
user token grant --for root extra
expect "an extra argument" 2 "" "guise token grant: extra: no argument is expected here *"
user token list extra
expect "list with an argument" 2 "" "guise token list: extra: no argument is expected here *"
for serial in 0 -5 +5 5x 0x5 2147483648 "" " 5" 99999999999999999999; do
	user token show -- "$serial"
	expect "show '$serial'" 2 "" "guise token show: $serial: not a serial: *"
	user token revoke -- "$serial"
	expect "revoke '$serial'" 2 "" "guise token revoke: $serial: not a serial: *"
done
user token show
expect "show without a serial" 2 "" "guise token show: expected one SERIAL *"
user token revoke 1 2
expect "revoke with two serials" 2 "" "guise token revoke: expected one SERIAL *"
user token show 2147483647
expect "show of no key" 1 "" "guise token show: 2147483647: there is no such token key"
user token revoke 2147483647
expect "revoke of no key" 1 "" "guise token revoke: 2147483647: there is no such token key"

user token grant --for root --level impersonate --ttl 1h
serial=$out
expect "a grant prints the serial alone" 0 "[1-9]*([0-9])"
user token list
expect "the list has it" 0 "SERIAL *$serial *impersonate *@(1h|59m*)*"
user token show "$serial"
expect "show prints all of it" 0 "serial:     $serial
owner:      *
key:        guise:token:*
state:      valid
level:      impersonate
for:        *S-1-*
ends in:    @(1h|59m*) *"
if ((${#as_other[@]})); then
	run "${as_other[@]}" "$guise" token show "$serial"
	expect "others may look at it" 0 "serial:     $serial*S-1-22-1-64991*"
	run "${as_other[@]}" "$guise" token revoke "$serial"
	expect "others may not revoke it" 1 "" "guise token revoke: $serial: not your token key"
	run "${as_other[@]}" "$guise" token list
	expect "others do not list it" 0 ""
	run "${as_other[@]}" "$guise" run --token "$serial" true
	expect "it is not for others" 125 "" "guise run: $serial: the token key is not valid, *"
else
	skip "what others may do with it" "needs root"
fi
user token revoke "$serial"
expect "its owner revokes it" 0 ""
user token revoke "$serial"
expect "not twice" 1 "" "guise token revoke: $serial: *"
user token show "$serial"
expect "a revoked key is not shown" 1 "" "guise token show: $serial: *"
user token list
expect "nor listed" 0 "!(*$serial*)"
user run --token "$serial" true
expect "nor run with" 125 "" "guise run: $serial: *"

user token grant --for 33
serial=$out
user token show "$serial"
expect "the default is the host's level, for ten minutes" 0 "*level:      the host's default
for:        *S-1-22-1-33
ends in:    @(10m|9m*)*"
user token revoke "$serial"
user token grant --for 33 --ttl 1
serial=$out
for _ in {1..300}; do
	user token show "$serial"
	[[ $status == 0 ]] || break
	sleep 0.1
done
expect "a key expires" 1 "" "guise token show: $serial: @(it has expired|there is no such token key)"
user token list
expect "an expired key is not listed" 0 "!(*$serial*)"
user token revoke "$serial"
expect "an expired key cannot be revoked" 1 "" "guise token revoke: $serial: *"

# what a token key is narrowed by
for rights in "" red read, ,read Read 0x 0x0 0x123456789 0xg 1 "read write"; do
	user token grant --for root --rights "$rights"
	expect "the rights '$rights'" 2 "" "guise token grant: --rights $rights: expected read, write, *"
done
for share in "" a/b "a b" "$(printf '%065d' 0)"; do
	user token grant --for root --share "$share"
	expect "the share '$share'" 2 "" "guise token grant: --share $share: expected 1 to 64 letters, *"
done
user token grant --for 33 --for 64992 --level impersonate --rights read,0x1
expect "words and numbers do not mix" 2 "" "guise token grant: --rights read,0x1: expected *"
user token grant --for 33 --for 64992 --level impersonate --rights read,delete --share team
parent=$out
user token show "$parent"
expect "a narrowed consent of two accounts" 0 "*level:      impersonate
for:        *S-1-22-1-33
            *S-1-22-1-64992
ends in:    *
rights:     *FILE_READ_DATA*DELETE*
share:      team"
user token list
expect "the list tells what is narrowed" 0 "*$parent *impersonate *,* \(only *, share team\)*"
all=()
for n in {1..65}; do all+=(--for "$n"); done
user token grant "${all[@]}"
expect "at most 64 accounts" 2 "" "guise token grant: --for 65: expected at most 64 accounts *"

user token restrict
expect "restrict without a serial" 2 "" "guise token restrict: expected one SERIAL *"
user token restrict 2147483647
expect "restrict of no key" 1 "" "guise token restrict: 2147483647: there is no such token key"
if ((${#as_other[@]})); then
	user token restrict "$parent"
	expect "restrict is for whom the key is for" 1 "" "guise token restrict: $parent: the token key is not *"
	run "${as_other[@]}" "$guise" token restrict "$parent" --level delegate --rights full --ttl 1d
	narrow=$out
	run "${as_other[@]}" "$guise" token show "$narrow"
	expect "a narrowed key says no more than its parent" 0 "*owner:      *64992
*level:      impersonate
for:        *S-1-22-1-64992
ends in:    @(10m|9m*)*
narrows:    $parent
  owner:    *S-1-22-1-64991
  key:      guise:token:33:+([0-9a-f])
rights:     *FILE_READ_DATA*DELETE*
share:      team"
	run "${as_other[@]}" "$guise" token list
	expect "nor in the list" 0 "*$narrow *impersonate *\(narrows $parent, only *, share team\)"
	run "${as_other[@]}" "$guise" token restrict "$parent" --level identify --rights read --ttl 4m
	narrower=$out
	run "${as_other[@]}" "$guise" token show "$narrower"
	expect "but less" 0 "*level:      identify*ends in:    @(4m|3m*)*rights:     read*"
	run "${as_other[@]}" "$guise" token restrict "$narrow"
	expect "not twice" 1 "" "guise token restrict: $narrow: it is narrowed already; *"
	run "${as_other[@]}" "$guise" token restrict "$parent" --share other
	expect "not to another share" 2 "" "guise token restrict: $parent: it is for another share"
	for serial in "$narrow" "$narrower"; do
		run "${as_other[@]}" "$guise" token revoke "$serial"
		expect "whoever narrowed it ends it" 0 ""
	done
else
	skip "what restrict makes" "needs root"
fi
user token revoke "$parent"

# a logon service's
user token issue --for root --level identify
expect "issue without a user" 2 "" "guise token issue: option --user USER is missing *"
user token issue --user root --level identify
expect "issue without an account" 2 "" "guise token issue: option --for ACCOUNT is missing *"
user token issue --user root --for root
expect "issue without a level" 2 "" "guise token issue: option --level LEVEL is missing *"
user token issue --user no-such-user-here --for root --level identify
expect "issue for no user" 2 "" "guise token issue: --user no-such-user-here: no such user; *"
user token issue --user Everyone --for root --level identify
expect "a well-known group is no user" 2 "" "guise token issue: --user Everyone: no such user; *"
user token issue --user root --group no-such-group-here --for root --level identify
expect "issue with no group" 2 "" "guise token issue: --group no-such-group-here: no such group; *"
user token issue --user root --privilege SeWish --for root --level identify
expect "issue with no privilege" 2 "" "guise token issue: --privilege SeWish: expected SeSecurity*"
user token issue --user root --user root --for root --level identify
expect "issue for two users" 2 "" "guise token issue: --user root: expected a single user *"
user token issue --user S-1-5-21-1-2-3-500 --group root --group Users --group S-1-5-21-1-2-3-513 \
	--privilege SeBackupPrivilege --for 33 --level delegate --ttl 1h
issued=$out
user token show "$issued"
expect "what was issued" 0 "*level:      delegate
for:        *S-1-22-1-33
ends in:    *
user:       *S-1-5-21-1-2-3-500
groups:     *S-1-22-2-0
            *
            *S-1-5-21-1-2-3-513
privileges: SeBackupPrivilege"
user token list
expect "the list tells as whom" 0 "*$issued *delegate *\(as *S-1-5-21-1-2-3-500*\)*"
user token revoke "$issued"
many=()
for n in {1..200}; do many+=(--group "S-1-5-21-1-2-3-$n"); done
user token issue --user root "${many[@]}" --for 33 --level identify
expect "more groups than a key can hold" 2 "" "guise token issue: more accounts and groups than *"

if ((${#as_user[@]})) && command -v keyctl >/dev/null; then
	plain=$("${as_user[@]}" keyctl add user "guise-test:$$" text @u)
	user token show "$plain"
	expect "a key that is no token key is not shown" 1 "" "guise token show: $plain: *"
	user token revoke "$plain"
	expect "nor revoked" 1 "" "guise token revoke: $plain: *"
	"${as_user[@]}" keyctl unlink "$plain" @u >/dev/null
else
	skip "a key that is no token key" "needs root and keyctl"
fi
finish
