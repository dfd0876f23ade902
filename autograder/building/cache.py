"""Results that are kept: one file for each key in the user's cache, whole or not there."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any

from autograder.checks import values
from autograder.datasets import sources

UNUSED_DAYS = 30
_ONCE = ".once"


def folder() -> Path:
    """Where results are kept; it may be removed at any time."""
    return sources.cache() / "results"


def has(key: str) -> bool:
    return (folder() / key).exists()


def read(key: str) -> tuple[dict[str, Any], Any]:
    """What ``write`` was given under this key.

    Raises:
        FileNotFoundError: nothing is kept under it.
        values.Malformed: the file is damaged.
    """
    path = folder() / key
    if not path.exists():
        path = folder() / (key + _ONCE)
    content = values.parse(path.read_bytes())
    with contextlib.suppress(OSError):  # another user's cache can be read all the same
        os.utime(path)  # by which it is known to be used
    return content


def write(key: str, header: dict[str, Any], value: Any, once: bool = False) -> None:
    """Keep a header, which is JSON, and a value, which is what ``check`` takes; ``once`` for who runs it again each time."""
    path = folder() / (key + _ONCE if once else key)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(values.dump(header, value))
    unfinished.replace(path)


def sweep() -> None:
    """Remove what nobody has asked for in a month."""
    oldest = time.time() - UNUSED_DAYS * 86_400
    for path in folder().glob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()
