#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# How commands go through paths, what they change, and descriptors by themselves.
set -u
guise=$(realpath "$1")
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/lib.sh"
begin

# descriptors by themselves: these need no root
sddl='O:BAG:SYD:(A;;FA;;;BA)'
run bash -c "echo '$sddl' | '$guise' show --format sddl -"
expect "standard input holds a descriptor" 0 "$sddl"
run bash -c "echo '$sddl' | '$guise' show --format raw - | '$guise' show --format sddl -"
expect "so it does in binary" 0 "$sddl"
raw=$(echo "$sddl" | "$guise" show --format raw - | od -An -v -tx1 | tr -d ' \n')
run bash -c "echo '0x$raw' | '$guise' set - 'O:SY'"
expect "what was in hexadecimal digits goes out so" 0 "0x01000480*"
run bash -c "echo '0x$raw' | '$guise' set - 'O:SY' | '$guise' show --format sddl -"
expect "and is what it was made" 0 "O:SYG:SYD:(A;;FA;;;BA)"
run bash -c "echo '0s$(echo "$sddl" | "$guise" show --format raw - | base64 -w 0)' | '$guise' show --format sddl -"
expect "and in base64" 0 "$sddl"
run bash -c "echo '0x0' | '$guise' show -"
expect "half a byte is none" 2 "" "guise show: standard input: expected pairs of hexadecimal digits *"
run bash -c "printf 'O:BA\0G:SY' | '$guise' show -"
expect "text with a NUL is refused" 2 "" "guise show: standard input: neither SDDL nor *"
run bash -c "echo 'O:BAD:(A;;FA;;XX)' | '$guise' show -"
expect "mistakes in SDDL are pointed at" 2 "" "guise show: standard input: SDDL: at offset 1[0-9]: expected *"
run bash -c "head -c 5000000 /dev/zero | '$guise' show -"
expect "more than a descriptor can be is refused" 4 "" "guise show: -: File too large"
run bash -c "echo '$sddl' | '$guise' inherit off -"
expect "a filter prints the new one" 0 "O:BAG:SYD:PAI(A;;FA;;;BA)"
run bash -c "echo 'O:BAD:PAI(A;;FA;;;BA)' | '$guise' inherit off -"
expect "also if it stays as it was" 0 "O:BAD:PAI(A;;FA;;;BA)"
run bash -c "echo '$sddl' | '$guise' set -n - O:SY"
expect "but not with -n" 0 "---*+owner:   SYSTEM*"
run bash -c "echo '$sddl' | '$guise' reset -"
expect "it lies in no folder" 4 "" "guise reset: -: it is in no folder *"
echo "$sddl" >"$folder/d"
chmod 640 "$folder/d"
run "$guise" set --descriptor "$folder/d" "G:BA"
expect "a file that holds a descriptor" 0
run cat "$folder/d"
expect "holds the new one" 0 "O:BAG:BAD:(A;;FA;;;BA)"
run stat -c %a "$folder/d"
expect "and kept its mode" 0 640
run bash -c "ls -A '$folder' | grep -v '^\.'"
expect "no draft is left" 0 d
before=$(stat -c %i.%Y "$folder/d")
run "$guise" set --descriptor "$folder/d" "G:BA"
expect "setting it again" 0
run stat -c %i.%Y "$folder/d"
expect "does not write it again" 0 "$before"
ln -s d "$folder/link"
run "$guise" set --descriptor "$folder/link" "G:SY"
expect "a link leads to the file that holds it" 0
run stat -c %F "$folder/link" "$folder/d"
expect "it stays a link" 0 $'symbolic link\nregular file'
run cat "$folder/d"
expect "and the file is what was changed" 0 "O:BAG:SYD:*"
chmod 6755 "$folder/d"
run "$guise" set --descriptor "$folder/d" "G:BA"
expect "a file with privileges of its own" 0
run stat -c %a "$folder/d"
expect "has none as another file" 0 755
mkfifo "$folder/fifo"
run timeout 60 "$guise" show --descriptor "$folder/fifo"
expect "a pipe is not waited for" 2 "" "guise show: *fifo: it is not a regular file"
run "$guise" show --format sddl --descriptor <(printf 'O:SY\n')
expect "but one of the shell's is read" 0 "O:SY*"
cat >"$folder/replacer" <<'EOF'
#!/bin/sh
sed -i 's/^owner.*/owner: SYSTEM/' "$1"
cp -p d other
mv other d
EOF
chmod 755 "$folder/replacer"
cd "$folder" || exit 1
before=$(cat d)
EDITOR=$folder/replacer run "$guise" edit --force --descriptor d
expect "a file that is another by now is not replaced" 4 "" "guise edit: d: *changed by somebody else*"
run cat d
expect "whatever it holds" 0 "$before"
cd "$OLDPWD" || exit 1
rm "$folder/link" "$folder/fifo" "$folder/replacer"
printf '%s\n' "$sddl" >"$folder/d"
run "$guise" show -R --descriptor "$folder/d"
expect "--descriptor -R" 2 "" "*--descriptor and -R exclude each other*"

