"""The late policy."""

import math
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook

from autograder.grading.late import HandedIn, Policy, ledger, read_extensions, recompute

BEGIN = datetime(2026, 9, 23)


def handed(number: int, late: float | None) -> HandedIn:
    deadline = BEGIN + timedelta(days=10 * number)
    return HandedIn(f"hw{number:02d}", deadline, None if late is None else deadline + timedelta(hours=late))


terms = st.lists(st.none() | st.floats(-100, 300), max_size=8).map(
    lambda late: [handed(number, hours) for number, hours in enumerate(late)]
)
policies = st.builds(
    Policy, st.integers(0, 12), st.integers(0, 4), st.sampled_from([0.0, 0.05, 0.1, 0.5]), st.floats(1, 8)
)


@pytest.mark.parametrize(
    ("late", "free", "penalty"),
    [
        (-5, 0, 0), (0, 0, 0), (0.01, 1, 0), (24, 1, 0), (24.01, 2, 0), (72, 3, 0),
        (72.5, 3, 0.1 / 24), (73.5, 3, 0.2 / 24), (96, 3, 0.1), (120, 3, 0.2), (120.5, 0, 1), (1000, 0, 1),
    ],
)  # fmt: skip
def test_one_homework(late: float, free: int, penalty: float) -> None:
    (entry,) = ledger("s", [handed(1, late)])
    assert (entry.free_days, entry.penalty) == (free, pytest.approx(penalty))


def test_free_days_run_out_in_the_order_of_the_deadlines() -> None:
    entries = ledger("s", [handed(n, 72) for n in (4, 2, 1, 3)])
    assert [(e.homework, e.free_days) for e in entries] == [("hw01", 3), ("hw02", 3), ("hw03", 3), ("hw04", 1)]
    assert entries[-1].penalty == pytest.approx(0.2) and entries[-1].days_left == 0


@given(terms, policies, st.randoms())
def test_the_order_of_grading_does_not_matter(term: list[HandedIn], policy: Policy, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(term)
    random.shuffle(shuffled)
    assert ledger("s", shuffled, policy) == ledger("s", term, policy)


@given(terms, policies)
def test_no_more_free_days_are_spent_than_there_are(term: list[HandedIn], policy: Policy) -> None:
    entries = ledger("s", term, policy)
    assert sum(e.free_days for e in entries) <= policy.free_days
    assert all(0 <= e.free_days <= policy.free_days_per_homework for e in entries)
    assert all(0 <= e.penalty <= 1 and (not e.penalty or e.hours) for e in entries)


@given(st.floats(0, 200), st.floats(0, 50), policies)
def test_later_is_never_cheaper(hours: float, more: float, policy: Policy) -> None:
    (early,), (later,) = (ledger("s", [handed(1, h)], policy) for h in (hours, hours + more))
    assert early.penalty <= later.penalty + 1e-12


@given(terms, policies, st.floats(0, 10))
def test_an_extension_moves_the_deadline(term: list[HandedIn], policy: Policy, days: float) -> None:
    extended = Policy(policy.free_days, policy.free_days_per_homework, policy.penalty_per_day, policy.closed_after_days,
                      {("s", h.homework): days for h in term})  # fmt: skip
    moved = [HandedIn(h.homework, h.deadline and h.deadline + timedelta(days=days), h.arrived) for h in term]
    assert ledger("s", term, extended) == ledger("s", moved, policy)
    assert ledger("other", term, extended) == ledger("other", term, policy)


@given(terms)
def test_a_penalty_is_by_the_hour(term: list[HandedIn]) -> None:
    for entry in ledger("s", term):
        if entry.penalty and not entry.closed:
            hours = entry.penalty / 0.1 * 24
            assert hours == pytest.approx(round(hours)) and round(hours) == entry.hours - 24 * entry.free_days


def test_the_line_says_what_it_cost() -> None:
    lines = [entry.line() for entry in ledger("s", [handed(1, 30), handed(2, 100), handed(3, -1), handed(4, 500)])]
    assert lines == [
        "30 hours late: 2 free late days spent, 8 left this term; no penalty.",
        "100 hours late: 3 free late days spent, 5 left this term; 11.7% of the score lost.",
        "On time.",
        "500 hours late: after the homework was closed, so nothing is counted.",
    ]


def test_extensions_are_a_line_each(tmp_path: Path) -> None:
    path = tmp_path / "extensions.csv"
    assert read_extensions(path) == {}
    path.write_text("# student, homework, days\n\n99, hw02, 2, illness\n99,hw02,0.5\n", encoding="utf-8")
    assert read_extensions(path) == {("99", "hw02"): 2.5}


@pytest.mark.parametrize("line", ["99, hw02", "99, hw02, two", "99, hw02, -1", "99, hw02, nan"])
def test_a_wrong_extension_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "extensions.csv"
    path.write_text(f"99, hw01, 1\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"extensions.csv:2: "):
        read_extensions(path)


def test_the_gradebook_gets_the_penalty_of_the_score_with_manual_points(tmp_path: Path) -> None:
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as gradebook:
        gradebook.add_assignment("hw01", duedate=BEGIN)
        gradebook.add_notebook("hw01", "hw01")
        gradebook.add_grade_cell("check", "hw01", "hw01", max_score=60, cell_type="code")
        gradebook.add_grade_cell("essay", "hw01", "hw01", max_score=40, cell_type="markdown")
        gradebook.add_student("s")
        submission = gradebook.add_submission("hw01", "s", timestamp=BEGIN + timedelta(hours=96))
        grades = {grade.name: grade for grade in submission.notebooks[0].grades}
        grades["check"].auto_score = 50
        gradebook.db.commit()
        recompute(gradebook, "s", Policy())
        assert submission.notebooks[0].late_submission_penalty == pytest.approx(5)
        grades["essay"].manual_score = 30
        for _ in range(3):
            recompute(gradebook, "s", Policy())
        assert submission.notebooks[0].late_submission_penalty == pytest.approx(8)
        submission.timestamp = BEGIN
        recompute(gradebook, "s", Policy())
        assert submission.notebooks[0].late_submission_penalty is None
        assert math.isclose(submission.score, 80)
