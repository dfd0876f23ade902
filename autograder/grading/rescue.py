"""Read what a student handed in, whatever it is: a submission that is no notebook grades as an empty one."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output

MAX_BYTES = 100 * 2**20
MAX_CELLS = 2_000
MAX_SOURCE = 2**20
MAX_OUTPUTS = 200
KEY = "autograder"
_DEPTH = 10_000


def read(path: Path) -> NotebookNode:
    """A submitted file as a notebook of format 4, with what was wrong with it in ``metadata.autograder.notes``."""
    notes: list[str] = []
    content = _bytes(path, notes)
    return _noted(_salvage(_parsed(content, notes), notes), hashlib.sha256(content).hexdigest(), notes)


def _noted(notebook: NotebookNode, submission: str, notes: list[str]) -> NotebookNode:
    notebook.metadata[KEY] = {"submission": submission, "notes": notes}
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


def unreadable(path: Path, why: str) -> NotebookNode:
    """The notebook of a file of which nothing could be read."""
    return _noted(_notebook([]), digest(path), [f"nothing of the file was read: {why}"])


def _parsed(content: bytes, notes: list[str]) -> dict[str, Any]:
    if notes:
        return {}
    if not content.strip():
        notes.append("the file is empty")
        return {}
    try:
        text, encoding = _decoded(content)
        data = _json(text)
    except (ValueError, RecursionError):
        notes.append(f"the file is no notebook: {_what(content)}")
        return {}
    if not isinstance(data, dict) or not isinstance(data.get("cells", data.get("worksheets")), list):
        notes.append("the file is no notebook (JSON without cells)")
        return {}
    if encoding != "utf-8":
        notes.append(f"the file is saved in {encoding}, not in UTF-8, and was read as that")
    return data


def _decoded(content: bytes) -> tuple[str, str]:
    """Text and its encoding: UTF-8, or as editors under Windows save it where Persian is written."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), "utf-16"
    if b"\0" in content[:2]:
        encoding = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
        return content.decode(encoding, errors="replace"), encoding
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1256", errors="replace"), "cp1256"


def _json(text: str) -> Any:
    """JSON however deep it is: what is deep is not needed, and left out afterwards."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(_DEPTH)
    try:
        return json.loads(text)
    finally:
        sys.setrecursionlimit(before)


_KINDS = (
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "a document of an office program (.doc)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"Rar!", "an archive (.rar): unpack it"),
    (b"7z\xbc\xaf", "an archive (.7z): unpack it"),
    (b"\x1f\x8b", "an archive (.gz): unpack it"),
    (b"{\\rtf", "a document of an office program (.rtf)"),
)


def _what(content: bytes) -> str:
    """What a file that is no notebook seems to be."""
    for magic, kind in _KINDS:
        if content.startswith(magic):
            return kind
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content.startswith(b"PK"):
        office = next((name for name in (b"word/", b"xl/", b"ppt/") if name in content), None)
        return "a document of an office program (.docx)" if office else "an archive (.zip): unpack it"
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<script", b"<!--")):
        return "a web page; download the notebook itself, as .ipynb"
    if b"<<<<<<<" in content and b">>>>>>>" in content:
        return "git's marks of a merge conflict are in it (<<<<<<<); resolve the conflict"
    if start.startswith(b"{"):
        return "its JSON is damaged or cut off"
    if any(line.startswith((b"import ", b"from ", b"def ", b"# %%", b"#!")) for line in content[:20_000].splitlines()):
        return "a Python file; hand in the notebook (.ipynb)"
    return "it is not JSON"


def _salvage(data: dict[str, Any], notes: list[str]) -> NotebookNode:
    cells = data.get("cells")
    if cells is None:  # format 3
        sheets = data.get("worksheets", [])
        cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet.get("cells"))]
    made = [_cell(cell, notes) for cell in _bounded(cells, notes) if isinstance(cell, dict)]
    strange = sum(not isinstance(cell, dict) for cell in cells)
    if strange:
        notes.append(f"{strange} things that are no cells were left out")
    return _notebook(made)


def _bounded(cells: list[Any], notes: list[str]) -> list[Any]:
    """At most ``MAX_CELLS`` cells; where there are more, empty ones go first."""
    if len(cells) <= MAX_CELLS:
        return cells
    full = [cell for cell in cells if isinstance(cell, dict) and _text(cell.get("source", cell.get("input"))).strip()]
    if len(full) > MAX_CELLS:
        notes.append(f"{len(full):,} cells: only the first {MAX_CELLS:,} count")
    return full[:MAX_CELLS]


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    return NotebookNode(cells=cells, metadata=NotebookNode(), nbformat=4, nbformat_minor=5)


def _cell(cell: dict[str, Any], notes: list[str]) -> NotebookNode:
    source = _text(cell.get("source", cell.get("input"))).replace("\r\n", "\n").replace("\r", "\n")
    if len(source) > MAX_SOURCE:
        notes.append(f"a cell of {len(source):,} characters was left out: {MAX_SOURCE:,} are allowed")
        source = ""
    metadata = _of_nbgrader(cell.get("metadata"))
    kind = cell.get("cell_type")
    if kind == "code":
        outputs = [made for output in _list(cell.get("outputs"))[:MAX_OUTPUTS] for made in _output(output)]
        return new_cell("code", source, metadata, outputs)
    if kind == "markdown":
        made = new_cell("markdown", source, metadata)
        if isinstance(cell.get("attachments"), dict):
            made["attachments"] = cell["attachments"]
        return made
    return new_cell("raw", source, metadata)


def _of_nbgrader(metadata: Any) -> dict[str, Any]:
    """Of a cell's metadata the one thing that may tell which released cell it was; the rest can be of any size and depth."""
    about = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = about.get("grade_id") if isinstance(about, dict) else None
    return {"nbgrader": {"grade_id": grade_id}} if isinstance(grade_id, str) and len(grade_id) <= 200 else {}


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
    text = text.encode(errors="replace").decode()  # half a surrogate pair, which JSON can say, fits in no file
    return text.translate(_NOT_TEXT)


_NOT_TEXT = dict.fromkeys(set(range(32)) - set(map(ord, "\t\n\f\r\x1b")))  # databases and pages refuse them


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
