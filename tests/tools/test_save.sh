#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# guise save and restore on a backing folder: what is in the file, what comes back, what is refused.
set -u
shopt -s extglob
guise=$(realpath "$1")
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/lib.sh"
begin

run "$guise" save
expect "save needs a path" 2 "" "*expected one PATH*"
run "$guise" save --format xml .
expect "save knows two formats" 2 "" "*expected guise or icacls*"
run "$guise" restore
expect "restore needs a file" 2 "" "*expected one FILE*"
run "$guise" restore --hard-links "$folder/none"
expect "a file that is not there" 4 "" "guise restore: $folder/none: *"
run "$guise" restore --hard-links --map-sid root "$folder/none"
expect "a map has two sides" 2 "" "*expected FROM=TO*"
run "$guise" restore --hard-links --map-sid nobody-of-this-name=root "$folder/none"
expect "a map is of principals that are known" 2 "" "*two principals that are known*"
run "$guise" restore --hard-links --map-sid S-1-1-0=S-1-5-18 --map-sid S-1-1-0=S-1-5-11 "$folder/none"
expect "a SID becomes one other" 2 "" "*S-1-1-0 is to become two SIDs*"
printf '# who\n\nS-1-1-0 = \n' >"$folder/map"
run "$guise" restore --hard-links --map-file "$folder/map" "$folder/none"
expect "a wrong line of a map is named" 2 "" "*map: line 3: *"
run "$guise" restore --hard-links --domain S-1-5-21-1 "$folder/none"
expect "a domain is a domain" 2 "" "*expected S-1-5-21-N-N-N*"

if [[ $(id -u) != 0 ]]; then
	skip "guise save and restore" "needs root"
	finish
fi
chmod 755 "$folder"
umask 022
mkdir "$folder/tree"
cd "$folder/tree" || exit 1
if ! "$guise" set . 'D:(A;;FA;;;WD)' 2>/dev/null; then
	skip "guise save and restore" "security.* cannot be set here"
	finish
fi
save=$folder/saved

# what FILE stores, in bytes
stored()
{
	getfattr --absolute-names -h -e hex --only-values -n security.NTACL "$1" 2>/dev/null | od -An -v -tx1
}

everything()
{
	(cd "$folder/tree" && find . -print0 | sort -z | xargs -0 stat -c '%n %A %u %g' &&
		getfattr -h -R -d -e hex -m '^(security|system)[.]' . && "$guise" show -R --format sddl .)
}

mkdir -p 'a/b c' 'd'
touch 'a/f' "a/b c/new"$'\n'"line" 'd/back\slash' "d/"$'\xff\xfe' 'plain'
ln 'a/f' 'd/again'
ln -s /etc/passwd 'link'
mkfifo 'd/pipe'
chmod 640 plain
chown 4242:4343 plain
"$guise" set a 'O:S-1-5-21-1-2-3-4G:BAD:PARAI(A;OICI;FA;;;S-1-5-21-1-2-3-4)(A;OICI;FR;;;WD)S:P(AU;SA;FA;;;WD)'
"$guise" set a/f 'O:SYD:(XA;;FA;;;WD;(Member_of {SID(S-1-5-21-1-2-3-5)}))(D;;FA;;;AU)'
"$guise" set 'd' 'D:NO_ACCESS_CONTROL'
everything >"$folder/before"

