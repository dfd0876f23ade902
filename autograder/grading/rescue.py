"""Read what a student handed in, whatever it is: a submission that is no notebook grades as an empty one."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output

MAX_BYTES = 100 * 2**20
KEY = "autograder"


def read(path: Path) -> NotebookNode:
    """A submitted file as a notebook of format 4, with what was wrong with it in ``metadata.autograder.notes``."""
    notes: list[str] = []
    content = _bytes(path, notes)
    notebook = _salvage(_parsed(content, notes), notes)
    notebook.metadata[KEY] = {"submission": hashlib.sha256(content).hexdigest(), "notes": notes}
    return notebook


def digest(path: Path) -> str:
    """The hash of a submitted file, as ``read`` notes it."""
    return hashlib.sha256(_bytes(path, [])).hexdigest()


def _bytes(path: Path, notes: list[str]) -> bytes:
    if any(part.is_symlink() for part in (path.parent.parent, path.parent, path)):
        notes.append("the file is a symbolic link, which is not followed")
        return b""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                notes.append("this is no regular file")
            elif status.st_size > MAX_BYTES:
                notes.append(f"the file is larger than {MAX_BYTES // 2**20} MB")
            else:
                return file.read(MAX_BYTES)
    except OSError as error:
        notes.append(f"the file can't be read ({error.strerror})")
    return b""


def _parsed(content: bytes, notes: list[str]) -> dict[str, Any]:
    if notes:
        return {}
    if not content.strip():
        notes.append("the file is empty")
        return {}
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        notes.append("the file is no notebook (not JSON)")
        return {}
    if not isinstance(data, dict) or not isinstance(data.get("cells", data.get("worksheets")), list):
        notes.append("the file is no notebook (JSON without cells)")
        return {}
    return data


def _salvage(data: dict[str, Any], notes: list[str]) -> NotebookNode:
    cells = data.get("cells")
    if cells is None:  # format 3
        sheets = data.get("worksheets", [])
        cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells"))]
    made = [_cell(cell) for cell in cells if isinstance(cell, dict)]
    if len(made) < len(cells):
        notes.append(f"{len(cells) - len(made)} things that are no cells were left out")
    return NotebookNode(cells=made, metadata=NotebookNode(), nbformat=4, nbformat_minor=5)


def _cell(cell: dict[str, Any]) -> NotebookNode:
    source = _text(cell.get("source", cell.get("input"))).replace("\r\n", "\n").replace("\r", "\n")
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    kind = cell.get("cell_type")
    if kind == "code":
        outputs = [made for output in _list(cell.get("outputs")) for made in _output(output)]
        return new_cell("code", source, metadata, outputs)
    if kind == "markdown":
        made = new_cell("markdown", source, metadata)
        if isinstance(cell.get("attachments"), dict):
            made["attachments"] = cell["attachments"]
        return made
    return new_cell("raw", source, metadata)


def new_cell(kind: str, source: str, metadata: Any = None, outputs: list[NotebookNode] | None = None) -> NotebookNode:
    """A cell. nbformat's own makers validate every one against the schema, which costs more than all the rest here."""
    # the id is given once all cells stand in their order
    made = NotebookNode(id="", cell_type=kind, metadata=from_dict(metadata or {}), source=source)
    if kind == "code":
        made.update(execution_count=None, outputs=outputs or [])
    return made


def _output(output: Any) -> list[NotebookNode]:
    if not isinstance(output, dict):
        return []
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return [new_output("stream", name=name, text=_text(output.get("text")))]
    if kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
        data = {str(k): _text(v) for k, v in output["data"].items() if isinstance(v, (str, list))}
        return [new_output("display_data", data=data)]
    if kind == "error":
        lines = [_text(line) for line in _list(output.get("traceback"))]
        return [
            new_output("error", ename=_text(output.get("ename")), evalue=_text(output.get("evalue")), traceback=lines)
        ]
    return []


def _text(value: Any) -> str:
    text = "".join(item for item in value if isinstance(item, str)) if isinstance(value, list) else value
    if not isinstance(text, str):
        return ""
    return text.encode(errors="replace").decode()  # half a surrogate pair, which JSON can say, fits in no file


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
