"""Secret seeds, kept beside the gradebook, and the references recorded under them."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import secrets
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import torch
from nbgrader.api import Gradebook

from autograder import whole
from autograder.building import release
from autograder.building.recording import isolated, record_to, seed_id
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

    def register(self, homework: str, db_url: str) -> None:
        """Make the gradebook know a homework as its text is now; a note of what it knew last saves asking nbgrader again.

        Raises:
            BuildError: cells were added or removed although there are submissions.
            FileNotFoundError: the course has no such homework in ``assignments/``.
        """
        text = (self._course / "assignments" / homework / f"{homework}.py").read_bytes()
        note = self.folder / f"{homework}.registered"
        known = _known(text, homework, db_url)
        if not note.exists() or note.read_text() != known:
            release.register(self._course, homework, db_url)
            with self._locked():
                whole.write(note, _known(text, homework, db_url))

    def seed(self, homework: str, attempt: int) -> str:
        """The seed of an attempt, from 1."""
        return f"{self._secrets(homework)[0]}/{attempt}"

    def find(self, homework: str, attempt: int, known_as: str) -> str | None:
        """The seed of an attempt whose id is known, also when the homework's secret has been replaced since."""
        seeds = (f"{secret}/{attempt}" for secret in self._secrets(homework))
        return next((seed for seed in seeds if seed_id(seed) == known_as), None)

    def replace(self, homework: str, secret: str | None) -> None:
        """Give a homework another secret from now on, drawn when none is given; the former ones are kept for replays."""
        former = self._secrets(homework)
        self._write(homework, [secret or secrets.token_hex(32), *former])

    def references(self, homework: str, seed: str) -> tuple[References, str]:
        """The references under a seed and a hash of them, recorded now if there are none or the homework has changed.

        Raises:
            BuildError: the homework's own solution can't be recorded.
            FileNotFoundError: the course has no such homework in ``assignments/``.
        """
        folder = self._course / "assignments" / homework
        path = self.folder / f"{homework}-{_digest(folder, seed)}{SUFFIX}"
        with self._locked():
            if not path.exists():
                isolated(record_to, path, folder, seed)
        return _read(path)

    def _secrets(self, homework: str) -> list[str]:
        """The secrets of a homework, the present one first; the first is drawn when it is asked for."""
        path = self._path(homework)
        with self._locked():
            if not path.exists():
                self._write(homework, [secrets.token_hex(32)])
        found: list[str] = json.loads(path.read_text())["secrets"]
        return found

    def _write(self, homework: str, content: list[str]) -> None:
        whole.write(self._path(homework), json.dumps({"secrets": content}), 0o600)

    def _path(self, homework: str) -> Path:
        return self.folder / f"{homework}.json"

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@lru_cache(maxsize=8)
def _read(path: Path) -> tuple[References, str]:
    return references.read(path), hashlib.sha256(path.read_bytes()).hexdigest()


def _known(text: bytes, homework: str, db_url: str) -> str:
    with Gradebook(db_url) as gradebook:
        stored = repr(release.known(gradebook, homework))
    return hashlib.sha256(text + stored.encode()).hexdigest()


def _digest(folder: Path, seed: str) -> str:
    parts = [seed.encode(), torch.__version__.encode()]
    parts += [(folder / name).read_bytes() for name in (f"{folder.name}.py", "variants.py")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
