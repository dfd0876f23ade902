"""The file that a running notebook is saved in, and what of it is done."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.desk import cells

STUB = "raise NotImplementedError"
_MARKUP = re.compile(r"</?div[^>]*>|YOUR ANSWER HERE · پاسخ شما این‌جا")  # what an empty essay holds
_ASKS = ("handin(", "hint(", "progress(")


@dataclass(frozen=True)
class Notebook:
    """A saved notebook: the text of its cells."""

    path: Path
    code: list[str]
    essays: dict[str, str]

    def is_written(self, cell: str) -> bool:
        """Whether an essay has been answered, as far as a program can tell."""
        answer = _MARKUP.sub("", self.essays.get(cell, ""))
        return bool(answer.strip())

    def stubs(self) -> int:
        """How many cells are as they were released."""
        return sum(STUB in source for source in self.code)


def read(path: Path) -> Notebook | None:
    """A saved notebook; None where the file is none."""
    try:
        return parse(path, path.read_bytes())
    except OSError:
        return None


def parse(path: Path, content: bytes) -> Notebook | None:
    """A notebook of these bytes; None where they are none."""
    try:
        found = json.loads(content)["cells"]
        code = [_source(cell) for cell in found if cell["cell_type"] == "code"]
        essays = {_id(cell): _source(cell) for cell in found if cell["cell_type"] == "markdown" and _id(cell)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return Notebook(path, code, essays)


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _id(cell: dict[str, Any]) -> str:
    return str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", ""))


def find(homework: str) -> Path | None:
    """The file of the notebook that this kernel runs: as JupyterLab or VS Code tells, else the only one here of the homework."""
    names = [os.environ.get("JPY_SESSION_NAME", ""), str(cells.names().get("__vsc_ipynb_file__", ""))]
    told = [Path(name) for name in names if name.endswith(".ipynb")]
    found = [path for path in told if path.is_file()] or sorted(Path.cwd().glob(f"{homework}*.ipynb"))
    return found[0] if len(found) == 1 else None


def unsaved(notebook: Notebook) -> int:
    """How many of the cells that ran since the file was saved are not in it as they ran."""
    saved = {source.strip() for source in notebook.code}
    since = notebook.path.stat().st_mtime
    before = [source for at, source in list(cells.ran)[:-1] if at > since]  # the last one is the cell that asks
    return len({source for source in before if source and source not in saved and not source.startswith(_ASKS)})
