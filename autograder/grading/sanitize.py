"""A submitted notebook, put in order: its graded cells found, restored and given the gradebook's metadata.

Nothing of a submission's metadata is believed. A graded cell is found by its id, else by what it holds, else by where it
stands; what is locked gets the gradebook's source; what is missing is put back. All the rest is kept as plain cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook

from autograder.building.bundle import MARK
from autograder.building.notebook import SCHEMA_VERSION
from autograder.grading import harmless
from autograder.grading.rescue import KEY, new_cell


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


def graded_cells(gradebook: Gradebook, notebook: str, homework: str) -> list[Graded]:
    """The gradebook's cells of a notebook, in order."""
    stored = gradebook.find_notebook(notebook, homework)
    points = {cell.name: cell.max_score for cell in stored.grade_cells}
    solutions = {cell.name for cell in stored.solution_cells}
    return [
        Graded(c.name, c.cell_type, c.source, c.checksum, bool(c.locked), c.name in solutions, points.get(c.name))
        for c in stored.source_cells
    ]


def sanitized(nb: NotebookNode, graded: list[Graded], prose: dict[str, str]) -> NotebookNode:
    """A notebook in order: the graded cells in their places, and no metadata but ours."""
    about = nb.metadata.get(KEY, {"submission": "", "notes": []})
    nb.cells = restored(nb.cells, graded, prose, about["notes"])
    nb.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            KEY: about,
        }
    )
    nb.nbformat, nb.nbformat_minor = 4, 5
    return nb


def released_prose(course: Path, homework: str, notebook: str) -> dict[str, str]:
    """In the released notebooks, the essay that follows each cell of prose."""
    follows: dict[str, str] = {}
    for path in course.glob(f"release/*/{homework}/{notebook}.ipynb"):
        before = ""
        for cell in nbformat.read(path, as_version=4).cells:
            meta = cell.metadata.get("nbgrader", {})
            if meta.get("grade") and meta.get("solution") and before:
                follows[before] = meta["grade_id"]
            before = _squeezed(cell.source)
    return follows


def restored(
    given: list[NotebookNode], graded: list[Graded], prose: dict[str, str], notes: list[str]
) -> list[NotebookNode]:
    """The submission's cells with every graded cell in its place; ``notes`` gets what was put right."""
    cells = [cell for cell in given if not cell.source.startswith(MARK)]
    chosen = _find(cells, graded, prose, notes)
    made = [_plain(cell) if i not in chosen else _graded(cell, chosen[i], notes) for i, cell in enumerate(cells)]
    ids = {cell_id.id: made[i] for i, cell_id in chosen.items()}
    _put_back(made, ids, graded, notes)
    _order(made, ids, graded, notes)
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"
    return made


def _find(
    cells: list[NotebookNode], graded: list[Graded], prose: dict[str, str], notes: list[str]
) -> dict[int, Graded]:
    chosen: dict[int, Graded] = {}
    for cell in graded:
        by_id = [i for i, c in enumerate(cells) if _claimed_id(c) == cell.id and i not in chosen]
        if len(by_id) > 1:
            notes.append(f"{len(by_id)} cells are called {cell.id}; " + _which(cell))
        found = by_id or [
            i for i in _look_alikes(cells, cell, prose) if i not in chosen and not _claims(cells[i], graded)
        ]
        if found:
            chosen[_best(found, cells, cell)] = cell
    return chosen


def _which(cell: Graded) -> str:
    return "the one that is answered counts" if cell.is_essay else "the last one counts"


def _best(found: list[int], cells: list[NotebookNode], cell: Graded) -> int:
    answered = [i for i in found if _squeezed(cells[i].source) != _squeezed(cell.source)]
    return (answered if cell.is_essay and answered else found)[-1]


def _claimed_id(cell: NotebookNode) -> Any:
    meta = cell.metadata.get("nbgrader")
    return meta.get("grade_id") if isinstance(meta, dict) else None


def _claims(cell: NotebookNode, graded: list[Graded]) -> bool:
    return any(_claimed_id(cell) == other.id for other in graded)


