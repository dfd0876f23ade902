"""A class of fourteen with names as people write them, and its homework in each platform's layout."""

from __future__ import annotations

import io
import json
import os
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

HOMEWORK = "hw02_attention"
NOTEBOOK = f"{HOMEWORK}.ipynb"
TIME = 1_790_000_000

# id, first name, last name, lms_user_id, and the name as the platform or the student writes it
STUDENTS = [
    ("99100101", "Sara", "Ahmadi", "12345", "Sara Ahmadi"),
    ("99100102", "Omid", "Tehrani", "12346", "omid TEHRANI"),
    ("99100103", "علی", "کریمی", "12347", "علي كريمي"),
    ("99100104", "فاطمه", "رضایی‌نژاد", "12348", "فاطمة رضایی نژاد"),
    ("99100105", "محمّد", "حسینی", "12349", "محمد حسيني"),
    ("99100106", "مهدی", "قاسمی", "12350", "\u202bمهدی قاسمی\u202c"),
    ("99100107", "آرش", "مؤمنی", "12351", unicodedata.normalize("NFD", "آرش مؤمنی")),
    ("99100108", "Zoë", "Müller", "12352", unicodedata.normalize("NFD", "Zoë Müller")),
    ("99100109", "Mary Jane", "van der Berg", "12353", "Mary Jane van der Berg"),
    ("99100110", "نرگس", "میرزایی", "12354", "نَرگِس میرزایی"),
    ("99100111", "Seán", "O’Brien", "12355", "Seán O'Brien"),
    ("99100112", "زهرا", "پناه‌آبادی", "12356", "زهرا پناه آبادی"),
    ("99100113", "Li", "Wei", "12357", "LI WEI"),
    ("99100114", "مریم", "سادات موسوی", "12358", "مریم سادات\u00a0موسوی\u200f"),
]  # fmt: skip
IDS = {student[0] for student in STUDENTS}
ROSTER = "id,first_name,last_name,email,lms_user_id\n" + "".join(
    f"{id},{first},{last},s{id}@example.edu,{lms}\n" for id, first, last, lms, _ in STUDENTS
)


def cell(kind: str, source: str, grade_id: str = "", solution: bool = False) -> dict[str, Any]:
    about = {"grade_id": grade_id, "solution": solution, "locked": not solution}
    made: dict[str, Any] = {"cell_type": kind, "metadata": {"nbgrader": about} if grade_id else {}, "source": source}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def notebook(answer: str | None = None, homework: str = HOMEWORK) -> bytes:
    """A notebook of a homework; untouched without an answer."""
    stub = f"def f_{homework}(x):\n    # YOUR CODE HERE\n    raise NotImplementedError"
    cells = [
        cell("markdown", f"# {homework}"),
        cell("code", "from autograder import check", "setup"),
        cell("code", stub if answer is None else f"def f_{homework}(x):\n    return {answer!r}", f"{homework}_f", True),
        cell("code", f"check('f', f_{homework}(1))", f"{homework}_f_check"),
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False).encode()


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2026, 9, 21, 14, 13, 20))
            entry.compress_type = method
            archive.writestr(entry, content)
    return buffer.getvalue()


def course(folder: Path, roster: str | None = ROSTER) -> Path:
    """A course that has released two homeworks."""
    for homework in (HOMEWORK, "hw03_linear"):
        for language in ("en", "fa"):
            place = folder / "release" / language / homework
            place.mkdir(parents=True)
            (place / f"{homework}.ipynb").write_bytes(notebook(None, homework))
        (folder / "assignments" / homework).mkdir(parents=True)
        (folder / "assignments" / homework / f"{homework}.py").touch()
    if roster is not None:
        (folder / "students.csv").write_text(roster, encoding="utf-8")
    return folder


def lay(folder: Path, files: dict[str, bytes], time: int = TIME) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (time, time))
    return folder


def moodle_folders() -> dict[str, bytes]:
    files = {}
    for number, (id, *_, name) in enumerate(STUDENTS):
        base = f"{name}_{501 + number}_assignsubmission"
        files[f"{base}_file_/{NOTEBOOK}"] = notebook(id)
        files[f"{base}_onlinetext_/onlinetext.html"] = b"<p>hello"
    return files


def moodle_zips() -> dict[str, bytes]:
    return {
        f"{name}_{501 + number}_assignsubmission_file_/my homework {number}.zip": zipped(
            {f"hw/{NOTEBOOK}": notebook(id)}
        )
        for number, (id, *_, name) in enumerate(STUDENTS)
    }


def moodle_flat() -> dict[str, bytes]:
    return {
        f"{name}_{501 + number}_assignsubmission_file_{NOTEBOOK}": notebook(id)
        for number, (id, *_, name) in enumerate(STUDENTS)
    }


def canvas() -> dict[str, bytes]:
    return {
        f"{last}{first}_{'LATE_' * (number % 2)}{lms}_{678900 + number}_{HOMEWORK}{'-1' * (number % 3 == 0)}.ipynb".replace(
            " ", ""
        ).lower(): notebook(id)
        for number, (id, first, last, lms, _) in enumerate(STUDENTS)
    }


def by_id() -> dict[str, bytes]:
    persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    return {
        f"{id.translate(persian) if number % 2 else id}/{NOTEBOOK}": notebook(id)
        for number, (id, *_) in enumerate(STUDENTS)
    }


def by_name() -> dict[str, bytes]:
    return {f"{name}/{HOMEWORK}/{NOTEBOOK}": notebook(id) for id, *_, name in STUDENTS}


def own() -> dict[str, bytes]:
    return {f"DL_Hw2_{name.replace(' ', '_')}_{id}.zip": zipped({NOTEBOOK: notebook(id)}) for id, *_, name in STUDENTS}


def repositories() -> dict[str, bytes]:
    files = {}
    for id, *_ in STUDENTS:
        files[f"hw02-s{id}/{NOTEBOOK}"] = notebook(id)
        files[f"hw02-s{id}/.git/HEAD"] = b"ref: refs/heads/main\n"
        files[f"hw02-s{id}/README.md"] = b"# hello"
    return files


LAYOUTS = {f.__name__: f for f in (moodle_folders, moodle_zips, moodle_flat, canvas, by_id, by_name, own, repositories)}
