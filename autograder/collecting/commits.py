"""When a cloned repository was last committed to, without running anything that lies in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

SECONDS = 20
_NAME = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF = re.compile(r"refs/heads/[\w./+@-]+")
_BYTES = 2**20


def time_of(repository: Path) -> datetime | None:
    """When the commit was made that a repository's HEAD names; None where that can't be read.

    A repository's own configuration can make git run programs, so an empty one of ours looks its objects up.
    """
    name, git = _head(repository / ".git"), shutil.which("git")
    if not name or git is None:
        return None
    with tempfile.TemporaryDirectory(prefix="autograder-commit-") as ours:
        try:
            _git(git, ours, "init", "-q", "--bare", ours)
            theirs = repository.resolve() / ".git" / "objects"
            Path(ours, "objects", "info", "alternates").write_text(f"{theirs}\n", encoding="utf-8")
            commit = _git(git, ours, "--git-dir", ours, "cat-file", "commit", name)
            line = next(line for line in commit[:_BYTES].split(b"\n") if line.startswith(b"committer "))
            return datetime.fromtimestamp(int(line.split()[-2]), UTC)
        except (OSError, subprocess.SubprocessError, StopIteration, ValueError, IndexError, OverflowError):
            return None


def _git(git: str, home: str, *arguments: str) -> bytes:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "GIT_CONFIG_NOSYSTEM": "1",
        "HOME": home,
        "GIT_NO_LAZY_FETCH": "1",
    }
    done = subprocess.run(
        [git, *arguments], env=environment, cwd=home, capture_output=True, timeout=SECONDS, check=True
    )
    return done.stdout


def _head(git: Path) -> str:
    """The name of the commit that HEAD names, by way of a branch in a file of its own or in ``packed-refs``."""
    head = _read(git / "HEAD")
    reference = head.removeprefix("ref: ")
    if reference != head:
        if not _REF.fullmatch(reference) or ".." in reference:
            return ""
        packed = re.search(rf"^(\w+) {re.escape(reference)}$", _read(git / "packed-refs"), re.MULTILINE)
        head = _read(git / reference) or (packed[1] if packed else "")
    return head if _NAME.fullmatch(head) else ""


def _read(path: Path) -> str:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return file.read(_BYTES).decode(errors="replace").strip()
    except OSError:
        return ""
