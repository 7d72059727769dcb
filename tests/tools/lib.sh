# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# A harness for transcript tests: run a command, compare its exit status and
# what it printed with patterns of the shell, count.  Source it, then call
# begin and finish.
#
#   run COMMAND...              runs it; sets $status, $out and $err
#   expect NAME STATUS [OUT [ERR]]
#                               the last run gave this status, and printed what
#                               the patterns match (empty: nothing)
#   skip NAME WHY               counts a case that cannot be tested here
# shellcheck disable=SC2034

passed=0
failed=0
skipped=0
status=0
out=
err=

begin()
{
	folder=$(mktemp -d)
	trap 'rm -rf "$folder"' EXIT
	export LC_ALL=C
}

run()
{
	status=0
	"$@" >"$folder/.out" 2>"$folder/.err" </dev/null || status=$?
	out=$(cat "$folder/.out")
	err=$(cat "$folder/.err")
}

complain()
{
	printf 'FAILED %s\n  status %s, wanted %s\n  stdout: %s\n  wanted: %s\n' "$1" "$status" "$2" \
		"$out" "${3-}"
	printf '  stderr: %s\n  wanted: %s\n' "$err" "${4-}"
}

expect()
{
	# shellcheck disable=SC2053
	if [[ $status == "$2" && $out == ${3-} && $err == ${4-} ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		complain "$@"
	fi
}

skip()
{
	skipped=$((skipped + 1))
	printf 'skipped %s: %s\n' "$1" "$2"
}

finish()
{
	printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
	[[ $failed == 0 ]]
	exit
}
