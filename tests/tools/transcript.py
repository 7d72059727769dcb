#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Usage: transcript.py [--print] GUISE GUISEFS FILE|FOLDER...

Runs transcripts (*.transcript), the examples of manual pages (*.1) and the console
blocks of Markdown (*.md), each scene on a stage of its own, and compares what is
printed with what is written.  transcripts/README.md explains the format.
The exit status is 1 if anything differs.

  --print   compare nothing, and print what the commands print, for those who write transcripts"""
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the folder of sources stays as it is

# pylint: disable=wrong-import-position
from scene import YOU, Fault, Memory, difference
from scene_read import READERS, read_scenes
from stage import Stage

PRINT = "TRANSCRIPT_PRINT"


def play(scene, stage):
    """Runs the steps; returns what differs, or None."""
    memory = Memory(scene.vary)
    for command in scene.set_up:
        output, status = stage.shell("root").run(command)
        if status != 0:
            return "\n".join([f"set up: {command}: status {status}", *output])
    for step in scene.steps:
        output, status = stage.shell(step.user).run(memory.command(step.command))
        while step.output and not step.output[-1]:
            step.output.pop()
        same = step.output is None or memory.matches(step.output, output)
        if not same or status != step.status:
            return (f"{scene.name}:{step.line}: {step.user}: {step.command}\n"
                    f"{difference(step, output, status)}")
    return None


def show(scene, stage):
    """Prints what really comes."""
    memory = Memory(scene.vary)
    for command in scene.set_up:
        print(f"% set up: {command}", *stage.shell("root").run(command))
    for step in scene.steps:
        output, status = stage.shell(step.user).run(memory.command(step.command))
        memory.matches(step.output or ["..."], output)
        prompt = {"root": "#", YOU: "$"}.get(step.user, f"{step.user}$")
        print("\n".join([f"{prompt} " + step.command.replace("\n", "\n> "),
                         *(memory.written(line) for line in output)]))
        if status:
            print(f"[exit {status}]")
    print()


def perform(base, guise, guisefs, path, number):
    """One scene, in a mount namespace that is ours."""
    stage, said = None, None
    try:
        scene = read_scenes(pathlib.Path(path))[int(number)]
        stage = Stage(scene, base, guise, guisefs)
        said = show(scene, stage) if os.environ.get(PRINT) else play(scene, stage)
    except Fault as fault:
        said = str(fault)
    finally:
        if stage:
            stage.end()
    if said:
        print(said)
    return 1 if said else 0


def obstacle(scene):
    """Why it cannot be run here, or None."""
    if scene.reason:
        return scene.reason
    if os.geteuid() != 0:
        return "needs root"
    if scene.where == "mount" and not os.path.exists("/dev/fuse"):
        return "needs /dev/fuse"
    alone = subprocess.run(["unshare", "--mount", "--propagation", "private", "true"],
                           capture_output=True, check=False)
    return "needs a mount namespace" if alone.returncode != 0 else None


def run_scene(guise, guisefs, path, number):
    """Runs it by another process; returns its output and whether it passed."""
    base = tempfile.mkdtemp(prefix="guisefs-test.", dir="/tmp")
    try:
        done = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", sys.executable, __file__,
             "--perform", base, guise, guisefs, str(path), str(number)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", check=False)
        return done.stdout, done.returncode == 0
    finally:
        # the namespace is gone, and with it what was mounted here
        shutil.rmtree(base, ignore_errors=True)


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = self.exempt = 0

    def file(self, guise, guisefs, path):
        try:
            scenes = read_scenes(path)
        except (Fault, OSError, UnicodeError) as fault:
            self.failed += 1
            print(f"FAILED {path.name}\n  {fault}")
            return
        for number, scene in enumerate(scenes):
            self.scene(guise, guisefs, path, number, scene)

    def scene(self, guise, guisefs, path, number, scene):
        why = obstacle(scene)
        if scene.reason:
            self.exempt += 1
            print(f"not run: {scene.name}:{scene.line}: {why}")
            return
        if why:
            self.skipped += 1
            print(f"skipped: {scene.name}:{scene.line}: {why}")
            return
        output, good = run_scene(guise, guisefs, path, number)
        if os.environ.get(PRINT):
            print(output, end="")
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {scene.name}:{scene.line}\n{output.rstrip()}")


def files(arguments):
    for argument in arguments:
        path = pathlib.Path(argument)
        if path.is_dir():
            yield from sorted(one for one in path.iterdir()
                              if one.suffix in READERS and one.name != "README.md")
        else:
            yield path


def main(arguments):
    if arguments[:1] == ["--perform"]:
        return perform(*arguments[1:])
    if arguments[:1] == ["--print"]:
        os.environ[PRINT] = "1"
        arguments = arguments[1:]
    if len(arguments) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    guise, guisefs = (os.path.realpath(program) for program in arguments[:2])
    tally = Tally()
    lock = "/run/guisefs-transcripts.lock"
    # the cast has one keyring each on the host
    with open(lock if os.geteuid() == 0 else os.devnull, "w", encoding="utf-8") as file:
        if os.geteuid() == 0:
            fcntl.flock(file, fcntl.LOCK_EX)
        for path in files(arguments[2:]):
            tally.file(guise, guisefs, path)
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