run "$guise" show
expect "no path" 2 "" "*no PATH given*"
run "$guise" show --files-from /dev/null "$folder"
expect "--files-from and paths" 2 "" "*exclude each other*"
run "$guise" show -0 "$folder"
expect "-0 alone" 2 "" "*--files-from*"
run "$guise" show --format raw "$folder" "$folder"
expect "raw is for one" 2 "" "*for one PATH*"

if [[ $(id -u) != 0 ]]; then
	skip "trees" "needs root"
	finish
fi

tree=$folder/tree
mkdir -p "$tree/a/b" "$tree/c"
touch "$tree/a/f" "$tree/a/b/g" "$folder/outside"
ln -s ../../outside "$tree/a/link"
ln -s .. "$tree/c/up"
ln -s nowhere "$tree/c/broken"
if ! setfattr -n security.NTACL -v 0x00 "$tree/c/broken" -h 2>/dev/null; then
	skip "trees" "setfattr is missing, or security.* cannot be set here"
	finish
fi
setfattr -h -x security.NTACL "$tree/c/broken"

sddl_of()
{
	"$guise" show -P --format sddl -R "$@" | sed "s|$folder/||"
}

cd "$folder" || exit 1
run "$guise" set -R -n tree "D:P(A;OICI;FA;;;BA)"
expect "-n says what would be" 0 "--- tree
+++ tree
*+++ tree/a
*+++ tree/a/b
*+++ tree/a/b/g
*+++ tree/a/f
*+++ tree/a/link
*+++ tree/c
*+++ tree/c/broken
*+++ tree/c/up
*"
run bash -c "getfattr -hR -d -m security.NTACL tree outside 2>/dev/null"
expect "and does nothing" 0 ""
run "$guise" set -R tree "D:P(A;OICI;FA;;;BA)"
expect "a whole tree" 0
run sddl_of tree
expect "links are objects of their own" 0 "tree: *D:PAI(A;OICI;FA;;;BA)
tree/a: *D:PAI(A;OICI;FA;;;BA)
tree/a/b: *D:PAI(A;OICI;FA;;;BA)
tree/a/b/g: *D:P(A;OICI;FA;;;BA)
tree/a/f: *D:P(A;OICI;FA;;;BA)
tree/a/link: *D:P(A;OICI;FA;;;BA)
tree/c: *D:PAI(A;OICI;FA;;;BA)
tree/c/broken: *D:P(A;OICI;FA;;;BA)
tree/c/up: *D:P(A;OICI;FA;;;BA)"
run "$guise" show --format sddl outside
expect "nothing outside was touched" 0 "*A;;FR;;;WD)"
run "$guise" set -R -L --continue tree "D:P(A;;FA;;;SY)"
expect "-L follows links, but not in circles" 3 "" "guise set: tree/c/up: a symbolic link leads back *"
run "$guise" show --format sddl outside tree/a/b/g
expect "what it followed was changed, and all after the circle" 0 "outside: *D:P(A;;FA;;;SY)
tree/a/b/g: *D:P(A;;FA;;;SY)"

