#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Recursive commands while somebody puts symbolic links where folders are: nothing outside
# the tree is touched.
set -u
guise=$(realpath "$1")
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/lib.sh"
begin

if [[ $(id -u) != 0 ]]; then
	skip "swapped folders" "needs root"
	finish
fi
cd "$folder" || exit 1
mkdir -p tree/in/deep outside/in/deep
for ((i = 0; i < 40; i++)); do touch tree/in/$i tree/in/deep/$i outside/in/$i outside/in/deep/$i; done
ln -s "$folder/outside/in" tree/link
if ! setfattr -n security.NTACL -v 0x00 outside/in/0 2>/dev/null; then
	skip "swapped folders" "setfattr is missing, or security.* cannot be set here"
	finish
fi
setfattr -x security.NTACL outside/in/0

# exchanges tree/in and tree/link as fast as it can, until it is killed
cat >swap.py <<'END'
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, RENAME_EXCHANGE = -100, 2
call = {"x86_64": 316, "aarch64": 276, "riscv64": 276}[platform.machine()]
count = 0
while True:
    if libc.syscall(call, AT_FDCWD, b"tree/in", AT_FDCWD, b"tree/link", RENAME_EXCHANGE):
        raise OSError(ctypes.get_errno(), "renameat2")
    count += 1
    if count == 1000:
        open("swapping", "w").close()
END
python3 swap.py &
swapper=$!
trap 'kill $swapper 2>/dev/null; rm -rf "$folder"' EXIT
for ((i = 0; i < 600; i++)); do
	[[ -e swapping ]] && break
	sleep .1
done
if ! kill -0 $swapper 2>/dev/null || [[ ! -e swapping ]]; then
	skip "swapped folders" "no renameat2 here"
	finish
fi
reached=0
for ((i = 0; i < 20; i++)); do
	"$guise" set -R --continue tree "D:P(A;;FA;;;BA)(A;;F${letters:=R};;;WD)" 2>/dev/null
	[[ $letters == R ]] && letters=A || letters=R
	"$guise" reset -R --continue tree 2>/dev/null
	"$guise" set --propagate --continue tree "D:P(A;OICI;FA;;;BA)" 2>/dev/null
	[[ -n $(getfattr -d -m security.NTACL tree/in/deep/0 2>/dev/null) ]] && reached=$((reached + 1))
done
kill $swapper
wait $swapper 2>/dev/null
run bash -c "getfattr -R -d -m security.NTACL outside 2>/dev/null"
expect "nothing outside of the tree has a descriptor" 0 ""
run test "$reached" -gt 0
expect "the tree itself was reached" 0
finish
