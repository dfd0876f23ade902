"""Files that are there whole or not at all, whatever is killed or full."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, content: str, mode: int = 0o644) -> None:
    """Replace a file's content; what a killed run left half-written beside it is overwritten by the next."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(mode)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
