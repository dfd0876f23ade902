"""``autograder collect`` and ``autograder deadline`` in a course."""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.building import release
from autograder.collecting.collect import Collected, collect
from autograder.grading import plausible
from autograder.grading.deadline import deadline
from autograder.grading.late import LateDays
from autograder.problem import Problem
from tests.collecting.classes import (
    HOMEWORK,
    IDS,
    NOTEBOOK,
    TIME,
    course,
    lay,
    moodle_flat,
    moodle_folders,
    notebook,
    zipped,
)
from tests.conftest import ROOT, Command

SARA = f"99100101/{NOTEBOOK}"
HOUR = 3600


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A course with nbgrader's configuration, and no deadline yet."""
    made = course(tmp_path / "course")
    shutil.copy(ROOT / "nbgrader_config.py", made)
    release.find_alembic()
    monkeypatch.chdir(made)
    yield made


def collected(here: Path, files: dict[str, bytes], time: int = TIME) -> Collected:
    folder = here.parent / "download"
    shutil.rmtree(folder, ignore_errors=True)
    return collect(here, HOMEWORK, lay(folder, files, time))


def submitted(here: Path, student: str = "99100101") -> tuple[bytes, str]:
    folder = here / "submitted" / student / HOMEWORK
    assert sorted(os.listdir(folder)) == [NOTEBOOK, "timestamp.txt"]
    return (folder / NOTEBOOK).read_bytes(), (folder / "timestamp.txt").read_text()


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_a_class_is_one_line_and_a_second_time_changes_nothing(here: Path) -> None:
    done = collected(here, moodle_folders())
    assert done.line() == "14 of 14 students collected (14 new)." and not done.problems and not done.notes
    assert {path.name for path in (here / "submitted").iterdir()} == IDS
    assert submitted(here, "99100103") == (notebook("99100103"), "2026-09-21 14:13:20 UTC")
    before = everything(here / "submitted")
    again = collected(here, moodle_flat())
    assert again.line() == "14 of 14 students collected (nothing new)." and everything(here / "submitted") == before


def test_the_roster_fills_the_gradebook(here: Path) -> None:
    collected(here, {SARA: notebook("a")})
    with sqlite3.connect(here / "gradebook.db") as database:
        rows = database.execute(
            "select id, first_name, last_name, email, lms_user_id from student order by id"
        ).fetchall()
    assert len(rows) == 14 and rows[2] == ("99100103", "علی", "کریمی", "s99100103@example.edu", "12347")


def test_a_later_download_adds_later_attempts_and_keeps_the_earlier_ones(here: Path) -> None:
    collected(here, {SARA: notebook("first"), f"99100102/{NOTEBOOK}": notebook("o")})
    done = collected(here, {SARA: notebook("second")}, TIME + HOUR)
    assert done.line() == "1 of 14 students collected (1 newer)."
    assert submitted(here) == (notebook("second"), "2026-09-21 15:13:20 UTC")
    (kept,) = (here / "downloaded" / HOMEWORK / "earlier" / "99100101").iterdir()
    assert (kept / NOTEBOOK).read_bytes() == notebook("first") and kept.name == "2026-09-21_141320"
    assert submitted(here, "99100102")[0] == notebook("o")


@pytest.mark.parametrize("worse", [notebook(), b"", b"<html>", notebook("x", "hw03_linear")])
def test_what_was_collected_is_not_replaced_by_something_useless(here: Path, worse: bytes) -> None:
    collected(here, {SARA: notebook("good")})
    collected(here, {SARA: worse}, TIME + HOUR)
    assert submitted(here)[0] == notebook("good")


def test_an_older_download_changes_nothing(here: Path) -> None:
    collected(here, {SARA: notebook("new")})
    collected(here, {SARA: notebook("old")}, TIME - HOUR)
    assert submitted(here)[0] == notebook("new")


def test_one_that_cannot_be_moved_in_leaves_what_was_there(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collected(here, {SARA: notebook("first")})
    from autograder.collecting import collect as module

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module.whole, "write", full)
        with pytest.raises(OSError):
            collected(here, {SARA: notebook("second")}, TIME + HOUR)
    assert submitted(here)[0] == notebook("first")
    collected(here, {SARA: notebook("second")}, TIME + HOUR)
    assert submitted(here)[0] == notebook("second")


@pytest.mark.parametrize("which", ["newest", "on time"])
def test_a_late_one_replaces_one_in_time_only_by_the_courses_choice_and_says_so(here: Path, which: str) -> None:
    with (here / "nbgrader_config.py").open("a") as file:
        file.write(f"\nc.LateDays.which = {which!r}\n")
    deadline(here, HOMEWORK, "2026-09-21 15:00 UTC", datetime.fromtimestamp(TIME).astimezone())
    collected(here, {SARA: notebook("in time")})
    for _ in range(2):
        done = collected(here, {SARA: notebook("late")}, TIME + 5 * HOUR)
    assert submitted(here)[0] == notebook("late" if which == "newest" else "in time")
    assert not done.problems
    done = collected(here, {"a/" + SARA: notebook("in time"), "99100102/x.ipynb": notebook("o")})
    assert submitted(here)[0] == notebook("late" if which == "newest" else "in time")


