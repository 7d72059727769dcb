#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Usage: test_completion.py GUISE TOOLS

The table of commands against its help, its manual pages (TOOLS/man) and the completions of
bash and zsh (TOOLS/completion), in shells on terminals of their own: every command, every
long option of it, and the arguments that have names of their own."""
import itertools
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

PATIENCE = 60 * float(os.environ.get("CK_TIMEOUT_MULTIPLIER") or 1)

# M-* puts in all that the shell knows, ^T writes the line to a file
BASH_START = r"""
PS1=
PATH={bin}:$PATH
. {folder}/guise.bash
bind 'set bell-style none'
bind 'set enable-bracketed-paste off'
bind '"\C-o": insert-completions'
tell() {{ printf '%s' "$READLINE_LINE" >{work}/said.new; mv {work}/said.new {work}/said; READLINE_LINE=; }}
bind -x '"\C-t": tell'
touch {work}/ready
"""
ZSH_START = r"""
PS1=
PATH={bin}:$PATH
fpath=({folder} $fpath)
autoload -Uz compinit && compinit -u -D
zstyle ':completion:*' completer _all_matches _complete
zstyle ':completion:*:all-matches:*' old-matches no
zstyle ':completion:*:all-matches:*' insert yes
zstyle ':completion:*' insert-tab no
bindkey -e
bindkey '^O' complete-word
tell() {{ print -rn -- "$BUFFER" >{work}/said.new; mv {work}/said.new {work}/said; BUFFER=; }}
zle -N tell
bindkey '^T' tell
touch {work}/ready
"""


class Terminal:
    """A shell on a terminal."""

    def __init__(self, command, start, work, folder):
        self.work = work
        self.key = "\t" if command[0] == "bash" else "\x0f"  # completes one
        path = os.path.join(work, "start")
        with open(path, "w", encoding="utf-8") as file:
            file.write(start.format(work=work, folder=folder, bin=os.path.join(work, "bin")))
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(os.path.join(work, "here"))
            os.environ.update(TERM="dumb", LC_ALL="C.UTF-8", HOME=work, ZDOTDIR=work)
            os.environ.pop("COMP_WORDBREAKS", None)
            os.execvp(command[0], command)
        self.send(f". {path}\n")
        self.wait("ready")

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait(self, name):
        """Until the shell has made this file; what it prints is nobody's concern."""
        path, end = os.path.join(self.work, name), time.monotonic() + PATIENCE
        while not os.path.exists(path):
            if time.monotonic() > end:
                raise TimeoutError(name)
            if select.select([self.fd], [], [], 0.02)[0]:
                os.read(self.fd, 65536)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        os.unlink(path)
        return text

    def complete(self, line):
        """What @line becomes with all completions of its last word put in."""
        self.send(line + "\x0f\x14")
        return self.wait("said")

    def end(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


class Test:
    def __init__(self, guise):
        self.guise = guise
        self.passed = self.failed = self.skipped = 0

    def check(self, name, good, said):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {name}\n  {said!r}")

    def skip(self, name, why):
        self.skipped += 1
        print(f"skipped: {name}: {why}")

    def run(self, *arguments):
        return subprocess.run([self.guise, *arguments], stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, check=False)

    def known(self, *words):
        """What guise itself says may stand in place of the last word."""
        return [line[1:].split("\t")[0]
                for line in self.run("help", "--complete", *words).stdout.splitlines()
                if line.startswith("=")]

    def commands(self):
        """All commands, as lists of words, families and their members."""
        for name in self.known(""):
            if not name.startswith("-"):
                yield [name]
                yield from ([name, member] for member in self.known("help", name, ""))


def words_of(line):
    """The words of a line; what is quoted stays so."""
    return re.findall(r"(?:\\.|'[^']*'|[^\s])+", line)


def overview(test):
    """The table against the overview, and each command's help."""
    text = test.run("help").stdout
    test.check("every command is in a group of the overview", "Other:" not in text, text)
    for topic in ("principals", "rights", "entries"):
        said = test.run("help", topic)
        test.check(f"help explains {topic}", said.returncode == 0 and len(said.stdout) > 200 and
                   re.search(rf"^  {topic} +\S", text, re.M), said)
    for words in test.commands():
        said = test.run(*words, "--help")
        test.check(f"{' '.join(words)} --help explains it", said.returncode == 0 and
                   said.stdout.startswith(f"usage: guise {' '.join(words)}"), said)
        if len(words) == 1:
            test.check(f"the overview has {words[0]}",
                       re.search(rf"^  {words[0]} +\S", text, re.M), text)
        options = test.known(*words, "--")
        test.check(f"the options of {' '.join(words)} are known", "--help" in options, options)
        missing = [one for one in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", said.stdout))
                   if one not in options and words != ["help"]]
        test.check(f"what the help of {' '.join(words)} names there is", not missing, missing)


def topics(test):
    """What guise help says of entries is what guise add takes."""
    def taken(entry):
        done = subprocess.run([test.guise, "add", "--folder", "-", entry], input="O:SYG:SYD:\n",
                              text=True, capture_output=True, check=False)
        test.check(f"guise add takes {entry}", done.returncode == 0, done)

    rights = test.run("help", "rights").stdout
    names = re.findall(r"^  ([A-Z]+)\b", rights, re.M) + re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", rights)
    names += re.findall(r"0x[0-9a-f]+|\bF[ARWX]\b", rights) + ["DELETE"]
    test.check("guise help rights has all letters", len(names) > 30, names)
    for name in names:
        taken(f"Everyone:{name}")
    for name in test.known("add", "plan", "Everyone:"):
        taken(name if not name.endswith(")") else name + "R")
    for flag in re.findall(r"\([A-Z]{2}\)", test.run("help", "entries").stdout):
        taken(f"Everyone:(OI){flag}R")
    principals = test.run("help", "principals").stdout
    for name in re.findall(r"uid:\d+|gid:\d+|\bEveryone\b|Owner Rights|Authenticated Users|"
                           r"Creator Owner|\bWD\b|S-1-[-0-9]+", principals):
        taken(f"{name}:R")
    for name in test.known("owner", "plan", ""):
        if name[0].isupper():
            taken(f"{name}:R")


def manual(test, folder):
    """Each command in guise(1), and its page with all of its options that guise(1) has not."""
    with open(os.path.join(folder, "guise.1"), encoding="utf-8") as file:
        whole = file.read()
    for words in test.commands():
        name = " ".join(words)
        if len(words) == 1:
            test.check(f"guise(1) has {name}", f"\n.It Cm {name}\n" in whole, name)
        if words == ["help"]:
            continue
        path = os.path.join(folder, f"guise-{words[0]}.1")
        test.check(f"{name} has a page", os.path.exists(path), path)
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            page = file.read().replace("\\-", "-")
        missing = [one for one in test.known(*words, "--") if one != "--help" and
                   f"Fl {one[1:]}" not in page and f"Fl {one[1:]}" not in whole]
        test.check(f"the page of {name} has its options", not missing, missing)


def shell(test, name, terminal):
    """What a shell makes of it."""
    for words in test.commands():
        if len(words) == 1:
            got = words_of(terminal.complete(f"guise {words[0]}"))
            test.check(f"{name} completes {words[0]}", words[0] in got[1:], got)
        line = f"guise {' '.join(words)} --"
        got, options = words_of(terminal.complete(line)), test.known(*words, "--")
        test.check(f"{name} completes the options of {' '.join(words)}",
                   set(options) <= set(got), (options, got))
    for line, wanted in (
            ("guise ", {"show", "set", "help", "--version"}),
            ("guise token ", {"grant", "revoke"}),
            ("guise help token re", {"restrict", "revoke"}),
            ("guise help e", {"entries"}),
            ("guise show --format s", {"sddl"}),
            ("guise whoami --format ", {"raw", "text"}),
            ("guise inherit ", {"on", "copy", "off"}),
            ("guise inherit on p", {"plan", "prose"}),
            ("guise show plan pr", {"prose"}),
            ("guise token grant --for roo", {"root"}),
            ("guise token grant --for root --level i", {"identify", "impersonate"}),
            ("guise run --token 5 tru", {"true", "truncate"})):
        got = words_of(terminal.complete(line))
        test.check(f"{name}: {line}", wanted <= set(got), got)
    got = words_of(terminal.complete("guise show --format "))
    test.check(f"{name} does not offer another command's formats", "xml" not in got and
               "read" not in got, got)


def entries(test, name, terminal):
    """Principals and rights, where a command takes entries."""
    if ["add"] not in list(test.commands()):
        return
    for line, wanted in (
            ("guise add plan roo", {"root:"}),
            ("guise add plan 'roo", {"'root:"}),
            ("guise add plan root:R", {"root:RX", "RX"}),
            ("guise why root open-r", {"open-read"}),
            ("guise restore --to pl", {"plan"}),
            ("guise owner plan Everyo", {"Everyone"})):
        got = words_of(terminal.complete(line))
        test.check(f"{name}: {line}", any(one in got or one.strip("'") in got or
                   f"{one}'" in got for one in wanted), got)


# Names that directories and filesystems allow, and what a shell makes of them if it may.
HOSTILE = ["zz$(touch${IFS}ran)", "zy`touch${IFS}ran`", "zx\";touch${IFS}ran;\"",
           "zw';touch${IFS}ran;'", "zv;touch${IFS}ran", "zu\\\";touch${IFS}ran;\"", "zt!!x"]
# a guise that offers them, and tells what it is run with
PRETENDER = r"""#!/bin/sh
words() { while IFS= read -r one; do case $one in "$word"*) printf '=%s\n' "$one" ;; esac; done <"$0.names"; }
case "$1 $2" in
"help --complete") ;;
"token list") printf 'SERIAL\n'; cat "$0.names"; exit ;;
*) printf '%s\n' "$@" >"$0.args.new"; mv "$0.args.new" "${0%/bin/*}/args"; exit ;;
esac
for word; do :; done
case $3 in
serial) echo :serial ;;
path) echo :path ;;
mixed) echo :path; words ;;
*) words ;;
esac
"""


def hostile(test, name, terminal):
    """What is put in is one word, the name that was offered, and nothing is run of it."""
    program, here = os.path.join(terminal.work, "bin", "guise"), os.path.join(terminal.work, "here")
    os.unlink(program)
    with open(program, "w", encoding="utf-8") as file:
        file.write(PRETENDER)
    os.chmod(program, 0o755)
    with open(program + ".names", "w", encoding="utf-8") as file:
        file.write("".join(word + "\n" for word in HOSTILE))
    for word in HOSTILE:
        with open(os.path.join(here, word), "w", encoding="utf-8"):
            pass
    terminal.complete("guise word z")
    kinds = ["word", "path", "serial"] + (["mixed"] if name == "bash" else [])
    for kind, mark, word in itertools.product(kinds, ["", '"', "'"], HOSTILE):
        # which zsh itself does not close
        if (name, kind, mark) == ("zsh", "path", "'") and word.endswith("'"):
            continue
        terminal.send(f"guise {kind} {mark}{word[:2]}{terminal.key}\n")
        try:
            got = terminal.wait("args")
        except TimeoutError:
            test.check(f"{name}: {kind} {mark}{word}: a line comes of it", False, None)
            return
        terminal.complete("guise")
        ran = os.path.exists(os.path.join(here, "ran"))
        test.check(f"{name}: {kind} {mark}{word}: nothing is run", not ran, got)
        test.check(f"{name}: {kind} {mark}{word}: it is put in", got == f"{kind}\n{word}\n", got)
        if ran:
            os.unlink(os.path.join(here, "ran"))


def main(guise, tools):
    test = Test(os.path.realpath(guise))
    folder = os.path.join(os.path.realpath(tools), "completion")
    overview(test)
    topics(test)
    manual(test, os.path.join(tools, "man"))
    with tempfile.TemporaryDirectory(prefix="guisefs-test.", dir="/tmp") as work:
        os.makedirs(f"{work}/bin")
        os.makedirs(f"{work}/here")
        for name in ("plan", "prose"):
            with open(f"{work}/here/{name}", "w", encoding="utf-8"):
                pass
        os.symlink(test.guise, f"{work}/bin/guise")
        for name, command, start in (
                ("bash", ["bash", "--norc", "--noprofile", "-i"], BASH_START),
                ("zsh", ["zsh", "-f", "-i"], ZSH_START)):
            if not shutil.which(name):
                test.skip(f"completions of {name}", "it is not installed")
                continue
            terminal = Terminal(command, start, work, folder)
            try:
                shell(test, name, terminal)
                entries(test, name, terminal)
                hostile(test, name, terminal)
            except (TimeoutError, OSError) as error:
                test.check(f"{name} answers", False, repr(error))
            finally:
                terminal.end()
            if os.path.exists(f"{work}/bin/guise.names"):
                os.unlink(f"{work}/bin/guise")
                os.symlink(test.guise, f"{work}/bin/guise")
                for word in HOSTILE:
                    os.unlink(f"{work}/here/{word}")
    print(f"{test.passed} passed, {test.failed} failed, {test.skipped} skipped")
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
