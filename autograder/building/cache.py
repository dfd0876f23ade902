"""Results that are kept: one file for each key in the user's cache, whole or not there."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any

from autograder import whole
from autograder.checks import values
from autograder.datasets import sources
from autograder.problem import Problem

UNUSED_DAYS = 30
_ONCE = ".once"


def folder() -> Path:
    """Where results are kept; it may be removed at any time."""
    return sources.cache() / "results"


def _place(name: str) -> Path:
    return folder() / name[:2] / name  # a folder of thousands is slow to look through


def has(key: str) -> bool:
    return _place(key).exists()


def read(key: str) -> tuple[dict[str, Any], Any]:
    """What ``write`` was given under this key.

    Raises:
        FileNotFoundError: nothing is kept under it.
        Problem: the file is damaged.
    """
    path = _place(key)
    if not path.exists():
        path = _place(key + _ONCE)
    try:
        content = values.parse(path.read_bytes())
    except values.Malformed as error:
        raise Problem(f"{path} is damaged ({error}): remove it and run the same command again.") from error
    with contextlib.suppress(OSError):  # another user's cache can be read all the same
        os.utime(path)  # by which it is known to be used
    return content


def write(key: str, header: dict[str, Any], value: Any, once: bool = False) -> None:
    """Keep a header, which is JSON, and a value, which is what ``check`` takes; ``once`` for who runs it again each time."""
    whole.write(_place(key + _ONCE if once else key), values.dump(header, value))


def sweep() -> None:
    """Remove what nobody has asked for in a month."""
    oldest = time.time() - UNUSED_DAYS * 86_400
    for path in folder().glob("*/*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()
