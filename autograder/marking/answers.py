"""What students answered: the essays of the graded notebooks, equal ones together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.marking import essays

EMPTY = "empty"
MISSING = "missing"


@dataclass(frozen=True)
class Answer:
    """One student's answer to one essay; ``digest`` is the same for answers that differ in blanks only."""

    source: str
    attachments: dict[str, Any]
    digest: str


@dataclass(frozen=True)
class Group:
    """Students whose answers are equal; ``key`` tells nothing of who they are.

    It is EMPTY of those who wrote nothing, and MISSING of those whose graded notebook isn't there.
    """

    key: str
    students: tuple[str, ...]
    answer: Answer | None


class Answers:
    """The answers of a class, read anew when a notebook has changed.

    Args:
        folder: of a student's graded notebook.
    """

    def __init__(self, homework: str, folder: Callable[[str], Path]) -> None:
        self._homework, self._folder = homework, folder
        self._read: dict[str, tuple[tuple[int, int], dict[str, Answer]]] = {}

    def of(self, student: str) -> dict[str, Answer]:
        """A student's answers by the essays' ids; none where there is no graded notebook."""
        path = self._folder(student) / f"{self._homework}.ipynb"
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if student not in self._read or self._read[student][0] != stamp:
                self._read[student] = (stamp, _answers(path))
        except (OSError, ValueError):  # not graded yet, or being written just now
            return {}
        return self._read[student][1]

    def groups(self, essay: str, students: dict[str, bool]) -> list[Group]:
        """Equal answers together, in an order that tells nothing; first of all those that nobody wrote.

        Args:
            students: who handed in, and whether they left this essay as it was released.
        """
        together: dict[str, _Together] = {}
        for student, untouched in students.items():
            answer = self.of(student).get(essay)
            key = EMPTY if untouched else self._key(essay, answer)
            together.setdefault(key, _Together(answer)).students.append(student)
        made = [Group(key, tuple(sorted(one.students)), one.answer) for key, one in together.items()]
        return sorted(made, key=lambda group: (group.key not in (EMPTY, MISSING), group.key))

    def _key(self, essay: str, answer: Answer | None) -> str:
        """By which equal answers are called and sorted: a hash, so that the order is that of no list of the class."""
        if answer is None:
            return MISSING
        if not answer.digest:
            return EMPTY
        return hashlib.sha256(f"{self._homework}/{essay}/{answer.digest}".encode()).hexdigest()[:20]


@dataclass
class _Together:
    answer: Answer | None
    students: list[str] = field(default_factory=list)


def _answers(path: Path) -> dict[str, Answer]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {essays.about(cell)["grade_id"]: _answer(cell) for cell in cells if essays.is_essay(cell)}


def _answer(cell: dict[str, Any]) -> Answer:
    source, pictures = essays.source_of(cell), cell.get("attachments") or {}
    said = " ".join(source.split()) + json.dumps(pictures, sort_keys=True) * bool(pictures)
    return Answer(source, pictures, hashlib.sha256(said.encode()).hexdigest() if said else "")
