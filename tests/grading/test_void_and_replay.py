"""A check that is taken out of the total, another secret, and receipts that can be proved."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograder.building import build
from tests.building.test_build import change
from tests.conftest import HOMEWORK, Command
from tests.exploits.submissions import Class, dumped
from tests.grading.classroom import hand_in, left_behind


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(graded, tmp_path / "course"))


def scores(course: Path, student: str) -> tuple[float, float, dict[str, float]]:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        submission = gradebook.find_submission(HOMEWORK, student)
        return submission.score, submission.max_score, {g.name: g.score for g in submission.notebooks[0].grades}


def receipt(course: Path, student: str, attempt: int = 1) -> Path:
    return course / "receipts" / student / HOMEWORK / f"{attempt}.json"


def test_one_of_two_checks_of_a_cell_is_voided(course: Path, command: Command) -> None:
    room = Class(course)
    hand_in(course, "half", dumped(room.with_double("return 2 * x if x.abs().max() < 100 else x")))
    command(course, "autograder", "grade", HOMEWORK)
    assert scores(course, "half")[2]["double_check"] == 20
    command(course, "autograder", "grade", HOMEWORK, "--void", "double_big")
    assert scores(course, "half")[2]["double_check"] == 40 and scores(course, "half")[1] == 100
    assert scores(course, "wrong0")[2]["double_check"] == 0
    text = (course / "autograded" / "half" / HOMEWORK / f"{HOMEWORK}.ipynb").read_text(encoding="utf-8")
    assert "– double_big: this check was at fault and counts for nobody" in text
    assert "double_big" in (course / "assignments" / HOMEWORK / "voided.txt").read_text()


def test_the_only_check_of_a_cell_is_voided_for_good(course: Path, command: Command) -> None:
    before = scores(course, "right0")
    command(course, "autograder", "grade", HOMEWORK, "--void", "answer")
    assert scores(course, "right0")[:2] == (before[0] - 10, before[1] - 10)
    assert scores(course, "empty0")[:2] == (0, 90)
    hand_in(course, "next", dumped(Class(course).solved()))
    command(course, "autograder", "grade", HOMEWORK)
    command(course, "nbgrader", "autograde", HOMEWORK, "--student", "wrong0", "--force")
    assert scores(course, "next")[:2] == scores(course, "right0")[:2] and scores(course, "wrong0")[1] == 90
    refused = command(course, "autograder", "grade", HOMEWORK, "--void", "anwser", ok=False)
    assert refused.returncode == 2 and "no check called anwser; did you mean answer?" in refused.stderr


@pytest.mark.parametrize("student", ["right0", "wrong0", "dying0", "random0", "broken0"])
def test_a_replay_gives_the_same_and_changes_nothing(student: str, graded: Path, command: Command) -> None:
    before = left_behind(graded)
    done = command(graded, "autograder", "replay", str(receipt(graded, student)))
    assert "the same again" in done.stdout and left_behind(graded) == before


def test_a_replay_finds_what_was_changed_in_a_receipt(course: Path, command: Command) -> None:
    path = receipt(course, "wrong0")
    content = json.loads(path.read_text())
    content["checks"][0].update(state="passed", earned=1.0, diagnosis=None)
    path.write_text(json.dumps(content))
    done = command(course, "autograder", "replay", str(path), ok=False)
    assert done.returncode == 1 and "things that it says differ" in done.stdout and "triple" in done.stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [({"student": "right1"}, "it was changed, or moved"), ({"limits": {"cell_cpu": 1e6}}, "limits: cell_cpu"), ({"notes": ["x"]}, "notes")],
    ids=str,
)  # fmt: skip
def test_a_replay_finds_what_else_was_changed(
    change: dict[str, Any], said: str, course: Path, command: Command
) -> None:
    path = receipt(course, "right0")
    content = json.loads(path.read_text())
    content |= {name: content[name] | value if isinstance(value, dict) else value for name, value in change.items()}
    path.write_text(json.dumps(content))
    done = command(course, "autograder", "replay", str(path), ok=False)
    assert done.returncode in (1, 2) and said in " ".join((done.stdout + done.stderr).split())


def test_a_replay_with_another_version_gives_the_same_grade_and_says_so(course: Path, command: Command) -> None:
    path = receipt(course, "wrong0")
    content = json.loads(path.read_text())
    content["versions"]["numpy"] = "0.1"
    path.write_text(json.dumps(content))
    said = command(course, "autograder", "replay", str(path)).stdout
    assert "the same grade again, though not graded with the same" in said and "versions: numpy" in said


def test_a_replay_says_that_the_homework_has_changed(course: Path, command: Command) -> None:
    change(course, 'check("double_big", double(1e3 * x))', 'check("double_big", double(1e4 * x))')
    done = command(course, "autograder", "replay", str(receipt(course, "right0")), ok=False)
    assert done.returncode == 1 and "references_id" in done.stdout


def test_another_secret_and_the_receipts_of_the_former(course: Path, command: Command) -> None:
    old = json.loads(receipt(course, "right0").read_text())
    command(course, "autograder", "grade", HOMEWORK, "--seed", "new", "--student", "right0", "--force")
    new = json.loads(receipt(course, "right0").read_text())
    assert (
        new["seed_id"] != old["seed_id"]
        and new["references_id"] != old["references_id"]
        and new["scores"] == old["scores"]
    )
    assert "the same again" in command(course, "autograder", "replay", str(receipt(course, "wrong0"))).stdout
    (course / "gradebook.seeds" / f"{HOMEWORK}.json").unlink()
    refused = command(course, "autograder", "replay", str(receipt(course, "wrong0")), ok=False)
    assert refused.returncode == 2 and "restore it from a backup" in refused.stderr


def test_a_replay_of_a_replaced_submission_asks_for_the_file(course: Path, command: Command, tmp_path: Path) -> None:
    first = course / "submitted" / "right0" / HOMEWORK / f"{HOMEWORK}.ipynb"
    kept = shutil.copy(first, tmp_path / "first.ipynb")
    hand_in(course, "right0", dumped(Class(course).empty()), "2026-10-02 00:00:00 UTC")
    refused = command(course, "autograder", "replay", str(receipt(course, "right0")), ok=False)
    assert refused.returncode == 2 and "name it with --submission" in " ".join(refused.stderr.split())
    done = command(course, "autograder", "replay", str(receipt(course, "right0")), "--submission", str(kept))
    assert "the same again" in done.stdout


def test_feedback_says_what_the_receipt_says_and_refuses_without_one(course: Path, command: Command) -> None:
    graded = course / "autograded" / "wrong0" / HOMEWORK / f"{HOMEWORK}.ipynb"
    graded.chmod(0o644)
    graded.write_text(graded.read_text(encoding="utf-8").replace("✗ double", "✓ double"), encoding="utf-8")
    receipt(course, "right0").unlink()
    refused = command(course, "nbgrader", "generate_feedback", HOMEWORK, ok=False)
    assert (
        refused.returncode != 0
        and "right0, hw00_toy: no receipt of the graded notebook is in receipts/" in refused.stderr
    )
    assert not list(course.glob("feedback/right0/**/*.html"))
    page = (course / "feedback" / "wrong0" / HOMEWORK / f"{HOMEWORK}.html").read_text(encoding="utf-8")
    assert "✗ double" in page and "✓ double" not in page


def test_a_void_that_is_taken_back_gives_the_points_back_at_the_next_grading(course: Path, command: Command) -> None:
    before = {student: scores(course, student) for student in ("right0", "wrong0", "empty0")}
    command(course, "autograder", "grade", HOMEWORK, "--void", "answer", "--void", "double_big")
    assert scores(course, "right0")[1] == 90 and scores(course, "right0")[2]["double_check"] == 40
    voided = course / "assignments" / HOMEWORK / "voided.txt"
    voided.write_text(voided.read_text().replace("answer\n", ""))
    command(course, "autograder", "grade", HOMEWORK)
    assert scores(course, "right0")[1] == 100 and scores(course, "empty0")[:2] == (0, 100)
    voided.unlink()
    command(course, "autograder", "grade", HOMEWORK)
    assert {student: scores(course, student) for student in before} == before
    voided.write_text("answer\n")  # by hand, and for one more
    command(course, "autograder", "grade", HOMEWORK)
    assert scores(course, "right0")[1] == 90


def test_a_text_that_was_changed_and_not_built_is_graded_with_by_nobody(course: Path, command: Command) -> None:
    before = left_behind(course)
    change(course, 'check("double_big", double(1e3 * x))', 'check("double_big", double(1e4 * x))')
    for program in (("autograder", "grade"), ("nbgrader", "autograde")):
        refused = command(course, *program, HOMEWORK, "--student=right0", "--force", ok=False)
        assert refused.returncode != 0 and "`autograder build hw00_toy` first" in " ".join(refused.stderr.split())
    assert left_behind(course) == before


@pytest.mark.usefixtures("here")
def test_who_stays_graded_with_another_version_is_told(course: Path, command: Command) -> None:
    change(course, 'check("double_big", double(1e3 * x))', 'check("double_big", double(1e4 * x))')
    build.build(course, [HOMEWORK])
    said = command(course, "autograder", "grade", HOMEWORK, "--student", "right0", "--force").stderr
    assert "graded with another version of hw00_toy: broken0, dying0, empty0, random0 and 1 more" in " ".join(
        said.split()
    )
    assert "graded with another version" not in command(course, "autograder", "grade", HOMEWORK, "--force").stderr
