#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# guise save and restore on a mount: ten thousand varied descriptors come back to the byte, who has
# few rights does not lock itself out, and nobody leads a restore out of its tree.  Needs $GUISEFS
# and $GUISE, and $VECTORS, the folder of recorded descriptors.
set -uo pipefail
# shellcheck source-path=SCRIPTDIR source=shell.sh
. "$(dirname "$(readlink -f "$0")")/shell.sh"

count=10000

# The descriptors that were recorded, in hexadecimal digits, one a line.
recorded()
{
	zcat "$VECTORS/ntacl.jsonl.gz" "$VECTORS/sddl.jsonl.gz" |
		sed -n 's/.*"sd": "\([0-9a-f]*\)".*/\1/p' | awk 'length($0) < 8000'
}

# A tree of $count files in folders of a hundred, and a list of their names.
tree_make()
{
	mkdir -p "$1" && (cd "$1" && seq 0 $((count / 100 - 1)) | sed 's/^/folder /' | tr '\n' '\0' | xargs -0 mkdir &&
		seq 0 $((count - 1)) | awk '{ print "folder " int($1 / 100) "/file " $1 }' | tr '\n' '\0' | xargs -0 touch)
}

# attributes_of TREE NAME: all values of that attribute below TREE, in bytes
attributes_of()
{
	(cd "$1" && getfattr -h -R -d -e hex -m "^$2\$" -n "$2" . 2>/dev/null)
}

# Gives each file of TREE the next of the recorded ones, as setfattr's own file has them.
vary()
{
	recorded >"$folder/.recorded" &&
		awk -v count="$count" '{ sds[n++] = $0 }
			END { for (i = 0; i < count; i++)
				printf "# file: folder %d/file %d\nsystem.ntfs_acl=0x%s\n\n", i / 100, i, sds[i % n] }' \
			"$folder/.recorded" >"$folder/.values" &&
		(cd "$1" && setfattr --restore="$folder/.values" 2>"$folder/.refused" ||
			[[ $(wc -l <"$folder/.refused") -lt $((count / 2)) ]])
}

# differ FILE: how many values are in it
differ()
{
	grep '^system' "$1" | sort -u | wc -l
}

round_trip()
{
	local tree=$folder/big/tree
	tree_make "$tree" && vary "$tree" &&
		attributes_of "$tree" system.ntfs_acl >"$folder/.before" &&
		(($(differ "$folder/.before") > 1000)) || return 1
	"$GUISE" save -R "$tree" >"$folder/saved" || return 1
	# what has a SACL gets another one; a mount cannot take one away
	grep -v '^[#~]' "$folder/saved" | awk -F'\t' '{ print $1 "\t" $2 "\t" ($3 ~ /S:[^-]/ ? "O:WDG:SYD:P(A;;FR;;;SY)S:" : "O:WDG:SYD:P(A;;FR;;;SY)") }' |
		sed '1i #guise-save 1\n#sacl yes' >"$folder/other" || return 1
	"$GUISE" restore --force --to "$tree" "$folder/other" >/dev/null 2>&1
	(($("$GUISE" save -R "$tree" | cut -f 3 | sort -u | wc -l) < 20)) || return 1
	"$GUISE" restore "$folder/saved" || return 1
	attributes_of "$tree" system.ntfs_acl | cmp - "$folder/.before"
}

saved_again_it_is_the_same()
{
	"$GUISE" save -R "$folder/big/tree" | cmp - "$folder/saved"
}

a_damaged_file_changes_nothing()
{
	local status=0
	head -c -200 "$folder/saved" >"$folder/cut"
	"$GUISE" set "$folder/big/tree/folder 0/file 0" 'D:(A;;FA;;;WD)' || return 1
	"$GUISE" restore "$folder/cut" || status=$?
	((status == 2)) &&
		"$GUISE" show --format sddl "$folder/big/tree/folder 0/file 0" | grep 'D:(A;;FA;;;WD)' &&
		"$GUISE" restore "$folder/saved" && "$GUISE" save -R "$folder/big/tree" | cmp - "$folder/saved"
}

# What each file stores behind the mount, as descriptors: in another order, then back.
on_the_backing_folder()
{
	local tree=$folder/.big/tree
	"$GUISE" save -R "$tree" >"$folder/behind" || return 1
	grep -v '^[#~]' "$folder/behind" | awk -F'\t' '$2 == "f" { print $1 "\t" $2 "\t" last } { last = $3 }' |
		sed '1i #guise-save 1\n#sacl yes' >"$folder/turned"
	"$GUISE" restore --force --to "$tree" "$folder/turned" 2>/dev/null
	(($("$GUISE" save -R "$tree" | diff "$folder/behind" - | grep -c '^>') > count / 2)) || return 1
	"$GUISE" restore "$folder/behind" || return 1
	"$GUISE" save -R "$tree" | cmp - "$folder/behind" &&
		attributes_of "$folder/big/tree" system.ntfs_acl | cmp - "$folder/.before"
}

sddl_of()
{
	getfattr --absolute-names --only-values -n system.guise.sddl "$1"
}

# --- with few rights ---

user()
{
	by_user "$account_uid" "$@"
}

# A user's tree; traverse=strict: without FILE_TRAVERSE nobody gets below.
tree_of_user()
{
	mkdir -p "$folder/strict/u" && chown "$account_uid:$account_uid" "$folder/strict/u" &&
		rm -rf "$folder/strict/u/d" && user mkdir "$folder/strict/u/d" &&
		user touch "$folder/strict/u/d/f"
}

