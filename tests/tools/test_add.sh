#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# guise add, deny, remove and owner: on descriptors by themselves, and as root on a backing folder.
set -u
guise=$(realpath "$1")
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/lib.sh"
begin

# edit COMMAND SDDL ARGUMENT...: what a file's descriptor becomes
edit() { printf '%s\n' "$2" >"$folder/d"; run "$guise" "$1" --descriptor "$folder/d" "${@:3}"; then_is; }
# the same of a folder's
edit_folder() { printf '%s\n' "$2" >"$folder/d"; run "$guise" "$1" --descriptor --folder "$folder/d" "${@:3}"; then_is; }
then_is() { out=$out$(cat "$folder/d"); }

edit add "O:SYG:SYD:(A;;FA;;;SY)" Everyone:R
expect "add allows" 0 "O:SYG:SYD:(A;;FA;;;SY)(A;;FR;;;WD)"
edit add "O:SYG:SYD:(A;;FA;;;SY)" Everyone:R uid:4711:RX gid:5:W
expect "add takes several entries" 0 \
	"O:SYG:SYD:(A;;FA;;;SY)(A;;FR;;;WD)(A;;0x1200a9;;;S-1-22-1-4711)(A;;0x100116;;;S-1-22-2-5)"
edit add "O:SYG:SYD:(A;;FR;;;WD)" Everyone:X
expect "add joins what is there" 0 "O:SYG:SYD:(A;;0x1200a9;;;WD)"
edit add "O:SYG:SYD:(A;;FA;;;WD)" --replace Everyone:R
expect "add --replace does not" 0 "O:SYG:SYD:(A;;FR;;;WD)"
edit add "O:SYG:SYD:(A;;FA;;;WD)" Everyone:R
expect "what is there already is no error" 0 "O:SYG:SYD:(A;;FA;;;WD)"
edit add "O:SYG:SYD:(A;;FA;;;SY)" "(XA;;FR;;;WD;(@USER.a == 1))"
expect "an entry in SDDL" 0 "O:SYG:SYD:(A;;FA;;;SY)(XA;;FR;;;WD;(@USER.a == 1))"
edit_folder add "O:SYG:SYD:" 'Everyone:(OI)(CI)M'
expect "folders hand entries down" 0 "O:SYG:SYD:AI(A;OICI;0x1301bf;;;WD)"
edit add "O:SYG:SYD:" 'Everyone:(OI)(CI)M'
expect "files do not" 0 "O:SYG:SYD:(A;;0x1301bf;;;WD)" \
	"guise add: *d: warning: a file hands nothing down: the flags of Everyone:(OI)(CI)M are left out"
edit add "O:SYG:SYD:" 'Everyone:(OI)(CI)(IO)M'
expect "nor what is only handed down" 0 "O:SYG:SYD:" "guise add: *d: warning: *left out"
edit add "O:SYG:SYD:(D;;FW;;;WD)" Everyone:F
expect "what is still denied is told" 0 "O:SYG:SYD:(D;;FW;;;WD)(A;;FA;;;WD)" \
	"guise add: *d: warning: Everyone is still denied FILE_WRITE_DATA|*"
edit add "O:SYG:SYD:(A;;FR;;;WD)(D;;FW;;;WD)" SYSTEM:R
expect "a list out of order keeps its order" 0 "O:SYG:SYD:(A;;FR;;;WD)(D;;FW;;;WD)(A;;FR;;;SY)" \
	"guise add: *d: warning: its list is not in canonical order; no entry changed its place"
edit add "O:SYG:SYD:NO_ACCESS_CONTROL" Everyone:R
expect "everybody is not shut out by mistake" 1 "O:SYG:SYD:NO_ACCESS_CONTROL" \
	"guise add: *d: everybody has full control *--force*"
edit add "O:SYG:SY" Everyone:R
expect "nor where there is no list" 1 "O:SYG:SY" "guise add: *d: everybody has full control *--force*"
edit add "O:SYG:SYD:NO_ACCESS_CONTROL" --force Everyone:R
expect "but with --force" 0 "O:SYG:SYD:(A;;FR;;;WD)"
edit deny "O:SYG:SYD:NO_ACCESS_CONTROL" Everyone:R
expect "deny neither" 1 "O:SYG:SYD:NO_ACCESS_CONTROL" "guise deny: *--force*"
edit add "O:SYG:SYD:" -n Everyone:R
expect "add -n changes nothing" 0 $'--- *\n+++ *\n-dacl: *empty\n+dacl: *Everyone:(R)\n*O:SYG:SYD:'