# inheritance
run "$guise" set -R tree "D:"
expect "empty lists" 0
run "$guise" set tree "D:P(A;OICI;FA;;;BA)(A;OI;FR;;;WD)"
expect "a folder that hands down" 0
run "$guise" propagate tree
expect "to all below" 0
run sddl_of tree/a tree/c/broken
expect "files and folders each their part" 0 "tree/a: *D:AI(A;OICIID;FA;;;BA)(A;OIIOID;FR;;;WD)
tree/a/b: *D:AI(A;OICIID;FA;;;BA)(A;OIIOID;FR;;;WD)
tree/a/b/g: *D:AI(A;ID;FA;;;BA)(A;ID;FR;;;WD)
tree/a/f: *D:AI(A;ID;FA;;;BA)(A;ID;FR;;;WD)
tree/a/link: *D:AI(A;ID;FA;;;BA)(A;ID;FR;;;WD)
tree/c/broken: *D:AI(A;ID;FA;;;BA)(A;ID;FR;;;WD)"
run "$guise" propagate tree/a/f
expect "a file hands nothing down" 4 "" "guise propagate: tree/a/f: not a folder"
run "$guise" inherit off tree/a
expect "a folder that inherits no more" 0
run "$guise" propagate tree
expect "and hands down what is left" 0
run "$guise" show --format sddl tree/a/f tree/a
expect "nothing" 0 "tree/a/f: *D:AI
tree/a: *D:PAI"
run "$guise" inherit on tree/a
expect "and again" 0
run "$guise" show --format sddl tree/a
expect "has it back" 0 "*D:AI(A;OICIID;FA;;;BA)(A;OI*ID;FR;;;WD)"
run "$guise" inherit copy tree/a
expect "keeping what it had" 0
run "$guise" show --format sddl tree/a
expect "as its own" 0 "*D:PAI(A;OICI;FA;;;BA)(A;OI*;FR;;;WD)"
run "$guise" inherit maybe tree/a
expect "three words" 2 "" "*expected on, copy or off*"
run "$guise" reset -R tree/a
expect "reset" 0
run sddl_of tree/a/f
expect "what the folder hands down, alone" 0 "tree/a/f: *D:AI(A;ID;FA;;;BA)(A;ID;FR;;;WD)"
run "$guise" reset tree/c/../a/f
expect "a named file finds its folder" 0
run "$guise" reset /
expect "the root has none" 4 "" "guise reset: /: it is in no folder *"
run "$guise" set --propagate tree "D:P(A;OICI;FR;;;WD)"
expect "a change that goes on below" 0
run "$guise" show --format sddl tree/a/f
expect "is inherited there" 0 "*D:AI(A;ID;FR;;;WD)"
run "$guise" set --propagate -R tree "D:"
expect "--propagate -R" 2 "" "*exclude each other*"
run "$guise" propagate -R -n tree
expect "a tree that is as it should be stays" 0 ""

# which paths
printf 'tree/a/f\0tree/c\0' >list
run "$guise" show --format sddl --files-from list -0
expect "paths in a file" 0 "tree/a/f: *
tree/c: *"
run bash -c "printf 'tree/a/f\n\ntree/none\ntree/c\n' | '$guise' show --format sddl --files-from -"
expect "or on standard input; reading goes on after a failure" 3 "tree/a/f: *
tree/c: *" "guise show: tree/none: No such file or directory"
run "$guise" set tree/none tree/a/f "D:"
expect "a change stops at the first failure" 4 "" "guise set: tree/none: *"
run "$guise" show --format sddl tree/a/f
expect "before the second" 0 "*D:AI(A;ID*"
run "$guise" set --continue tree/none tree/a/f "D:"
expect "unless it is to go on, which sums up" 3 "" "guise set: tree/none: *
guise set: 1 changed, 0 as they were, 1 failed"
run "$guise" show --format sddl tree/a/f
expect "to the second" 0 "*D:"

# very many names, and very deep
mkdir many
(cd many && seq 1 9000 | xargs touch)
run bash -c "'$guise' show -R --format sddl many | wc -l"
expect "more names than are held at once" 0 9001
mkdir deep
(cd deep && for ((i = 0; i < 400; i++)); do mkdir a_folder_with_a_rather_long_name && cd a_folder_with_a_rather_long_name || exit; done)
run bash -c "'$guise' show -R --format sddl deep | wc -l"
expect "a path longer than any call takes" 0 401
run bash -c "ulimit -n 50; '$guise' show -R --format sddl deep | tail -1 | wc -c"
expect "descriptors that run out are an error" 0 "*" "guise show: deep/*: Too many open files"
if mkdir "$tree/mnt" && mount -t tmpfs none "$tree/mnt" 2>/dev/null; then
	touch "$tree/mnt/f"
	run "$guise" show -x -R --format sddl tree
	umount "$tree/mnt"
	expect "-x stays on the file system" 0 "*
tree/mnt: *"
	[[ $out != *mnt/f* ]] && expect "and does not go in" 0 "*"
else
	skip "-x stays on the file system" "nothing can be mounted here"
fi

