#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The runner of transcripts: what it lets pass, and what it does not.
set -u
guise=$(realpath "$1")
guisefs=$(realpath "$2")
runner=$(realpath "$(dirname "$0")/transcript.py")
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/lib.sh"
begin

# play NAME: runs the file of that name, which is standard input
play()
{
	cat >"$folder/$1"
	run "$runner" "$guise" "$guisefs" "$folder/$1"
}
good="1 passed, 0 failed, 0 skipped"
bad="*
0 passed, 1 failed, 0 skipped"

play a.transcript <<<'$ true'
expect "a transcript says where it runs" 1 "FAILED a.transcript*expected 'run: *$bad"
play a.transcript <<<$'% run: somewhere\n$ true'
expect "and it says it right" 1 "FAILED a.transcript*run: expected mount, *$bad"
play a.transcript <<<$'% run: nowhere\ntext'
expect "no output without a command" 1 "FAILED*a.transcript:2: expected a prompt *$bad"
play a.transcript <<<$'% run: nowhere'
expect "no scene without a command" 1 "FAILED*a.transcript:1: no command follows*$bad"
play a.transcript <<<$'% not run:\n$ true'
expect "what is not run has a reason" 1 "FAILED*not run: expected the reason*$bad"
play a.transcript <<<$'% not run: no time\n$ false'
expect "what is not run is no failure" 0 "not run: a.transcript:1: no time*"
play a.1 <<<$'.Sh DESCRIPTION\n.Dl $ true'
expect "a page needs an example" 1 "FAILED a.1*no example; *$bad"
play a.1 <<<$'.Sh EXAMPLES\n.Dl $ true'
expect "that says where it runs" 1 "FAILED a.1*expected 'run: *$bad"

if [[ $(id -u) != 0 ]] || ! unshare --mount true 2>/dev/null; then
	skip "running scenes" "needs root and mount namespaces"
	finish
fi
play a.transcript <<'END'
% run: nowhere
$ printf 'a\nb\n\n'
a
b
$ id -un
alice
carol$ id -Gn
carol
# echo \
> '$ x'
\$ x
# seq 9
1
...
9
# sh -c 'echo one-$$; exit 3'
one-[*]
[exit 3]
END
expect "what is written is printed" 0 "$good"
play a.transcript <<<$'% run: nowhere\n$ echo a\nb'
expect "another output differs" 1 "FAILED*a.transcript:2: alice: echo a*-b*+a*$bad"
play a.transcript <<<$'% run: nowhere\n$ echo a'
expect "an output that is not written differs" 1 "FAILED*+a*$bad"
play a.transcript <<<$'% run: nowhere\n$ true\na'
expect "a missing output differs" 1 "FAILED*-a*$bad"
play a.transcript <<<$'% run: nowhere\n$ false'
expect "a status that is not written differs" 1 "FAILED*+?exit 1]*$bad"
play a.transcript <<<$'% run: nowhere\n$ true\n[exit 1]'
expect "a status that does not come differs" 1 "FAILED*-?exit 1]*$bad"
play a.transcript <<<$'% run: nowhere\n$ echo abc\n[*]b'
expect "[*] goes no further than what follows it" 1 "FAILED*$bad"
play a.transcript <<<$'% run: nowhere\n$ echo abc\na*'
expect "a * is a *" 1 "FAILED*$bad"
play a.transcript <<<$'% run: nowhere\neve$ true'
expect "only the cast can act" 1 "FAILED*eve: nobody of that name*$bad"
play a.transcript <<<$'% run: nowhere\n% set up: false\n$ true'
expect "setting up must succeed" 1 "FAILED*set up: false: status 1*$bad"
play a.transcript <<<$'% run: nowhere\n$ exit'
expect "a shell goes on to the end" 1 "FAILED*exit: the shell ended*$bad"
play a.transcript <<'END'
% run: nowhere
% vary: 123-x
# echo "$RANDOM-y  b" | tee n
123-x b
# test 123-x = "$(cut -d' ' -f1 n)"
# cut -d' ' -f1 n
123-x
END
expect "what varies stays what it was" 0 "$good"
play a.transcript <<<$'% run: nowhere\n% vary: 123\n# echo 77\n123\n# echo 78\n123'
expect "and is nothing else afterwards" 1 "FAILED*a.transcript:5:*$bad"
play a.transcript <<<$'% run: nowhere\n% vary: 123-4\n# echo 77\n123-4'
expect "it keeps its shape" 1 "FAILED*$bad"
play a.1 <<'END'
.Sh EXAMPLES
.\" run: nowhere
.Bd -literal
$ echo \(aqa  b\(aq \-c
a  b \-c
.Ed
.Dl # echo unseen
END
expect "the examples of a page are run" 0 "$good"
play a.1 <<<$'.Sh EXAMPLES\n.\\" run: nowhere\n.Dl $ false'
expect "a command without its output must succeed" 1 "FAILED*$bad"
play a.md <<<$'<!-- run: nowhere -->\n```console\n$ echo a\nb\n```\n```sh\n$ echo c\nd\n```'
expect "console blocks of Markdown are run" 1 "FAILED*a.md:3*$bad"
run "$runner" "$guise" "$guisefs" "$folder/none.md"
expect "a missing file fails" 1 "FAILED none.md*$bad"
here=$(readlink /proc/self/ns/mnt)
play a.transcript <<<$'% run: nowhere\n$ readlink /proc/self/ns/mnt\n'"$here"
expect "a scene has a mount namespace of its own" 1 "FAILED*$bad"
play a.transcript <<<$'% run: folder\n# touch f /etc/guisefs-test-was-here'
run test -e /etc/guisefs-test-was-here
expect "nothing is left of it" 1
finish
