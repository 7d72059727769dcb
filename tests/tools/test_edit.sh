#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# guise edit, with editors that do always the same.
set -u
guise=$(realpath "$1")
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/lib.sh"
begin
unset VISUAL EDITOR
export TMPDIR=$folder/tmp
mkdir "$TMPDIR"

# an editor that notes what it saw and how the file was kept, then does as $DO says
cat >"$folder/editor" <<'END'
#!/bin/sh
cp "$1" "$SEEN"
stat -c %a "$1" "$(dirname "$1")" >"$SEEN.mode"
eval "$DO"
END
chmod 755 "$folder/editor"
export SEEN=$folder/seen DO=:
export EDITOR=$folder/editor

# edit SDDL ANSWERS OPTION...: what a file's descriptor becomes
edit()
{
	printf '%s\n' "$1" >"$folder/d"
	status=0
	printf '%s' "$2" | "$guise" edit --descriptor "${@:3}" "$folder/d" >"$folder/.out" \
		2>"$folder/.err" || status=$?
	out=$(cat "$folder/.out" "$folder/d")
	err=$(cat "$folder/.err")
}

list="O:SYG:SYD:(A;;FA;;;SY)(A;ID;FR;;;WD)"
edit "$list" ""
expect "left as it was" 0 "$list" "guise edit: *d: nothing was changed"
run cat "$folder/seen"
expect "the text has all of it" 0 "*owner: SYSTEM
group: SYSTEM*dacl:
  SYSTEM:(F) *# full control
  Everyone:(I)(R) *# read; inherited*"
run cat "$folder/seen.mode"
expect "nobody else can read it" 0 $'600\n700'
run ls -A "$TMPDIR"
expect "nothing is left of it" 0 ""

# signalled SIGNAL: what is left when it comes while the editor runs
signalled()
{
	local process
	rm -f "$folder/started"
	printf '%s\n' "$list" >"$folder/d"
	# shellcheck disable=SC2016
	DO='touch "$SEEN.started"; while [ -e "$1" ]; do sleep 0.1; done' \
		"$guise" edit --descriptor "$folder/d" >"$folder/.out" 2>"$folder/.err" </dev/null &
	process=$!
	while [[ ! -e $SEEN.started ]]; do sleep 0.1; done
	kill -"$1" "$process"
	status=0
	wait "$process" 2>/dev/null || status=$?
	rm "$SEEN.started"
	out=$(ls -A "$TMPDIR" && cat "$folder/d")
	err=
}

signalled TERM
expect "ended, it leaves nothing" 143 "$list"
signalled HUP
expect "nor when the terminal goes" 129 "$list"

DO='sed -i "s/(F)/(M)/; /^dacl/a Everyone:(DENY)(W)" "$1"' edit "$list" ""
expect "what was edited is so" 0 "O:SYG:SYD:(D;;DCLCRPCR;;;WD)(A;;0x1301bf;;;SY)(A;ID;FR;;;WD)"
DO='sed -i "s/^owner.*/owner: Everyone/; s/^group.*/group: gid:5/" "$1"' edit "$list" ""
expect "owner and group" 0 "O:WDG:S-1-22-2-5D:(A;;FA;;;SY)(A;ID;FR;;;WD)"
DO='sed -i "s/(F)/(M)/" "$1"' edit "$list" "" -n
expect "with -n nothing is written" 0 $'--- *\n-dacl: *SYSTEM:(F)\n+dacl: *SYSTEM:(M)\n*\n'"$list"
DO='grep -v "^#" "$1" >"$1.new"; mv "$1.new" "$1"; touch "$1~"' edit "$list" ""
expect "an editor may write another file" 0 "$list" "*nothing was changed"
run ls -A "$TMPDIR"
expect "and leave copies" 0 ""
DO='sed -i "s/Everyone:(I)(R)/Everyone:(R)/; s/^dacl:/& protected/" "$1"' edit "$list" ""
expect "protected, what was inherited is its own" 0 "O:SYG:SYD:P(A;;FA;;;SY)(A;;FR;;;WD)"
DO='sed -i "/^dacl/a Everyone:W" "$1"; sed -i "/^dacl/a uid:9:(DENY)R" "$1"; sed -i "s/SYSTEM:(F)/uid:8:(DENY)(R)/" "$1"' \
	edit "$list" ""
expect "an order that is not canonical is told" 0 "O:SYG:SYD:(D;*[)][(]A;*[)][(]D;*[)][(]A;ID;*" \
	"guise edit: *d: warning: its DACL is not in canonical order any more *"

DO='sed -i "s/(F)/(QQ)/" "$1"' edit "$list" ""
expect "a mistake is told, and nothing changed" 2 "$list" \
	'guise edit: *d: line [12][0-9]: SYSTEM:(QQ): at "*": expected rights: *
Edit again (e), or give up and change nothing (q)? 
guise edit: *d: given up: nothing was changed'
DO='sed -i "s/(F)/(QQ)/" "$1"' edit "$list" "q"
expect "one may give up" 2 "$list" "*given up*"
DO='if grep -q ERROR "$1"; then sed -i "s/(QQ)/(M)/" "$1"; else sed -i "s/(F)/(QQ)/" "$1"; fi' \
	edit "$list" $'what\ne\n'
