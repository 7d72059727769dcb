#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A server that links libguise.so acts for a client with the client's consent.
# Needs $GUISEFS, $GUISE and $SERVER.
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

links_the_library()
{
	readelf -d "$SERVER" | grep -q 'NEEDED.*\[libguise\.so\.0\]'
}

begin
SERVER=$(readlink -f -- "${SERVER:?the program server}")
account_add
share_start share
printf secret >"$folder/share/file"
"$GUISE" set "$folder/share/file" "D:P(A;;FA;;;S-1-22-1-$account_uid)" || exit 1
full=$(grant impersonate)
low=$(grant identify)
check "the shared library" links_the_library
check "itself" served 'self: EACCES; self: EACCES'
check "as its client" served 'self: EACCES; client: secret; self: EACCES' "$full"
check "clients in turn" served 'self: EACCES; client: secret; client: EACCES; client: secret; self: EACCES' \
	"$full" "$low" "$full"
check "no such key" served 'self: EACCES; refused: ENOKEY; self: EACCES' 2147483646
by_user "$account_uid" "$GUISE" token revoke "$full"
# nobody links the key any more: the kernel says that it was revoked until it has collected it
check "revoked" served 'self: EACCES; refused: E@(KEYREVOKED|NOKEY); self: EACCES' "$full"
share_stop share
finish
