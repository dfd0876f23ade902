"""Secret seeds, kept beside the gradebook, and the references recorded under them."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import torch
from nbgrader.api import Gradebook
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from autograder import whole
from autograder.building import keys, release
from autograder.building.dependence import answers_alone
from autograder.building.recording import isolated, record_to, seed_id
from autograder.checks import references
from autograder.checks.references import SUFFIX, References
from autograder.problem import Problem

FOLDER = "gradebook.seeds"


@dataclass(frozen=True)
class _State:
    """A homework's secrets, the present one first, and the round that its grading is in."""

    secrets: tuple[str, ...]
    round: int = 1


_STATE = TypeAdapter(_State)
_ALONE = TypeAdapter(dict[str, list[str]])


class Vault:
    """The seeds and references of one course.

    A homework has one secret, and each round of its grading a seed made of it. A round ends when feedback of it is written:
    whatever is graded for the first time after that, anybody's, is of another, so that a seed which somebody could have learnt
    is used for nobody. No kernel sees the secret, and from one round's seed no other's can be told.
    """

    def __init__(self, course: Path, db_url: str) -> None:
        prefix = "sqlite:///"
        beside = Path(db_url.removeprefix(prefix)).parent if db_url.startswith(prefix) else course
        self._course = course
        self.folder = (course / beside / FOLDER).resolve()

    def register(self, homework: str, db_url: str) -> None:
        """Make the gradebook know a homework as its text is now; a note of what it knew last saves asking nbgrader again.

        Raises:
            BuildError: cells were added or removed although there are submissions, or the text was changed and not built.
            FileNotFoundError: the course has no such homework in ``assignments/``.
        """
        text = (self._course / "assignments" / homework / f"{homework}.py").read_bytes()
        release.require_built(self._course, homework)
        note = self.folder / f"{homework}.registered"
        with self.locked():  # two that begin at once would both make the gradebook's tables
            known = _known(text, homework, db_url)
            if not note.exists() or note.read_text() != known:
                release.register(self._course, homework, db_url)
                whole.write(note, _known(text, homework, db_url))

    @contextlib.contextmanager
    def grading(self, homework: str) -> Iterator[None]:
        """While a homework is graded: nobody else grades it.

        Raises:
            Problem: somebody does.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / f"{homework}.grading").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Problem(f"{homework} is being graded by another program: wait until it has ended.") from None
            yield

    def seed(self, homework: str, round_: int) -> str:
        """The seed of a round of grading, from 1."""
        return _seed(self._state(homework).secrets[0], homework, round_)

    def round(self, homework: str) -> int:
        """The round that grading is in."""
        return self._state(homework).round

    def end(self, homework: str, round_: int) -> None:
        """End a round, before anybody learns something of it; one that has ended stays so."""
        with self.locked():
            state = self._read(homework)
            if state.round <= round_:
                self._write(homework, replace(state, round=round_ + 1))

    def find(self, homework: str, round_: int, known_as: str) -> str | None:
        """The seed of a round whose id is known, also when the homework's secret has been replaced since."""
        seeds = (_seed(secret, homework, round_) for secret in self._state(homework).secrets)
        return next((seed for seed in seeds if seed_id(seed) == known_as), None)

    def replace(self, homework: str, secret: str | None) -> None:
        """Give a homework another secret from now on, drawn when none is given; the former ones are kept for replays."""
        with self.locked():
            state = self._read(homework)
            self._write(homework, replace(state, secrets=(secret or secrets.token_hex(32), *state.secrets)))

    def references(self, homework: str, seed: str) -> tuple[References, str]:
        """The references under a seed and a hash of them, recorded now if there are none or the homework has changed.

        Raises:
            BuildError: the homework's own solution can't be recorded.
            FileNotFoundError: the course has no such homework in ``assignments/``.
        """
        folder = self._course / "assignments" / homework
        path = self.folder / f"{homework}-{_digest(folder, seed)}{SUFFIX}"
        with self.locked():
            if not path.exists():
                isolated(record_to, path, folder, seed)
        return _read(path)

    def alone(self, homework: str, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """For pairs of a check cell and a function, each check that the function alone answers; found out once for each text."""
        folder = self._course / "assignments" / homework
        path = self.folder / f"{homework}-{_digest(folder, '')}.alone.json"
        with self.locked():
            known = _ALONE.validate_json(path.read_bytes()) if path.exists() else {}
            unknown = [pair for pair in dict.fromkeys(pairs) if " ".join(pair) not in known]
            if unknown:
                for cell, function in unknown:
                    known[f"{cell} {function}"] = []
                for cell, check, function in isolated(answers_alone, folder, unknown):
                    known[f"{cell} {function}"].append(check)
                whole.write(path, _ALONE.dump_json(known), 0o600)
        return [(check, function) for cell, function in pairs for check in known[f"{cell} {function}"]]

    def _state(self, homework: str) -> _State:
        with self.locked():
            return self._read(homework)

    def _read(self, homework: str) -> _State:
        """What is known of a homework; the first secret is drawn when it is asked for."""
        path = self._path(homework)
        if not path.exists():
            self._write(homework, _State((secrets.token_hex(32),)))
        return _STATE.validate_json(path.read_bytes())

    def _write(self, homework: str, state: _State) -> None:
        whole.write(self._path(homework), _STATE.dump_json(state), 0o600)

    def _path(self, homework: str) -> Path:
        return self.folder / f"{homework}.json"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """While nobody else does so with these seeds, or makes the gradebook."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _seed(secret: str, homework: str, round_: int) -> str:
    return hmac.digest(secret.encode(), f"{homework}/{round_}".encode(), "sha256").hex()


@lru_cache(maxsize=8)
def _read(path: Path) -> tuple[References, str]:
    return references.read(path), hashlib.sha256(path.read_bytes()).hexdigest()


def _known(text: bytes, homework: str, db_url: str) -> str:
    with Gradebook(db_url) as gradebook:
        stored = repr(release.known(gradebook, homework))
    return hashlib.sha256(text + stored.encode()).hexdigest()


def _digest(folder: Path, seed: str) -> str:
    parts = [seed.encode(), torch.__version__.encode(), keys.machinery().encode()]
    parts += [(folder / name).read_bytes() for name in (f"{folder.name}.py", "variants.py")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