expect "one may edit again" 0 "O:SYG:SYD:(A;;0x1301bf;;;SY)(A;ID;FR;;;WD)" '*[(]QQ)*[(]e) or (q)?*'
run cat "$folder/seen"
expect "the mistake stands above its line" 0 $'*\n# ERROR: SYSTEM:(QQ): *\n  SYSTEM:(QQ)*'
DO='sed -i "/(I)/d" "$1"' edit "$list" ""
expect "inherited entries cannot go" 2 "$list" "*an inherited entry is missing before this: Everyone:(I)(R)*"

DO='sed -i "s/^dacl:/& null/; /^  /d" "$1"' edit "O:SYG:SYD:(A;;FA;;;SY)" ""
expect "everybody does not get everything by mistake" 2 "O:SYG:SYD:(A;;FA;;;SY)" "*--force*"
DO='sed -i "s/^dacl:/& null/; /^  /d" "$1"' edit "O:SYG:SYD:(A;;FA;;;SY)" "" --force
expect "but with --force" 0 "O:SYG:SYD:NO_ACCESS_CONTROL"

DO='exit 3' edit "$list" ""
expect "an editor that fails" 4 "$list" "guise edit: *editor: the editor ended with status 3; nothing was changed"
DO=': >"$1"' edit "$list" ""
expect "an empty text" 1 "$list" "guise edit: *d: the text is empty: nothing was changed"
DO='rm "$1"' edit "$list" ""
expect "no text" 4 "$list" "guise edit: *No such file*"
DO='rm "$1"; ln -s /etc/passwd "$1"' edit "$list" ""
expect "a symbolic link in its place" 4 "$list" "guise edit: *"
DO='rm "$1"; mkfifo "$1"' edit "$list" ""
expect "a pipe in its place" 4 "$list" "guise edit: *"
DO='printf "a\0b" >"$1"' edit "$list" ""
expect "a NUL in it" 4 "$list" "guise edit: *"
DO='echo "O:SYG:SYD:(A;;FR;;;BU)" >"$folder/d"; sed -i "s/(F)/(M)/" "$1"' folder=$folder edit "$list" ""
expect "a file that is changed by somebody else meanwhile" 4 "O:SYG:SYD:(A;;FR;;;BU)" \
	"guise edit: *d: its descriptor was changed by somebody else meanwhile"

EDITOR="sed -i s/(F)/(M)/" edit "$list" ""
expect "words that the shell cannot read" 4 "$list" "*"
EDITOR="sed -i 's/(F)/(M)/'" edit "$list" ""
expect "the editor may be several words" 0 "O:SYG:SYD:(A;;0x1301bf;;;SY)(A;ID;FR;;;WD)"
VISUAL="sed -i 's/(F)/(R)/'" edit "$list" ""
expect "VISUAL comes first" 0 "O:SYG:SYD:(A;;FR;;;SY)(A;ID;FR;;;WD)"
mkdir "$folder/\$(touch x) y"
TMPDIR="$folder/\$(touch x) y" EDITOR="sed -i 's/(F)/(R)/'" edit "$list" ""
expect "a path is never words of the shell" 0 "O:SYG:SYD:(A;;FR;;;SY)(A;ID;FR;;;WD)"
TMPDIR=/nonexistent edit "$list" ""
expect "no place for the text" 4 "$list" "guise edit: no temporary folder can be made: *"

DO='sed -i "\$d" "$1"; sed -i "/^#/d; /^\$/d; /(I)/d" "$1"' edit "$list" $'e\n'
expect "a mistake at the end" 2 "$list" "*is missing*is missing*"
run tail -n 1 "$folder/seen"
expect "stands at the end" 0 "# ERROR: an inherited entry is missing *"
run bash -c "echo '$list' | '$guise' edit -"
expect "standard input is the editor's" 2 "*" "guise edit: -: an editor needs standard input itself: *"
run "$guise" edit --files-from -
expect "so it is for --files-from" 2 "" "guise edit: --files-from -: an editor needs standard input itself *"

echo "$list" >"$folder/d"
echo "O:SYG:SYD:(A;;FA;;;BU)" >"$folder/e"
EDITOR="sed -i 's/(F)/(M)/'" run "$guise" edit --descriptor "$folder/d" "$folder/e"
expect "several paths, one after another" 0
run cat "$folder/d" "$folder/e"
expect "are all edited" 0 $'O:SYG:SYD:(A;;0x1301bf;;;SY)(A;ID;FR;;;WD)\nO:SYG:SYD:(A;;0x1301bf;;;BU)'
if [[ $(id -u) == 0 ]]; then
	touch "$folder/f" "$folder/g"
	"$guise" set "$folder/f" "$list"
	export DO='"$guise" set "$folder/f" "D:(A;;FR;;;BU)"; sed -i "s/(F)/(M)/" "$1"' guise folder
	run "$guise" edit "$folder/f" "$folder/g"
	expect "changed by somebody else meanwhile" 4 "" \
		"guise edit: *f: its descriptor was changed by somebody else meanwhile"
	run "$guise" show --format sddl "$folder/f"
	expect "stays what they made it" 0 "O:SYG:SYD:(A;;FR;;;BU)"
	"$guise" set "$folder/f" "O:SYG:SYD:(A;;FA;;;SY)"
	DO='sed -i "s/(F)/(M)/; t; s/(M)/(R)/" "$1"' run "$guise" edit "$folder/f" "$folder/f"
	expect "twice the same is no such thing" 0
	run "$guise" show --format sddl "$folder/f"
	expect "and edited twice" 0 "O:SYG:SYD:(A;;FR;;;SY)"
else
	skip "changed meanwhile" "needs root"
fi

run "$guise" edit
expect "no path" 2 "" "guise edit: no PATH given *"
finish
