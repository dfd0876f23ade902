"""The instructor's notebook of a homework, in nbgrader's format, with both languages in it."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.building import picture
from autograder.building.text import Cell

SCHEMA_VERSION = 3
_FLAGS = {  # kind: (grade, solution, locked)
    "given": (False, False, True),
    "solution": (False, True, False),
    "check": (True, False, True),
    "essay": (True, True, False),
}


def make(cells: list[Cell]) -> NotebookNode:
    """The notebook of these cells; the same cells make the same bytes."""
    notebook = new_notebook(
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    number = 0
    for cell in (cell for cell in cells if cell.kind not in ("preload", "hint")):
        number += cell.lang == "en"
        notebook.cells.append(_expand(cell, number))
    return notebook


def write(notebook: NotebookNode) -> str:
    """A notebook as text, ending in a newline."""
    text: str = nbformat.writes(notebook)
    return text.rstrip("\n") + "\n"


def _expand(cell: Cell, number: int) -> NotebookNode:
    new = new_code_cell if cell.is_code else new_markdown_cell
    source = right_to_left(cell.source) if cell.lang == "fa" else cell.source
    if not cell.is_code:
        source = picture.SHOWN.sub(lambda shown: _image(cell, *shown.groups()), source)
    if cell.forbid:
        source = f"# By hand: {', '.join(cell.forbid.split())} is not allowed in this cell.\n{source}"
    identifier = cell.id.replace("_", "-") if cell.id else f"{cell.kind}-{number:03d}-{cell.lang}"
    made: NotebookNode = new(source=source, id=identifier[:64], metadata=_metadata(cell))
    return made


def _image(cell: Cell, alt: str, name: str) -> str:
    """A picture within the page: JupyterLab shows no attached SVG, and a file beside the notebook gets lost."""
    place = picture.place(cell.path.parent, name, cell.lang)
    try:
        content = base64.b64encode(place.read_bytes()).decode()
    except FileNotFoundError:
        raise cell.error(f"{place} is missing: `autograder build {cell.path.stem}` draws it.") from None
    return f'<img alt="{html.escape(alt)}" src="data:image/svg+xml;base64,{content}">'


def _metadata(cell: Cell) -> dict[str, Any]:
    if cell.kind == "markdown":
        return {"lang": cell.lang}
    if cell.kind == "code":
        return {}
    grade, solution, locked = _FLAGS[cell.kind]
    meta: dict[str, Any] = {
        "grade": grade,
        "grade_id": cell.id,
        "locked": locked,
        "schema_version": SCHEMA_VERSION,
        "solution": solution,
        "task": False,
    }
    return {"nbgrader": meta | ({"points": cell.points} if grade else {})}


_FENCE = re.compile(r"^```.*?^```[ \t]*$", re.DOTALL | re.MULTILINE)
_CODE_OR_MATHS = re.compile(r"(\$\$.*?\$\$|\$[^$\n]+?\$)|(`[^`\n]+`)", re.DOTALL)


PARAGRAPH = '<span dir="rtl" style="display:block;text-align:right">'
_NO_PARAGRAPH = re.compile(r"\s|#|[-*+] |\d+[.)] |\||\$\$|<|!\[|> |---")


def right_to_left(source: str) -> str:
    """Persian markdown that reads right to left, with its code left to right.

    JupyterLab aligns every paragraph to the left, whatever its direction, so each gets a block of its own that isn't.
    Formulas need nothing: MathJax and KaTeX set their own direction.
    """
    body = _outside_fences(source, lambda prose: _aligned(_CODE_OR_MATHS.sub(_isolate, prose)))
    return f'<div dir="rtl" lang="fa">\n\n{body}\n\n</div>'


def _aligned(prose: str) -> str:
    return "\n\n".join(_block(block) for block in re.split(r"\n[ \t]*\n", prose))


def _block(block: str) -> str:
    """A block of prose with its leading paragraph aligned; lists, tables, headings and displayed formulas stay."""
    lines = block.split("\n")
    isolated = re.compile(rf"(?!{re.escape(_CODE)})(?:{_NO_PARAGRAPH.pattern})")
    end = next((i for i, line in enumerate(lines) if not line or isolated.match(line)), len(lines))
    if end == 0:
        return f"\n{_block(block[1:])}" if block.startswith("\n") else block
    paragraph = "\n".join(lines[:end])
    return "\n".join([f"{PARAGRAPH}{paragraph}</span>", *lines[end:]])


_CODE = '<span dir="ltr">`'


def _isolate(match: re.Match[str]) -> str:
    return match[1] or f"{_CODE}{match[2][1:]}</span>"


def _outside_fences(source: str, change: Callable[[str], str]) -> str:
    parts, end = [], 0
    for fence in _FENCE.finditer(source):
        parts += [change(source[end : fence.start()]), f'<div dir="ltr">\n\n{fence[0]}\n\n</div>']
        end = fence.end()
    return "".join([*parts, change(source[end:])])
