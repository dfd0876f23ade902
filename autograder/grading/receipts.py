"""Receipts: what each submission was graded with and what came out, one JSON file an attempt."""

from __future__ import annotations

import platform
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import torch
from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from autograder import whole
from autograder.grading.verdict import EXACT, Finite, Verdict
from autograder.problem import Problem
from autograder.running.sandbox import Limits

FOLDER = "receipts"
_PACKAGES = ("autograder", "nbgrader", "numpy", "safetensors", "torch")


@dataclass(frozen=True, config=EXACT)
class Receipt:
    """A graded submission.

    Attributes:
        attempt: which of the student's submissions this is, from 1.
        round: of the homework's grading, from 1; each has a seed of its own.
        submission: a hash of the file that was handed in.
        seed_id: a hash of the seed.
        references_id: a hash of the references it was compared with; "" when they couldn't be recorded.
        versions: of Python and the packages.
        commit: of the course; None outside git.
        notes: what was put right in the notebook.
        flags: what a person should look at.
        essays: a hash of each answer that a person grades, by cell.
        scores: the automatic ones, by cell; None for what a person grades, or the grader couldn't.
        checks: the verdicts, in the order of the notebook.
    """

    student: str
    homework: str
    attempt: Annotated[int, Field(ge=1)]
    round: Annotated[int, Field(ge=1)]
    submission: str
    seed_id: str
    references_id: str
    versions: dict[str, str]
    device: str
    commit: str | None
    limits: Limits
    notes: tuple[str, ...]
    flags: tuple[str, ...]
    essays: dict[str, str]
    scores: dict[str, Finite | None]
    checks: tuple[Verdict, ...]

    def of_cell(self, cell: str) -> list[Verdict]:
        return [verdict for verdict in self.checks if verdict.cell == cell]


_JSON = TypeAdapter(Receipt)


def path(course: Path, student: str, homework: str, attempt: int) -> Path:
    return _folder(course, student, homework) / f"{attempt}.json"


def _folder(course: Path, student: str, homework: str) -> Path:
    return course / FOLDER / student / homework


def write(course: Path, receipt: Receipt) -> None:
    """Write a receipt, whole or not at all."""
    whole.write(path(course, receipt.student, receipt.homework, receipt.attempt), dumped(receipt))


def dumped(receipt: Receipt) -> bytes:
    """A receipt as it stands in its file."""
    return _JSON.dump_json(receipt, indent=1) + b"\n"


def read(place: Path) -> Receipt:
    """Read a receipt.

    Raises:
        Problem: there is none, or it is of another version or was changed to what can't be one.
    """
    try:
        return _JSON.validate_json(place.read_bytes())
    except FileNotFoundError:
        raise Problem(
            f"there is no receipt {place}: they are in {FOLDER}/<student>/<homework>/<attempt>.json."
        ) from None
    except OSError as error:
        raise Problem(f"{place} can't be read ({error.strerror}): put that right.") from error
    except ValidationError as error:
        raise Problem(f"{place} is no receipt ({_first(error)}). {_REMEDY}") from None


_REMEDY = (
    "It was changed, or is of another version of this package: restore it from a backup, or move it away and grade the "
    "submission again, with --force."
)


_WORDS = {"missing": "it is missing", "unexpected_keyword_argument": "no receipt has that"}


def _first(error: ValidationError) -> str:
    found = error.errors()[0]
    place = ".".join(map(str, found["loc"]))
    words = _WORDS.get(found["type"], found["msg"])
    return f"{place}: {words}" if place else words


def of(course: Path, student: str, homework: str) -> list[Receipt]:
    """A student's receipts of a homework, first attempt first.

    Raises:
        Problem: one of them is none, or is another's.
    """
    files = [file for file in _folder(course, student, homework).glob("*.json") if file.stem.isdecimal()]
    return [_in_its_place(file, student, homework) for file in sorted(files, key=lambda file: int(file.stem))]


def _in_its_place(file: Path, student: str, homework: str) -> Receipt:
    found = read(file)
    said = (found.student, found.homework, found.attempt)
    if said != (student, homework, int(file.stem)):
        raise Problem(
            f"{file} is the receipt of attempt {said[2]} of {said[0]} at {said[1]}: move it where it belongs."
        )
    return found


def of_submission(course: Path, student: str, homework: str, submission: str) -> Receipt | None:
    """The receipt of the student's submission that has this hash."""
    return next((found for found in of(course, student, homework) if found.submission == submission), None)


def attempt(course: Path, student: str, homework: str, submission: str, now: int) -> tuple[int, int]:
    """Which attempt of the student this submission is, from 1, and the round it is of: graded again, the same; else ``now``."""
    before = of(course, student, homework)
    same = [(receipt.attempt, receipt.round) for receipt in before if receipt.submission == submission]
    return same[0] if same else (max((receipt.attempt for receipt in before), default=0) + 1, now)


@dataclass(frozen=True, config=EXACT)
class Environment:
    """What a submission is graded with."""

    versions: dict[str, str]
    device: str
    commit: str | None


@cache
def environment(course: Path) -> Environment:
    """Versions, device, and the commit of the course."""
    git = subprocess.run(["git", "-C", str(course), "rev-parse", "HEAD"], capture_output=True, text=True)
    return Environment(
        versions={"python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
        device=torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU ({platform.machine()})",
        commit=git.stdout.strip() or None,
    )
