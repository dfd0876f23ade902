"""``handin()``: the file to upload, made from the notebook as it is saved, and looked into once more."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zipfile
from html import escape
from io import BytesIO
from pathlib import Path

from autograder import whole
from autograder.checks import session
from autograder.checks.check import public_references
from autograder.checks.messages import direction
from autograder.checks.references import References
from autograder.desk import file
from autograder.desk.show import display, readable
from autograder.desk.standing import solutions
from autograder.desk.words import say

KEPT = ".handin.json"
_PART = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
_FIELDS = ("first_name", "last_name", "student_id")


def handin(notebook: str | None = None, *, afresh: bool = False, **who: str) -> None:
    """Write ``DL_Hw<N>_<first>_<last>_<number>.zip`` beside this notebook and say what is in it.

    Args:
        notebook: this notebook's file, where it can't be found.
        afresh: whether to run everything in a fresh kernel first, and say which checks fail then.
        who: ``first_name``, ``last_name`` and ``student_id``; asked for once where they aren't given.

    Raises:
        NotReady: there is no such notebook, it is of another homework, or a name can't be part of a file's name.
    """
    homework = session.current.named_homework()
    if session.current.sink is not None:
        return  # nobody hands in while it is graded
    references = public_references(homework)
    language = references.guide.language
    saved = _saved(homework, notebook, references)
    if count := file.unsaved(saved):
        raise session.NotReady(say(language, "old", count=count))
    lines = [_afresh(saved, language)] if afresh else []
    archive = saved.path.with_name(_name(homework, language, who))
    content = saved.path.read_bytes()
    _write(archive, f"{homework}.ipynb", content)
    lines += _inside(archive, references) + ([] if afresh else [say(language, "afresh")]) + [say(language, "then")]
    _tell(language, say(language, "written_zip", file=archive.name), lines)


def _saved(homework: str, name: str | None, references: References) -> file.Notebook:
    language = references.guide.language
    path = Path(name) if name else file.find(homework)
    if path is None:
        path = Path(input(say(language, "which_file", folder=Path.cwd())).strip())
    if not path.is_file() and path.with_suffix(".ipynb").is_file():
        path = path.with_suffix(".ipynb")
    saved = file.read(path)
    if saved is None:
        raise session.NotReady(say(language, "no_file", file=path))
    if not any(solution in source for source in saved.code for solution in solutions(references.guide)):
        raise session.NotReady(say(language, "not_ours", file=path, homework=homework))
    return saved


def _name(homework: str, language: str, given: dict[str, str]) -> str:
    """The zip's name; who hands in is asked once and kept beside the notebook."""
    kept = Path(KEPT)
    who = (
        {field: "" for field in _FIELDS}
        | (json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {})
        | given
    )
    if not all(who.values()):
        print(say(language, "whose", file=KEPT))
    for field in _FIELDS:
        who[field] = "-".join((who[field] or input(say(language, field))).split())
        if not _PART.fullmatch(who[field]):
            raise session.NotReady(say(language, "bad_name", value=who[field]))
    whole.write(kept, json.dumps({field: who[field] for field in _FIELDS}))
    number = re.sub(r"\D*0*(\d+).*", r"\1", homework)
    return f"DL_Hw{number}_{who['first_name']}_{who['last_name']}_{who['student_id']}.zip"


def _write(archive: Path, name: str, content: bytes) -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
    whole.write(archive, buffer.getvalue())


def _inside(archive: Path, references: References) -> list[str]:
    """What a zip holds, as read from the disk again."""
    language, essays = references.guide.language, references.guide.essays
    with zipfile.ZipFile(archive) as made:
        [name] = made.namelist()
        content = made.read(name)
    saved = file.parse(archive / name, content)
    if saved is None:
        raise session.NotReady(say(language, "no_file", file=archive))
    written = sum(saved.is_written(essay) for essay in essays)
    stubs = saved.stubs()
    tasks = len(solutions(references.guide))
    return [
        say(
            language, "inside", name=name, tasks=max(0, tasks - stubs), empty=stubs, written=written, essays=len(essays)
        ),
        say(language, "sha", sha=hashlib.sha256(content).hexdigest()),
    ]


def _afresh(saved: file.Notebook, language: str) -> str:
    """Which checks fail when the saved notebook runs from its first cell in a fresh kernel."""
    try:
        import nbformat
        from nbclient import NotebookClient
    except ImportError:
        raise session.NotReady(say(language, "no_nbclient")) from None
    notebook = nbformat.read(saved.path, as_version=4)
    NotebookClient(
        notebook, allow_errors=True, timeout=None, resources={"metadata": {"path": str(saved.path.parent)}}
    ).execute()
    failed = [
        cell.metadata["nbgrader"]["grade_id"]
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
        and cell.cell_type == "code"
        and any(output.output_type == "error" for output in cell.outputs)
    ]
    return say(language, "failed", names=", ".join(failed)) if failed else say(language, "all_right")


def _tell(language: str, head: str, lines: list[str]) -> None:
    shown = [readable(line, language) for line in (head, *lines)]
    body = "".join(f"<div>{escape(line)}</div>" for line in shown[1:])
    display(
        "\n".join([head, *lines]),
        f'<div class="autograder-handin" {direction(language)} style="max-width:62em;text-align:start">'
        f'<div style="font-weight:600">{escape(shown[0])}</div>{body}</div>',
    )
    sys.stdout.flush()
