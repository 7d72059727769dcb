# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a transcript says: scenes of steps, and whether what came is what was written.

transcripts/README.md explains the format."""
import difflib
import re

PROMPT = re.compile(r"^(?:([a-z][a-z0-9-]*)\$|([$#])) (.*)$")
MORE = re.compile(r"^> ?(.*)$")
EXIT = re.compile(r"^\[exit ([0-9]+)\]$")
SPECIAL = re.compile(r"[$#>] |[a-z][a-z0-9-]*\$ |\[exit [0-9]+\]$|\.\.\.$|\\|%|.*\[\*\]")
SHAPE = re.compile(r"[0-9A-Za-z]+|[^0-9A-Za-z]")
WHERE = ("mount", "folder", "nowhere")
YOU = "alice"


class Fault(Exception):
    """A text that is no transcript, or a stage that cannot be set."""


class Step:
    """A command, who gives it, and what it prints; None: whatever it prints."""

    def __init__(self, user, command, line):
        self.user, self.command, self.line = user, command, line
        self.output = []
        self.status = 0


class Scene:
    """Steps that follow each other on one stage."""

    def __init__(self, name, where, options, line):
        self.name, self.where, self.options, self.line = name, where, options, line
        self.set_up, self.vary, self.steps = [], [], []
        self.reason = None  # why it is not run

    def read(self, lines, line, quiet=False):
        """Adds the steps of @lines; @quiet: they do not show what they print."""
        reading = False
        for number, text in enumerate(lines, line):
            prompt, more, end = PROMPT.match(text), MORE.match(text), EXIT.match(text)
            if prompt:
                user = prompt[1] or (YOU if prompt[2] == "$" else "root")
                self.steps.append(Step(user, prompt[3], number))
                reading = True
                if quiet:
                    self.steps[-1].output = None
                continue
            if not self.steps:
                if not text:
                    continue
                raise Fault(f"{self.name}:{number}: expected a prompt ('$ ', '# ', 'bob$ ')")
            step = self.steps[-1]
            if more and reading:
                step.command += "\n" + more[1]
                continue
            reading = False
            if end:
                step.status = int(end[1])
            elif step.output is None:
                raise Fault(f"{self.name}:{number}: no output is expected here")
            else:
                step.output.append(text)


def direct(scenes, name, words, line):
    """Takes a directive, the text after '%' or '.\\"'; False if it is none."""
    key, _, value = words.strip().partition(":")
    value = value.strip()
    if key == "run":
        where, _, options = value.partition(" ")
        if where not in WHERE:
            raise Fault(f"{name}:{line}: run: expected mount, folder or nowhere")
        scenes.append(Scene(name, where, options.strip(), line))
    elif key == "not run":
        if not value:
            raise Fault(f"{name}:{line}: not run: expected the reason")
        scenes.append(Scene(name, None, "", line))
        scenes[-1].reason = value
    elif key in ("set up", "vary"):
        if not scenes or not value:
            raise Fault(f"{name}:{line}: {key}: expected after run:, with a text")
        (scenes[-1].set_up if key == "set up" else scenes[-1].vary).append(value)
    else:
        return False
    return True


class Memory:
    """What the texts that vary stood for so far."""

    def __init__(self, vary):
        self.values = dict.fromkeys(sorted(vary, key=len, reverse=True))

    def _split(self, text):
        """@text in parts, each beside whether it is one that varies."""
        if not self.values:
            return [(text, False)]
        known = "|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in self.values)
        parts = re.split(f"({known})", text)
        return [(part, n % 2 == 1) for n, part in enumerate(parts) if part]

    def command(self, text):
        return "".join(self.values[part] or part if varies else part
                       for part, varies in self._split(text))

    def written(self, line):
        """How @line, which was printed, is written in a transcript."""
        for text, value in self.values.items():
            line = line.replace(value, text) if value else line
        return "\\" + line if SPECIAL.match(line) else line

    def _pattern(self, part, groups):
        if self.values[part] is not None:
            return re.escape(self.values[part])
        if part in groups:
            return f"(?P={groups[part]})"
        groups[part] = f"v{len(groups)}"
        shape = "".join("[0-9A-Za-z]+" if one.isalnum() else re.escape(one)
                        for one in SHAPE.findall(part))
        return f"(?P<{groups[part]}>{shape})"

    def _line(self, text, groups):
        if text == "...":
            return "(?:.*\n)*?"
        if text.startswith("\\"):
            return re.escape(text[1:]) + "\n"
        pieces, loose = [], False
        for plain in re.split(r"(\[\*\])", text):
            if plain == "[*]":
                pieces.append(".*")
                continue
            for part, varies in self._split(plain):
                loose |= varies
                pieces.append(self._pattern(part, groups) if varies else re.escape(part))
        pattern = "".join(pieces) + "\n"
        # a text of another length moves what is beside it
        return re.sub(r"(?:\\ )+", " +", pattern) if loose else pattern

    def matches(self, wanted, got):
        """Is @got, lines, what @wanted says?  Remembers what varies."""
        groups = {}
        pattern = "".join(self._line(text, groups) for text in wanted)
        match = re.fullmatch(pattern, "".join(text + "\n" for text in got))
        if match:
            for part, group in groups.items():
                self.values[part] = match[group]
        return bool(match)


def difference(step, output, status):
    """What was wanted beside what came, for people."""
    def whole(lines, end):
        return lines + ([f"[exit {end}]"] if end else [])
    wanted = ["..."] if step.output is None else step.output
    lines = difflib.unified_diff(whole(wanted, step.status), whole(output, status),
                                 "written", "printed", lineterm="", n=99)
    return "\n".join("  " + line for line in lines)