edit add "O:SYG:SYD:" --audit success,failure Everyone:W
expect "add --audit" 0 "O:SYG:SYD:S:(AU;SAFA;0x100116;;;WD)"
edit add "O:SYG:SYD:S:(AU;SA;FR;;;WD)" --audit failure --replace Everyone:W
expect "add --audit --replace" 0 "O:SYG:SYD:S:(AU;FA;0x100116;;;WD)"
edit add "O:SYG:SYD:" 'Everyone:(SUCCESS)W'
expect "an entry may say itself that it audits" 0 "O:SYG:SYD:S:(AU;SA;0x100116;;;WD)"
edit add "O:SYG:SYD:" --audit often Everyone:W
expect "add --audit often" 2 "O:SYG:SYD:" "guise add: --audit often: expected success, failure or *"

edit deny "O:SYG:SYD:(A;;FA;;;WD)" Everyone:W
expect "deny denies, and takes from what allows" 0 "O:SYG:SYD:(D;;DCLCRPCR;;;WD)(A;;0x1f00e9;;;WD)"
edit deny "O:SYG:SYD:(A;;FA;;;SY)" Everyone:N
expect "no access" 0 "O:SYG:SYD:(D;;FA;;;WD)(A;;FA;;;SY)"
edit deny "O:SYG:SYD:" "(D;;FR;;;WD)"
expect "a denial in SDDL" 0 "O:SYG:SYD:(D;;FR;;;WD)"
edit deny "O:SYG:SYD:" "(A;;FR;;;WD)"
expect "deny does not allow" 2 "O:SYG:SYD:" "guise deny: (A;;FR;;;WD): does not deny: see guise add *"
edit add "O:SYG:SYD:" 'Everyone:(DENY)R'
expect "add does not deny" 2 "O:SYG:SYD:" "guise add: Everyone:(DENY)R: denies: see guise deny *"
edit add "O:SYG:SYD:" 'Everyone:(I)R'
expect "inherited entries come from elsewhere" 2 "O:SYG:SYD:" "guise add: Everyone:(I)R: inherited *"
edit add "O:SYG:SYD:" Everyone:0x0
expect "no right" 2 "O:SYG:SYD:" "guise add: Everyone:0x0: names no right *"
edit add "O:SYG:SYD:" '(ML;;NW;;;HI)'
expect "a label" 2 "O:SYG:SYD:" "guise add: (ML;;NW;;;HI): neither allows, denies nor audits*"
edit add "O:SYG:SYD:" Everyone:Q
expect "an unknown right" 2 "O:SYG:SYD:" 'guise add: Everyone:Q: at "Q": expected rights: *'
edit add "O:SYG:SYD:" 'no-such-account-here:R'
expect "an unknown account" 2 "O:SYG:SYD:" "guise add: no-such-account-here:R: expected a principal: *"
edit add "O:SYG:SYD:" Everyone:R Everyone:Q
expect "one wrong entry, and nothing is done" 2 "O:SYG:SYD:" "guise add: Everyone:Q: *"
run "$guise" add "$folder/d"
expect "add without an entry" 2 "" "guise add: expected a PATH and one ENTRY or more *"
run "$guise" remove "$folder/d"
expect "remove without a principal" 2 "" "guise remove: expected a PATH and one PRINCIPAL or ENTRY *"

list="O:SYG:SYD:(D;;FW;;;WD)(A;;FA;;;SY)(A;;FR;;;WD)(A;;FX;;;BU)"
edit remove "$list" Everyone
expect "remove by principal" 0 "O:SYG:SYD:(A;;FA;;;SY)(A;;FX;;;BU)"
edit remove "$list" '*S-1-1-0' BU
expect "by SID as for icacls, and several" 0 "O:SYG:SYD:(A;;FA;;;SY)"
edit remove "$list" --allow Everyone
expect "remove --allow" 0 "O:SYG:SYD:(D;;FW;;;WD)(A;;FA;;;SY)(A;;FX;;;BU)"
edit remove "$list" --deny Everyone
expect "remove --deny" 0 "O:SYG:SYD:(A;;FA;;;SY)(A;;FR;;;WD)(A;;FX;;;BU)"
edit remove "$list" Everyone:R
expect "remove an entry" 0 "O:SYG:SYD:(D;;FW;;;WD)(A;;FA;;;SY)(A;;FX;;;BU)"
edit remove "$list" 'Everyone:(DENY)(W)'
expect "an entry that is not there" 1 "$list" \
	$'guise remove: *d: has no entry Everyone:(DENY)(W)\n*it has Everyone:(DENY)(W,RC,S)\n*it has Everyone:(R)'
