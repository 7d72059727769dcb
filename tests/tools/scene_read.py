# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads scenes from transcripts, manual pages (mdoc) and Markdown."""
import re

from scene import Fault, direct

ESCAPES = {r"\-": "-", r"\e": "\\", r"\(aq": "'", r"\(dq": '"', r"\(rs": "\\", r"\(ti": "~",
           r"\(ha": "^", r"\(ga": "`", r"\&": "", r"\ ": " "}
ESCAPE = re.compile(r"\\(?:\(..|.)")
SECTION = re.compile(r'^\.S[hH] +"?([A-Z ]+)')
COMMENT = re.compile(r'^[.\']\\" ?(.*)$')
BEGIN = re.compile(r"^\.(?:Bd\b.*|EX|nf)$")
END = re.compile(r"^\.(?:Ed|EE|fi)$")
NOTE = re.compile(r"^<!-- *(.*?) *-->$")


class Blocks:
    """Gathers lines, and gives them to the scene at hand."""

    def __init__(self, name):
        self.name, self.scenes = name, []
        self.lines, self.line = [], 0

    def add(self, text, line):
        if not self.lines:
            self.line = line
        self.lines.append(text)

    def flush(self, quiet=False):
        lines, self.lines = self.lines, []
        if not any(lines):
            return
        if not self.scenes:
            raise Fault(f"{self.name}:{self.line}: expected 'run: ...' or 'not run: ...' first")
        if not self.scenes[-1].reason:
            self.scenes[-1].read(lines, self.line, quiet)

    def direct(self, words, line):
        self.flush()
        return direct(self.scenes, self.name, words, line)


def read_transcript(name, lines):
    blocks = Blocks(name)
    for line, text in enumerate(lines, 1):
        if text.startswith("%"):
            blocks.direct(text[1:], line)
        else:
            blocks.add(text, line)
    blocks.flush()
    return blocks.scenes


def plain(text):
    """What a line of a manual page looks like when it is read."""
    return ESCAPE.sub(lambda match: ESCAPES.get(match[0], match[0]), text)


def read_manual(name, lines):
    """The examples of a page: displays with what is printed, and .Dl lines without."""
    blocks, examples, inside = Blocks(name), False, False
    for line, text in enumerate(lines, 1):
        section = SECTION.match(text)
        if section:
            examples = section[1].strip() == "EXAMPLES"
        elif not examples:
            continue
        elif inside and END.match(text):
            inside = False
            blocks.flush()
        elif COMMENT.match(text):
            blocks.direct(COMMENT.match(text)[1], line)
        elif inside:
            blocks.add(plain(text), line)
        elif BEGIN.match(text):
            inside = True
        elif text.startswith(".Dl "):
            blocks.add(plain(text[4:]), line)
            blocks.flush(quiet=True)
    if not blocks.scenes:
        raise Fault(f"{name}: no example; expected a section EXAMPLES with one, or in it a line "
                    "'.\\\" not run: REASON'")
    return blocks.scenes


def read_markdown(name, lines):
    blocks, inside = Blocks(name), False
    for line, text in enumerate(lines, 1):
        if inside and text == "```":
            inside = False
            blocks.flush()
        elif inside:
            blocks.add(text, line)
        elif text == "```console":
            inside = True
        elif NOTE.match(text):
            blocks.direct(NOTE.match(text)[1], line)
    return blocks.scenes


READERS = {".transcript": read_transcript, ".1": read_manual, ".md": read_markdown}


def read_scenes(path):
    """The scenes of a file; raises Fault."""
    reader = READERS.get(path.suffix)
    if not reader:
        raise Fault(f"{path}: expected a file named *{', *'.join(READERS)}")
    scenes = reader(path.name, path.read_text(encoding="utf-8").splitlines())
    for scene in scenes:
        if not scene.reason and not scene.steps:
            raise Fault(f"{path.name}:{scene.line}: no command follows")
    return scenes
