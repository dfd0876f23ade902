"""The judge: from what a kernel handed over to verdicts, words and points."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from autograder.checks.compare import Options
from autograder.checks.references import Mistake, Reference, References
from autograder.grading.judge import (
    FAILED,
    MISSING,
    NOT_GRADED,
    PASSED,
    VOID,
    Verdict,
    judge,
    points,
    ungraded,
    without,
)
from autograder.running.notebook import CellOutcome

LABELS = torch.arange(200) % 2
NEVER_DRAWN = 123.456


def verdict(answer: object, reference: object, options: Options = Options(), *mistakes: Mistake) -> Verdict:
    """The verdict on one answer to a check called "sum" in the cell "sum_check"."""
    return judged(CellOutcome(handed={"sum": answer}), reference, options, *mistakes)


def judged(outcome: CellOutcome, reference: object = 1.0, options: Options = Options(), *mistakes: Mistake) -> Verdict:
    made = References("hw", "seed", [Reference("sum", "sum_check", reference, options)], list(mistakes))
    return judge(made, {"sum_check": outcome})[0]


def of_weight(weight: float, earned: float = 1.0, state: str = PASSED) -> Verdict:
    return Verdict("sum", "sum_check", state, earned, weight)


def test_the_states_are_called_as_in_every_receipt_of_the_past() -> None:
    states = (PASSED, FAILED, MISSING, NOT_GRADED, VOID)
    assert states == ("passed", "failed", "missing", "not graded", "void")


def test_there_is_a_verdict_on_every_check_of_the_references_in_their_order_and_on_nothing_else() -> None:
    names = [("b", "b_check"), ("a", "a_check"), ("c", "b_check")]
    made = References("hw", "seed", [Reference(name, cell, 1.0, Options(weight=2)) for name, cell in names])
    handed = {"c": 1.0, "b": 2.0, "a": 1.0, "stranger": 1.0}
    verdicts = judge(made, {"b_check": CellOutcome(handed=handed), "stranger_check": CellOutcome(handed=handed)})
    assert [(v.check, v.cell, v.state, v.earned, v.weight) for v in verdicts] == [
        ("b", "b_check", FAILED, 0, 2),
        ("a", "a_check", MISSING, 0, 2),  # what another cell hands over under its name isn't its answer
        ("c", "b_check", PASSED, 1, 2),
    ]


def test_a_right_answer_earns_all_and_says_nothing_but_its_name() -> None:
    right = verdict(1.0, 1.0)
    assert (right.state, right.earned, right.weight, right.fact, right.flag, right.difference) == (
        PASSED,
        1,
        1,
        "",
        "",
        0,
    )
    assert right.line() == "✓ sum"


def test_an_answer_within_the_tolerance_is_right_and_says_how_near() -> None:
    near = verdict(1.0001, 1.0)
    assert near.state == PASSED and near.difference == pytest.approx(0.5) and near.line() == "✓ sum"


@pytest.mark.parametrize(
    ("answer", "line", "why"),
    [
        (1.0003, "✗ sum: the number differs\n  off by 1.5 times the tolerance", "a float is off by tolerances"),
        (1.5, "✗ sum: the number differs\n  off by 2,500 times the tolerance", "large ones without decimals"),
        (torch.ones(2), "✗ sum: expected shape (), got (2,)", "a shape is off by nothing that could be said"),
        (None, "✗ sum: expected a float, got None: does every path of your function return a value?", "nor is a kind"),
    ],
)
def test_a_wrong_answer_says_what_is_wrong_and_by_how_much(answer: object, line: str, why: str) -> None:
    wrong = verdict(answer, 1.0)
    assert (wrong.state, wrong.earned) == (FAILED, 0) and wrong.line() == line, why


def test_a_difference_of_exactly_one_tolerance_is_none() -> None:
    assert replace(of_weight(1, 0, FAILED), difference=1.0).line() == "✗ sum"
    assert replace(of_weight(1, 0, FAILED), difference=1.9).line() == "✗ sum\n  off by 1.9 times the tolerance"


def test_the_words_name_the_place_in_a_list_and_no_number_of_the_reference() -> None:
    wrong = verdict([0.0, {"W": 0.0}], [0.0, {"W": NEVER_DRAWN}])
    assert wrong.fact == "the number differs in [1]['W']" and "123" not in wrong.line()


def test_a_known_mistake_is_told_in_both_languages_the_persian_from_the_right() -> None:
    tripled = Mistake("sum", "triple", "solution", "You tripled.", "سه برابر کرده‌اید.", 3.0)
    other = Mistake("sum", "half", "solution", "You halved.", "نصف کرده‌اید.", 0.5)
    elsewhere = Mistake("product", "product", "solution", "Another check's.", "از آنِ دیگری.", 3.0)
    told = verdict(3.0, 1.0, Options(), elsewhere, other, tripled)
    assert told.line().splitlines()[2:] == ["  You tripled.", "  \u2067سه برابر کرده‌اید.\u2069"]
    assert "You" not in verdict(7.0, 1.0, Options(), other, tripled).line()


def test_a_right_answer_is_no_mistake_even_where_a_mistake_has_the_same_numbers() -> None:
    same = Mistake("sum", "same", "solution", "You erred.", "خطا کردید.", 1.0)
    assert verdict(1.0, 1.0, Options(), same).line() == "✓ sum"


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (CellOutcome(), "the check was not reached"),
        (CellOutcome(ignored=1), "what came was not this check's answer"),
        (CellOutcome(reason="more than 64 MB handed over"), "more than 64 MB handed over"),
        (CellOutcome("error", "it raised ValueError"), "it raised ValueError"),
        (CellOutcome("error", "it raised ValueError", ignored=1), "it raised ValueError"),
        (CellOutcome("died", "it was killed"), "it was killed"),
        (CellOutcome("timeout"), "the cell did not run"),
        (CellOutcome("not run"), "the cell did not run"),
    ],
)
def test_no_answer_earns_nothing_and_says_why(outcome: CellOutcome, why: str) -> None:
    missing = judged(outcome, options=Options(weight=3))
    assert (missing.state, missing.earned, missing.weight, missing.difference) == (MISSING, 0, 3, 0)
    assert missing.line() == f"✗ sum: no answer: {why}"


def test_a_cell_of_which_nothing_is_known_did_not_run() -> None:
    made = References("hw", "seed", [Reference("sum", "sum_check", 1.0)])
    assert judge(made, {})[0].line() == "✗ sum: no answer: the cell did not run"


def test_what_can_not_be_compared_is_a_wrong_answer() -> None:
    odd = judged(CellOutcome(unsupported={"sum": "an object of type Odd"}), options=Options(weight=3))
    assert (odd.state, odd.earned, odd.weight, odd.difference) == (FAILED, 0, 3, None)
    assert odd.line() == "✗ sum: your function returned an object of type Odd, which can't be compared"


@pytest.mark.parametrize("options", [Options(weight=3), Options(weight=3, metric="accuracy")])
def test_a_failure_of_the_grader_leaves_the_check_open_and_is_no_zero(options: Options) -> None:
    class Torn(dict):  # type: ignore[type-arg]
        """A reference that can't be read."""

        def keys(self) -> None:  # type: ignore[override]
            raise OSError

        @property
        def dtype(self) -> None:
            raise OSError

    left = verdict(Torn(), Torn(), options)
    assert (left.state, left.earned, left.weight) == (NOT_GRADED, 0, 3)
    assert left.line().startswith("? sum: the grader could not compare this answer (")
    assert points([left, of_weight(1)], 40) is None