edit remove "$list" gid:5
expect "who has no entry" 0 "$list" "guise remove: *d: warning: there is no such entry for gid:5"
edit remove "$list" --allow Everyone:R
expect "an entry says itself that it allows" 2 "$list" "guise remove: Everyone:R: an ENTRY says itself *"
edit_folder remove "O:SYG:SYD:(A;OICI;FR;;;WD)" 'Everyone:(OI)(CI)R'
expect "with flags" 0 "O:SYG:SYD:AI" "guise remove: *d: warning: its list is empty now: *"
edit remove "O:SYG:SYD:(A;ID;FR;;;WD)" Everyone
expect "who is there by inheritance" 1 "O:SYG:SYD:(A;ID;FR;;;WD)" \
	"guise remove: *d: Everyone is there by inheritance only: *guise inherit copy first"
edit remove "O:SYG:SYD:(A;ID;FR;;;WD)" 'Everyone:(I)R'
expect "an inherited entry" 1 "O:SYG:SYD:(A;ID;FR;;;WD)" "guise remove: *inheritance only*"
edit remove "O:SYG:SYD:(A;;FA;;;WD)(A;;FA;;;SY)(A;ID;FR;;;WD)" Everyone
expect "who stays by inheritance" 0 "O:SYG:SYD:(A;;FA;;;SY)(A;ID;FR;;;WD)" \
	"guise remove: *d: warning: Everyone still has entries by inheritance"
edit remove "O:SYG:SYD:NO_ACCESS_CONTROL" Everyone
expect "remove where everybody has everything" 1 "O:SYG:SYD:NO_ACCESS_CONTROL" \
	"guise remove: *d: everybody has full control *"
edit remove "O:SYG:SYD:(A;;FR;;;WD)S:(AU;SA;FR;;;WD)(AU;FA;FW;;;WD)" --audit Everyone
expect "remove --audit" 0 "O:SYG:SYD:(A;;FR;;;WD)S:"
edit remove "O:SYG:SYD:(A;;FR;;;WD)S:(AU;SA;FR;;;WD)(AU;FA;FW;;;WD)" 'Everyone:(SUCCESS)R'
expect "remove an audit entry" 0 "O:SYG:SYD:(A;;FR;;;WD)S:(AU;FA;FW;;;WD)"
edit remove "$list" --audit --allow Everyone
expect "remove --audit --allow" 2 "$list" "guise remove: --audit goes with neither *"

edit owner "O:SYG:SYD:" Everyone
expect "owner" 0 "O:WDG:SYD:"
edit owner "O:SYG:SYD:" --group gid:5 uid:4711
expect "owner and group" 0 "O:S-1-22-1-4711G:S-1-22-2-5D:"
edit owner "O:SYG:SYD:" --group root
expect "a group is a group, though a user has its name" 0 "O:SYG:S-1-22-2-0D:"
edit owner "O:SYG:SYD:" no-such-account-here
expect "an unknown owner" 2 "O:SYG:SYD:" "guise owner: no-such-account-here: expected a principal: *"
edit owner "O:SYG:SYD:"
expect "no owner" 2 "O:SYG:SYD:" "guise owner: expected one PATH and one PRINCIPAL *"

if [[ $(id -u) == 0 ]]; then
	mkdir -p "$folder/t/sub"
	touch "$folder/t/sub/f"
	"$guise" set -R "$folder/t" "O:SYG:SYD:(A;;FA;;;SY)"
	run "$guise" add -R "$folder/t" 'Everyone:(OI)(CI)R'
	expect "add -R" 0
	run bash -c "cd '$folder' && '$guise' show --format sddl t t/sub t/sub/f"
	expect "reaches all, files without flags" 0 "t: *[(]A;OICI;FR;;;WD)
t/sub: *[(]A;OICI;FR;;;WD)
t/sub/f: O:SYG:SYD:(A;;FA;;;SY)(A;;FR;;;WD)"
	run "$guise" remove -R "$folder/t" 'Everyone:(OI)(CI)R'
	expect "remove -R undoes it" 0
	run "$guise" show --format sddl "$folder/t/sub/f"
	expect "on files, too" 0 "O:SYG:SYD:(A;;FA;;;SY)"
	"$guise" set "$folder/t/sub/f" "D:(A;;FA;;;SY)(D;;FW;;;WD)"
	run "$guise" add -R "$folder/t" Everyone:F
	expect "what is to be told of objects below is counted" 0 "" "*warning: 1 more lists are not in canonical order*
*warning: other entries still deny, in 1 more lists, *"
	"$guise" remove -R --allow "$folder/t" Everyone 2>/dev/null
	"$guise" set "$folder/t/sub/f" "D:(A;ID;FR;;;WD)"
	run "$guise" remove -R "$folder/t" Everyone
	expect "what stays by inheritance below is counted" 0 "" "*warning: there is no such *
*warning: 1 more objects still have such entries by inheritance; guise propagate *"
else
	skip "trees" "they need root"
fi
finish
