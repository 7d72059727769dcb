#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# guise: help, version, usage errors and exit statuses.
set -u
shopt -s extglob
guise=$(realpath "$1")
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/lib.sh"
begin

run "$guise"
expect "no command is a usage error" 2 "" "guise: no command given (see guise --help)"
run "$guise" fly
expect "an unknown command is named" 2 "" "guise: fly: no such command (see guise --help)"
run "$guise" $'f\ely'
expect "control characters are escaped" 2 "" 'guise: f\\033ly: no such command *'
run "$guise" --version
expect "the version is printed" 0 "guise [0-9]*.[0-9]*"
run "$guise" --help
expect "--help lists the commands" 0 "usage: guise COMMAND*show*set*whoami*token*run*help*"
run "$guise" help
expect "help does the same" 0 "usage: guise COMMAND*show*set*whoami*token*run*help*"
run "$guise" help fly
expect "help of an unknown command" 2 "" "guise help: fly: no such command *"
run "$guise" help show set
expect "help of two commands" 2 "" "guise help: set: too many arguments *"

for command in show set whoami token run why help; do
	run "$guise" help "$command"
	expect "help $command explains it" 0 "usage: guise $command*"
	run "$guise" "$command" --help
	expect "$command --help explains it" 0 "usage: guise *"
done
for command in grant restrict issue list show revoke; do
	run "$guise" help token "$command"
	expect "help token $command explains it" 0 "usage: guise token $command*"
	run "$guise" token "$command" --help
	expect "token $command --help explains it" 0 "usage: guise token $command*"
done
run "$guise" help token fly
expect "help of an unknown subcommand" 2 "" "guise help: token fly: no such command *"

run "$guise" why
expect "why without arguments" 2 "" "guise why: expected USER, RIGHT or OPERATION, and PATH; or --id ID *"
run "$guise" why --id 'A B'
expect "why with what is no id" 2 "" "guise why: --id A B: expected an id *"
run "$guise" why --id 0-1 --audit "$folder/none"
expect "why with a missing file" 4 "" "guise why: $folder/none: No such file or directory"
: >"$folder/empty"
run "$guise" why --id 0-1 --audit "$folder/empty"
expect "why with an id that is not there" 4 "" "guise why: 0-1: no such record in the audit"
rm "$folder/empty"
mkfifo "$folder/fifo"
run timeout 10 "$guise" why --id 0-1 --audit "$folder/fifo"
expect "why with a fifo does not wait" 4 "" "guise why: $folder/fifo: not a regular file"
rm "$folder/fifo"

for command in check show reload; do
	run "$guise" help policy "$command"
	expect "help policy $command explains it" 0 "usage: guise policy $command*"
	run "$guise" policy "$command" --help
	expect "policy $command --help explains it" 0 "usage: guise policy $command*"
done
run "$guise" help policy fly
expect "help of an unknown subcommand of policy" 2 "" "guise help: policy fly: no such command *"
run "$guise" policy
expect "policy without a subcommand" 2 "" "guise policy: expected check, show or reload *"
run "$guise" policy fly
expect "an unknown subcommand of policy" 2 "" "guise policy: fly: expected check, show or reload *"
run "$guise" policy check a b
expect "check of two files" 2 "" "guise policy check: b: more than one FILE *"
run "$guise" policy check "$folder/none"
expect "check of a missing file" 4 "" "guise policy check: $folder/none: No such file or directory; expected *"
run "$guise" policy show a b
expect "show of two policies" 2 "" "guise policy show: b: more than one PATH *"
run "$guise" policy show "$folder"
expect "show outside of a mount" 4 "" "guise policy show: $folder: not on a guisefs mount"
run "$guise" policy reload x
expect "reload with an argument" 2 "" "guise policy reload: x: no argument is expected here *"

run "$guise" show
expect "show without a path" 2 "" "guise show: no PATH given (see guise show --help)"
run "$guise" show --colour x
expect "an unknown long option is named" 2 "" "guise show: --colour: no such option *"
run "$guise" show -qx /
expect "an unknown short option is named" 2 "" "guise show: -q: no such option *"
run "$guise" show --format
expect "an option without its value" 2 "" "guise show: option --format needs a value *"
run "$guise" show --format xml /
expect "an unknown format" 2 "" "guise show: --format xml: expected text, sddl, json or raw *"
run "$guise" show "$folder/none"
expect "a missing file" 4 "" "guise show: $folder/none: No such file or directory"
run "$guise" show "$folder/none" "$folder/none2"
expect "several missing files" 3 "" "guise show: $folder/none: *guise show: $folder/none2: *"
run sh -c "'$guise' help >/dev/full"
expect "a full standard output is an error" 4 "" "guise help: standard output: No space left*"

run "$guise" set
expect "set without arguments" 2 "" "guise set: expected one PATH and one SDDL text *"
run "$guise" set a b c
expect "the last argument of set is SDDL" 2 "" 'guise set: SDDL: at offset 0 (near "c"): expected *'
run "$guise" set "$folder" "O:SYG:SYD:(A;;FA;;;XYZ)"
expect "bad SDDL is pointed at" 2 "" 'guise set: SDDL: at offset [0-9]* (near "XYZ)"): expected *'
run "$guise" set "$folder" "O:"
expect "SDDL that ends too soon" 2 "" "guise set: SDDL: at offset 2 (at the end): expected *"
run "$guise" set "$folder" ""
expect "SDDL without parts" 2 "" "guise set: SDDL: *expected *"
run "$guise" set "$folder" "D:(A;;FA;;;DA)"
expect "an alias of a domain is refused" 2 "" "guise set: SDDL: at offset * expected *"
run "$guise" set "$folder" $'O:\e[31m'
expect "bad SDDL is escaped" 2 "" 'guise set: SDDL: at offset 2 (near "\\033\[31m"): *'
run "$guise" set "$folder/none" "D:(A;;FA;;;WD)"
expect "set on a missing file" 4 "" "guise set: $folder/none: No such file or directory"
run "$guise" whoami a b
expect "whoami with two paths" 2 "" "guise whoami: b: more than one PATH *"
run "$guise" whoami --format xml
expect "whoami with an unknown format" 2 "" "guise whoami: --format xml: expected text or raw *"
run "$guise" whoami "$folder"
expect "whoami outside of a mount" 4 "" "guise whoami: $folder: not on a guisefs mount"
run "$guise" whoami "$folder/none"
expect "whoami of a missing file" 4 "" "guise whoami: $folder/none: No such file or directory"
if grep -q ' - fuse\.guisefs ' /proc/self/mountinfo; then
	skip "whoami without a mount" "there is a guisefs mount"
else
	cd "$folder" || exit
	run "$guise" whoami
	expect "whoami without a mount" 4 "" "guise whoami: no guisefs mount can be reached"
	cd / || exit
fi

run "$guise" run
expect "run without a token" 125 "" "guise run: option --token is missing *"
run "$guise" run --token 5
expect "run without a command" 125 "" "guise run: no COMMAND given *"
run "$guise" run --token 5x true
expect "run with a bad serial" 125 "" "guise run: 5x: not a serial: *"
run "$guise" run --fast true
expect "run with an unknown option" 125 "" "guise run: --fast: no such option *"
run "$guise" run --token 2147483647 -- true --help
expect "run with an unknown key" 125 "" "guise run: 2147483647: there is no such token key"
finish
