"""source/ → release/, through nbgrader's own GenerateAssignment."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbgrader.api
from alembic.script import ScriptDirectory
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    NbGraderPreprocessor,
    SaveCells,
)
from traitlets import Enum
from traitlets.config import Config

from autograder.building import notebook, text
from autograder.building.text import BuildError

LANGUAGES = ("en", "fa")
Known = tuple[str, str, float | None]


class SelectLanguage(NbGraderPreprocessor):  # type: ignore[misc]
    """Keep the prose of one language."""

    lang = Enum(LANGUAGES, default_value="en", help="The language of the released notebook's prose.").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        nb.cells = [cell for cell in nb.cells if cell.metadata.pop("lang", self.lang) == self.lang]
        return nb, resources


# The mark scheme goes before the cells are saved: nbgrader knows an unanswered essay by its checksum.
PREPROCESSORS = [
    SelectLanguage,
    LockCells,
    ClearSolutions,
    ClearMarkScheme,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    CheckCellMetadata,
]
TEXT_STUB = (
    '<div dir="auto">\n\nYOUR ANSWER HERE · پاسخ شما این‌جا\n\n</div>'  # read from the side that the answer begins on
)


def configure(c: Config) -> None:
    """How this project releases; part of ``nbgrader_config.py``."""
    c.GenerateAssignment.preprocessors = PREPROCESSORS
    c.ClearSolutions.text_stub = TEXT_STUB
    c.ClearMarkScheme.enforce_metadata = False  # nbgrader knows mark schemes in task cells only; ours stand in essays
    find_alembic()


def find_alembic() -> None:
    """What nbgrader wants of alembic, without an activated environment.

    A new gradebook's version it would ask the program for, which takes a second each time; the library knows it too.
    """
    folder = str(Path(sys.executable).parent)
    if folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = folder + os.pathsep + os.environ.get("PATH", "")
    nbgrader.api.get_alembic_version = _newest_version


@cache
def _newest_version() -> str:
    head = ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic")).get_current_head()
    if head is None:
        raise BuildError("nbgrader's package is damaged: it has no migrations. Install it again.")
    return head


@contextlib.contextmanager
def throw_away_gradebook() -> Iterator[str]:
    """The URL of a new gradebook in memory, gone at the end."""
    name = f"file:/{uuid4().hex}?vfs=memdb"
    with contextlib.closing(sqlite3.connect(name, uri=True)):  # it lives as long as somebody is connected
        yield f"sqlite:///{name}&uri=true"


def require_built(course: Path, homework: str) -> None:
    """Refuse a homework whose text was changed since it was built: students would be graded by what they never saw.

    Raises:
        BuildError: it was.
    """
    place = course / "assignments" / homework / f"{homework}.py"
    built = course / "source" / homework / f"{homework}.ipynb"
    if not built.exists() or built.read_text(encoding="utf-8") != notebook.write(notebook.make(text.read(place))):
        raise BuildError(
            f"{place} was changed since it was built: `autograder build {homework}` first, then grade everybody with it, "
            "with --force who is graded already."
        )


def register(course: Path, homework: str, db_url: str) -> None:
    """Make a gradebook know a homework as its text is now; does nothing when it does already.

    Raises:
        BuildError: cells were added or removed although there are submissions.
    """
    made = notebook.make(text.read(course / "assignments" / homework / f"{homework}.py"))
    with tempfile.TemporaryDirectory(prefix="autograder-register-") as name:
        source = Path(name) / "source" / homework
        source.mkdir(parents=True)
        (source / f"{homework}.ipynb").write_text(notebook.write(made), encoding="utf-8")
        with throw_away_gradebook() as url:
            generate(Path(name), homework, "en", url)
            with Gradebook(url) as fresh, Gradebook(db_url) as gradebook:
                if _same(known(fresh, homework), known(gradebook, homework)):
                    return
        shutil.rmtree(Path(name) / "release")
        generate(Path(name), homework, "en", db_url)


def _same(fresh: list[Known], stored: list[Known]) -> bool:
    """Whether a gradebook knows a homework as it is; a cell that counts nothing there had its checks voided."""
    return len(fresh) == len(stored) and all(f[:2] == s[:2] and s[2] in (f[2], 0) for f, s in zip(fresh, stored))


def known(gradebook: Gradebook, homework: str) -> list[Known]:
    """What a gradebook knows of a homework: the names, sources and points of its cells."""
    try:
        stored = gradebook.find_notebook(homework, homework)
    except MissingEntry:
        return []
    points = {cell.name: cell.max_score for cell in stored.grade_cells}
    return [(cell.name, cell.source, points.get(cell.name)) for cell in stored.source_cells]


def generate(course: Path, homework: str, lang: str, db_url: str) -> None:
    """Make ``release/<lang>/<homework>`` from ``source/<homework>`` in a course folder, with the gradebook at a URL.

    Raises:
        BuildError: nbgrader refuses the notebook; its own words are in the message.
    """
    c = Config()
    configure(c)
    c.SelectLanguage.lang = lang
    c.CourseDirectory.root = str(course)
    c.CourseDirectory.db_url = db_url
    c.CourseDirectory.release_directory = f"release/{lang}"
    c.CourseDirectory.assignment_id = homework
    c.CourseDirectory.course_id = (
        "default_course"  # as every gradebook has one; without an id PostgreSQL refuses the homework
    )
    log = _Log()
    logger = logging.getLogger("autograder.release")
    logger.handlers, logger.propagate = [log], False
    converter = GenerateAssignment(coursedir=CourseDirectory(config=c), config=c, log=logger)
    try:
        converter.start()
    except NbGraderException:
        raise BuildError(f"nbgrader can't release {homework}:\n" + "\n".join(log.errors)) from None


class _Log(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.errors.append(record.getMessage())
