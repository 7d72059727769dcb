#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A server that links libguise.so acts for a client with the client's consent.
# Needs $GUISEFS, $GUISE, $SERVER, $LIBGUISE and the folder of guise.h in $INCLUDE.
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=shell.sh
. "$(dirname "$(readlink -f "$0")")/shell.sh"

server_uid=64003

grant()
{
	by_user "$account_uid" "$GUISE" token grant --for "$server_uid" --level "$1" --ttl 5m
}

# served PATTERN SERIAL...: what the server says of the file, its lines joined by "; ".
served()
{
	local wanted=$1 said
	shift
	said=$(by_user "$server_uid" "$SERVER" "$folder/share/file" "$@" | paste -sd ';' | sed 's/;/; /g')
	printf 'wanted: %s\nsaid:   %s\n' "$wanted" "$said"
	# shellcheck disable=SC2053
	[[ $said == $wanted ]]
}

# other PATTERN COMMAND...: what another server says, its lines joined by "; ".
other()
{
	local wanted=$1 said status
	shift
	said=$(by_user "$server_uid" "$@")
	status=$?
	said=$(paste -sd ';' <<<"$said" | sed 's/;/; /g')
	printf 'wanted: %s\nsaid:   %s\nstatus: %s\n' "$wanted" "$said" "$status"
	# shellcheck disable=SC2053
	[[ $status == 0 && $said == $wanted ]]
}

# What does not change and what does, by version: who linked an older library goes on.
versions()
{
	readelf --dyn-syms --wide "$LIBGUISE" | awk '$8 ~ /^guise_/ && $7 != "UND" { print $8 }' |
		sort >"$folder/symbols"
	readelf --version-info --wide "$LIBGUISE" >"$folder/versions"
	cat "$folder/symbols"
	[[ $(grep -c '@@GUISE_0$' "$folder/symbols") == 5 ]] &&
		grep -q '^guise_with_token@@GUISE_1$' "$folder/symbols" &&
		! grep -v '@@GUISE_[0-9]*$' "$folder/symbols" &&
		grep -q 'Parent 1: GUISE_0' "$folder/versions"
}

links_the_library()
{
	readelf -d "$SERVER" | grep -q 'NEEDED.*\[libguise\.so\.0\]'
}

begin
SERVER=$(readlink -f -- "${SERVER:?the program server}")
LIBGUISE=$(readlink -f -- "${LIBGUISE:?the library}")
here=$(dirname "$(readlink -f "$0")")
account_add
share_start share
printf secret >"$folder/share/file"
"$GUISE" set "$folder/share/file" "D:P(A;;FA;;;S-1-22-1-$account_uid)" || exit 1
full=$(grant impersonate)
low=$(grant identify)
check "the shared library" links_the_library
check "its symbols" versions
check "itself" served 'self: EACCES; self: EACCES'
check "as its client" served 'self: EACCES; client: secret; self: EACCES' "$full"
check "clients in turn" served 'self: EACCES; client: secret; client: EACCES; client: secret; self: EACCES' \
	"$full" "$low" "$full"
check "no such key" served 'self: EACCES; refused: ENOKEY; self: EACCES' 2147483646
mkdir "$folder/other"
cp "$LIBGUISE" "$folder/other/libguise.so.0"
cp "$here/server.py" "$folder/other/"
chmod -R a+rX "$folder/other"
# a library with the address sanitizer wants the sanitizer first, and Python leaks
sanitizer=$(ldd "$LIBGUISE" | awk '/libasan/ { print $3 }')
preload=(env ${sanitizer:+LD_PRELOAD=$sanitizer ASAN_OPTIONS=detect_leaks=0})
if command -v c++ >/dev/null; then
	check "C++ compiles it" c++ -Wall -Wextra -Werror -I"${INCLUDE:?folder of guise.h}" \
		-o "$folder/other/server" "$here/server.cc" "$folder/other/libguise.so.0" \
		-Wl,-rpath,"$folder/other"
	check "in C++, with an exception" other 'secret; secret; thrown; EACCES' \
		"${preload[@]}" "$folder/other/server" "$folder/share/file" "$full"
else
	skip "a server in C++" "there is no compiler"
fi
python=$(PATH=/usr/bin:/usr/local/bin:$PATH command -v python3)
if [[ -n $python ]] && by_user "$server_uid" "$python" -c 'import ctypes' 2>/dev/null; then
	run_python=("${preload[@]}" "$python" "$folder/other/server.py" "$folder/other/libguise.so.0" "$folder/share/file")
	may="read: 0 0x1f01ff write: 0 0x1f01ff"
	check "in Python" other "S-1-22-1-$account_uid 2; acts; $may; 0 0; secret; 0 0; self: 0 EACCES 0x0" \
		"${run_python[@]}" "$full"
	check "in Python, identifying" \
		other "S-1-22-1-$account_uid 1; acts; $may; 0 0; 0 EACCES; self: 0 EACCES 0x0" \
		"${run_python[@]}" "$low"
else
	skip "a server in Python" "it has no python3 with ctypes to run"
fi
by_user "$account_uid" "$GUISE" token revoke "$full"
# nobody links the key any more: the kernel says that it was revoked until it has collected it
check "revoked" served 'self: EACCES; refused: E@(KEYREVOKED|NOKEY); self: EACCES' "$full"
share_stop share
finish
