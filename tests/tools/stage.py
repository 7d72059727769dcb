# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where a scene is run: a mount namespace in which /srv is a fresh folder, /etc a copy that
knows the cast, and no other guisefs mount is in sight.  Nothing of it is left on the host."""
import os
import re
import select
import shutil
import signal
import subprocess
import time

from scene import Fault

# nobody's ids, so that no token key of a test is a real person's
CAST = {"alice": (4001, ["staff"]), "bob": (4002, ["staff"]), "carol": (4003, []),
        "www": (4033, [])}
GROUPS = {"staff": 4050}
SHARE = "D:P(A;OICI;FA;;;SY)(A;;FRFX;;;WD)"
PLACES = {"mount": "/srv/share", "folder": "/srv/backing", "nowhere": "/srv"}
KEPT = ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS")
PATIENCE = 120 * float(os.environ.get("CK_TIMEOUT_MULTIPLIER") or 1)
MARK = "--end-of-step--"
LINE = re.compile(r"^bash: (?:eval: )?line [0-9]+: ", re.M)


def call(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise Fault(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}")


def unescape(text):
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def guisefs_mounts():
    with open("/proc/self/mountinfo", encoding="utf-8") as table:
        return [unescape(line.split()[4]) for line in table if " - fuse.guisefs " in line]


def without(path, names, ids):
    """The lines of a user or group file that have neither the names nor the ids."""
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file]
    return [line for line in lines if line.count(":") >= 2 and
            line.split(":")[0] not in names and line.split(":")[2] not in ids]


def introduce_cast():
    uids = {name: uid for name, (uid, _) in CAST.items()}
    gids = uids | GROUPS
    users = without("/etc/passwd", uids, {str(uid) for uid in uids.values()})
    groups = without("/etc/group", gids, {str(gid) for gid in gids.values()})
    for name, uid in uids.items():
        users.append(f"{name}:x:{uid}:{uid}::/srv/home/{name}:/bin/bash")
    for name, gid in gids.items():
        members = ",".join(who for who, (_, into) in CAST.items() if name in into)
        groups.append(f"{name}:x:{gid}:{members}")
    for path, lines in (("/etc/passwd", users), ("/etc/group", groups)):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    with open("/etc/nsswitch.conf", "w", encoding="utf-8") as file:
        file.write("passwd: files\ngroup: files\n")


class Shell:
    """A shell of one of the cast, which goes on from step to step."""

    def __init__(self, user, place, path):
        who = [] if user == "root" else ["setpriv", f"--reuid={user}", f"--regid={user}",
                                         "--init-groups", "--"]
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        home = f"/srv/home/{user}" if user in CAST else "/srv"
        environment = {"HOME": home, "USER": user, "LC_ALL": "C.UTF-8", "PATH": path, **kept}
        self.process = subprocess.Popen(
            [*who, "bash", "--norc", "--noprofile"], cwd=place, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)

    def run(self, command):
        """Runs it; returns the lines that it printed, and its status."""
        quoted = "'" + command.replace("'", "'\\''") + "'"
        self.process.stdin.write(
            f"eval {quoted} </dev/null\nprintf '\\n%s %s\\n' {MARK} $?\n".encode())
        self.process.stdin.flush()
        text, end = b"", time.monotonic() + PATIENCE
        tail = re.compile(rb"\n" + MARK.encode() + rb" ([0-9]+)\n$")
        while not tail.search(text):
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                raise Fault(f"{command}: not done after {PATIENCE:.0f} s")
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                raise Fault(f"{command}: the shell ended")
            text += more
        match = tail.search(text)
        output = LINE.sub("bash: ", text[:match.start()].decode(errors="replace"))
        return output.rstrip("\n").splitlines(), int(match[1])

    def end(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


class Stage:
    def __init__(self, scene, base, guise, guisefs):
        self.scene, self.base = scene, base
        self.path = f"{base}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        self.place = PLACES[scene.where]
        self.shells = {}
        self._folders(guise, guisefs)
        self._etc()
        call("mount", "--bind", f"{base}/srv", "/srv")
        if scene.where == "mount":
            self._share(guisefs)

    def _folders(self, guise, guisefs):
        for name, mode in (("", 0o711), ("bin", 0o755), ("etc", 0o755), ("srv", 0o755),
                           ("srv/backing", 0o700), ("srv/share", 0o755)):
            path = os.path.join(self.base, name)
            os.makedirs(path, exist_ok=True)
            os.chmod(path, mode)
        for name, (uid, _) in CAST.items():
            home = f"{self.base}/srv/home/{name}"
            os.makedirs(home)
            os.chown(home, uid, uid)
            os.chmod(home, 0o700)
        os.symlink(guise, f"{self.base}/bin/guise")
        os.symlink(guisefs, f"{self.base}/bin/guisefs")

    def _etc(self):
        for point in guisefs_mounts():
            call("umount", "--lazy", "--", point)
        copy = f"{self.base}/etc"
        call("mount", "-t", "tmpfs", "-o", "mode=755", "etc", copy)
        # somebody may be adding a user: files come and go, but those that count are renamed
        subprocess.run(["cp", "-a", "--", "/etc/.", copy], stdin=subprocess.DEVNULL,
                       capture_output=True, check=False)
        for name in ("passwd", "group"):
            shutil.copyfile(f"/etc/{name}", f"{copy}/{name}")
        call("mount", "--move", copy, "/etc")
        shutil.rmtree("/etc/guisefs", ignore_errors=True)
        os.makedirs("/etc/guisefs", mode=0o755)
        introduce_cast()

    def _share(self, guisefs):
        options = f"log={self.base}/log" + ("," + self.scene.options if self.scene.options else "")
        call(guisefs, "/srv/backing", self.place, "-o", options)
        call(f"{self.base}/bin/guise", "set", self.place, SHARE)

    def shell(self, user):
        if user != "root" and user not in CAST:
            raise Fault(f"{user}: nobody of that name; expected root, {', '.join(CAST)}")
        if user not in self.shells:
            self.shells[user] = Shell(user, self.place, self.path)
        return self.shells[user]

    def end(self):
        for shell in self.shells.values():
            shell.end()
        for point in guisefs_mounts():
            call("umount", "--lazy", "--", point)
        for uid, _ in CAST.values():
            subprocess.run(["setpriv", f"--reuid={uid}", "--clear-groups", "keyctl", "clear", "@u"],
                           stdin=subprocess.DEVNULL, capture_output=True, check=False)
