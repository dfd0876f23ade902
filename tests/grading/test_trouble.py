"""A full disk, a folder that can't be written, a gradebook somebody else holds, Ctrl-C: said plainly, and nothing lost."""

import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder.grading import command as grade_command
from autograder.grading import grade, gradebook
from autograder.grading.save import secret_of
from autograder.grading.seeds import Vault
from autograder.problem import Problem
from autograder.running.sandbox import find
from tests.conftest import HOMEWORK, Command
from tests.grading.classroom import hand_in, left_behind

AUTOGRADER = str(Path(sys.executable).parent / "autograder")


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """The course with its gradebook and its secret, half of the class not graded yet."""
    made = Path(shutil.copytree(graded, tmp_path / "course"))
    for folder in sorted((made / "autograded").iterdir())[::2]:
        shutil.rmtree(folder)
    return made


def inside(walls: list[str], script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script where some of the disk is another than here."""
    arguments = [find(), "--dev-bind", "/", "/", *walls, "--", "sh", "-c", script]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


def test_a_full_disk_loses_nothing(course: Path, graded: Path, tmp_path: Path) -> None:
    disk, back = tmp_path / "disk", tmp_path / "back"
    disk.mkdir()
    size = 2 * sum(path.stat().st_size for path in course.rglob("*") if path.is_file()) + 8 * 2**20
    script = f"""
        cp -a {course} {disk}/course && cd {disk}/course
        dd if=/dev/zero of=../filler bs=4096 2>/dev/null
        {AUTOGRADER} grade {HOMEWORK}; echo "status $?"
        rm ../filler
        {AUTOGRADER} grade {HOMEWORK}; echo "status $?"
        cp -a . {back}"""
    done = inside(["--size", str(size), "--tmpfs", str(disk)], script)
    assert "status 2" in done.stdout and done.stdout.strip().endswith("status 0"), done.stdout + done.stderr
    assert "full" in done.stderr and "run the same command again" in done.stderr and "Traceback" not in done.stderr
    assert left_behind(back) == left_behind(graded)


def test_a_folder_that_cannot_be_written_is_named(course: Path) -> None:
    before = left_behind(course)
    done = inside(["--ro-bind", str(course), str(course)], f"cd {course} && {AUTOGRADER} grade {HOMEWORK}")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "read-only" in done.stderr or "readonly" in done.stderr, done.stderr
    assert left_behind(course) == before


def test_a_gradebook_that_another_program_holds(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradebook, "BUSY_SECONDS", 0.2)
    hand_in(course, "newcomer", b"{}")
    held = sqlite3.connect(course / "gradebook.db", isolation_level=None)
    held.execute("begin immediate")
    try:
        with pytest.raises(Problem, match="gradebook.db can't be written .*locked.*run the same command again"):
            grade_command.run(course, grade_command.Asked(HOMEWORK), Console(quiet=True), Console(quiet=True))
    finally:
        held.execute("rollback")
        held.close()
    assert not any(file for file in left_behind(course) if "newcomer" in file or "partial" in file)


def test_ctrl_c_stops_and_says_how_to_go_on(course: Path, graded: Path, command: Command) -> None:
    shutil.rmtree(course / "autograded")
    running = subprocess.Popen(
        [AUTOGRADER, "grade", HOMEWORK], cwd=course, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not list(course.glob("autograded/*/*/*.ipynb")):
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130 and "run the same command again to go on" in " ".join(said.split())
    assert "Traceback" not in said
    command(course, "autograder", "grade", HOMEWORK)
    assert left_behind(course) == left_behind(graded)


def test_two_that_grade_one_homework_do_not_meet(course: Path) -> None:
    vault = Vault(course, "sqlite:///gradebook.db")
    refused = pytest.raises(Problem, match="hw00_toy is being graded by another program: wait until it has ended")
    with vault.grading(HOMEWORK), refused:
        grade_command.run(course, grade_command.Asked(HOMEWORK), Console(quiet=True), Console(quiet=True))
    assert not list(course.glob("autograded/*/*/*.partial"))


def test_two_that_begin_at_once_make_one_gradebook(toy: Path) -> None:
    hand_in(toy, "s", b"{}")
    command = [AUTOGRADER, "grade", HOMEWORK]
    running = [
        subprocess.Popen(command, cwd=toy, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in "ab"
    ]
    said = [process.communicate(timeout=120)[1] for process in running]
    assert sorted(process.returncode for process in running) in ([0, 0], [0, 2]), said
    assert all("Traceback" not in words and "already exists" not in words for words in said)


def test_what_cannot_be_saved_costs_that_submission_only(
    course: Path, graded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = grade.save

    def save(gradebook: Any, folder: Path, notebook: Any, receipt: Any, policy: Any) -> Any:
        entry = real(gradebook, folder, notebook, receipt, policy) if receipt.student != "wrong0" else None
        if entry is None:
            gradebook.find_submission_notebook(HOMEWORK, HOMEWORK, "wrong0").grades[0].auto_score = 77
            raise ValueError("a word\nthat no database takes\x1b[31m")
        return entry

    shutil.rmtree(course / "autograded")
    monkeypatch.setattr(grade, "save", save)
    said = Console(record=True, file=io.StringIO(), width=300)
    assert not grade_command.run(course, grade_command.Asked(HOMEWORK), said, Console(quiet=True))
    words = said.export_text()
    assert "wrong0 is not graded: it can't be saved (ValueError: a word that no database takes)" in words
    assert not (course / "autograded" / "wrong0").exists() and (course / "autograded" / "right0").exists()
    monkeypatch.undo()
    assert grade_command.run(course, grade_command.Asked(HOMEWORK), Console(quiet=True), Console(quiet=True))
    assert left_behind(course) == left_behind(graded)


@pytest.mark.parametrize("odd", ["../../secret", "ab" * 8 + "\n<script>", "", "x" * 600, "zz" * 16])
def test_only_a_word_of_the_exchange_is_copied_beside_the_graded_notebook(tmp_path: Path, odd: str) -> None:
    (tmp_path / "submission_secret.txt").write_text(odd)
    assert secret_of(tmp_path) == ""


def test_no_link_is_followed_for_that_word(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("ab" * 16)
    assert secret_of(tmp_path) == ""
    os.symlink(tmp_path / "word", tmp_path / "submission_secret.txt")
    assert secret_of(tmp_path) == ""
    (tmp_path / "submission_secret.txt").unlink()
    (tmp_path / "submission_secret.txt").write_text("ab" * 16)
    assert secret_of(tmp_path) == "ab" * 16
