#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# guise token: the life of a token key, as a user of its own.
set -u
shopt -s extglob
guise=$(realpath "$1")
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/lib.sh"
begin

as_user=()
as_other=()
if [[ $(id -u) == 0 ]] && command -v setpriv >/dev/null; then
	as_user=(setpriv --reuid 64991 --regid 64991 --clear-groups)
	as_other=(setpriv --reuid 64992 --regid 64992 --clear-groups)
fi
user() { run "${as_user[@]}" "$guise" "$@"; }

user token
expect "token without a subcommand" 2 "" "guise token: expected grant, list, show or revoke *"
user token fly
expect "an unknown subcommand" 2 "" "guise token: fly: expected grant, list, show or revoke *"
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
expect "the list has it" 0 "SERIAL *$serial *impersonate *@(1h|59m*)"
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
expect "the default is identify for ten minutes" 0 "*level:      identify
for:        *S-1-22-1-33
ends in:    @(10m|9m*)*"
user token revoke "$serial"
user token grant --for 33 --ttl 1
serial=$out
sleep 2
user token show "$serial"
expect "a key expires" 1 "" "guise token show: $serial: @(it has expired|there is no such token key)"
user token list
expect "an expired key is not listed" 0 "!(*$serial*)"
user token revoke "$serial"
expect "an expired key cannot be revoked" 1 "" "guise token revoke: $serial: *"

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
