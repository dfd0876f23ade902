"""A verdict in a student's words."""

import pytest
from pydantic import ValidationError

from autograder.grading import verdict as words
from autograder.grading.verdict import Diagnosis, Verdict
from tests.grading.made import verdict

MISTAKE = Diagnosis("unscaled", "You forgot the √d.", "√d را فراموش کرده‌اید.")


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (verdict(), "✓ double"),
        (verdict(state="failed", fact="the number differs", difference=None), "✗ double: the number differs"),
        (verdict(state="missing", fact="no answer"), "✗ double: no answer"),
        (verdict(state="not graded", fact="the grader failed"), "? double: the grader failed"),
        (verdict(state="void", fact="old"), "– double: this check was at fault and counts for nobody"),
        (
            verdict(state="void", difference=3.0, diagnosis=MISTAKE),
            "– double: this check was at fault and counts for nobody",
        ),
        (verdict(fact="accuracy 1"), "✓ double: accuracy 1"),
        (verdict(difference=1.0), "✓ double"),
        (verdict(state="failed", difference=1.5), "✗ double\n  off by 1.5 times the tolerance"),
        (verdict(state="failed", difference=1234.0), "✗ double\n  off by 1,234 times the tolerance"),
        (
            verdict(state="failed", difference=None, diagnosis=MISTAKE),
            "✗ double\n  You forgot the √d.\n  \u2067\u2066√d\u2069 را فراموش کرده‌اید.\u2069",
        ),
    ],
)
def test_a_verdict_in_words(given: Verdict, line: str) -> None:
    assert given.line() == line


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "great"},
        {"earned": 1.01},
        {"earned": -0.01},
        {"earned": float("nan")},
        {"weight": -1.0},
        {"weight": float("inf")},
        {"difference": float("inf")},
        {"fact": None},
        {"earned": "1"},
        {"variant": "triple"},
    ],
)
def test_what_can_be_no_verdict_is_none(wrong: dict) -> None:  # type: ignore[type-arg]
    with pytest.raises((ValidationError, TypeError)):
        verdict(**wrong)


def test_a_verdict_is_plain_unless_more_is_said() -> None:
    made = Verdict("double", "double_check", "passed", 1.0, 1.0)
    assert (made.fact, made.difference, made.diagnosis, made.flag) == ("", 0, None, "")
    assert (words.FAILED, words.MISSING) == ("failed", "missing")


def test_shares_reach_from_nothing_to_everything() -> None:
    assert [verdict(earned=share, weight=share).earned for share in (0.0, 0.5, 1.0)] == [0, 0.5, 1]
