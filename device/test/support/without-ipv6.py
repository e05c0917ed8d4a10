"""Runs a program as on a machine whose kernel has no IPv6: socket(AF_INET6, ...) fails with EAFNOSUPPORT (seccomp(2))."""

import ctypes
import errno
import os
import socket
import struct
import sys

SOCKET_CALL = {"x86_64": 41, "aarch64": 198}[os.uname().machine]
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, FAIL = 0x7FFF0000, 0x00050000 | errno.EAFNOSUPPORT


def instruction(code, value, if_true=0, if_false=0):
    return struct.pack("HBBI", code, if_true, if_false, value)


program = b"".join(
    [
        instruction(LOAD, 0),  # the number of the system call
        instruction(JUMP_IF_EQUAL, SOCKET_CALL, 0, 3),
        instruction(LOAD, 16),  # its first argument
        instruction(JUMP_IF_EQUAL, socket.AF_INET6, 0, 1),
        instruction(RETURN, FAIL),
        instruction(RETURN, ALLOW),
    ]
)
buffer = ctypes.create_string_buffer(program, len(program))
filter_program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer)))
libc = ctypes.CDLL(None, use_errno=True)
for call in [(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_program, 0, 0)]:
    if libc.prctl(*call) != 0:
        sys.exit(os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[1], sys.argv[1:])
