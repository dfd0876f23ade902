"""Grading again: manual grades stay, nothing is graded twice by accident, a resubmission gets a seed of its own."""

import csv
import json
import os
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tests.building.test_build import change
from tests.conftest import HOMEWORK, Command
from tests.exploits.submissions import Class, cell_of, dumped

NOTEBOOK = f"{HOMEWORK}.ipynb"


def hand_in(course: Path, student: str, content: bytes, time: str = "2026-10-01 00:00:00 UTC") -> None:
    folder = course / "submitted" / student / HOMEWORK
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NOTEBOOK).write_bytes(content)
    (folder / "timestamp.txt").write_text(time)


def grades(course: Path, student: str) -> dict[str, tuple[float | None, float | None, bool]]:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        notebook = gradebook.find_submission_notebook(HOMEWORK, HOMEWORK, student)
        return {g.name: (g.auto_score, g.manual_score, g.needs_manual_grade) for g in notebook.grades}


def grade_by_hand(course: Path, student: str, cell: str, score: float) -> None:
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        grade = gradebook.find_grade(cell, HOMEWORK, HOMEWORK, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.db.commit()


def receipt(course: Path, student: str, attempt: int) -> dict:  # type: ignore[type-arg]
    path = course / "receipts" / student / HOMEWORK / f"{attempt}.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def test_a_term_of_one_student(toy: Path, command: Command) -> None:
    """One long story, because each step stands on the one before."""
    room = Class(toy)
    hand_in(toy, "s", dumped(room.solved()))
    command(toy, "nbgrader", "autograde", HOMEWORK)
    assert grades(toy, "s")["why"] == (None, None, True)
    grade_by_hand(toy, "s", "why", 7)
    grade_by_hand(toy, "s", "double_check", 33)

    # Without --force what is graded stays as it is.
    before = receipt(toy, "s", 1)
    command(toy, "nbgrader", "autograde", HOMEWORK)
    assert receipt(toy, "s", 1) == before

    # Graded again, the manual scores stay and nobody has to look again.
    command(toy, "nbgrader", "autograde", HOMEWORK, "--force")
    assert grades(toy, "s")["why"] == (None, 7, False)
    assert grades(toy, "s")["double_check"] == (40, 33, False)
    assert receipt(toy, "s", 1)["checks"] == before["checks"] and receipt(toy, "s", 1)["seed_id"] == before["seed_id"]

    # A changed test: the gradebook learns of it, the references are recorded anew, manual scores stay.
    change(toy, 'check("double_big", double(1e3 * x))', 'check("double_huge", double(1e4 * x))')
    command(toy, "autograder", "build")
    command(toy, "nbgrader", "autograde", HOMEWORK, "--force")
    assert [check["check"] for check in receipt(toy, "s", 1)["checks"]][:2] == ["double", "double_huge"]
    assert grades(toy, "s")["double_check"] == (40, 33, False)

    # A newer submission with another answer, after feedback: graded without --force, under another seed, and a person looks again.
    command(toy, "nbgrader", "generate_feedback", HOMEWORK)
    again = room.solved()
    cell_of(again, "why")["source"] = "Another reason."
    cell_of(again, "double")["source"] = "def double(x):\n    return 3 * x"
    hand_in(toy, "s", dumped(again), "2026-10-02 00:00:00 UTC")
    command(toy, "nbgrader", "autograde", HOMEWORK)
    assert grades(toy, "s")["why"] == (None, 7, True)
    assert grades(toy, "s")["double_check"] == (0, 33, True)
    second = receipt(toy, "s", 2)
    assert second["seed_id"] != before["seed_id"] and second["checks"][0]["diagnosis"]["variant"] == "triple"


def test_a_check_that_the_grader_could_not_grade_is_never_a_zero(toy: Path, command: Command) -> None:
    room = Class(toy)
    hand_in(toy, "s", dumped(room.solved()))
    hand_in(toy, "t", dumped(room.empty()))
    command(toy, "nbgrader", "autograde", HOMEWORK)
    variants = toy / "assignments" / HOMEWORK / "variants.py"
    text = variants.read_text(encoding="utf-8")
    variants.write_text(text + "\n@wrong('double', en='x', fa='')\ndef broken(x): pass\n", encoding="utf-8")
    done = command(toy, "nbgrader", "autograde", HOMEWORK, "--student", "s", "--force")
    assert "s, hw00_toy is not graded" in done.stderr and "variants.py" in done.stderr
    assert grades(toy, "s")["double_check"] == (None, None, True)

    refused = command(toy, "nbgrader", "generate_feedback", HOMEWORK, ok=False)
    assert refused.returncode != 0 and "is not graded, because of the grader" in refused.stderr
    assert (toy / "feedback" / "t" / HOMEWORK / f"{HOMEWORK}.html").exists()
    assert not (toy / "feedback" / "s").exists() or not list((toy / "feedback" / "s").rglob("*.html"))
    refused = command(toy, "nbgrader", "export", ok=False)
    assert refused.returncode != 0 and not (toy / "grades.csv").exists()

    variants.write_text(text, encoding="utf-8")
    command(toy, "nbgrader", "autograde", HOMEWORK, "--student", "s", "--force")
    command(toy, "nbgrader", "generate_feedback", HOMEWORK)
    command(toy, "nbgrader", "export")
    rows = (toy / "grades.csv").read_text().splitlines()
    assert [row.split(",")[3] for row in rows[1:]] == ["s", "t"] and ",90.0," in rows[1]


def test_a_late_submission_loses_its_share_and_is_told_so(toy: Path, command: Command) -> None:
    with (toy / "nbgrader_config.py").open("a") as config:
        config.write("c.LateDays.free_days = 1\n")
    (toy / "extensions.csv").write_text(f"kind, {HOMEWORK}, 3, illness\n")
    command(toy, "nbgrader", "db", "assignment", "add", HOMEWORK, "--duedate=2026-10-01 00:00:00 UTC")
    for student in ("late", "kind"):
        hand_in(toy, student, dumped(Class(toy).solved()), "2026-10-03 00:00:00 UTC")
    command(toy, "nbgrader", "autograde", HOMEWORK)
    grade_by_hand(toy, "late", "why", 10)
    command(toy, "nbgrader", "generate_feedback", HOMEWORK)
    html = (toy / "feedback" / "late" / HOMEWORK / f"{HOMEWORK}.html").read_text(encoding="utf-8")
    assert "48 hours late: 1 free late day spent, 0 left this term; 10.0% of the score lost." in html
    assert "(Score: 90.0 / 100.0)" in html
    command(toy, "nbgrader", "export")
    with (toy / "grades.csv").open() as file:
        rows = {row["student_id"]: [float(row[k]) for k in ("raw_score", "score")] for row in csv.DictReader(file)}
    assert rows == {"late": [100.0, pytest.approx(90.0)], "kind": [90.0, 90.0]}


def test_without_a_sandbox_grading_refuses_to_start(
    toy: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bin" / "bwrap"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho no namespaces here >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}{os.pathsep}{os.environ['PATH']}")
    hand_in(toy, "s", dumped(Class(toy).solved()))
    refused = command(toy, "nbgrader", "autograde", HOMEWORK, ok=False)
    assert refused.returncode != 0 and "nothing was graded" in refused.stderr and "no namespaces" in refused.stderr
    assert not (toy / "autograded").exists()
    doctor = command(toy, "autograder", "doctor", ok=False)
    assert doctor.returncode == 1 and "✗ sandbox: no namespaces here" in doctor.stdout
    command(toy, "nbgrader", "autograde", HOMEWORK, "--Run.unsandboxed=True")
    assert grades(toy, "s")["double_check"][0] == 40
