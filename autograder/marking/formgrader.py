"""In Formgrader the model answer and the mark scheme stand below each essay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.marking import essays
from autograder.marking.essays import Essay
from autograder.problem import Problem


class ShowSchemes(Preprocessor):  # type: ignore[misc]
    """Adds a cell below each essay, on Formgrader's pages only: they alone have a submission's id among their resources."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        if "submission_id" not in resources or "nbgrader" in resources:
            return nb, resources
        known = _essays(Path(resources["metadata"]["path"]), resources["assignment_id"])
        cells = []
        for cell in nb.cells:
            cells.append(cell)
            essay = known.get(essays.about(cell).get("grade_id", ""))
            if essay is not None:
                cells.append(new_markdown_cell(_shown(essay)))
        nb.cells = cells
        return nb, resources


def _essays(graded: Path, homework: str) -> dict[str, Essay]:
    """The essays of the course that a graded notebook's folder lies in; none where its own notebook isn't built."""
    for folder in graded.resolve().parents:
        if (folder / "source" / homework / f"{homework}.ipynb").exists():
            try:
                return {essay.id: essay for essay in essays.read(folder, homework)}
            except Problem:
                return {}
    return {}


def _shown(essay: Essay) -> str:
    lines = [f"- {'up to ' * line.up_to}{line.points:g}: {line.words}" for line in essay.lines]
    scheme = "\n\n".join(part for part in ("\n".join(lines), essay.notes) if part)
    shown = f"**Model answer**\n\n{essay.model}\n\n**Mark scheme** ({essay.points:g} points)\n\n{scheme}"
    return f'<div dir="auto">\n\n{shown}\n\n</div>'
