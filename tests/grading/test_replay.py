"""What is said when a receipt and its repetition are compared."""

from dataclasses import fields, replace
from typing import Any

import pytest

from autograder.grading.receipts import Receipt
from autograder.grading.replay import Comparison, compared
from autograder.grading.verdict import Diagnosis
from autograder.running.sandbox import Limits
from tests.grading.made import receipt, verdict

WRONG = verdict(state="failed", fact="it differs", difference=3.0, diagnosis=Diagnosis("triple", "Thrice.", "سه."))


def different(then: Receipt, now: Receipt) -> list[tuple[str, bool]]:
    return [(line.what, line.grade) for line in compared(then, now) if not line.same]


@pytest.mark.parametrize("same", [receipt(), receipt(verdict()), receipt(WRONG, scores={"a": 1.0}, essays={"b": "c"})])
def test_a_receipt_is_the_same_as_itself(same: Receipt) -> None:
    assert different(same, same) == []


CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "student": ({"student": "9902"}, "student"),
    "homework": ({"homework": "hw2"}, "homework"),
    "attempt": ({"attempt": 2}, "attempt"),
    "round": ({"round": 2}, "round"),
    "submission": ({"submission": "x"}, "submission"),
    "seed": ({"seed_id": "x"}, "seed_id"),
    "references": ({"references_id": "x"}, "references_id"),
    "a limit": ({"limits": Limits(cell_cpu=1e6)}, "limits: cell_cpu"),
    "a note": ({"notes": ("x",)}, "notes"),
    "a flag": ({"flags": ("x",)}, "flags"),
    "an essay": ({"essays": {"why": "x"}}, "essays: why"),
    "a score": ({"scores": {"double_check": 3.0}}, "scores: double_check"),
}
GRADED_WITH: dict[str, tuple[dict[str, Any], str]] = {
    "a version": ({"versions": {"torch": "3"}}, "versions: torch"),
    "a package": ({"versions": {"torch": "2.13.0", "x": "1"}}, "versions: x"),
    "device": ({"device": "GPU"}, "device"),
    "commit": ({"commit": None}, "commit"),
}


@pytest.mark.parametrize(("change", "what"), CHANGES.values(), ids=CHANGES)
def test_all_that_a_receipt_says_is_compared(change: dict[str, Any], what: str) -> None:
    assert different(receipt(**change), receipt()) == [(what, True)] == different(receipt(), receipt(**change))


@pytest.mark.parametrize(("change", "what"), GRADED_WITH.values(), ids=GRADED_WITH)
def test_what_it_was_graded_with_is_compared_and_is_no_part_of_the_grade(change: dict[str, Any], what: str) -> None:
    assert different(receipt(**change), receipt()) == [(what, False)]


def test_every_field_has_a_test() -> None:
    asked = {name for changes in (CHANGES, GRADED_WITH) for change, _ in changes.values() for name in change}
    assert {field.name for field in fields(Receipt)} - asked == {"checks"}


@pytest.mark.parametrize(
    "change",
    [
        {"cell": "x"}, {"state": "missing"}, {"earned": 0.5}, {"weight": 2.0}, {"fact": "x"}, {"difference": 4.0}, {"difference": None},
        {"diagnosis": None}, {"diagnosis": Diagnosis("triple", "Twice.", "سه.")}, {"flag": "x"},
    ],
)  # fmt: skip
def test_all_that_a_verdict_says_is_compared(change: dict[str, Any]) -> None:
    assert different(receipt(WRONG), receipt(replace(WRONG, **change))) == [("double", True)]


def test_checks_that_only_one_of_them_has_stand_in_their_order() -> None:
    then, now = receipt(verdict(), verdict("old")), receipt(verdict("new"), verdict())
    assert different(then, now) == [("old", True), ("new", True)]


def test_two_that_say_the_same_are_the_same() -> None:
    assert Comparison("a", "5", "5").same and not Comparison("a", "5", "6").same


def test_a_difference_is_the_same_to_two_digits() -> None:
    """Another machine adds in another order."""
    then, now = (receipt(replace(WRONG, difference=found)) for found in (3.001, 3.002))
    assert different(then, now) == []
