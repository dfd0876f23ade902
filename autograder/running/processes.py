"""What a process and all its descendants use, read from /proc."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_SHARES = re.compile(rb"^(?:Swap)?Pss:\s+(\d+) kB", re.MULTILINE)
_RESIDENT = re.compile(rb"^Vm(?:RSS|Swap):\s+(\d+) kB", re.MULTILINE)
_TABLES = re.compile(rb"^VmPTE:\s+(\d+) kB", re.MULTILINE)
_SOCKETS = re.compile(rb"^sockets: used (\d+)")
SOCKET_BYTES = 256 * 1024  # what the system lets wait in one, with its overhead


def tree(first: int) -> list[int]:
    """A process and its descendants."""
    found = [first]
    for pid in found:
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{pid}/task"):
                found += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return found


def cpu(first: int) -> float:
    """CPU seconds that a process and its descendants have used, those that have ended and were collected too."""
    return sum(map(_cpu, tree(first)))


def _cpu(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS


def memory(first: int, enough: int) -> int:
    """Bytes of memory that a process and its descendants take, with the tables of that memory.

    What is shared is counted in shares, which takes a while to find out, if there may be more than ``enough`` in all.
    """
    pids = tree(first)
    tables = sum(_kilobytes(f"/proc/{pid}/status", _TABLES) for pid in pids)
    taken = sum(_kilobytes(f"/proc/{pid}/status", _RESIDENT) for pid in pids)
    if (taken + tables) * 1024 > enough:
        taken = sum(_kilobytes(f"/proc/{pid}/smaps_rollup", _SHARES) for pid in pids)
    return (taken + tables) * 1024


def sockets(first: int) -> int:
    """Bytes that may wait in the sockets of a process's network namespace."""
    with contextlib.suppress(OSError):
        found = _SOCKETS.search(Path(f"/proc/{first}/net/sockstat").read_bytes())
        return int(found[1]) * SOCKET_BYTES if found else 0
    return 0


def _kilobytes(path: str, lines: re.Pattern[bytes]) -> int:
    try:
        return sum(map(int, lines.findall(Path(path).read_bytes())))
    except OSError:
        return 0
