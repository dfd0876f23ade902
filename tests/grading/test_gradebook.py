"""The gradebook's database: SQLite prepared for several writers and for kills, and PostgreSQL with the same grades."""

import contextlib
import csv
import glob
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import text
from traitlets.config import Config

from autograder.grading.config import configure
from tests.conftest import HOMEWORK, Command
from tests.grading.classroom import everybody


@pytest.fixture(autouse=True)
def configured() -> None:
    configure(Config())


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/gradebook.db"


def test_every_connection_is_prepared(tmp_path: Path) -> None:
    with Gradebook(url(tmp_path)) as gradebook:
        pragmas = {name: gradebook.db.execute(text(f"pragma {name}")).scalar() for name in PREPARED}
    assert pragmas == PREPARED


PREPARED = {"journal_mode": "wal", "busy_timeout": 30_000, "synchronous": 2}


def test_who_reads_keeps_nobody_from_writing(tmp_path: Path) -> None:
    with Gradebook(url(tmp_path)) as gradebook:
        gradebook.add_student("before")
        with contextlib.closing(sqlite3.connect(tmp_path / "gradebook.db", isolation_level=None)) as reader:
            reader.execute("begin")
            assert reader.execute("select id from student").fetchall() == [("before",)]
            gradebook.add_student("after")
            assert reader.execute("select id from student").fetchall() == [("before",)]


def test_a_gradebook_that_can_only_be_read_can_be_read(tmp_path: Path) -> None:
    with Gradebook(url(tmp_path)) as gradebook:
        gradebook.add_student("s")
    with contextlib.closing(sqlite3.connect(tmp_path / "gradebook.db")) as plain:
        plain.execute("pragma journal_mode = delete")
    with Gradebook(f"sqlite:///file:{tmp_path}/gradebook.db?mode=ro&uri=true") as gradebook:
        assert [student.id for student in gradebook.students] == ["s"]


WRITER = """
import sys
from nbgrader.api import Gradebook
from traitlets.config import Config
from autograder.grading.config import configure
configure(Config())
name, times = sys.argv[2], int(sys.argv[3])
with Gradebook(sys.argv[1]) as gradebook:
    for number in range(times):
        gradebook.update_or_create_student(f"{name}{number}")
        gradebook.update_or_create_student("shared", first_name=f"{name}{number}")
        print(number, flush=True)
"""


def writer(folder: Path, name: str, times: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, url(folder), name, str(times)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def students(folder: Path) -> set[str]:
    with Gradebook(url(folder)) as gradebook:
        return {student.id for student in gradebook.students}


def test_two_writers_at_once_both_write(tmp_path: Path) -> None:
    with Gradebook(url(tmp_path)) as gradebook:
        gradebook.add_student("shared")
    writers = [writer(tmp_path, name, 100) for name in "ab"]
    assert [(process.communicate()[1], process.returncode) for process in writers] == [("", 0)] * 2
    assert students(tmp_path) == {"shared"} | {f"{name}{number}" for name in "ab" for number in range(100)}


def test_what_is_committed_outlives_a_kill(tmp_path: Path) -> None:
    with Gradebook(url(tmp_path)) as gradebook:
        gradebook.add_student("shared")
    process = writer(tmp_path, "a", 100_000)
    assert process.stdout is not None and process.stderr is not None
    with process.stdout, process.stderr:
        said = [process.stdout.readline() for _ in range(20)]
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert said[-1] == "19\n" and {f"a{number}" for number in range(20)} <= students(tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "gradebook.db")) as database:
        assert database.execute("pragma integrity_check").fetchall() == [("ok",)]


PROGRAMS = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
needs_postgres = pytest.mark.skipif(not PROGRAMS, reason="no PostgreSQL on this machine: apt install postgresql")


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The URL of a new database on a server of its own, which listens on a socket in its folder only."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))
    as_whom = []
    if os.geteuid() == 0:  # whom the server refuses to run as
        shutil.chown(folder, "postgres")
        as_whom = ["runuser", "-u", "postgres", "--"]

    def run(program: str, *arguments: str) -> None:
        command = [*as_whom, f"{PROGRAMS[-1]}/{program}", *arguments]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    data, log = str(folder / "data"), str(folder / "log")
    run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
    settings = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    run("pg_ctl", "-D", data, "-l", log, "-w", "-o", settings, "start")
    try:
        for name in ("gradebook", "empty"):
            run("createdb", "-h", str(folder), "-U", "postgres", name)
        yield f"postgresql://postgres@/gradebook?host={folder}"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


@pytest.fixture
def empty_database(postgres: str) -> str:
    return postgres.replace("/gradebook?", "/empty?")


def grades(db_url: str) -> dict[str, Any]:
    """Every grade, by student and cell."""
    with Gradebook(db_url) as gradebook:
        return {
            f"{submission.student_id} {grade.name}": (grade.auto_score, grade.manual_score, grade.needs_manual_grade)
            for submission in gradebook.assignment_submissions(HOMEWORK)
            for notebook in submission.notebooks
            for grade in notebook.grades
        }


def exported(course: Path) -> list[dict[str, str]]:
    with (course / "grades.csv").open() as file:
        return sorted(csv.DictReader(file), key=lambda row: row["student_id"])


@needs_postgres
@pytest.mark.slow
def test_postgresql_holds_the_same_grades(toy: Path, tmp_path: Path, command: Command, postgres: str) -> None:
    everybody(toy)
    other = Path(shutil.copytree(toy, tmp_path / "other"))
    with (other / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = {postgres!r}\n")
    for course in (toy, other):
        command(course, "nbgrader", "generate_assignment", HOMEWORK, "--force")
        command(course, "nbgrader", "db", "assignment", "add", HOMEWORK, "--duedate=2026-09-30 12:00:00 UTC")
        command(course, "nbgrader", "autograde", HOMEWORK)
        command(course, "nbgrader", "export")
        if course == toy:  # the secret seed stands beside the course where the gradebook is no file
            shutil.copytree(toy / "gradebook.seeds", other / "gradebook.seeds")
    assert not (other / "gradebook.db").exists()
    expected = grades(url(toy))
    assert len(expected) == 24 and expected["right0 double_check"] == (40, None, False)
    assert grades(postgres) == expected
    assert exported(other) == exported(toy) and len(exported(toy)) == 6

    command(other, "nbgrader", "generate_feedback", HOMEWORK)
    assert len(list(other.glob(f"feedback/*/{HOMEWORK}/*.html"))) == 6
    command(other, "autograder", "grade", HOMEWORK, "--force")
    assert grades(postgres) == expected
    assert "right0" in command(other, "autograder", "summary", HOMEWORK).stdout


@needs_postgres
@pytest.mark.slow
def test_an_empty_database_is_enough_to_grade(toy: Path, command: Command, empty_database: str) -> None:
    everybody(toy)
    with (toy / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = {empty_database!r}\n")
    command(toy, "autograder", "grade", HOMEWORK)
    first = grades(empty_database)
    assert len(first) == 24 and first["right0 double_check"] == (40, None, False)
    command(toy, "nbgrader", "autograde", HOMEWORK, "--force")
    assert grades(empty_database) == first