run "$guise" save -R .
expect "all is in the file, sorted, one record a line" 0 "#guise-save 1
#path $folder/tree
#sacl yes
.	d	*
./a	d	O:S-1-5-21-1-2-3-4G:BAD:PAI(A;OICI;FA;;;S-1-5-21-1-2-3-4)(A;OICI;FR;;;WD)S:P(AU;SA;FA;;;WD)
./a/b c	d	none:O:*
./a/b c/new\\\\012line	f	none:*
./a/f	f	O:SYG:*D:(XA;;FA;;;WD;(Member_of {SID(S-1-5-21-1-2-3-5)}))(D;;FA;;;AU)
./d	d	O:*D:NO_ACCESS_CONTROL
./d/again	f	O:SYG:*D:(XA;;FA;;;WD;*
./d/back\\\\\\\\slash	f	none:*
./d/pipe	p	none:*
./d/\\\\377\\\\376	f	none:*
./link	l	*
./plain	f	none:O:S-1-22-1-4242G:S-1-22-2-4343D:*
~end 12 sha256 +([0-9a-f])"
"$guise" save -R . >"$save"
run "$guise" save a/f
expect "without -R it is one" 0 "#guise-save 1
#path $folder/tree/a/f
#sacl yes
.	f	O:SY*
~end 1 *"
run "$guise" save link/
expect "a link that leads to no folder" 4 "" "guise save: link/: *"

# --- round trips ---

run "$guise" restore --hard-links -n "$save"
expect "there is nothing to do" 0
change_all()
{
	"$guise" set -R --continue . 'O:WDG:WDD:P(A;OICI;FA;;;SY)S:(AU;SA;FR;;;WD)'
	chmod 777 plain
}
change_all
everything >"$folder/changed"
run "$guise" restore --hard-links -n "$save"
expect "a preview is a diff" 0 "*--- $folder/tree/a
+++ $folder/tree/a
@@ *
-owner:   Everyone (S-1-1-0)
*+owner:   S-1-5-21-1-2-3-4
*"
run diff "$folder/changed" <(everything)
expect "a preview changes nothing" 0
run "$guise" restore --hard-links "$save"
expect "all is restored" 0
run diff "$folder/before" <(everything)
expect "descriptors, modes and owners are what they were, to the byte" 0
run diff "$save" <("$guise" save -R .)
expect "saved again it is the same file" 0
change_all
run "$guise" restore --hard-links - <"$save"
status=0
"$guise" restore --hard-links - <"$save" || status=$?
out='' err=''
expect "standard input will do" 0
run diff "$folder/before" <(everything)
expect "and restores the same" 0

# SE_OWNER_DEFAULTED, and an entry of a type that there is not: nothing of which SDDL can say
odd=AQAFgCQAAAAwAAAAAAAAABQAAAACABAAAQAAAHcACAABAgMEAQEAAAAAAAEAAAAAAQEAAAAAAAEAAAAA
touch odd
printf '#guise-save 1\n#sacl yes\n.\tf\tbase64:%s\n' "$odd" >"$folder/odd"
run "$guise" restore --hard-links --force --to odd "$folder/odd"
expect "what SDDL cannot say is restored, too" 2 "" "*it was cut off*"
run "$guise" save odd
expect "and saved in bytes" 0 "*
.	f	base64:$odd
~end 1 *"
run bash -c "'$guise' show --format raw odd | base64 -w0"
expect "which are those that there are" 0 "$odd"
rm -f odd

# --- parts, maps, elsewhere ---

"$guise" set a 'O:WDD:P(A;;FA;;;SY)S:'
run "$guise" restore --hard-links --dacl "$save"
expect "only a part" 0
run "$guise" show --format sddl a
expect "the others stay" 0 "O:WDG:BAD:PAI(A;OICI;FA;;;S-1-5-21-1-2-3-4)(A;OICI;FR;;;WD)S:"
run "$guise" restore --hard-links --map-sid 'S-1-5-21-1-2-3-*=S-1-5-21-7-8-9-*' --map-sid S-1-1-0=AU "$save"
expect "with other SIDs" 0
run "$guise" show --format sddl a a/f
expect "everywhere" 0 "a: O:S-1-5-21-7-8-9-4G:BAD:PAI(A;OICI;FA;;;S-1-5-21-7-8-9-4)(A;OICI;FR;;;AU)S:P(AU;SA;FA;;;AU)
a/f: O:SYG:*D:(XA;;FA;;;AU;(Member_of {SID(S-1-5-21-7-8-9-5)}))(D;;FA;;;AU)"
printf '# one\r\n\r\nS-1-5-21-1-2-3-4=S-1-5-21-7-8-9-10\nS-1-5-21-1-2-3-5=S-1-5-21-7-8-9-11\n' >"$folder/map"
run "$guise" restore --hard-links --map-file "$folder/map" "$save"
expect "a file of many" 0
run "$guise" find-sid -R . S-1-5-21-7-8-9-11
expect "is obeyed" 0 "./a/f: dacl 1 (condition)
./d/again: dacl 1 (condition)"
"$guise" restore --hard-links "$save"
cp -a "$folder/tree" "$folder/other"
"$guise" set -R --continue "$folder/other" 'O:WDG:WDD:P(A;OICI;FA;;;SY)S:'
run "$guise" restore --hard-links --to "$folder/other" "$save"
expect "to another folder" 0
run "$guise" diff -R . "$folder/other"
expect "which is then as the first was" 0

# --- what is refused ---

everything >"$folder/before"
change_all
everything >"$folder/changed"
head -n -1 "$save" >"$folder/cut"
run "$guise" restore --hard-links "$folder/cut"
expect "a file that was cut off is refused" 2 "" "*cut: line 16: it ends before its last line*nothing was changed*"
run diff "$folder/changed" <(everything)
expect "before anything is changed" 0
sed 's/O:SY/O:WD/' "$save" >"$folder/forged"
run "$guise" restore --hard-links "$folder/forged"
expect "one that was changed, too" 2 "" "*forged: line 16: it was changed*"
run diff "$folder/changed" <(everything)
expect "again before anything is changed" 0
run "$guise" restore --hard-links --force "$folder/cut"
expect "with --force what there is comes back" 3 "" "*line 16: it ends*1 failed*"
run diff "$folder/before" <(everything)
expect "all of it here" 0

# hostile NAME PATH: a record of that path is refused, and /etc/passwd has no descriptor
hostile()
{
	printf '#guise-save 1\n#path %s\n#sacl no\n%s\tf\tD:(A;;FA;;;WD)\n' "$folder/tree" "$2" >"$folder/hostile"
	run "$guise" restore --hard-links --force "$folder/hostile"
	expect "$1" "$3" "" "$4"
}
hostile "a path upwards" './../x' 3 "*line 4: the path has \".\" or \"..\"*"
hostile "a path upwards, escaped" './a/\056\056/x' 3 "*line 4: the path has*"
hostile "an absolute path" '/etc/passwd' 3 "*line 4: a path must be*"
hostile "a path through a link" './link/x' 3 "*$folder/tree/link/x: not restored: *"
mkdir "$folder/outside" && touch "$folder/outside/f" && ln -s "$folder/outside" out && ln -s ../outside up
hostile "a path through a link to a folder" './out/f' 3 "*out/f: not restored: a symbolic link*"
hostile "a path through a link upwards" './up/f' 3 "*up/f: not restored: a symbolic link*"
run "$guise" show --format sddl "$folder/outside/f"
expect "what is there stays" 0 "O:S-1-22-1-0*A;;FR;;;WD)"
rm out up
hostile "a link in the place of a file" './link' 3 "*$folder/tree/link: not restored: it is not of the type*"
hostile "what is not there" './none' 3 "*$folder/tree/none: not restored: it is gone*"
hostile "another type" './a' 3 "*$folder/tree/a: not restored: it is not of the type*"
run getfattr -n security.NTACL /etc/passwd
expect "nothing outside was touched" 1 "" "*"
sed 's/^\.\/a\tf/.\/zz\tf/;s/^\.\/d\t/.\/dd\t/' "$save" >"$folder/gone"
change_all
run "$guise" restore --hard-links --force "$folder/gone"
expect "what is gone is reported, and the rest restored" 3 "" "*dd: not restored: it is gone*"
"$guise" restore --hard-links "$save"
run diff "$folder/before" <(everything)
expect "and all is as it was" 0

# --- files of icacls ---

run bash -c "'$guise' save -R --format icacls a >'$folder/icacls'"
expect "names that Windows has not are left out" 3 "" "*owners, groups and SACLs are not saved*b c/new\\\\012line: not saved: Windows has no such names*"
rm "a/b c/new"$'\n'"line"
run bash -c "'$guise' save -R --format icacls a >'$folder/icacls'"
expect "as icacls saves them" 0 "" "*DACLs only"
run bash -c "od -An -tx1 -N6 '$folder/icacls'"
expect "in UTF-16 with a mark" 0 " ff fe 61 00 0d 00"
"$guise" save -R a >"$folder/a"
"$guise" set -R a 'D:P(A;;FA;;;BG)'
run "$guise" restore --hard-links "$folder/icacls"
expect "where to must be said" 2 "" "*--to DIR is needed*"
run "$guise" restore --hard-links --to . "$folder/icacls"
expect "paths begin with the folder's name" 0
run "$guise" restore --hard-links -n "$folder/a"
expect "DACLs are what they were" 0 "" "*would go, which says what its mode says"
printf 'a\r\nD:(A;;FA;;;DA)\r\n' >"$folder/da"
run "$guise" restore --hard-links --to . "$folder/da"
expect "an alias of an unknown domain is refused" 2 "" "*da: line 2: not the SDDL*"
run "$guise" restore --hard-links --domain S-1-5-21-1-2-3 --to . "$folder/da"
expect "of a known one it is taken" 0
run "$guise" show --format sddl a
expect "with the domain's SID" 0 "*D:(A;;FA;;;S-1-5-21-1-2-3-512)*"
printf 'some text\n' >"$folder/text"
run "$guise" restore --hard-links --to . "$folder/text"
expect "any text is refused" 2 "" "*text: line 2: it ends after a path*"
finish
