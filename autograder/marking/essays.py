"""A homework's essays as its own notebook in ``source/`` has them: statement, model answer, mark scheme."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.building import schemes
from autograder.building.schemes import Line
from autograder.problem import Problem

Cell = dict[str, Any]


@dataclass(frozen=True)
class Essay:
    """One essay.

    Attributes:
        statement: the cells of prose before it, by language.
        notes: what the mark scheme says besides its lines.
    """

    id: str
    points: float
    statement: dict[str, list[Cell]]
    model: str
    lines: list[Line]
    notes: str


def read(course: Path, homework: str) -> list[Essay]:
    """The essays of a homework, in the order of its notebook.

    Raises:
        Problem: its notebook isn't built, or has no essay.
    """
    path = course / "source" / homework / f"{homework}.ipynb"
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError:
        raise Problem(f"there is no {path}: `autograder build {homework}` makes it.") from None
    found = list(_essays(cells))
    if not found:
        raise Problem(f"{homework} has no essay: all of it is graded by checks.")
    return found


def source_of(cell: Cell) -> str:
    """A cell's text, which a notebook keeps as lines."""
    return "".join(cell["source"])


def about(cell: Cell) -> dict[str, Any]:
    """What nbgrader notes of a cell."""
    noted: dict[str, Any] = cell.get("metadata", {}).get("nbgrader", {})
    return noted


def is_essay(cell: Cell) -> bool:
    return bool(cell["cell_type"] == "markdown" and about(cell).get("grade") and about(cell).get("solution"))


def _essays(cells: list[Cell]) -> Iterator[Essay]:
    for position, cell in enumerate(cells):
        if is_essay(cell):
            source = source_of(cell)
            scheme = schemes.part(source, "MARK SCHEME")
            yield Essay(
                about(cell)["grade_id"],
                float(about(cell)["points"]),
                {lang: _statement(cells[:position], lang) for lang in ("en", "fa")},
                schemes.part(source, "SOLUTION"),
                schemes.lines(scheme),
                schemes.notes(scheme),
            )


def _statement(before: list[Cell], lang: str) -> list[Cell]:
    """The prose right before an essay, back to its heading."""
    found: list[Cell] = []
    for cell in reversed(before):
        if cell["cell_type"] != "markdown" or about(cell):
            break
        if cell["metadata"].get("lang") == lang:
            found.insert(0, cell)
            if any(line.startswith("#") for line in source_of(cell).splitlines()):
                break
    return found
