"""System calls that a submission can't make: those that reach past its namespaces or take what no limit counts.

A seccomp filter, which the system runs before each call (a table of what is always allowed makes it free on newer ones).
"""

from __future__ import annotations

import errno
import signal
import socket
import struct

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, (16, 24, 32, 40)
_ALLOW, _ERROR = 0x7FFF0000, 0x50000
_NONE = 0xFFFFFFFF

# Each with its numbers on x86_64 and aarch64.
_NAMESPACES = {"setns": (308, 268)}
_UNCOUNTED_MEMORY = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "bpf": (321, 280),
}
_SHARED_BY_A_USERS_PROCESSES = {  # or by the whole machine: one submission could use up what others need
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "mq_open": (240, 180),
    "perf_event_open": (298, 241),
    "io_setup": (206, 0),
    "io_uring_setup": (425, 425),  # which also makes system calls that no filter sees
    "inotify_init": (253, _NONE),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
}
_REFUSED = _NAMESPACES | _UNCOUNTED_MEMORY | _SHARED_BY_A_USERS_PROCESSES
_UNSHARE, _CLONE, _CLONE3, _SETSOCKOPT = (272, 97), (56, 220), (435, 435), (54, 208)
_SOCKET, _SOCKETPAIR = (41, 198), (53, 199)
_SIGACTION, _MMAP = (13, 134), (9, 222)
_MAP_SHARED, _MAP_ANONYMOUS = 1, 0x20

_NEW_NAMESPACE = 0x7E020080  # CLONE_NEW…: user, mount, pid, net, ipc, uts, cgroup, time
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)  # others know no network namespaces
_BUFFER_SIZES = (socket.SO_SNDBUF, socket.SO_RCVBUF)


def program(machine: str, shared_memory: bool = False) -> bytes:
    """The filter for a machine, as the system takes it; a KeyError where its system calls aren't known.

    ``shared_memory`` of no file is what drivers of graphics cards need.
    """
    column, architecture = _MACHINES[machine]
    code = _load(_ARCHITECTURE) + _op(_EQUAL, architecture, 1, 0) + _refuse(errno.EPERM) + _load(_NUMBER)
    code += _op(_AT_LEAST, 0x40000000, 0, 1) + _refuse(errno.EPERM)  # the same calls under other numbers
    for numbers in _REFUSED.values():
        code += _on(numbers[column], _refuse(errno.EPERM))
    code += _on(_CLONE3[column], _refuse(errno.ENOSYS))  # its flags can't be seen; callers go on with clone
    for numbers in (_CLONE, _UNSHARE):
        code += _on(numbers[column], _load(_ARGUMENTS[0]) + _op(_ANY_BIT, _NEW_NAMESPACE, 0, 1) + _refuse(errno.EPERM))
    for numbers in (_SOCKET, _SOCKETPAIR):
        code += _on(numbers[column], _load(_ARGUMENTS[0]) + _unless(_FAMILIES, errno.EAFNOSUPPORT))
    code += _on(_SIGACTION[column], _keep_children())
    if not shared_memory:
        code += _on(_MMAP[column], _no_shared_memory())
    return code + _on(_SETSOCKOPT[column], _keep_buffers()) + _op(_RETURN, _ALLOW)


def _keep_children() -> bytes:
    """Asked to do something about children's ends, say yes and don't: of those that are ignored nobody gets to know the
    computing.
    """
    on_children = _load(_ARGUMENTS[0]) + _op(_EQUAL, signal.SIGCHLD, 1, 0) + _op(_RETURN, _ALLOW)
    only_asked = b"".join(_load(_ARGUMENTS[1] + half) + _op(_EQUAL, 0, 1, 0) + _refuse(0) for half in (0, 4))
    return on_children + only_asked


def _no_shared_memory() -> bytes:
    """Memory that belongs to no file and that processes share stays taken after the last of them has let go of its pages,
    where nobody sees it.
    """
    flags = _load(_ARGUMENTS[3])
    anonymous = flags + _op(_ANY_BIT, _MAP_ANONYMOUS, 1, 0) + _op(_RETURN, _ALLOW)
    return anonymous + _op(_ANY_BIT, _MAP_SHARED, 0, 1) + _refuse(errno.EPERM)


def _keep_buffers() -> bytes:
    """Asked for larger socket buffers, say yes and leave them: their memory is reckoned by the number of sockets."""
    level = _load(_ARGUMENTS[1]) + _op(_EQUAL, socket.SOL_SOCKET, 1, 0) + _op(_RETURN, _ALLOW)
    return level + _load(_ARGUMENTS[2]) + b"".join(_op(_EQUAL, o, 0, 1) + _refuse(0) for o in _BUFFER_SIZES)


def _unless(values: tuple[int, ...], error: int) -> bytes:
    return b"".join(_op(_EQUAL, value, 0, 1) + _op(_RETURN, _ALLOW) for value in values) + _refuse(error)


def _on(number: int, code: bytes) -> bytes:
    """Code for one system call; what it lets pass is allowed."""
    code += _op(_RETURN, _ALLOW)
    return _op(_EQUAL, number, 0, len(code) // 8) + code


def _load(offset: int) -> bytes:
    return _op(_LOAD, offset)


def _refuse(error: int) -> bytes:
    return _op(_RETURN, _ERROR | error)


def _op(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", operation, if_true, if_false, value)
