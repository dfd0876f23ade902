"""Files that are there whole or not at all, whatever is killed or full."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

ABANDONED_SECONDS = 24 * 3600  # for what another machine left in a shared folder
_HERE = platform.node()
_PROCESSES = Path("/proc")


def write(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    """Replace a file's content, text as UTF-8.

    Raises:
        OSError: it can't be written; what stood there before stands there still.
    """
    data = content.encode() if isinstance(content, str) else content

    def fill(partial: Path) -> None:
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)

    make(path, fill, mode)


def make(path: Path, fill: Callable[[Path], object], mode: int = 0o644) -> None:
    """Replace a file by what ``fill`` writes to the path that it is given, a new one in the same folder.

    Raises:
        OSError: it can't be written; what stood there before stands there still.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    partial = path.with_name(f".{path.name}.{_HERE}-{os.getpid()}.partial")
    try:
        fill(partial)
        _to_the_disk(partial)
        partial.chmod(mode)
        partial.replace(path)
    finally:
        with contextlib.suppress(OSError):  # it is gone when all went well
            partial.unlink()


def _to_the_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)  # Windows syncs only what may be written
    try:
        os.fsync(descriptor)  # else a power cut could keep the new name and lose the content
    finally:
        os.close(descriptor)


def _sweep(path: Path) -> None:
    """Remove what was killed half-written, but not what another process, here or elsewhere, is writing just now."""
    for left in path.parent.glob(f".{path.name}.*-*.partial"):
        with contextlib.suppress(OSError):
            if _is_abandoned(left):
                left.unlink()


def _is_abandoned(left: Path) -> bool:
    machine, _, process = left.name.removesuffix(".partial").rpartition("-")
    if machine.endswith(f".{_HERE}") and _PROCESSES.exists():
        return process == str(os.getpid()) or not (_PROCESSES / process).exists()
    return time.time() - left.stat().st_mtime > ABANDONED_SECONDS
