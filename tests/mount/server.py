# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server in Python, by ctypes: who the client of a token key is, and what it may do.

    server.py LIBRARY FILE SERIAL
"""
import ctypes
import errno
import sys

guise = ctypes.CDLL(sys.argv[1])
path, serial = sys.argv[2].encode(), ctypes.c_int32(int(sys.argv[3]))
guise.guise_token_name.restype = ctypes.c_char_p
guise.guise_token_user.restype = ctypes.c_char_p
guise.guise_token_actor.restype = ctypes.c_char_p
FUNCTION = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


def name(error):
    return errno.errorcode[-error] if error else "0"


def check(rights):
    granted = ctypes.c_uint32()
    error = guise.guise_access_check(path, ctypes.c_uint32(rights), ctypes.byref(granted))
    return f"{name(error)} 0x{granted.value:x}"


def read(_):
    try:
        with open(path, "rb") as file:
            print(file.read().decode())
        return 0
    except OSError as error:
        return -error.errno


def look(_):
    token = ctypes.c_void_p()
    error = guise.guise_query(ctypes.byref(token))
    if error == 0:
        print(guise.guise_token_user(token).decode(), guise.guise_token_level(token))
        print("acts" if guise.guise_token_actor(token) else "itself")
        guise.guise_token_free(token)
    print("read:", check(0x1), "write:", check(0x2))
    return error


result = ctypes.c_int()
for function in (look, read):
    error = guise.guise_with_token(serial, FUNCTION(function), None, ctypes.byref(result))
    print(name(error), name(result.value))
print("self:", name(guise.guise_assert_self()), check(0x1))
