#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The file server of fileserver.c in short, without passwords: fileserver.py SOCKET FOLDER

$LIBGUISE names the library's file, if it is not installed where libraries are.
"""
import contextlib, ctypes, ctypes.util, errno, os, re, socket, struct, sys, threading
from collections import Counter
from socketserver import StreamRequestHandler, ThreadingMixIn, UnixStreamServer

guise = ctypes.CDLL(os.environ.get("LIBGUISE") or ctypes.util.find_library("guise") or "libguise.so.0")
keys = ctypes.CDLL(ctypes.util.find_library("keyutils") or "libkeyutils.so.1", use_errno=True)
libc = ctypes.CDLL(None, use_errno=True)
OPENAT2, BENEATH, NO_XDEV = 437, 0x08, 0x01  # see openat2(2)
SECONDS, PEER_MAX, DATA_MAX = 20, 3, 4 << 20
FLAGS = {b"GET": os.O_RDONLY, b"LIST": os.O_RDONLY | os.O_DIRECTORY, b"PUT": os.O_WRONLY | os.O_CREAT | os.O_TRUNC}
REQUEST = re.compile(rb"(?:(GET|LIST) (\d{1,10})|PUT (\d{1,10}) (\d{1,10})) ([^\0\n]+)\n")


def check(result, good=True):
    if result < 0 or not good:
        raise OSError(abs(result), os.strerror(abs(result)))
    return result


@contextlib.contextmanager
def opened_as_client(serial, owner, path, flags):
    """Until the block ends this thread is the client, if it was this owner who consented."""
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: check(guise.guise_revert()))  # whatever happens
        check(guise.guise_impersonate(serial))
        text = ctypes.create_string_buffer(4352)
        if keys.keyctl_describe(serial, text, ctypes.c_size_t(len(text))) < 0:
            check(-ctypes.get_errno())
        check(errno.EKEYREJECTED, text.value.split(b";")[:2] == [b"user", b"%d" % owner])
        # nothing above the folder, nothing mounted below it; a fifo does not hold us up
        flags |= os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
        how = struct.pack("QQQ", flags, 0o666 if flags & os.O_CREAT else 0, BENEATH | NO_XDEV)
        for _ in range(100):  # with ".." in the path any rename or mount on the host makes it start again
            fd = libc.syscall(ctypes.c_long(OPENAT2), folder, path, how, ctypes.c_size_t(len(how)))
            if fd >= 0 or ctypes.get_errno() != errno.EAGAIN:
                break
        stack.callback(os.close, check(fd if fd >= 0 else -ctypes.get_errno()))
        yield fd


def perform(verb, fd, data):
    if verb == b"LIST":
        return b"".join(os.fsencode(name) + b"\0" for name in os.listdir(fd))
    with open(fd, "wb" if verb == b"PUT" else "rb", closefd=False) as file:
        answer = b"" if verb == b"PUT" and file.write(data) >= 0 else file.read(DATA_MAX + 1) or b""
    check(errno.EFBIG, len(answer) <= DATA_MAX)
    return answer


class Handler(StreamRequestHandler):
    busy, lock = Counter(), threading.Lock()  # threads by account: none can take them all

    def answer(self, uid):
        check(guise.guise_assert_self())
        check(errno.EBUSY, self.busy[uid] <= PEER_MAX)
        request = REQUEST.fullmatch(self.rfile.readline(8192))
        check(errno.EINVAL, request)
        verb, serial, length = request[1] or b"PUT", int(request[2] or request[3]), int(request[4] or 0)
        check(errno.EINVAL, 0 < serial < 1 << 31)  # ctypes would make an id of our own keyrings of it
        check(errno.EFBIG, length <= DATA_MAX)
        data = self.rfile.read(length)
        check(errno.ECONNRESET, len(data) == length)  # who hangs up half-way changes nothing
        with opened_as_client(serial, uid, request[5], FLAGS[verb]) as fd:
            return perform(verb, fd, data)

    def handle(self):
        credentials = self.request.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        uid = struct.unpack("iII", credentials)[1]
        end = threading.Timer(SECONDS, self.request.shutdown, [socket.SHUT_RDWR])
        with self.lock:
            self.busy[uid] += 1
        try:
            end.start()
            answer = self.answer(uid)
            self.wfile.write(b"OK %d\n" % len(answer) + answer)
        except OSError as error:
            with contextlib.suppress(OSError):  # the client may have gone
                self.wfile.write(b"ERR %s\n" % errno.errorcode.get(error.errno, "EIO").encode())
        finally:
            end.cancel()
            with self.lock:
                self.busy[uid] -= 1


class Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads, request_queue_size = True, 128


folder = os.open(sys.argv[2], os.O_PATH | os.O_DIRECTORY)
# anywhere but on guisefs the server would do what clients ask with rights of its own
if guise.guise_access_check_fd(folder, 0x20, None) not in (0, -errno.EACCES):
    sys.exit(f"fileserver.py: {sys.argv[2]}: not on a guisefs mount")
with contextlib.suppress(FileNotFoundError):
    os.unlink(sys.argv[1])
os.umask(0)  # who may connect is for the socket's folder to say; who it is, for SO_PEERCRED
Server(sys.argv[1], Handler).serve_forever()