def test_the_choice_between_late_and_in_time_is_said(here: Path) -> None:
    deadline(here, HOMEWORK, "2026-09-21 15:00 UTC", datetime.fromtimestamp(TIME).astimezone())
    collected(here, {SARA: notebook("in time")})
    (line,) = collected(here, {SARA: notebook("late")}, TIME + 5 * HOUR).notes
    assert "was in time; the late one counts (c.LateDays.which = 'newest')" in line and line.startswith("99100101: ")


def test_what_is_untouched_is_collected_and_said(here: Path) -> None:
    done = collected(here, {SARA: notebook()})
    assert done.students == 1 and not done.problems and "nothing filled in" in done.notes[0]


def test_times_are_told_by_file_or_folder_and_unused_lines_are_said(here: Path) -> None:
    (here / "nbgrader_config.py").write_text(
        (here / "nbgrader_config.py").read_text() + "\nc.LateDays.zone = 'Asia/Tehran'\n"
    )
    table = (
        f"file;time\n99100101;۱۴۰۵/۷/۱ ۱۸:۰۰\n99100102/{NOTEBOOK};2026-09-23T14:30Z\nnobody.zip;2026-09-23 14:30 UTC\n"
    )
    files = {SARA: notebook("a"), f"99100102/{NOTEBOOK}": notebook("b"), "times.csv": table.encode("utf-16")}
    done = collected(here, files)
    assert submitted(here)[1] == submitted(here, "99100102")[1] == "2026-09-23 14:30:00 UTC"
    assert len(done.problems) == 1 and "times.csv:4: nobody.zip is no file of this download" in done.problems[0]


@pytest.mark.parametrize(
    ("line", "why"),
    [("99100101, 05/11", "can't be read"), ("99100101, 2026-09-23 14:30 IRST", "mean several"), ("99100101, 2026-09-23 14:30", "names no zone"),
     ("99100101", "expected `file name, time`"), ("99100101, 2026-09-23 14:30Z\n99100101, 2026-09-24 14:30Z", "another time")],
)  # fmt: skip
def test_a_time_that_could_be_two_is_refused_before_anything_is_collected(here: Path, line: str, why: str) -> None:
    with pytest.raises(Problem, match=rf"times\.csv:\d: .*{why}"):
        collected(here, {SARA: notebook("a"), "times.csv": line.encode()})
    assert not (here / "submitted").exists()


def test_a_zips_own_clock_is_the_courses(here: Path) -> None:
    (here / "all.zip").write_bytes(zipped({SARA: notebook("a")}))
    config = here / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.LateDays.zone = 'Asia/Tehran'\n")
    collect(here, HOMEWORK, here / "all.zip")
    assert submitted(here)[1] == "2026-09-21 10:43:20 UTC"


ROSTERS = {
    "": "is empty",
    "first_name,last_name\na,b\n": "among them id once",
    "id,id\n1,2\n": "among them id once",
    "id\n--force\n": r"students\.csv:2: '--force' can't be a student's id",
    "id\n-h\n": "can't be a student's id",
    "id\n../x\n": "can't be a student's id",
    "id\na b\n": "can't be a student's id",
    "id\n\x1b[2J\n": "can't be a student's id",
    "id,first_name\n9901,a\n9902,b\n۹۹۰۱,c\n": r"students\.csv:4: id 9901 stands in .*students\.csv:2 already",
    "id,lms_user_id\n9901,7\n9902,7\n": "lms_user_id 7 stands in",
    "id,first_name\n9901,a,b,c\n": "4 fields under 2 columns",
}


@pytest.mark.parametrize("table", ROSTERS)
def test_a_roster_that_is_wrong_is_refused_with_its_line(here: Path, table: str) -> None:
    (here / "students.csv").write_text(table)
    with pytest.raises(Problem, match=ROSTERS[table]):
        collected(here, {SARA: notebook("a")})