# interrupted work
mkdir -p half/a half/b half/c
touch half/a/1 half/a/2 half/b/1 half/b/2 half/b/3 half/c/1
setfattr -n security.NTACL -v 0x0300030000 half/b/2
run "$guise" set --resume state -R half "D:P(A;;FA;;;BA)"
expect "a failure ends the work" 3 "" "guise set: half/b/2: its descriptor is damaged"
run test -e state
expect "how far it came is kept" 0
setfattr -x security.NTACL half/b/2
"$guise" set half/a/1 half/b/1 "D:P(A;;FR;;;WD)"
run "$guise" set --resume state -R half "D:P(A;;FA;;;SY)"
expect "another command does not go on from there" 2 "" "guise set: state: is of another command*"
run "$guise" set --resume state -R half "D:P(A;;FA;;;BA)"
expect "the same goes on" 0
run sddl_of half
expect "where it was" 0 "half: *D:PAI(A;;FA;;;BA)
half/a: *D:PAI(A;;FA;;;BA)
half/a/1: *D:P(A;;FR;;;WD)
half/a/2: *D:P(A;;FA;;;BA)
half/b: *D:PAI(A;;FA;;;BA)
half/b/1: *D:P(A;;FR;;;WD)
half/b/2: *D:P(A;;FA;;;BA)
half/b/3: *D:P(A;;FA;;;BA)
half/c: *D:PAI(A;;FA;;;BA)
half/c/1: *D:P(A;;FA;;;BA)"
run test -e state
expect "and leaves nothing behind" 1
echo nonsense >state
run "$guise" set --resume state -R half "D:"
expect "another file is left alone" 2 "" "guise set: state: not a file of --resume"
run cat state
expect "as it was" 0 nonsense
rm state
ln -s "$folder/outside" state
run "$guise" set --resume state -R half "D:"
expect "nor one behind a link" 4 "" "guise set: state: expected a file of your own *"
rm state
mkfifo state
run timeout 20 "$guise" set --resume state -R half "D:"
expect "nor a pipe" 4 "" "guise set: state: expected a file of your own *"
rm state
touch state
chmod 666 state
run "$guise" set --resume state -R half "D:"
expect "nor what others may write" 4 "" "guise set: state: expected a file of your own *"
rm state
# killed at any time, again and again, among more names than are held at once
done=
for delay in .05 .1 .15 .2 .3 .4 .6 .8 1.2 2 3 5 30 60; do
	timeout -s KILL "$delay" "$guise" set --resume state -R many "D:P(A;;FA;;;BA)" 2>/dev/null
	[[ $? == 0 ]] && done=yes && break
done
run echo "$done"
expect "killed and repeated it gets done" 0 yes
run bash -c "'$guise' show -R --format sddl many | grep -vc 'D:PA*I*(A;;FA;;;BA)'"
expect "everywhere" 1 0

# what has other names, and what only a folder protects
mkdir -m 755 linked private
touch outside2 linked/own
ln outside2 linked/other
run "$guise" inherit copy -R --continue linked
expect "a file with another name is left alone" 3 "" "guise inherit: linked/other: it has other names*"
run bash -c "getfattr -d -m security.NTACL outside2"
expect "there, too" 0 ""
run "$guise" inherit copy -R --hard-links linked
expect "unless that is meant" 0
chmod 700 private
touch private/open private/closed
chmod 644 private/open
chmod 600 private/closed
run "$guise" add -R private "uid:4001:R"
expect "what a closed folder protects is not opened" 3 "" "guise add: private/open: its folder is not open*"
run "$guise" show --format sddl private/closed
expect "what its own mode protects may change" 0 "*A;;FR;;;S-1-22-1-4001)*"
run "$guise" add --continue -R private "uid:4001:R"
run bash -c "getfattr -d -m security.NTACL private/open"
expect "it has no descriptor" 0 ""
run "$guise" add private/open "uid:4001:R"
expect "nor by its name, now that the folder has one" 4 "" "guise add: private/open: its folder is not open*"
run "$guise" set private/open "D:P(A;;FR;;;S-1-22-1-4001)"
expect "but it may get a list of its own" 0
run "$guise" add --into-private -R private "uid:4001:R"
expect "and what is meant is done" 0

# what cannot be read, and an order that is meant
mkdir -p lost/in
touch lost/in/f
"$guise" set lost/in "D:(A;;FA;;;BA)"
setfattr -n security.NTACL -v 0x0300030000 lost/in
run "$guise" set --propagate --continue lost "D:P(A;OICI;FA;;;BA)"
expect "nothing is handed down by what cannot be read" 3 "" "guise set: lost/in: its descriptor is damaged
guise set: lost/in/f: what its folder has could not be read*"
mkdir meant
touch meant/f
"$guise" set meant "D:P(A;OICI;FR;;;BA)"
"$guise" set meant/f "D:ARAI(A;ID;FA;;;S-1-22-1-4001)(D;;FW;;;BG)"
run "$guise" propagate meant
expect "an order that is meant is said" 3 "" "guise propagate: meant/f: its explicit entries stand behind *"
run "$guise" inherit on meant/f
expect "by inherit, too" 4 "" "guise inherit: meant/f: its order keeps it *"

# JSON
run bash -c "'$guise' show --format json tree/a/f | python3 -c 'import json,sys; d=json.load(sys.stdin); print(d[\"path\"], d[\"origin\"], d[\"dacl\"], d[\"control\"])'"
expect "JSON" 0 "tree/a/f stored \[\] \['SE_DACL_PRESENT'*"
touch $'many/\xff"'
run bash -c "'$guise' show --format json many/\$'\\xff\"' | python3 -c 'import json,sys; d=json.load(sys.stdin); print(bytes.fromhex(d[\"path_bytes\"]))'"
expect "a name that is no UTF-8" 0 "b'many/?xff\"'"
finish
