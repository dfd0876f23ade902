"""A full disk, a folder that can't be written, a gradebook somebody else holds, Ctrl-C: said plainly, and nothing lost."""

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from autograder.grading import command as grade_command
from autograder.grading import gradebook
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
