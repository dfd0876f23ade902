"""What a receipt changes in the gradebook, and what a person wrote there that stays."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograder.grading import receipts, save
from autograder.grading.late import Lateness, Policy
from autograder.grading.receipts import Receipt
from tests.grading.made import cell, changed, gradebook, notebook, receipt, verdict

RELEASED = (
    cell("markdown", "# Homework"),
    cell("code", "def double(x): ...", "double", solution=True),
    cell("code", "check(double)", "double_check", 40),
    cell("code", "check(answer)", "answer_check", 10),
    cell("markdown", "Why?", "why", 10, solution=True),
)
SCORES = {"double_check": 20.0, "answer_check": 10.0, "why": None}
ESSAYS = {"why": "first answer"}
POLICY = Policy(free_days=0, penalty_per_day=0.5)


@pytest.fixture
def book() -> Iterator[Gradebook]:
    """A homework that was due a day before it came, after another that came in time."""
    with gradebook() as made:
        for homework in ("early", "hw"):
            made.add_assignment(homework, duedate=datetime(2026, 10, 1))
            made.add_notebook(homework, homework)
        for name, kind, worth in (("double_check", "code", 40), ("answer_check", "code", 10), ("why", "markdown", 10)):
            made.add_grade_cell(name, "hw", "hw", max_score=worth, cell_type=kind)
        for name in ("double", "why"):
            made.add_solution_cell(name, "hw", "hw")
        made.add_student("9901")
        made.add_submission("early", "9901", timestamp=datetime(2026, 9, 1))
        made.add_submission("hw", "9901", timestamp=datetime(2026, 10, 2))
        yield made


def saved(book: Gradebook, course: Path, given: Receipt, **written: str) -> Lateness:
    cells = [
        changed(each, source=written.get(each.metadata.get("nbgrader", {}).get("grade_id"), each.source))
        for each in RELEASED
    ]
    return save.save(book, course, notebook(*cells), given, POLICY)


def row(book: Gradebook, name: str) -> Any:
    return book.find_grade(name, "hw", "hw", "9901")


def by_hand(book: Gradebook, name: str, score: float, asked: bool = False) -> None:
    grade = row(book, name)
    grade.manual_score, grade.needs_manual_grade = score, asked
    book.db.commit()


def test_automatic_scores_are_the_receipts_and_a_person_is_asked_where_there_is_none(
    book: Gradebook, tmp_path: Path
) -> None:
    saved(book, tmp_path, receipt(scores=SCORES | {"answer_check": None}, essays=ESSAYS), why="Because.")
    found = {name: (row(book, name).auto_score, row(book, name).needs_manual_grade) for name in SCORES}
    assert found == {"double_check": (20, False), "answer_check": (None, True), "why": (None, True)}


def test_a_person_is_asked_about_a_flagged_check_until_one_gives_it_points(book: Gradebook, tmp_path: Path) -> None:
    flagged = receipt(verdict(flag="double may not use torch.mul, …"), scores=SCORES, essays=ESSAYS)
    saved(book, tmp_path, flagged)
    assert (row(book, "double_check").auto_score, row(book, "double_check").needs_manual_grade) == (20, True)
    by_hand(book, "double_check", 20)
    saved(book, tmp_path, replace(flagged, attempt=2))
    assert not row(book, "double_check").needs_manual_grade


def test_an_untouched_essay_is_nothing_and_nobody_is_asked(book: Gradebook, tmp_path: Path) -> None:
    saved(book, tmp_path, receipt(scores=SCORES | {"why": 0.0}, essays=ESSAYS))
    assert (row(book, "why").auto_score, row(book, "why").needs_manual_grade) == (0, False)


def test_what_was_left_as_released_is_called_no_response(book: Gradebook, tmp_path: Path) -> None:
    def comments() -> dict[str, str | None]:
        return {name: book.find_comment(name, "hw", "hw", "9901").auto_comment for name in ("double", "why")}

    saved(book, tmp_path, receipt(scores=SCORES), double="def double(x): return 2 * x")
    assert comments() == {"double": None, "why": "No response."}
    saved(book, tmp_path, receipt(scores=SCORES), why="Because.")
    assert comments() == {"double": "No response.", "why": None}


@pytest.mark.parametrize(
    ("earlier", "now", "asked", "looks_again"),
    [
        ([receipt(scores=SCORES, essays=ESSAYS)], {}, False, {}),
        ([receipt(scores=SCORES, essays=ESSAYS)], {"essays": {"why": "second answer"}}, False, {"why"}),
        ([receipt(scores=SCORES, essays=ESSAYS)], {"scores": SCORES | {"double_check": 40.0}}, False, {"double_check"}),
        ([receipt(scores=SCORES, essays=ESSAYS)], {"scores": SCORES | {"why": 0.0}}, False, {}),
        ([receipt(scores=SCORES, essays=ESSAYS)], {}, True, {"double_check", "why"}),
        ([], {}, False, {"double_check", "why"}),
        ([receipt(scores=SCORES | {"double_check": 40.0}, essays=ESSAYS), receipt(scores=SCORES, essays=ESSAYS, attempt=2)], {}, False, {}),
        ([receipt(scores=SCORES, essays=ESSAYS), receipt(scores=SCORES | {"double_check": 40.0}, essays=ESSAYS, attempt=2)], {}, False, {"double_check"}),
        ([receipt(scores=SCORES, essays=ESSAYS), receipt(scores=SCORES, attempt=2)], {}, False, {}),
        ([receipt(scores=SCORES, essays={"why": "second answer"}), receipt(scores=SCORES, essays=ESSAYS, attempt=2)], {}, False, {}),
        ([receipt(scores={}, essays=ESSAYS)], {}, False, {"double_check"}),
    ],
    ids=[
        "nothing changed",
        "another answer",
        "the checks earn something else",
        "the essay's automatic score is no answer",
        "they were asked before and have not looked yet",
        "the score was there before anything was graded",
        "only the last time counts: the same again",
        "only the last time counts: another again",
        "an essay that was missing once is compared with when it was last there",
        "an essay is compared with the last answer, not with any",
        "a check that is new",
    ],
)  # fmt: skip
def test_a_persons_score_stays_and_they_look_again_only_when_what_they_graded_has_changed(
    earlier: list[Receipt], now: dict[str, Any], asked: bool, looks_again: set[str], book: Gradebook, tmp_path: Path
) -> None:
    for given in earlier:
        receipts.write(tmp_path, given)
    for name in ("double_check", "why"):
        by_hand(book, name, 7, asked)
    saved(book, tmp_path, receipt(**({"scores": SCORES, "essays": ESSAYS, "attempt": 3} | now)), why="Because.")
    assert {name: row(book, name).manual_score for name in ("double_check", "why")} == {"double_check": 7, "why": 7}
    assert {name for name in ("double_check", "why") if row(book, name).needs_manual_grade} == set(looks_again)
    assert row(book, "double_check").auto_score == (now.get("scores") or SCORES)["double_check"]


def test_a_cell_whose_checks_are_all_void_counts_nothing_whatever_a_person_gave(
    book: Gradebook, tmp_path: Path
) -> None:
    by_hand(book, "double_check", 33)
    row(book, "double_check").extra_credit = 5
    void = [verdict(state="void"), verdict("big", state="void")]
    saved(book, tmp_path, receipt(*void, scores=SCORES | {"double_check": 0.0}))
    found = row(book, "double_check")
    assert (found.auto_score, found.manual_score, found.extra_credit, found.max_score) == (0, None, None, 0)
    assert not found.needs_manual_grade and row(book, "answer_check").max_score == 10


@pytest.mark.parametrize(
    "checks", [[], [verdict(state="void"), verdict("big")], [verdict("x", "answer_check", "void")]]
)
def test_a_cell_with_a_check_that_counts_keeps_its_worth_and_its_manual_score(
    checks: list[Any], book: Gradebook, tmp_path: Path
) -> None:
    by_hand(book, "double_check", 33)
    saved(book, tmp_path, receipt(*checks, scores=SCORES))
    assert (row(book, "double_check").max_score, row(book, "double_check").manual_score) == (40, 33)


def test_lateness_is_this_homeworks_and_the_penalty_is_written(book: Gradebook, tmp_path: Path) -> None:
    late = saved(book, tmp_path, receipt(scores=SCORES, essays=ESSAYS))
    assert (late.homework, late.hours, late.penalty) == ("hw", 24, 0.5)
    stored = book.find_submission_notebook("hw", "hw", "9901")
    assert stored.score == 30 and stored.late_submission_penalty == 15


def test_the_receipt_is_written_and_only_of_what_the_gradebook_has(
    book: Gradebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = receipt(scores=SCORES, essays=ESSAYS)

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(save, "recompute", fail)
        with pytest.raises(OSError, match="full"):
            saved(book, tmp_path, given)
    assert receipts.of(tmp_path, "9901", "hw") == []
    saved(book, tmp_path, given)
    book.db.rollback()
    assert receipts.of(tmp_path, "9901", "hw") == [given] and row(book, "double_check").auto_score == 20


def test_what_is_worth_a_look_is_told() -> None:
    late = Lateness("hw", 24, penalty=0.5)
    assert save.worth_a_look(receipt(flags=("a", "b")), late) == ["look at this: a", "look at this: b", late.line()]
    assert save.worth_a_look(receipt(), Lateness("hw")) == []


def test_the_time_beside_a_graded_notebook_is_utc() -> None:
    assert save.time_of(datetime(2026, 10, 1, 12, 30)) == "2026-10-01 12:30:00 UTC"


def test_rows_are_those_of_one_students_notebook(book: Gradebook, tmp_path: Path) -> None:
    book.add_student("9902")
    book.add_submission("hw", "9902")
    saved(book, tmp_path, receipt(scores=SCORES))
    other = book.find_grade("double_check", "hw", "hw", "9902")
    assert other.auto_score is None