def _look_alikes(cells: list[NotebookNode], cell: Graded, prose: dict[str, str]) -> Iterable[int]:
    """Where a graded cell seems to stand in a notebook whose metadata was lost."""
    definition = re.compile(rf"^(?:async\s+)?(?:def|class)\s+{re.escape(cell.id)}\b", re.MULTILINE)
    for i, candidate in enumerate(cells):
        if cell.is_essay:
            follows = i > 0 and prose.get(_squeezed(cells[i - 1].source)) == cell.id
            if candidate.cell_type == "markdown" and follows:
                yield i
        elif candidate.cell_type != "code":
            continue
        elif (cell.solution and definition.search(candidate.source)) or (
            cell.locked and _squeezed(candidate.source) == _squeezed(cell.source)
        ):
            yield i


def _squeezed(source: str) -> str:
    return " ".join(source.split())


def _plain(cell: NotebookNode) -> NotebookNode:
    if cell.cell_type == "code":
        return new_cell("code", cell.source, outputs=harmless.outputs(cell.outputs))
    made = new_cell("markdown", harmless.markdown(cell.source))
    pictures = harmless.attachments(cell.get("attachments"))
    if pictures:
        made["attachments"] = pictures
    return made


def _graded(cell: NotebookNode, graded: Graded, notes: list[str]) -> NotebookNode:
    source = cell.source
    if graded.locked:
        if _squeezed(source) != _squeezed(graded.source):
            ours = "is of another version of the notebook; the gradebook's counts"
            notes.append(f"{graded.id} {ours if _as_released(cell) else 'was changed and is restored'}")
        source = graded.source
    was = cell if cell.cell_type == graded.cell_type else {}
    if graded.cell_type == "code":
        made = new_cell("code", source, outputs=harmless.outputs(was.get("outputs", [])))
    else:
        unanswered = _squeezed(source) == _squeezed(graded.source)
        made = _plain(nbformat.from_dict({**cell, "cell_type": "markdown", "source": source}))
        if unanswered:
            made.source = graded.source
    made.metadata = nbformat.from_dict(graded.metadata())
    return made


def _as_released(cell: NotebookNode) -> bool:
    """Whether a locked cell is as nbgrader once released it, so that not the student changed it."""
    try:
        return bool(cell.metadata.nbgrader.checksum == utils.compute_checksum(cell))
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _put_back(made: list[NotebookNode], ids: dict[str, NotebookNode], graded: list[Graded], notes: list[str]) -> None:
    """Insert each missing cell after the one before it in the gradebook, a stub before what defines its name already."""
    missing = [cell.id for cell in graded if cell.id not in ids]
    before: NotebookNode | None = None
    for cell in graded:
        if cell.id in missing:
            ids[cell.id] = new_cell(cell.cell_type, cell.source, cell.metadata())
            place = 0 if before is None else _position(made, before) + 1
            elsewhere = [i for i, other in enumerate(made) if cell.solution and _binds(other, cell.id)]
            made.insert(min([place, *elsewhere]), ids[cell.id])
        before = ids[cell.id]
    if missing:
        shown = ", ".join(missing[:4]) + (f" and {len(missing) - 4} more" if len(missing) > 4 else "")
        notes.append(f"put back: {shown}")


def _binds(cell: NotebookNode, name: str) -> bool:
    bound = rf"^(?:(?:async\s+)?(?:def|class)\s+{name}\b|{name}\s*=(?!=))"
    return cell.cell_type == "code" and re.search(bound, cell.source, re.MULTILINE) is not None


def _order(made: list[NotebookNode], ids: dict[str, NotebookNode], graded: list[Graded], notes: list[str]) -> None:
    """Move a check that stands before its solution to right after it."""
    for check in (cell for cell in graded if cell.is_check):
        solution = next((c for c in graded if c.solution and re.fullmatch(rf"{c.id}_check(_\w+)?", check.id)), None)
        if solution is not None and _position(made, ids[check.id]) < _position(made, ids[solution.id]):
            del made[_position(made, ids[check.id])]
            made.insert(_position(made, ids[solution.id]) + 1, ids[check.id])
            notes.append(f"{check.id} stood before {solution.id} and was moved after it")


def _position(cells: list[NotebookNode], wanted: NotebookNode) -> int:
    return next(i for i, cell in enumerate(cells) if cell is wanted)