@pytest.mark.parametrize(
    "table",
    [
        "id,first_name,last_name,email,lms_user_id\n99100101,Sara,Ahmadi,,\n",
        "\ufefflast_name;ID;First Name\r\nAhmadi;۹۹۱۰۰۱۰۱;Sara\r\n",
        "Email\tLast-Name\tfirst_name\tid\n\tAhmadi\tSara\t99100101\n",
        "# ours\n\nid,note,first_name,last_name\n99100101,x,Sara,Ahmadi\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_roster_as_people_write_it(here: Path, table: str, encoding: str) -> None:
    (here / "students.csv").write_bytes(table.encode(encoding))
    assert collected(here, {f"Sara Ahmadi_5_assignsubmission_file_/{NOTEBOOK}": notebook("a")}).students == 1


@pytest.mark.parametrize("name", ["a.7z", "a.tar.gz", "a.rar", "nothing.zip"])
def test_another_archive_is_to_be_unpacked(here: Path, name: str) -> None:
    path = here / name
    if name[0] == "a":
        path.write_bytes(b"x")
    with pytest.raises(Problem, match="unpack it and give its folder" if name[0] == "a" else "there is no"):
        collect(here, HOMEWORK, path)


def test_a_broken_download_is_said(here: Path) -> None:
    (here / "all.zip").write_bytes(zipped({SARA: notebook("a")})[:90])
    with pytest.raises(Problem, match="all.zip: a broken zip"):
        collect(here, HOMEWORK, here / "all.zip")


def test_a_deadline_is_set_and_told_in_both_calendars(here: Path) -> None:
    now = datetime.fromtimestamp(TIME).astimezone()
    (here / "nbgrader_config.py").write_text(
        (here / "nbgrader_config.py").read_text() + "\nc.LateDays.zone = 'Asia/Tehran'\n"
    )
    assert "has no deadline" in deadline(here, HOMEWORK, None)[0]
    lines = [
        "hw02_attention is due",
        "  Friday 2026-11-20 20:29:59 · 1405-08-29 20:29:59 · UTC",
        "  Friday 2026-11-20 23:59:59 · 1405-08-29 23:59:59 · +0330",
    ]
    assert deadline(here, HOMEWORK, "۱۴۰۵/۸/۲۹", now) == lines == deadline(here, HOMEWORK, None, now)
    with Gradebook(f"sqlite:///{here}/gradebook.db") as gradebook:
        assert gradebook.find_assignment(HOMEWORK).duedate == datetime(2026, 11, 20, 20, 29, 59)


@pytest.mark.parametrize("text", ["2062-09-23 18:00 UTC", "1395-08-30 18:00 UTC", "05/11", "2026-11-20 18:00 IRST"])
def test_a_deadline_that_cannot_be_meant_is_refused(here: Path, text: str) -> None:
    with pytest.raises(Problem):
        deadline(here, HOMEWORK, text, datetime.fromtimestamp(TIME).astimezone())
    assert "has no deadline" in deadline(here, HOMEWORK, None)[0]


def test_grading_refuses_a_deadline_that_cannot_be_meant(here: Path) -> None:
    url = f"sqlite:///{here}/gradebook.db"
    with Gradebook(url) as gradebook:
        gradebook.add_assignment(HOMEWORK, duedate=datetime(1405, 8, 30))
    with pytest.raises(
        Problem, match=r"the deadline of hw02_attention can't be meant: 1405-08-30 .* autograder deadline"
    ):
        plausible.require(here, url, HOMEWORK, LateDays())


def test_grading_refuses_extensions_of_nobody_and_nothing(here: Path) -> None:
    url = f"sqlite:///{here}/gradebook.db"
    for line, why in [
        ("99100101, hw2, 1", r"extensions\.csv:1: there is no homework 'hw2'"),
        ("9910010l, hw02_attention, 1", "there is no student '9910010l'; did you mean 9910"),
    ]:
        (here / "extensions.csv").write_text(line)
        with pytest.raises(Problem, match=why):
            plausible.require(here, url, HOMEWORK, LateDays())
    (here / "extensions.csv").write_bytes("student;homework;days\n۹۹۱۰۰۱۰۱;hw02_attention;۱\n".encode("utf-16"))
    assert plausible.require(here, url, HOMEWORK, LateDays()) == []
    (here / "students.csv").unlink()
    assert len(plausible.require(here, url, HOMEWORK, LateDays())) == 1, "who hands in later is only said"


def test_the_commands(here: Path, command: Command) -> None:
    lay(here / "download", {SARA: notebook("a"), "DL_Hw2_X_Y_1.zip": b"", f"99100102/{NOTEBOOK}": notebook()})
    done = command(here, "autograder", "collect", HOMEWORK, "download", ok=False)
    lines = done.stdout.splitlines()
    assert done.returncode == 1 and [line[0] for line in lines] == ["✗", "·", "✗"]
    assert "1 is not on the roster" in lines[0] and lines[-1].endswith(
        "2 of 14 students collected (2 new); 1 to look at."
    )
    assert json.loads(submitted(here)[0])["cells"]
    (here / "download" / "DL_Hw2_X_Y_1.zip").unlink()
    assert "✓ hw02_attention: 2 of 14" in command(here, "autograder", "collect", HOMEWORK, "download").stdout
    told = command(here, "autograder", "deadline", HOMEWORK, "2026-11-20 23:30 +03:30").stdout
    assert told.splitlines()[1] == "  Friday 2026-11-20 20:00:00 · 1405-08-29 20:00:00 · UTC"