# sid: that of the user
a_folder_that_is_closed_is_restored_last()
{
	local d=$folder/strict/u/d
	tree_of_user && user "$GUISE" set "$d/f" "D:P(A;;0x1e0080;;;$sid)" &&
		"$GUISE" set "$d" "D:P(A;;0x1e0080;;;$sid)" &&
		"$GUISE" save -R "$folder/strict/u" >"$folder/closed" &&
		! user stat "$d/f" &&
		"$GUISE" set "$d" "D:P(A;;FA;;;$sid)" && user "$GUISE" set "$d/f" "D:P(A;;FA;;;$sid)" &&
		sed -i "s/^#sacl yes/#sacl no/" "$folder/closed" &&
		{ user "$GUISE" restore --force - <"$folder/closed" || (($? == 3)); } &&
		! user stat "$d/f" &&
		[[ $(sddl_of "$d/f") == *"D:P(A;;0x1e0080;;;$sid)" ]]
}

a_folder_that_bars_the_way_is_restored_first()
{
	local d=$folder/strict/u/d
	tree_of_user && user "$GUISE" set "$d" "D:P(A;;FA;;;$sid)" &&
		user "$GUISE" set "$d/f" "D:P(A;;FA;;;$sid)" &&
		user "$GUISE" save -R "$folder/strict/u" >"$folder/open" &&
		grep '^#sacl no' "$folder/open" &&
		user "$GUISE" set "$d/f" "D:P(A;;0x1e0080;;;$sid)" &&
		user "$GUISE" set "$d" "D:P(A;;0x1e0080;;;$sid)" && ! user stat "$d/f" &&
		user "$GUISE" restore - <"$folder/open" &&
		[[ $(sddl_of "$d/f") == *"D:P(A;;FA;;;$sid)" ]]
}

without_the_privilege_sacls_stay()
{
	local d=$folder/strict/u/d status=0
	tree_of_user && "$GUISE" set "$d" 'S:(AU;SA;FA;;;WD)' || return 1
	user "$GUISE" save -R "$folder/strict/u" 2>"$folder/said" | grep '^#sacl no' >/dev/null &&
		grep 'SACLs are not saved: to read them takes SeSecurityPrivilege' "$folder/said" || return 1
	user "$GUISE" save -R "$folder/strict/u" >"$folder/without" 2>/dev/null
	"$GUISE" restore "$folder/without" && [[ $(sddl_of "$d") == *'S:(AU;SA;FA;;;WD)' ]]
}

# A SACL that was not there becomes an empty one, which audits nothing either.
an_added_sacl_becomes_empty()
{
	local f=$folder/big/sacl
	touch "$f" && "$GUISE" set "$f" 'D:P(A;;FA;;;WD)' && "$GUISE" save "$f" >"$folder/nosacl" &&
		"$GUISE" set "$f" 'S:(AU;SA;FA;;;WD)' && "$GUISE" restore "$folder/nosacl" &&
		[[ $(sddl_of "$f") == *'S:' ]] && "$GUISE" restore -n "$folder/nosacl"
}

# --- others at work meanwhile ---

# Somebody puts a link to a folder elsewhere in the place of one in the tree, again and again.
nobody_leads_it_elsewhere()
{
	local tree=$folder/big/race pid i before
	mkdir -p "$tree/d" "$folder/big/elsewhere" && touch "$tree/d/f" "$folder/big/elsewhere/f" &&
		"$GUISE" set -R "$tree" 'D:P(A;;FA;;;WD)' && "$GUISE" save -R "$tree" >"$folder/race" &&
		"$GUISE" set "$folder/big/elsewhere" "$folder/big/elsewhere/f" 'D:P(A;;FA;;;SY)' || return 1
	before=$(attributes_of "$folder/big/elsewhere" system.ntfs_acl)
	(
		while :; do
			mv -T "$tree/d" "$tree/away" && ln -s ../elsewhere "$tree/d" && sleep 0.02 && rm "$tree/d" &&
				mv -T "$tree/away" "$tree/d"
		done
	) 2>/dev/null &
	pid=$!
	for i in {1..40}; do
		"$GUISE" set -R --continue "$tree" 'D:P(A;;FR;;;WD)' 2>/dev/null
		"$GUISE" restore --continue "$folder/race" 2>/dev/null
	done
	kill "$pid"
	wait "$pid" 2>/dev/null
	: "$i"
	[[ $(attributes_of "$folder/big/elsewhere" system.ntfs_acl) == "$before" ]]
}

begin
account_add
VECTORS=$(readlink -f -- "${VECTORS:?the folder of recorded descriptors}")
command -v getfattr setfattr >/dev/null || give_up "needs getfattr and setfattr"
sid=S-1-22-1-$account_uid
share_start big
share_start strict traverse=strict
check "ten thousand varied descriptors come back to the byte" round_trip
check "saved again they are the same file" saved_again_it_is_the_same
check "a damaged file changes nothing" a_damaged_file_changes_nothing
check "a SACL that was added becomes empty" an_added_sacl_becomes_empty
check "on the backing folder they come back in any order" on_the_backing_folder
check "a folder that is closed is restored after what is in it" a_folder_that_is_closed_is_restored_last
check "a folder that bars the way is restored before what is in it" a_folder_that_bars_the_way_is_restored_first
check "without the privilege SACLs are neither saved nor taken away" without_the_privilege_sacls_stay
check "nobody leads a restore out of its tree" nobody_leads_it_elsewhere
finish
