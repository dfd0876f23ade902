"""What was released: the gradebook's cells of a notebook, and the cells that the released notebooks have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook

from autograder.building.notebook import SCHEMA_VERSION
from autograder.grading.homework import Homework


@dataclass(frozen=True)
class Graded:
    """A cell of the gradebook."""

    id: str
    cell_type: str
    source: str
    checksum: str
    locked: bool
    solution: bool
    points: float | None

    @property
    def is_check(self) -> bool:
        return self.points is not None and not self.solution

    @property
    def is_essay(self) -> bool:
        return self.points is not None and self.solution

    @property
    def is_function(self) -> bool:
        """Whether the student writes code here."""
        return self.solution and self.cell_type == "code"

    @property
    def is_given(self) -> bool:
        """Whether the student has it as it is, and it earns nothing."""
        return self.locked and self.points is None

    def metadata(self) -> dict[str, Any]:
        meta = {
            "grade": self.points is not None,
            "grade_id": self.id,
            "locked": self.locked,
            "schema_version": SCHEMA_VERSION,
            "solution": self.solution,
            "task": False,
            "checksum": self.checksum,
            "cell_type": self.cell_type,
        }
        return {"nbgrader": meta | ({} if self.points is None else {"points": self.points})}


@dataclass(frozen=True)
class Released:
    """What a submission is put in order by.

    Attributes:
        cells: the gradebook's, in order.
        questions: the essay that follows each cell of prose, in any language of the release.
        known: every released cell's source; all sources here are ``squeezed``.
    """

    cells: list[Graded]
    questions: dict[str, str]
    known: frozenset[str]


def of_notebook(gradebook: Gradebook, course: Path, homework: Homework) -> Released:
    """What the gradebook, ``release/`` and the homework's text know of its notebook; the same for a whole class."""
    questions: dict[str, str] = {}
    known: set[str] = set()
    for path in sorted(course.glob(f"release/*/{homework.name}/{homework.name}.ipynb")):
        before = ""
        for cell in nbformat.read(path, as_version=4).cells:
            meta = cell.metadata.get("nbgrader", {})
            if meta.get("grade") and meta.get("solution") and before:
                questions[before] = meta["grade_id"]
            before = squeezed(cell.source)
            known.add(before)
    return Released(graded_cells(gradebook, homework), questions, frozenset(known))


def graded_cells(gradebook: Gradebook, homework: Homework) -> list[Graded]:
    """The gradebook's cells of a notebook, in order; a cell whose checks are voided has its points of the text."""
    stored = gradebook.find_notebook(homework.name, homework.name)
    points = {cell.name: cell.max_score for cell in stored.grade_cells}
    points |= {cell.id: float(cell.points) for cell in homework.cells if cell.id in points and cell.points}
    solutions = {cell.name for cell in stored.solution_cells}
    return [
        Graded(c.name, c.cell_type, c.source, c.checksum, bool(c.locked), c.name in solutions, points.get(c.name))
        for c in stored.source_cells
    ]


def squeezed(source: str) -> str:
    """A source in which blanks and line ends say nothing."""
    return " ".join(source.split())
