"""Secret seeds, kept beside the gradebook, and the references recorded under them."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import torch

from autograder.building.recording import isolated, record_to
from autograder.checks import references
from autograder.checks.references import SUFFIX, References

FOLDER = "gradebook.seeds"


class Vault:
    """The seeds and references of one course.

    A homework has one secret; each attempt of a student (a resubmission is the second) has a seed made of it, so that what
    a student learns from feedback is of no use the next time.
    """

    def __init__(self, course: Path, db_url: str) -> None:
        prefix = "sqlite:///"
        beside = Path(db_url.removeprefix(prefix)).parent if db_url.startswith(prefix) else course
        self._course = course
        self.folder = (course / beside / FOLDER).resolve()

    def seed(self, homework: str, attempt: int) -> str:
        """The seed of an attempt, from 1."""
        return f"{self._secret(homework)}/{attempt}"

    def references(self, homework: str, attempt: int) -> References:
        """The references of an attempt, recorded now when they are not there or the homework has changed since.

        Raises:
            BuildError: the homework's own solution can't be recorded.
            FileNotFoundError: the course has no such homework in ``assignments/``.
        """
        folder = self._course / "assignments" / homework
        seed = self.seed(homework, attempt)
        path = self.folder / f"{homework}-{attempt}-{_digest(folder, seed)}{SUFFIX}"
        with self._locked():
            if not path.exists():
                isolated(record_to, path, folder, seed)
        return _read(path)

    def _secret(self, homework: str) -> str:
        path = self._secret_path(homework)
        with self._locked():
            if not path.exists():
                partial = path.with_suffix(".partial")
                with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                    json.dump({"seed": secrets.token_hex(32)}, file)
                partial.replace(path)
        secret: str = json.loads(path.read_text())["seed"]
        return secret

    def _secret_path(self, homework: str) -> Path:
        return self.folder / f"{homework}.json"

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@lru_cache(maxsize=8)
def _read(path: Path) -> References:
    return references.read(path)


def _digest(folder: Path, seed: str) -> str:
    parts = [seed.encode(), torch.__version__.encode()]
    parts += [(folder / name).read_bytes() for name in (f"{folder.name}.py", "variants.py")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
