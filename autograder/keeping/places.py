"""What of a course can't be made again: the gradebook, the secret seeds, receipts, what was handed in, and people's tables."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from autograder.problem import Problem

GRADEBOOK, DUMP, SEEDS = "gradebook.db", "gradebook.dump", "gradebook.seeds"
FOLDERS = (SEEDS, "receipts", "submitted")
TABLES = ("students.csv", "extensions.csv", "term.csv")
_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Places:
    """Where a course keeps what is backed up: ``gradebook`` is SQLite's file, None where it is PostgreSQL's at ``db_url``."""

    course: Path
    db_url: str

    @property
    def gradebook(self) -> Path | None:
        if not self.db_url.startswith(_SQLITE):
            return None
        return (self.course / self.db_url.removeprefix(_SQLITE)).resolve()

    def of(self, name: str) -> Path:
        """Where something lies that a backup calls so; seeds lie beside the gradebook."""
        if name == GRADEBOOK and self.gradebook:
            return self.gradebook
        beside = self.gradebook.parent if name == SEEDS and self.gradebook else self.course.resolve()
        return beside / name

    def files(self) -> Iterator[tuple[str, Path]]:
        """Each file but the gradebook, by its name in a backup; no link is followed, and locks are nothing to keep."""
        for name in TABLES:
            if self.of(name).is_file():
                yield name, self.of(name)
        for folder in FOLDERS:
            root = self.of(folder)
            for path, folders, names in os.walk(root):
                folders.sort()
                for name in sorted(names):
                    file = Path(path, name)
                    if stat.S_ISREG(file.lstat().st_mode) and not _passes(name):
                        yield f"{folder}/{file.relative_to(root).as_posix()}", file

    @contextlib.contextmanager
    def at_rest(self) -> Iterator[None]:
        """While nobody grades.

        Raises:
            Problem: somebody does.
        """
        with contextlib.ExitStack() as stack:
            for path in sorted(self.of(SEEDS).glob("*.grading")):
                lock = stack.enter_context(path.open())
                try:
                    fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise Problem(f"{path.stem} is being graded by another program: wait until it has ended.") from None
            yield


def postgres(program: str, db_url: str, *arguments: str) -> bytes:
    """Run one of PostgreSQL's programs on a database; the password isn't among its arguments, which others can see.

    Raises:
        Problem: it isn't installed, or fails.
    """
    url = make_url(db_url)
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    command = [program, *arguments, f"--dbname={plain}"]
    try:
        done = subprocess.run(command, env=os.environ | password, capture_output=True, check=False)
    except FileNotFoundError:
        raise Problem(f"{program} isn't installed: apt install postgresql-client.") from None
    if done.returncode:
        raise Problem(f"{program} failed: {' '.join(done.stderr.decode(errors='replace').split())[:500]}")
    return done.stdout


def _passes(name: str) -> bool:
    return name.endswith((".grading", ".partial")) or name == ".lock"
