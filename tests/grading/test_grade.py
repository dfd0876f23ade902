"""``autograder grade``: what nbgrader's own command gives, only once, whatever happens meanwhile."""

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from nbgrader.api import Gradebook

from tests.conftest import HOMEWORK, Command
from tests.exploits.submissions import Class, dumped
from tests.grading.classroom import everybody, hand_in, left_behind


@pytest.fixture(scope="module")
def handed_in(built_toy: Path, tmp_path_factory: pytest.TempPathFactory, command: Command) -> Path:
    """A course with a class's submissions, its gradebook and its secret, and nothing graded."""
    course = Path(shutil.copytree(built_toy, tmp_path_factory.mktemp("class") / "course"))
    hand_in(course, "first", dumped(Class(course).empty()))
    command(course, "autograder", "grade", HOMEWORK)
    for made in ("submitted", "autograded", "receipts"):
        shutil.rmtree(course / made)
    with sqlite3.connect(course / "gradebook.db") as database:
        for table in ("comment", "grade", "submitted_notebook", "submitted_assignment", "student"):
            database.execute(f"delete from {table}")
    everybody(course, 2)
    return course


@pytest.fixture(scope="module")
def graded(handed_in: Path, tmp_path_factory: pytest.TempPathFactory, command: Command) -> Path:
    course = Path(shutil.copytree(handed_in, tmp_path_factory.mktemp("graded") / "course"))
    done = command(course, "autograder", "grade", HOMEWORK)
    assert "12 submissions graded" in done.stdout
    return course


@pytest.fixture
def course(handed_in: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(handed_in, tmp_path / "course"))


def test_it_leaves_what_nbgrader_autograde_leaves(graded: Path, course: Path, command: Command) -> None:
    command(course, "nbgrader", "autograde", HOMEWORK)
    assert left_behind(course) == left_behind(graded)


def test_each_gets_what_its_work_earns(graded: Path) -> None:
    with Gradebook(f"sqlite:///{graded}/gradebook.db") as gradebook:
        scores = {s.student.id: s.score for s in gradebook.assignment_submissions(HOMEWORK)}
    assert scores["right0"] == scores["right1"] == 90 and scores["empty0"] == scores["broken1"] == 0
    assert scores["dying0"] == 80 and scores["wrong0"] == 50


def test_what_is_graded_is_not_graded_again(graded: Path, command: Command) -> None:
    before = left_behind(graded)
    times = {path: path.stat().st_mtime_ns for path in graded.rglob("*.json")}
    done = command(graded, "autograder", "grade", HOMEWORK)
    assert "0 submissions graded, 12 were graded before" in done.stdout
    assert left_behind(graded) == before and all(path.stat().st_mtime_ns == t for path, t in times.items())


def test_one_student_again_by_force(graded: Path, command: Command) -> None:
    before = left_behind(graded)
    done = command(graded, "autograder", "grade", HOMEWORK, "--student", "wrong0", "--force")
    assert "1 submissions graded" in done.stdout and left_behind(graded) == before
    refused = command(graded, "autograder", "grade", HOMEWORK, "--student", "wrnog0", ok=False)
    assert refused.returncode == 2 and "wrnog0 has not handed in hw00_toy; did you mean wrong0?" in refused.stderr


def test_whatever_is_graded_after_feedback_was_written_is_graded_under_another_seed(
    course: Path, command: Command
) -> None:
    def receipt(student: str, attempt: int) -> dict[str, Any]:
        return dict(json.loads((course / f"receipts/{student}/{HOMEWORK}/{attempt}.json").read_text()))

    command(course, "autograder", "grade", HOMEWORK, "--student", "right0", "--student", "wrong0")
    hand_in(course, "right0", dumped(Class(course).empty()), "2026-10-02 00:00:00 UTC")
    command(course, "autograder", "grade", HOMEWORK, "--student", "right0")
    assert receipt("right0", 2)["seed_id"] == receipt("right0", 1)["seed_id"], "nobody has learnt anything yet"
    command(course, "nbgrader", "generate_feedback", HOMEWORK, "--student", "wrong0")
    another = Class(course).with_double("return x + x")
    hand_in(course, "right0", dumped(another), "2026-10-03 00:00:00 UTC")
    command(course, "autograder", "grade", HOMEWORK, "--student", "right0", "--student", "empty0")
    command(course, "autograder", "grade", HOMEWORK, "--student", "wrong0", "--force")
    before, after = receipt("wrong0", 1), receipt("right0", 3)
    assert (before["round"], after["round"]) == (1, 2) and before["seed_id"] != after["seed_id"]
    assert receipt("empty0", 1)["seed_id"] == after["seed_id"], "another's first submission too"
    assert before["seed_id"] == receipt("right0", 1)["seed_id"], "graded again, the same"
    assert receipt("right0", 2)["scores"]["double_check"] == 0 and after["scores"]["double_check"] == 40


POLL_SECONDS = 0.04  # looking for the processes of a command costs more than most kernels here


class Running:
    """The command on its way, with processes that can be killed."""

    def __init__(self, course: Path, chance: random.Random) -> None:
        arguments = [str(Path(sys.executable).parent / "autograder"), "grade", HOMEWORK]
        self.process = subprocess.Popen(arguments, cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._chance = chance
        self._command = psutil.Process(self.process.pid)

    def kill(self, kind: str) -> bool:
        """Kill -9 the command, a fork server or a process of a kernel; False when there is none now."""
        try:
            victim = self._pick(kind)
            if victim is not None:
                victim.kill()
        except psutil.Error:
            return False
        return victim is not None

    def _pick(self, kind: str) -> psutil.Process | None:
        if kind == "command":
            return self._command
        below = self._command.children(recursive=True)
        servers = [p for p in below if "forkserver" in " ".join(p.cmdline()) and p.name() != "bwrap"]
        if kind == "server" or not servers:
            return servers[0] if servers else None
        kernels = servers[0].children(recursive=True)
        return self._chance.choice(kernels) if kernels else None


def disturbed(course: Path, chance: random.Random) -> int:
    """Grade, killing up to five of the kernels and servers at moments of chance and the command last; how many it killed."""
    running, kills = Running(course, chance), 0
    for kind in [*chance.choices(["kernel", "kernel", "kernel", "server"], k=5), "command"]:
        done = graded_in(course) + chance.randrange(1, 3)
        while running.process.poll() is None and graded_in(course) < done:
            time.sleep(POLL_SECONDS)
        while running.process.poll() is None and not running.kill(kind):
            time.sleep(POLL_SECONDS)
        kills += running.process.poll() is None or kind == "command" and running.process.wait() == -signal.SIGKILL
    running.process.wait()
    return kills


def graded_in(course: Path) -> int:
    return len(list(course.glob("autograded/*/*/*.ipynb")))


@pytest.mark.slow
def test_thirty_kills_change_nothing(course: Path, graded: Path, command: Command) -> None:
    chance, kills = random.Random(7), 0
    while kills < 30:
        kills += disturbed(course, chance)
        for folder in chance.sample(sorted((course / "autograded").iterdir()), graded_in(course) // 2):
            shutil.rmtree(folder)
    command(course, "autograder", "grade", HOMEWORK)
    assert left_behind(course) == left_behind(graded)
