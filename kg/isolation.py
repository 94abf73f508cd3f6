"""What a process that handles what strangers send gives up: the network."""

import ctypes
import errno
import os
import struct
import sys

_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000  # <linux/sched.h>
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2  # <linux/prctl.h>, <linux/seccomp.h>
_ABI = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}  # audit number, socket(2)
_IO_URING_SETUP = 425  # could open sockets as well; the same number everywhere


def leave_network() -> bool:
    """Give up the network as far as the platform lets us; tell whether nothing is reachable now.

    An empty network namespace needs a privilege, a system call filter none. Either is enough.
    """
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    moved = not libc.unshare(_NEW_NETWORK) or not libc.unshare(_NEW_USER | _NEW_NETWORK)
    return _forbid_sockets(libc) or moved


def _forbid_sockets(libc: ctypes.CDLL) -> bool:
    """Let the kernel answer EPERM to socket(2) from here on (seccomp filter in classic BPF)."""
    if os.uname().machine not in _ABI:
        return False
    audit, socket = _ABI[os.uname().machine]
    load, equal, above, give = 0x20, 0x15, 0x35, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EPERM
    steps = [
        (load, 0, 0, 4),  # which system call table
        (equal, 1, 0, audit),
        (give, 0, 0, refuse),
        (load, 0, 0, 0),  # which system call
        (above, 2, 0, 0x40000000),  # the x32 table
        (equal, 1, 0, socket),
        (equal, 0, 1, _IO_URING_SETUP),
        (give, 0, 0, refuse),
        (give, 0, 0, allow),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(code)))
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    return not libc.prctl(_SET_SECCOMP, _FILTER, program, 0, 0)
