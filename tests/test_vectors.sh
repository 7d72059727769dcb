#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The vector driver: what it says of files that are not as they should be.
set -u
vectors=$(realpath "$1")
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/tools/lib.sh"
begin

# an empty DACL for whoever asks, and the owner's rights
sd=010004801c000000000000000000000014000000020008000000000001010000000000010000000000000000
token='{"user":["S-1-5-7","enabled"],"groups":[],"privileges":[],"restricted":[],
	"user_claims":[],"device_claims":[],"device_groups":[]}'
token=${token//[$'\n\t']/}

# Prints an access case with these fields in place of the right ones.
access_case()
{
	local sd=${sd_field-\"$sd\"} desired=${desired_field-\"0x1\"} token=${token_field-$token}
	printf '{"id":"a-1","sd":%s,"token":%s,"backup_intent":false,"desired":%s,%s' "$sd" \
		"$token" "$desired" '"status":"access_denied","granted":null,"single_bits":"0x0"}'
}

access_case >"$folder/access.jsonl"
run "$vectors" "$folder/access.jsonl"
expect "a right case passes" 0 "1 passed, 0 failed"
gzip -k "$folder/access.jsonl"
run "$vectors" "$folder/access.jsonl.gz"
expect "a compressed file is read" 0 "1 passed, 0 failed"
cp "$folder/access.jsonl" "$folder/cases"
run "$vectors" --kind access "$folder/cases" "$folder/access.jsonl.gz"
expect "a kind can be given" 0 "2 passed, 0 failed"
run "$vectors" "$folder/cases"
expect "without one the name must tell it" 1 "" "vectors: cases: unknown kind; known are:*access*"
run "$vectors" --kind acces "$folder/cases"
expect "an unknown kind is refused" 1 "" "vectors: acces: unknown kind; known are:* inherit *"
run "$vectors" --kind
expect "a kind without a name is a usage error" 1 "" "usage: *"
run "$vectors" "$folder/access.none"
expect "a file that is not there is named" 1 "" "vectors: *access.none: cannot be read: *"

{
	access_case
	echo
	echo
	echo '{"id":'
	echo '[]'
	printf '{"id":"a-2"}\0{}\n'
	sd_field=5 access_case
	echo
	sd_field='"0100"' access_case
	echo
	desired_field='"1"' access_case
	echo
	token_field='{"user":["S-1-5-7","on"]}' access_case
	echo
	token_field='[]' access_case
	echo
	access_case | sed 's/"0x0"/"0x1"/'
} >"$folder/access.jsonl"
run "$vectors" "$folder/access.jsonl"
expect "each malformed line fails, with its number" 1 "access.jsonl:3 * JSON *
access.jsonl:4 * line expected a JSON object *
access.jsonl:5 * JSON *
access.jsonl:6 a-1 sd expected a descriptor got 5
access.jsonl:7 a-1 sd expected a descriptor got \"0100\"
access.jsonl:8 a-1 desired expected a mask got \"1\"
access.jsonl:9 a-1 token.user expected *
access.jsonl:10 a-1 token.user expected *
access.jsonl:11 a-1 single_bits expected 0x1 got 0x0
1 passed, 9 failed"

for kind in inherit sddl ntacl; do
	echo '{"id":"k","kind":"wild"}' >"$folder/lines"
	run "$vectors" --kind "$kind" "$folder/lines"
	expect "an unknown kind of line fails in $kind" 1 "lines:1 k kind expected *
0 passed, 1 failed"
done
echo '{"op":"fly"}' >"$folder/fs.jsonl"
run "$vectors" "$folder/fs.jsonl"
expect "an unknown operation fails" 1 "fs.jsonl:1  op expected an operation got fly
0 passed, 1 failed"
echo '{"id":"s","kind":"valid","sddl":"D:"}' >"$folder/sddl.jsonl"
run "$vectors" "$folder/sddl.jsonl"
expect "a missing field fails" 1 "sddl.jsonl:1 s sd expected a text got nothing
0 passed, 1 failed"
echo '{"D:":7}' >"$folder/oversize-acls.json"
run "$vectors" "$folder/oversize-acls.json"
expect "a recording of other than texts fails" 1 "oversize-acls.json:0 * texts *
0 passed, 1 failed"
echo '[0000] 04 00 04' >"$folder/xattr_NTACL.txt"
run "$vectors" "$folder/xattr_NTACL.txt"
expect "a dump of half an attribute fails" 1 "xattr_NTACL.txt:1 * blob expected to be read *
0 passed, 1 failed"
run env -u GUISE_VECTORS "$vectors" --recordings windows/canonical.txt
expect "recordings that are not there are skipped" 77 "GUISE_VECTORS *"
finish