def test_what_the_grader_could_not_run_is_left_open_with_the_reason() -> None:
    made = References("hw", "seed", [Reference(name, "sum_check", 1.0, Options(weight=3)) for name in "ab"])
    left = ungraded(made, "the sandbox ended")
    assert [(v.check, v.cell, v.state, v.earned, v.weight) for v in left] == [
        ("a", "sum_check", NOT_GRADED, 0, 3),
        ("b", "sum_check", NOT_GRADED, 0, 3),
    ]
    assert [v.line() for v in left] == ["? a: the sandbox ended", "? b: the sandbox ended"]
    assert ungraded(None, "there are no references") == []


def test_a_void_check_counts_for_nobody_and_the_others_are_as_they_were() -> None:
    passed, failed = verdict(1.0, 1.0), replace(verdict(2.0, 1.0), check="other")
    taken, kept = without([passed, failed], frozenset({"sum", "stranger"}))
    assert taken == replace(passed, state=VOID, was=PASSED) and kept == failed
    assert without([taken, kept], frozenset({"sum"})) == [taken, kept], "voided twice is voided"
    assert without([taken, kept], frozenset()) == [passed, failed], "taken back, as it was"
    assert taken.line() == "– sum: this check was at fault and counts for nobody"


@pytest.mark.parametrize(
    ("verdicts", "expected", "why"),
    [
        ([of_weight(1)], 40, "all of them"),
        ([of_weight(1, 0, FAILED)], 0, "none"),
        ([of_weight(1), of_weight(1, 0, FAILED)], 20, "shared equally"),
        ([of_weight(3), of_weight(1, 0, FAILED)], 30, "shared by weight"),
        ([of_weight(3, 0, FAILED), of_weight(1)], 10, "shared by weight"),
        ([of_weight(0.5), of_weight(0.5, 0, MISSING)], 20, "a weight is a share and no number of points"),
        ([of_weight(2, 0.25, FAILED)], 10, "partial credit"),
        ([of_weight(3, 0.5, FAILED), of_weight(1)], 25, "partial credit, by weight"),
        ([of_weight(1, 1 / 3, FAILED)], 13.333333, "not rounded to whole points, but to a millionth"),
        ([of_weight(1), of_weight(9, 0, VOID)], 40, "a void check's share falls to the others"),
        ([of_weight(1, 0, FAILED), of_weight(1, 1, VOID)], 0, "whoever passed a void check gains nothing"),
        ([of_weight(1, 1, VOID)], 0, "every check void: the cell is worth nothing, which is known"),
        ([of_weight(1, 0, NOT_GRADED)], None, "a check left open leaves its cell open"),
        ([of_weight(1), of_weight(1, 0, NOT_GRADED)], None, "also beside one that passed"),
        ([], None, "a cell without checks was never judged"),
    ],
)
def test_points(verdicts: list[Verdict], expected: float | None, why: str) -> None:
    assert points(iter(verdicts), 40) == expected, why


