"""What is said when a receipt and its repetition are compared."""

import pytest

from autograder.grading.receipts import Receipt
from autograder.grading.replay import Comparison, compared
from autograder.grading.verdict import Diagnosis
from tests.grading.made import receipt, verdict

WRONG = verdict(state="failed", fact="it differs", diagnosis=Diagnosis("triple", "", ""))
PASSED, FAILED = "passed, 1 of its share", "failed, 0 of its share"


@pytest.mark.parametrize(
    ("then", "now", "lines"),
    [
        (receipt(verdict()), receipt(verdict()), [("double", PASSED, PASSED)]),
        (receipt(WRONG), receipt(WRONG), [("double", f"{FAILED}, triple", f"{FAILED}, triple")]),
        (receipt(verdict()), receipt(verdict(state="failed")), [("double", PASSED, FAILED)]),
        (receipt(WRONG), receipt(verdict(state="failed")), [("double", f"{FAILED}, triple", FAILED)]),
        (
            receipt(verdict(state="failed", earned=0.5)),
            receipt(verdict(state="failed", earned=0.25)),
            [("double", "failed, 0.5 of its share", "failed, 0.25 of its share")],
        ),
        (
            receipt(verdict(), verdict("old")),
            receipt(verdict("new"), verdict()),
            [("double", PASSED, PASSED), ("old", PASSED, "no such check"), ("new", "no such check", PASSED)],
        ),
        (
            receipt(references_id="a", commit="c0ffee" * 7),
            receipt(references_id="b"),
            [("references", "of commit c0ffeec0ffee", "recorded anew: the homework or torch has changed")],
        ),
        (
            receipt(references_id="a", commit=None),
            receipt(references_id="b"),
            [("references", "of commit unknown", "recorded anew: the homework or torch has changed")],
        ),
    ],
    ids=[
        "the same",
        "the same mistake",
        "another state",
        "another diagnosis",
        "another share",
        "checks that only one of them has, in their order",
        "other references",
        "other references, outside git",
    ],
)
def test_check_by_check(then: Receipt, now: Receipt, lines: list[tuple[str, str, str]]) -> None:
    assert list(compared(then, now)) == [Comparison(*line) for line in lines]


def test_two_that_say_the_same_are_the_same() -> None:
    assert Comparison("a", PASSED, PASSED).same and not Comparison("a", PASSED, FAILED).same


def test_what_does_not_change_a_grade_is_not_compared() -> None:
    then, now = receipt(verdict(difference=0.1, fact="x"), notes=("a",)), receipt(verdict(difference=0.2), device="GPU")
    assert all(line.same for line in compared(then, now))
