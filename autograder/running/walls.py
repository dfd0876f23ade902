"""The inner walls: what keeps submissions that share a fork server from one another. Runs in the forked process, on Linux.

Each gets its own user, mount, pid, network and ipc namespaces. Over everything that another could write to lie empty file
systems of bounded size, and of /proc one sees oneself only. To kill the namespace's first process is to kill all of them.
"""

from __future__ import annotations

import ctypes
import fcntl
import glob
import os
import resource
import signal
import socket
import struct
from collections.abc import Mapping
from typing import Any

from autograder.running import syscalls

_NEW = {"mount": 0x20000, "uts": 0x4000000, "ipc": 0x8000000, "user": 0x10000000, "pid": 0x20000000, "net": 0x40000000}
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_MS_NOEXEC = 8
_PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP, _PR_SET_DUMPABLE, _PR_SET_PDEATHSIG = 38, 24, 4, 1
_PR_SET_CHILD_SUBREAPER = 36
_SYS_CAPSET = {"x86_64": 126, "aarch64": 91}
_SYS_SECCOMP = {"x86_64": 317, "aarch64": 277}
_FILES_OF_PROC = ("cpuinfo", "meminfo", "stat", "uptime", "loadavg", "version", "filesystems")
UID = 1000

_libc = ctypes.CDLL(None, use_errno=True)


def become(user: int) -> None:
    """From root to a user without rights, of whom the system counts the processes."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def readable(by_own_kind: bool) -> None:
    """Whether processes of the same user may look into this one: its /proc entry is its own, or else root's."""
    _call("prctl", _PR_SET_DUMPABLE, int(by_own_kind), 0, 0, 0)


def separate() -> None:
    """Leave for namespaces of one's own; processes started from here on are in the new pid namespace.

    Raises:
        OSError: the machine doesn't allow it.
    """
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", sum(_NEW.values()))
    for name, content in (
        ("setgroups", "deny"),
        ("uid_map", f"{UID} {uid} 1"),
        ("gid_map", f"{UID} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(content)
    _loopback()


def cover(folders: list[str], size: int) -> None:
    """Put an empty, writable file system of ``size`` bytes over each folder, and over /proc one that shows oneself only."""
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    _proc()
    for folder in folders:
        options = f"size={size},nr_inodes={max(1024, size // 8192)},mode=0700"
        _mount("tmpfs", folder, "tmpfs", _MS_NOSUID | _MS_NODEV, options)
    _mount("devpts", "/dev/pts", "devpts", _MS_NOSUID | _MS_NOEXEC, "newinstance,ptmxmode=0666")


def _proc() -> None:
    """A new /proc can't be mounted in here, so the old one is covered and of it only what is ours and harmless shown again."""
    stage, me = "/dev/shm", str(os.getpid())
    _mount("tmpfs", stage, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=64k,mode=0755")
    for name in _FILES_OF_PROC:
        _shown(f"/proc/{name}", f"{stage}/{name}")
    os.mkdir(f"{stage}/{me}")
    _mount("/proc/self", f"{stage}/{me}", None, _MS_BIND)
    _mount(None, f"{stage}/{me}", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    for link, target in (("self", me), ("thread-self", f"{me}/task/{me}"), ("mounts", "self/mounts")):
        os.symlink(target, f"{stage}/{link}")
    _mount(stage, "/proc", None, _MS_BIND | _MS_REC)
    _mount(None, "/proc", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV)


def _shown(source: str, target: str) -> None:
    if os.path.exists(source):
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
        _mount(source, target, None, _MS_BIND)


def die_with_parent() -> None:
    """Be killed when the process that started this one ends."""
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def adopt() -> None:
    """Become the parent of every descendant whose own parent ends, so that none gets out of sight."""
    _call("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_first() -> None:
    """When the machine's memory runs out, the system ends this process and its descendants before any other."""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def bound(limits: Mapping[str, int]) -> None:
    """Take the process's own limits: names as in ``resource.RLIMIT_…``."""
    for name, value in limits.items():
        limit = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))


def disarm() -> None:
    """Give up every capability, and the system calls that ``syscalls`` refuses, for good."""
    machine = os.uname().machine
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    _call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header, nothing = struct.pack("Ii", 0x20080522, 0), bytes(24)
    _call("syscall", _SYS_CAPSET[machine], header, nothing)
    readable(by_own_kind=True)
    _refuse(syscalls.program(machine, shared_memory=bool(glob.glob("/dev/nvidia*"))), _SYS_SECCOMP[machine])


def _refuse(program: bytes, seccomp: int) -> None:
    code = ctypes.create_string_buffer(program, len(program))
    whole = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    _call("syscall", seccomp, 1, 4, whole)  # a filter, without the slower execution that older systems tie to one


def _loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        up = struct.pack("16sh", b"lo", 0x1 | 0x40)  # IFF_UP | IFF_RUNNING
        fcntl.ioctl(probe, 0x8914, up)  # SIOCSIFFLAGS


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    encoded = [None if text is None else text.encode() for text in (source, target, kind, options)]
    _call("mount", encoded[0], encoded[1], encoded[2], flags, encoded[3])


def _call(name: str, *arguments: Any) -> None:
    if getattr(_libc, name)(*(ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments)) != 0:
        error = ctypes.get_errno()
        what = next((a.decode() for a in arguments[1:] if isinstance(a, bytes) and a[:1] == b"/"), "")
        raise OSError(error, f"{name} {what}: {os.strerror(error)}".replace(" :", ":"))
