"""What graded cells earn before any person looks."""

import hashlib

import pytest

from autograder.grading import scores
from autograder.grading.verdict import Verdict
from tests.grading.made import cell, changed, notebook, verdict

SOLUTION = cell("code", "def double(x): ...", "double", solution=True)
CHECK, OTHER = cell("code", "check(double)", "double_check", 40), cell("code", "check(answer)", "answer_check", 10)
ESSAY, PROSE = cell("markdown", "Why?", "why", 10, solution=True), cell("markdown", "Because.")


def answered(source: str) -> object:
    return changed(ESSAY, source=source)


def test_checks_and_essays_are_told_from_all_else() -> None:
    cells = [SOLUTION, CHECK, ESSAY, PROSE]
    assert [scores.is_check(c) for c in cells] == [False, True, False, False]
    assert [scores.is_essay(c) for c in cells] == [False, False, True, False]


@pytest.mark.parametrize(
    ("verdicts", "score"),
    [
        ([verdict(), verdict("big")], 40),
        ([verdict(), verdict("big", state="failed")], 20),
        ([verdict(weight=3.0), verdict("big", state="failed")], 30),
        ([verdict(earned=0.25, state="failed")], 10),
        ([verdict(), verdict("big", state="not graded")], None),
        ([verdict(), verdict("big", state="void")], 40),
        ([verdict(state="void"), verdict("big", state="void")], 0),
        ([], None),
        ([verdict("answer", "answer_check")], None),
    ],
)
def test_a_check_earns_by_its_own_verdicts(verdicts: list[Verdict], score: float | None) -> None:
    assert scores.automatic(notebook(CHECK), verdicts) == {"double_check": score}


def test_an_untouched_essay_earns_nothing_and_an_answered_one_waits_for_a_person() -> None:
    assert scores.automatic(notebook(ESSAY, PROSE), []) == {"why": 0}
    assert scores.automatic(notebook(answered("Because."), PROSE), []) == {"why": None}


def test_every_graded_cell_has_a_score_of_its_own() -> None:
    verdicts = iter([verdict(), verdict("answer", "answer_check", "failed")])
    made = scores.automatic(notebook(SOLUTION, CHECK, OTHER, ESSAY, PROSE), verdicts)
    assert made == {"double_check": 40, "answer_check": 0, "why": 0}


def test_essays_are_known_by_their_text() -> None:
    found = scores.essays(notebook(SOLUTION, CHECK, answered("چون"), PROSE))
    assert found == {"why": hashlib.sha256("چون".encode()).hexdigest()}
