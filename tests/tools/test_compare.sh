#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# guise diff, copy and find-sid on a backing folder.
set -u
shopt -s extglob
guise=$(realpath "$1")
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/lib.sh"
begin

run "$guise" diff /
expect "diff needs two" 2 "" "*expected two PATHs*"
run "$guise" diff --format sddl / /
expect "diff has two formats" 2 "" "*text*json*"
run "$guise" copy
expect "copy needs what" 2 "" "*expected FROM and TO*"
run "$guise" find-sid
expect "find-sid needs where and whom" 2 "" "*expected PATH and PRINCIPAL*"
run "$guise" find-sid / nobody-of-this-name
expect "whom must be known" 2 "" "*nobody-of-this-name: no such principal*"

# --- descriptors by themselves ---

cd "$folder" || exit 1
printf 'O:SYG:BAD:P(A;;FA;;;WD)(D;;FR;;;SY)' >one
printf 'O:SYG:BAD:P(A;;FA;;;WD)(A;OI;FX;;;BA)S:(AU;SA;FA;;;WD)' >two
cp one three
run "$guise" diff --descriptor one three
expect "equal ones" 0
run "$guise" diff --descriptor one two
expect "different ones" 1 "--- one
+++ two
@@ -1,6 +1,6 @@
 owner:   SYSTEM (S-1-5-18)
 group:   BUILTIN?Administrators (S-1-5-32-544)
 control: SE_DACL_PROTECTED
 dacl: *
-dacl: *
-sacl:    none
+dacl: *
+sacl: *"
status=0 && out=$("$guise" diff - --descriptor two <one) || status=$?
err=
expect "one of them on standard input" 1 "--- -
+++ two
*"
run "$guise" diff --descriptor --format json one two
expect "as JSON" 1 '{"path":"one","a":{"path":"one",*"b":{"path":"two",*}'
run env TERM=xterm "$guise" diff --descriptor one two
expect "no colour but on a terminal" 1 "--- one*"
run "$guise" diff --descriptor one none
expect "what is not there is no difference" 4 "" "guise diff: none: *"
cp two before
run "$guise" copy --descriptor one two
expect "copy takes the DACL" 0
run cat two
expect "and nothing else" 0 "O:SYG:BAD:P(A;;FA;;;WD)(D;;FR;;;SY)S:(AU;SA;FA;;;WD)"
run "$guise" copy --descriptor --sacl one two
expect "what is not there is not copied" 4 "" "guise copy: one: it has no SACL that you may see"
run "$guise" copy --descriptor --owner --sacl before one
expect "parts that are named" 0
run cat one
expect "are copied alone" 0 "O:SYG:BAD:P(A;;FA;;;WD)(D;;FR;;;SY)S:(AU;SA;FA;;;WD)"
run "$guise" find-sid --descriptor one two S-1-5-32-544
expect "a group" 0 "one: group
two: group"
run "$guise" find-sid --descriptor one two Everyone
expect "everywhere" 0 "one: dacl 1, sacl 1
two: dacl 1, sacl 1"
run "$guise" find-sid --descriptor --format json one S-1-5-18
expect "as JSON" 0 '{"path":"one","found":?{"part":"owner","sid":"S-1-5-18","name":"SYSTEM"},{"part":"dacl","entry":1,"condition":false,"sid":"S-1-5-18","name":"SYSTEM"}]}'
run "$guise" find-sid --descriptor one two S-1-5-21-1-2-3-4
expect "nowhere" 1
run "$guise" find-sid --descriptor one none SY
expect "what cannot be read is not nowhere" 3 "one: owner, dacl 2" "guise find-sid: none: *"
printf 'O:S-1-22-1-4000000001G:S-1-22-2-0D:(XA;;FA;;;WD;(Member_of {SID(S-1-5-21-9-9-9-9)}))(A;;FA;;;S-1-5-32-544)' >orphan
run "$guise" find-sid --descriptor --orphans one orphan
expect "SIDs by which nobody is known" 0 "orphan: owner S-1-22-1-4000000001, dacl 1 (condition) S-1-5-21-9-9-9-9"

if [[ $(id -u) != 0 ]]; then
	skip "trees" "needs root"
	finish
fi
mkdir -p a/d/e
touch a/f a/d/g
if ! "$guise" set a 'D:PARAI(A;OICI;FA;;;WD)(A;;FR;;;BG)' 2>/dev/null; then
	skip "trees" "security.* cannot be set here"
	finish
fi

# --- trees ---

cp -a a b
run "$guise" diff -R a b
expect "a copy is equal" 0
"$guise" set b/d/g 'D:(A;;FA;;;WD)'
rm -r b/d/e
mkdir -p b/n/m
touch b/d/e
run "$guise" diff -R a b
expect "what differs, and what is in one only" 1 "--- a/d/e
+++ b/d/e
*a/d/e is a folder, the other is not
--- a/d/g
+++ b/d/g
*
+dacl: *
only b/n"
run bash -c "'$guise' diff -R --format json a b | cut -d, -f1,2 | cut -c1-40"
expect "the same as JSON" 0 '{"path":"a/d/e","a":{"path":"a/d/e"
{"path":"a/d/g","a":{"path":"a/d/g"
{"path":"b/n","a":null'
ln -s /etc b/link
run "$guise" diff -R b b/link
expect "a link is not followed" 4 "" "guise diff: b/link: a symbolic link; with a slash at the end*"

# --- inheritance of what is copied ---

"$guise" set b 'D:PARAI(A;OICI;FA;;;SY)'
"$guise" set a/f 'D:ARAI(A;;FR;;;BU)(A;ID;FA;;;WD)'
run "$guise" copy -n a/f b/f
expect "copy shows what it would do" 0 "--- b/f
+++ b/f
*"
run "$guise" copy a/f b/f
expect "a copy" 0
run "$guise" show --format sddl b/f
expect "inherits from where it is" 0 "O:*D:AI(A;;FR;;;BU)(A;ID;FA;;;SY)"
run "$guise" copy --exact a/f b/f
expect "an exact copy" 0
run "$guise" show --format sddl b/f
expect "does not" 0 "O:*D:AI(A;;FR;;;BU)(A;ID;FA;;;WD)"
run "$guise" copy -R a/f b
expect "to all below" 0
run "$guise" show -R --format sddl b/d
expect "each inherits from its folder" 0 "b/d: O:*D:AI(A;;FR;;;BU)*
*b/d/e: O:*D:AI(A;;FR;;;BU)*"

# --- many, and odd names ---

touch "b/new"$'\n'"line"
"$guise" set --into-private "b/new"$'\n'"line" b/d/g 'O:S-1-5-21-4-4-4-4'
run bash -c "'$guise' find-sid -R --print-null b S-1-5-21-4-4-4-4 | od -An -c | tr -d ' \n'"
expect "paths for xargs -0" 0 'b/d/g\\0b/new\\nline\\0'
run "$guise" find-sid -R b S-1-5-21-4-4-4-4
expect "paths for people" 0 'b/d/g: owner
b/new\\012line: owner'
finish
