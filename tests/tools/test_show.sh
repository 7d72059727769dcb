#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# guise show on a backing folder: stored descriptors and implied ones.
set -u
shopt -s extglob
guise=$(realpath "$1")
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/lib.sh"
begin

if [[ $(id -u) != 0 ]]; then
	skip "guise show on a backing folder" "needs root"
	finish
fi
chmod 755 "$folder"
umask 022

# audit and inherit-only entries, version 2 of the format
listed=020002000000020004000200407a2613d8ac9d18515fc57b1875eb14010014a1300000003c0000004c00000068\
00000001010000000000010000000001020000000000160100000049e5000004001c000100000002431400ff011f00010\
100000000000100000000040048000300000000001400a0001200010100000000000304000000001a1400bf0113000101\
0000000000050b000000000e1800890012000102000000000016010000001cc30000
# a conditional entry, version 4
conditional=0400040000000200040002000000000000000000000000000000000000000000000000000000000000000\
00000000000000000000000000000000000000000000000000000000000000000000000706f7369785f61636c00000000\
00000000007be6292466580186a6e1cb6c30bf329ad73d0b906efa4269a6f686f3c00f238900000000000000000000000\
0000000000000000000000000000000000000000001000480b4000000c000000000000000cc0000000101000000000005\
120000000101000000000003000000000400380001000000090030008900120001010000000000010000000061727478f\
90800000044006500700074001002000000610080000000

mkdir "$folder/plain"
run "$guise" show "$folder/plain"
expect "mode implies a descriptor" 0 "name:   $folder/plain (implied by mode)
owner:  *
group:  *
dacl:   [1-9]* *"
run "$guise" show /
expect "users and groups of one name are told apart" 0 "*
  allow  root * this folder only
  allow  root (group) * this folder only
*"
run "$guise" show --format sddl "$folder/plain"
expect "it has SDDL" 0 "O:*G:*D:*"
run "$guise" show --format sddl "$folder/plain" "$folder"
expect "SDDL of several paths follows the paths" 0 "$folder/plain: O:*
$folder: O:*"
run "$guise" show "$folder/plain" "$folder/none"
expect "one of two missing" 3 "name:   $folder/plain *" "guise show: $folder/none: *"
touch "$folder/a"$'\n'"b\\"
run "$guise" show "$folder/a"$'\n'"b\\"
expect "names are escaped" 0 'name:   *a\\012b\\\\ (implied by mode)*'
ln -s plain "$folder/link"
run "$guise" show "$folder/link"
expect "links are followed" 0 "name:   $folder/link (implied*this folder*"
if command -v setfacl >/dev/null && setfacl -d -m u:4242:r "$folder/plain" 2>/dev/null; then
	run "$guise" show "$folder/plain"
	expect "a default ACL is part of it" 0 "*S-1-22-1-4242*files only*"
else
	skip "a default ACL is part of it" "no POSIX ACLs here"
fi
run setpriv --reuid 64990 --regid 64990 --clear-groups "$guise" show "$folder/plain"
expect "others are not shown implied ones" 4 "" \
	"guise show: *: not on a guisefs mount, and no descriptor is stored here"

if ! setfattr -n security.NTACL -v "0x$listed" "$folder/plain" 2>/dev/null; then
	skip "stored descriptors" "setfattr is missing, or security.* cannot be set here"
	finish
fi
run "$guise" show "$folder/plain"
expect "a stored descriptor in words" 0 "name:   $folder/plain (stored in security.NTACL)
owner:  Everyone
group:  *58697*
dacl:   3 entries*
  allow  *  execute  this folder only
  allow  *  modify   subfolders only; inherited
  allow  *49948*  read     subfolders only; one level deep
sacl:   1 entry, protected from inheritance
  audit  Everyone  full control  this folder, subfolders and files; on success"
run "$guise" show --format sddl "$folder/plain"
expect "a stored descriptor as SDDL" 0 \
	"O:WDG:S-1-22-1-58697D:AR(A;;FX;;;OW)(A;CIIOID;0x1301bf;;;AU)(A;CINPIO;FR;;;S-1-22-1-49948)S:P(AU;OICISA;FA;;;WD)"
run "$guise" set "$folder/plain" "D:P(A;;FR;;;WD)"
expect "root sets a descriptor of a backing folder" 0
run "$guise" show --format sddl "$folder/plain"
expect "the other parts stay" 0 "O:WDG:S-1-22-1-58697D:PARAI(A;;FR;;;WD)S:P(AU;OICISA;FA;;;WD)"
run stat -c %a "$folder/plain"
expect "and the mode follows" 0 "444"
run setpriv --reuid 64990 --regid 64990 --clear-groups "$guise" set "$folder/plain" "D:"
expect "others do not" 4 "" "guise set: *: not on a guisefs mount; only root may *"
touch "$folder/file"
setfattr -n security.NTACL -v "0x$conditional" "$folder/file"
run "$guise" show "$folder/file"
expect "a condition is not hidden" 0 '*
  allow if  Everyone  read  @(condition not shown|(XA;;FR;;;WD;(@USER.Dept == "a")))'
setfattr -n security.NTACL -v 0x0300030000 "$folder/file"
run "$guise" show "$folder/file"
expect "a damaged descriptor is an error" 4 "" "guise show: *: its descriptor is damaged"
finish