def test_an_open_check_that_is_void_leaves_nothing_open() -> None:
    assert points(without([of_weight(1, 0, NOT_GRADED)], frozenset({"sum"})), 40) == 0


def predicted(right: int, **options: float) -> Verdict:
    """The verdict on 200 labels of which so many are right."""
    chosen = Options(metric="accuracy", goal=0.9, floor=0.5, weight=3, **options)
    return verdict(LABELS.where(torch.arange(200) < right, 1 - LABELS), LABELS, chosen)


@pytest.mark.parametrize(
    ("right", "state", "earned"),
    [(200, PASSED, 1), (180, PASSED, 1), (179, FAILED, 0.9875), (140, FAILED, 0.5), (100, FAILED, 0), (0, FAILED, 0)],
)
def test_predictions_earn_between_floor_and_goal(right: int, state: str, earned: float) -> None:
    made = predicted(right)
    assert (made.state, made.weight, made.flag) == (state, 3, "") and made.earned == pytest.approx(earned)
    assert made.fact == f"accuracy {right / 200:.3g} (0.9 earns everything, 0.5 nothing)"


def test_predictions_that_can_not_be_measured_say_why() -> None:
    wrong = verdict(torch.zeros(3).long(), LABELS, Options(metric="accuracy", goal=0.9, floor=0.5, suspicious=0.0))
    assert (wrong.state, wrong.earned, wrong.flag) == (
        FAILED,
        0,
        "",
    ) and wrong.fact == "expected shape (200,), got (3,)"


@pytest.mark.parametrize(("right", "flagged"), [(200, True), (199, True), (198, False)])
def test_what_nobody_learns_is_flagged_and_costs_nothing(right: int, flagged: bool) -> None:
    made = predicted(right, suspicious=0.995)
    assert (made.state, made.earned) == (PASSED, 1)
    assert made.flag == (f"sum: accuracy {right / 200:.3g} is too good to be learned" if flagged else "")


def squared(error: float, suspicious: float) -> Verdict:
    options = Options(metric="mse", goal=1.0, floor=4.0, suspicious=suspicious)
    return verdict(torch.full((2,), error), torch.zeros(2), options)


@pytest.mark.parametrize(("error", "flagged"), [(0.25, True), (0.5, True), (0.75, False)])
def test_where_lower_is_better_the_flag_is_below(error: float, flagged: bool) -> None:
    made = squared(error, suspicious=0.25)
    assert made.state == PASSED and ("too good" in made.flag) == flagged


def test_log_probabilities_are_predictions_too() -> None:
    options = Options(metric="perplexity", goal=1.8, floor=2.0, suspicious=1.1)
    sure: Tensor = torch.stack([LABELS == 0, LABELS == 1], 1).double()
    assert "too good" in verdict((sure * 0.98 + 0.01).log(), LABELS, options).flag
    assert verdict((sure * 0.2 + 0.4).log(), LABELS, options).flag == ""
    assert verdict(torch.zeros(3), LABELS, options).flag == "", "what can't be measured isn't suspicious"


@pytest.mark.parametrize(
    ("answer", "fact"),
    [
        ([True, True, True], "it is not right"),
        ([True, False, True], "it is not right"),
        ([True, False], "the answer has another size than is asked for"),
        (5, "expected a list, got an int"),
    ],
)
def test_of_an_answer_that_every_seed_shares_only_the_form_is_told_and_whether_it_is_right(
    answer: object, fact: str
) -> None:
    mistake = Mistake("sum", "all_true", "solution", "All true.", "همه درست.", [True, True, True])
    found = verdict(answer, [True, False, False], Options(public=False), mistake)
    assert (found.state, found.earned, found.fact, found.diagnosis) == (FAILED, 0, fact, None)
    assert verdict([True, False, False], [True, False, False], Options(public=False), mistake).state == PASSED


def test_words_that_a_student_chose_are_one_line() -> None:
    evil = "x\n✓ double: all is well\x1b[31m\u202e"
    for found in (
        judged(CellOutcome(unsupported={"sum": f"an object of type {evil}"})),
        verdict({evil: 1.0}, {"a": 1.0}),
        verdict(evil, "right"),
    ):
        assert found.state == FAILED and not {"\n", "\x1b", "\u202e"} & set(found.line().replace("\n  off by", ""))
