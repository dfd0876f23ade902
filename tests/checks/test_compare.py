"""Is this answer right, and if not, what is wrong with it?"""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.checks import values
from autograder.checks.compare import (
    LOWER_IS_BETTER,
    METRICS,
    TOLERANCE,
    Difference,
    Options,
    compare,
    f1,
    kind,
    score_predictions,
    short,
)

pytestmark = pytest.mark.filterwarnings("error")

arrays = hnp.arrays(np.float32, hnp.array_shapes(max_dims=3, max_side=5), elements=st.floats(-1e3, 1e3, width=32))


def test_infinities() -> None:
    inf = torch.tensor([1.0, math.inf])
    assert compare(inf, inf).agrees and compare(-inf, -inf).agrees
    assert compare(inf, torch.tensor([1.0, 2.0])).problem == "infinity"
    assert compare(torch.tensor([1.0, 2.0]), inf).problem == "infinity"
    assert compare(torch.tensor([1.0, -math.inf]), inf).ratio == math.inf


nan, inf = math.nan, math.inf


@pytest.mark.parametrize(
    ("answer", "reference", "fact", "place", "why"),
    [
        ([0.0, 2, 0], [0.0, 0, 0], "1 of 3 values differ; the largest difference is at [1]", (1,), "floats have a largest"),
        ([1.0, 2, 3], [0.0, 0, 0], "3 of 3 values differ; the largest difference is at [2]", (2,), "the largest, not the first"),
        ([1e3, 0], [1000.2, 0.01], "2 of 2 values differ; the largest difference is at [0]", (0,), "by size, not by tolerances"),
        ([1e6, 0], [1e6 + 50, 0.01], "1 of 2 values differ; the largest difference is at [1]", (1,), "but only of those beyond"),
        ([1, 9, 3], [1, 2, 9], "2 of 3 values differ, the first at [1]", (1,), "of integers the first"),
        ([3, 9, 3], [1, 2, 9], "3 of 3 values differ, the first at [1]", (1,), "or rather the largest of them"),
        ([True, False], [True, True], "1 of 2 values differ, the first at [1]", (1,), "of booleans too"),
        ([nan, nan, 1], [0.0, 0, 1], "2 of 3 values are NaN where a number is expected, first at [0]", (0,), "NaN"),
        ([1.0, 2, nan], [1.0, 0, 1], "1 of 3 values is NaN where a number is expected, first at [2]", (2,), "NaN before values"),
        ([1.0, inf], [1.0, 0], "1 of 2 values is infinite where a number is expected, first at [1]", (1,), "infinity"),
        ([inf, nan], [1.0, 0], "1 of 2 values is NaN where a number is expected, first at [1]", (0,), "NaN before infinity"),
        ([1.0, 2], [1.0, nan], "a number at [1] where NaN is expected", (1,), "NaN is expected"),
        ([1.0, 2], [1.0, -inf], "a number at [1] where infinite is expected", (1,), "infinity is expected"),
        ([1.0, inf], [1.0, -inf], "1 of 2 values differ; the largest difference is at [1]", (1,), "the other infinity"),
        ([nan, 5.0], [nan, 1.0], "1 of 2 values differ; the largest difference is at [1]", (1,), "NaN where NaN is expected"),
        ([inf, 5.0], [inf, 1.0], "1 of 2 values differ; the largest difference is at [1]", (1,), "∞ where ∞ is expected"),
        ([2.0], [1.0], "the number differs", (0,), "of one number no place"),
        (2.0, 1.0, "the number differs", (), "nor of a scalar"),
        (nan, 1.0, "the value is NaN where a number is expected", (), "a scalar NaN"),
        (1.0, nan, "a number where NaN is expected", (), "a scalar that should be one"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_numbers_and_where(
    answer: object, reference: object, fact: str, place: tuple[int, ...], why: str
) -> None:
    difference = compare(torch.tensor(answer), torch.tensor(reference))
    assert (difference.fact, difference.place) == (fact, place), why
    assert difference.answer is not None and difference.answer.dtype == torch.float64
    assert difference.reference is not None and difference.answer.shape == difference.reference.shape


EIGHT_BITS = [torch.float8_e4m3fn, torch.float8_e5m2]
SMALL = [torch.bfloat16, torch.float16, *EIGHT_BITS]


@pytest.mark.parametrize("dtype", SMALL)
def test_floats_of_every_width_are_compared(dtype: torch.dtype) -> None:
    reference = torch.tensor([1.0, 0.0])
    assert compare(torch.tensor([1.0, 0.0]).to(dtype), reference).agrees
    wrong = compare(torch.tensor([1.0, 2.0]).to(dtype), reference)
    assert wrong.fact == "1 of 2 values differ; the largest difference is at [1]" and wrong.got == "2"
    assert compare(torch.tensor([1.0, nan]).to(dtype), reference).problem == "nan"


@pytest.mark.parametrize("dtype", [torch.uint8, torch.uint16, torch.uint32, torch.uint64, torch.int8, torch.int16])
def test_integers_of_every_width_are_compared_and_measured(dtype: torch.dtype) -> None:
    numbers, labels = torch.tensor([1, 0, 1, 3]).to(dtype), torch.tensor([1, 0, 1, 2])
    assert compare(numbers, labels).fact == "1 of 4 values differ, the first at [3]"
    assert compare(numbers, torch.tensor([1, 0, 1, 3])).agrees
    for metric, measure in (("accuracy", 0.75), ("f1", 1.0)):
        assert score_predictions(numbers, labels, Options(metric=metric))[1] == measure


@pytest.mark.parametrize(
    ("answer", "reference", "got", "expected"),
    [
        ([1234567], [7654321], "1234567", "7654321"),
        ([1234567.0], [7654321.0], "1.23457e+06", "7.65432e+06"),
        ([True, True], [True, False], "True", "False"),
        ([0.5, 2**-20], [0.5, 3.0], "9.53674e-07", "3"),
    ],
)
def test_the_two_numbers_are_shown_where_they_differ_most(
    answer: list[object], reference: list[object], got: str, expected: str
) -> None:
    difference = compare(torch.tensor(answer), torch.tensor(reference))
    assert (difference.got, difference.expected) == (got, expected)


def test_a_value_just_within_the_tolerance_is_not_among_those_that_differ() -> None:
    difference = compare(torch.tensor([10.0, 1.5]), torch.tensor([8.0, 1.0]), Options(rtol=0.25, atol=0.0))
    assert difference.fact == "1 of 2 values differ; the largest difference is at [1]" and difference.ratio == 2


def test_integers_that_differ_in_the_last_bit_are_found() -> None:
    assert compare(torch.tensor([5, 2**60 + 1]), torch.tensor([5, 2**60])).place == (1,)


@pytest.mark.parametrize(
    "same", [1.0, 1, True, torch.ones(3), torch.ones(3).int(), torch.tensor([nan, inf]), "a", [1.0]]
)
def test_what_is_equal_differs_by_nothing(same: object) -> None:
    assert compare(same, same).ratio == 0


def test_many_values_are_counted_with_commas() -> None:
    assert compare(torch.ones(50, 40), torch.zeros(50, 40)).fact.startswith("2,000 of 2,000 values differ")


def test_the_two_tensors_are_kept_for_a_picture() -> None:
    answer, reference = torch.tensor([[1, 2], [3, 4]]), torch.tensor([[1, 2], [3, 5]])
    difference = compare(answer, reference)
    assert difference.answer is not None and difference.reference is not None
    assert difference.answer.dtype == difference.reference.dtype == torch.float64
    assert difference.answer.tolist() == answer.tolist() and difference.reference.tolist() == reference.tolist()
    assert (difference.got, difference.expected, difference.place, difference.ratio) == ("4", "5", (1, 1), math.inf)


@pytest.mark.parametrize(
    ("off", "rtol", "atol", "ratio"),
    [(0.25, 0, 0.5, 0.5), (0.5, 0.25, 0, 1.0), (1.5, 0.25, 0, 3.0), (0.75, 0.25, 0.25, 1.0), (1.5, 0.25, 0.25, 2.0)],
)
def test_the_ratio_is_the_difference_in_tolerances(off: float, rtol: float, atol: float, ratio: float) -> None:
    difference = compare(-2.0 - off, -2.0, Options(rtol=rtol, atol=atol))
    assert difference.ratio == pytest.approx(ratio) and difference.agrees == (ratio < 1.5)


def test_exactly_at_the_tolerance_is_right() -> None:
    options = Options(rtol=0.25, atol=0.5)
    assert compare(4.0, 2.0, Options(rtol=0.25, atol=1.5)).ratio == 1.0
    assert compare(4.0, 2.0, Options(rtol=0.25, atol=1.5)).agrees and not compare(4.0, 2.0, options).agrees


def test_the_tolerance_is_that_of_the_reference_and_not_of_the_answer() -> None:
    options = Options(rtol=0.5, atol=0.0)
    assert compare(1.0, 2.0, options).agrees and not compare(2.0, 1.0, options).agrees


def test_without_options_floats_may_be_off_by_a_ten_thousandth() -> None:
    assert TOLERANCE == 1e-4
    assert Options() == Options(None, 1e-4, 1e-4, 1.0, True, None, 1.0, 0.0, None)
    assert compare(1.00019, 1.0).agrees and not compare(1.00021, 1.0).agrees


def test_no_difference_is_one_that_says_nothing() -> None:
    nothing = Difference()
    assert nothing.agrees and (nothing.fact, nothing.got, nothing.expected, nothing.path) == ("", "", "", "")
    assert (nothing.ratio, nothing.answer, nothing.reference, nothing.place) == (0, None, None, ())
    assert compare([], []) == nothing


WIDE = 2**40


@pytest.mark.parametrize(
    ("answer", "reference", "problem", "why"),
    [
        (1.0, torch.tensor(1.0), "", "a number and a tensor of one number are one kind"),
        (torch.tensor(1.0, dtype=torch.float64), 1.0, "", "whatever its width"),
        (torch.tensor(1.0, dtype=torch.float16), torch.tensor(1.0), "", "whatever its width"),
        (torch.tensor([1]), torch.tensor([1], dtype=torch.int32), "", "of integers too"),
        (torch.tensor([1], dtype=torch.uint8), torch.tensor([1]), "", "of integers too"),
        (torch.tensor([WIDE + 1]), torch.tensor([WIDE]), "values", "every bit of an integer counts"),
        (torch.tensor([WIDE + 2**32]), torch.tensor([WIDE]), "values", "the upper ones too"),
        (torch.tensor([2**60 + 1]), torch.tensor([2**60]), "values", "more than a float64 holds"),
        (WIDE + 1, WIDE, "values", "of Python's integers too"),
        (WIDE, WIDE, "", "which may be large"),
        (torch.tensor(WIDE), WIDE, "", "in a tensor too"),
        (torch.tensor(WIDE + 1), WIDE, "values", "where they count too"),
        (10**30, 10**30, "", "or very large"),
        (10**30, 5, "values", "and are compared exactly"),
        (10**30, torch.tensor(5), "values", "where a tensor can't hold them they are wrong"),
        (torch.tensor(5), 10**30, "values", "on either side"),
        (1e300, 2e300, "values", "floats have the width of Python's"),
        (1e300, 1e300, "", "floats have the width of Python's"),
        (1, 1.0, "", "an int is a float"),
        (1.0, 1, "", "an integral float is an int"),
        (1.5, 1, "kind", "but no other float is"),
        (True, 1, "kind", "nor a bool"),
        (1, 1.5, "values", "an int is compared as the number it is"),
        (math.inf, 1, "kind", "infinity is no int"),
        (1e300, 1, "kind", "nor what no tensor holds"),
        (True, 1, "kind", "True is not 1"),
        (1, True, "kind", "nor is 1 True"),
        (torch.tensor([True]), torch.tensor([1]), "kind", "in tensors neither"),
        (torch.tensor([1]), torch.tensor([True]), "kind", "in tensors neither"),
        (torch.tensor([1]), torch.tensor([1.0]), "", "integers are floats"),
        (torch.tensor([1.0]), torch.tensor([1]), "", "and integral floats integers"),
        (torch.tensor([1.0, 2.5]), torch.tensor([1, 2]), "kind", "if all of them are"),
        (torch.tensor(True), True, "", "a tensor of one bool is a bool"),
        (torch.tensor(True), False, "values", "a tensor of one bool is a bool"),
        (True, False, "values", "True is not False"),
        (False, False, "", "False is False"),
        (3, 3, "", "an integer"),
        (3, 4, "values", "another integer"),
        (torch.tensor(3), 4, "values", "in a tensor too"),
        (torch.tensor([1.0]), 1.0, "shape", "one number in a row is no scalar"),
        (torch.zeros(2, 3), torch.zeros(3, 2), "shape", "a shape"),
        (torch.zeros(2, 3), torch.zeros(6), "shape", "the number of axes"),
        (torch.zeros(1), torch.zeros(3), "shape", "nothing is broadcast"),
        (torch.zeros(0, 3), torch.zeros(0, 3), "", "nothing is as good as nothing"),
        (torch.zeros(0, 3), torch.zeros(0, 2), "shape", "of its own shape"),
        (torch.zeros(0), torch.zeros(0).long(), "", "of no numbers the kind is told by nothing"),
        ([1, 2], [1, 2], "", "a list"),
        ([1, 2, 3], [1, 2], "shape", "a longer list"),
        ([1], [1, 2], "shape", "a shorter list"),
        ([1, 2], [2, 1], "values", "another order"),
        ([1, 2], torch.tensor([1, 2]), "", "a list is a tensor"),
        ([[1, 2], [3, 4]], torch.tensor([[1, 2], [3, 4]]), "", "of any depth"),
        ([torch.ones(2), torch.zeros(2)], torch.tensor([[1.0, 1], [0, 0]]), "", "of tensors too"),
        ([[1, 2], [3]], torch.tensor([[1, 2], [3, 4]]), "kind", "if it is one"),
        (["a"], torch.tensor([1]), "kind", "of numbers"),
        ([1, 3], torch.tensor([1, 2]), "values", "with these numbers"),
        ([], torch.zeros(0), "", "none at all"),
        ([10**30], torch.tensor([1]), "kind", "which a tensor can hold"),
        (torch.tensor([1, 2]), [1, 2], "", "and a tensor a list"),
        (torch.tensor([[1.0, 2]]), [[1, 2]], "", "of lists"),
        (torch.tensor([1, 2]), [1, 2, 3], "kind", "of the same length"),
        ([1, 2], {1, 2}, "kind", "a list is no set"),
        ({1, 2}, {2, 1}, "", "a set has no order"),
        ({1, 2}, {1}, "values", "a larger set"),
        ({1}, {1, 2}, "values", "a smaller set"),
        ("a", "a", "", "a string"),
        ("a", "b", "values", "another string"),
        ("a", "A", "values", "letters are letters"),
        ("a", None, "kind", "a string is not nothing"),
        (None, "a", "kind", "nothing is no string"),
        (None, 0, "kind", "nothing is no number"),
        (None, False, "kind", "nothing is no bool"),
        (None, None, "", "nothing is nothing"),
        ("1", 1, "kind", "a string is no number"),
        ({"a": 1.0}, {"a": 1.0}, "", "a dict"),
        ({"b": 2, "a": 1}, {"a": 1, "b": 2}, "", "in any order"),
        ({"a": 1.0}, {"a": 2.0}, "values", "a value in a dict"),
        ({"a": 1.0}, {"b": 1.0}, "keys", "another key"),
        ({"a": 1.0, "b": 1.0}, {"a": 1.0}, "keys", "an extra key"),
        ({"a": 1.0}, {"a": 1.0, "b": 1.0}, "keys", "a missing key"),
        ({}, [], "kind", "a dict is no list"),
        ([[1.0], [2.0]], [[1.0], [2.5]], "values", "a list in a list"),
        ([{"a": [1.5]}], [{"a": [1]}], "kind", "however deep"),
    ],
)  # fmt: skip
def test_kinds_shapes_and_values(answer: object, reference: object, problem: str, why: str) -> None:
    difference = compare(answer, reference)
    assert difference.problem == problem and difference.agrees is not bool(problem), why
    if problem in ("kind", "shape", "keys"):
        assert difference.ratio == math.inf, "what can't be subtracted is as far away as can be"


@pytest.mark.parametrize(
    ("answer", "reference", "fact", "got", "expected"),
    [
        (True, 1.0, "expected a float, got a bool", "True", "1.0"),
        (torch.zeros(2) + 0.5, 1, "expected an int, got a float tensor of shape (2,)", "[0.5, 0.5]", "1"),
        (torch.tensor(True), None, "expected None, got a bool", "True", "None"),
        ("a", [1, 2], "expected a list of 2, got a string", "'a'", "[1, 2]"),
        ({1}, {"a": 1}, "expected a dict, got a set of 1", "{1}", "{'a': 1}"),
        (torch.zeros(2, 3), torch.zeros(3, 2), "expected shape (3, 2), got (2, 3)", "", ""),
        ([1, 2, 3], [1], "expected 1 items, got 3", "[1, 2, 3]", "[1]"),
        ({"a": 1}, {"b": 1}, "the keys differ; missing: 'b'; not asked for: 'a'", "", ""),
        ({"a": 1}, {"a": 1, 2: 1, "b": 1}, "the keys differ; missing: 'b', 2", "", ""),
        ({"b": 1, "a": 1}, {"a": 1}, "the keys differ; not asked for: 'b'", "", ""),
        ("a", "b", "the string differs", "'a'", "'b'"),
        ({1}, {2}, "the set differs", "{1}", "{2}"),
        (1, 2, "the number differs", "1", "2"),
        (1.0, 2.0, "the number differs", "1", "2"),
        (True, False, "the True or False differs", "True", "False"),
        (1e-9 + 2, 1e9, "the number differs", "2", "1e+09"),
        (10**30, torch.tensor(5), "the number is far too large", str(10**30), "5"),
    ],
)  # fmt: skip
def test_the_words(answer: object, reference: object, fact: str, got: str, expected: str) -> None:
    difference = compare(answer, reference)
    assert (difference.fact, difference.got, difference.expected) == (fact, got, expected)


@pytest.mark.parametrize(
    ("answer", "reference", "path", "fact"),
    [
        ([0, {"W": 1.0}], [0, {"W": 2.0}], "[1]['W']", "the number differs"),
        ([0, [1, "a"]], [0, [1, "b"]], "[1][1]", "the string differs"),
        ({"a": [1, 2]}, {"a": [1]}, "['a']", "expected 1 items, got 2"),
        ([[{"a": 1}]], [[{"b": 1}]], "[0][0]", "the keys differ; missing: 'b'; not asked for: 'a'"),
        ([torch.zeros(2)], [torch.zeros(3)], "[0]", "expected shape (3,), got (2,)"),
        ([True], [1.0], "[0]", "expected a float, got a bool"),
        ([None], ["a"], "[0]", "expected a string, got None: does every path of your function return a value?"),
        ([10**30], [torch.tensor(1)], "[0]", "the number is far too large"),
        ([1], [2], "[0]", "the number differs"),
        ([1.1, 1.5, 1.2], [1.0, 1.0, 1.0], "[1]", "the number differs"),
        ([1.5, "a"], [1.0, "b"], "[1]", "the string differs"),
        ([1.00005, 1.5], [1.0, 1.0], "[1]", "the number differs"),
    ],
)
def test_of_several_differences_the_worst_is_told_with_its_path(
    answer: object, reference: object, path: str, fact: str
) -> None:
    difference = compare(answer, reference)
    assert (difference.path, difference.fact) == (path, fact)


def test_of_a_right_answer_the_largest_difference_is_told() -> None:
    difference = compare([1.00002, 1.00008, 1.0], [1.0, 1.0, 1.0])
    assert difference.agrees and difference.ratio == pytest.approx(0.4, rel=1e-3)


def test_the_fact_holds_no_number_of_the_reference() -> None:
    for answer, reference in ((0.0, 123.456), (torch.zeros(2), torch.tensor([0, 123.456])), ("a", "123.456")):
        difference = compare(answer, reference)
        assert "123" not in difference.fact and "123" in difference.expected


@pytest.mark.parametrize(
    ("answer", "reference", "agrees"),
    [
        (1.0, 2.0, True), (1, 2, True), (True, False, True), ("a", "b", True), ({1}, {2, 3}, True), (None, None, True),
        (torch.zeros(2), torch.ones(2), True), ([1, [2.0]], [3, [4.0]], True), ({"a": 1}, {"a": 2}, True),
        (True, 2.0, False), (1, 2.0, True), (torch.zeros(2), torch.zeros(3), False), ([1], [1, 1], False), ({"a": 1}, {"b": 1}, False),
        ([1, [2.5]], [3, [4]], False), ({"a": True}, {"a": 1.0}, False), (None, "a", False), (1, 10**30, True),
    ],
)  # fmt: skip
def test_only_the_form(answer: object, reference: object, agrees: bool) -> None:
    assert compare(answer, reference, values=False).agrees is agrees


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "None"), (1, "an int"), (1.0, "a float"), (True, "a bool"), ("x", "a string"), ([1, 2], "a list of 2"),
        ({1}, "a set of 1"), ({}, "a dict"), (torch.tensor(1.0), "a float"), (torch.tensor(1), "an int"),
        (torch.zeros(2, 3), "a float tensor of shape (2, 3)"), (torch.zeros(1).bool(), "a bool tensor of shape (1,)"),
        (torch.zeros(0).int(), "an int tensor of shape (0,)"), (torch.zeros(1).half(), "a float tensor of shape (1,)"),
    ],
)  # fmt: skip
def test_kinds_in_words(value: object, said: str) -> None:
    assert kind(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1, "1"), ("x", "'x'"), (torch.arange(8), "[0, 1, 2, 3, 4, 5, 6, 7]"),
        (torch.arange(9), "an int tensor of shape (9,)"), ([1, "a", [torch.ones(2)]], "[1, 'a', [[1.0, 1.0]]]"),
        (list(range(20)), str(list(range(20)))), (list(range(21)), str(list(range(20)))[:-1] + ", …]"),
        ("x" * 118, "'" + "x" * 118 + "'"), ("x" * 119, "'" + "x" * 116 + "…"), ([], "[]"),
    ],
)  # fmt: skip
def test_values_in_short(value: object, said: str) -> None:
    assert short(value) == said and len(said) <= 120


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | arrays.map(torch.tensor)
    | st.sets(st.integers() | st.text(max_size=2), max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2) | st.integers(), inner, max_size=3),
    max_leaves=6,
)


def packed(value: object) -> object:
    """A value as it arrives at the judge's."""
    tensors: dict[str, torch.Tensor] = {}
    return values.unpack(values.pack(value, tensors), tensors)


def basis(seed: int) -> torch.Tensor:
    made: torch.Tensor = torch.linalg.qr(torch.randn(5, 2, generator=torch.Generator().manual_seed(seed))).Q
    return made


TURN = torch.tensor([[0.6, -0.8], [0.8, 0.6]])
PROJECTOR = Options(form="projector")


def test_of_bases_of_one_subspace_all_are_right_and_of_another_none() -> None:
    assert compare(basis(1) @ TURN, basis(1), PROJECTOR).agrees and not compare(basis(1) @ TURN, basis(1)).agrees
    assert not compare(basis(2), basis(1), PROJECTOR).agrees


def test_a_form_does_not_hide_a_wrong_kind_or_shape() -> None:
    assert compare("text", basis(1), PROJECTOR).problem == "kind"
    assert compare(torch.zeros(3, 2), basis(1), PROJECTOR).fact == "expected shape (5, 2), got (3, 2)"


def test_what_has_no_such_form_is_compared_as_it_is() -> None:
    assert compare(torch.ones(3), torch.ones(3), PROJECTOR).agrees
    assert compare(torch.ones(3), torch.zeros(3), PROJECTOR).fact.startswith("3 of 3 values differ")


def test_only_the_form_of_a_basis_is_its_shape() -> None:
    assert compare(basis(2), basis(1), PROJECTOR, values=False).agrees


def test_predictions_earn_linearly_between_floor_and_goal() -> None:
    labels = torch.arange(100) % 5
    options = Options(metric="accuracy", goal=0.9, floor=0.5)
    for right, fraction in ((100, 1.0), (90, 1.0), (70, 0.5), (50, 0.0), (20, 0.0)):
        predictions = torch.where(torch.arange(100) < right, labels, labels + 1)
        assert score_predictions(predictions, labels, options)[0] == pytest.approx(fraction)
    assert score_predictions(torch.zeros(3).long(), labels, options)[2] == "expected shape (100,), got (3,)"
    assert score_predictions(None, labels, options)[0] == 0


def test_what_is_measured_and_where_lower_is_better() -> None:
    assert sorted(METRICS) == ["accuracy", "f1", "mse", "perplexity"] and {"mse", "perplexity"} == LOWER_IS_BETTER
    labels = torch.tensor([1, 1, 0, 0])
    assert score_predictions(torch.tensor([1, 1, 1, 1]), labels, Options())[1] == 0.5, "unless it is said, the accuracy"


def test_the_mean_squared_error_of_numbers_and_of_a_number() -> None:
    options = Options(metric="mse", goal=1.0, floor=9.0)
    assert score_predictions(torch.tensor([4.0, 2.0]), torch.tensor([1.0, 2.0]), options)[1] == 4.5
    assert score_predictions(torch.tensor(4.0), torch.tensor(1.0), options) == (0.0, 9.0, "")


@pytest.mark.parametrize(
    ("sums", "row"), [([1.5, 0.2, 1.0], 1), ([3.2, 0.5, 1.0], 0), ([1.0, 1.0, 1.002], 2), ([0.998, 1.0, 1.001], 0)]
)
def test_of_rows_that_are_no_distributions_the_worst_is_named(sums: list[float], row: int) -> None:
    rows = (torch.tensor(sums).double()[:, None] / 2).expand(3, 2).log()
    said = f"row {row} is no distribution: the exponentials of its log-probabilities add up to {sums[row]:.4g}"
    options = Options(metric="perplexity", goal=2, floor=3)
    assert score_predictions(rows, torch.tensor([0, 1, 1]), options) == (0.0, 0.0, said)


def test_rows_that_are_distributions_but_for_rounding_are_measured() -> None:
    rows = torch.full((3, 2), 0.5 * 1.0009).log()
    assert score_predictions(rows, torch.tensor([0, 1, 1]), Options(metric="perplexity", goal=2.1, floor=3))[0] == 1


def test_lower_is_better_earns_linearly_too() -> None:
    labels = torch.zeros(50).long()
    for probability, fraction in ((0.5, 1.0), (0.25, 1.0), (0.2, 0.5), (1 / 6, 0.0), (0.1, 0.0)):
        rows = torch.tensor([[probability, *[(1 - probability) / 9] * 9]] * 50).log()
        assert score_predictions(rows, labels, Options(metric="perplexity", goal=4, floor=6))[0] == pytest.approx(
            fraction, abs=1e-5
        )
    noisy = torch.full((20, 3), 0.1)
    assert score_predictions(noisy, torch.zeros(20, 3), Options(metric="mse", goal=0.005, floor=0.015))[
        0
    ] == pytest.approx(0.5)


def test_what_is_no_distribution_earns_nothing_and_is_told_why() -> None:
    labels, options = torch.tensor([0, 2, 1]), Options(metric="perplexity", goal=2, floor=3)
    certain = torch.tensor([[0.0, 0.0, 0.0]] * 3)  # every class with probability 1
    impossible = torch.full((3, 3), -torch.inf)
    strange = torch.full((3, 3), torch.nan)
    for rows, said in (
        (certain, "row 0 is no distribution: the exponentials of its log-probabilities add up to 3"),
        (impossible, "add up to 0"),
        (strange, "add up to nan"),
        (certain[:2], "shape (3, classes), got shape (2, 3)"),
        (certain[:, :2], "got shape (3, 2)"),
        (labels, "log-probabilities, floats"),
        (None, "log-probabilities, floats"),
    ):
        fraction, _, problem = score_predictions(rows, labels, options)
        assert fraction == 0 and said in problem, problem
    sure_and_wrong = torch.tensor([[-torch.inf, 0.0, -torch.inf]] * 3)
    assert score_predictions(sure_and_wrong, labels, options)[0] == 0
    assert (
        score_predictions(torch.full((3,), torch.nan), torch.zeros(3), Options(metric="mse", goal=0, floor=1))[0] == 0
    )


@given(arrays)
def test_an_answer_equals_itself(array: np.ndarray) -> None:
    assert compare(torch.tensor(array), torch.tensor(array)).agrees


@given(arrays, st.sampled_from([1e-6, 1e-4, 1e-2]), st.floats(0.0, 0.45))
def test_within_the_tolerance_is_right_and_beyond_it_wrong(array: np.ndarray, tolerance: float, part: float) -> None:
    reference = torch.tensor(array).double()
    allowed = tolerance + tolerance * reference.abs()
    options = Options(rtol=tolerance, atol=tolerance)
    assert compare(reference + part * allowed, reference, options).agrees
    wrong = reference.clone()
    wrong.flatten()[-1] += 3 * allowed.flatten()[-1]
    difference = compare(wrong, reference, options)
    assert difference.problem == "values" and difference.ratio == pytest.approx(3, rel=1e-3)
    assert difference.place == tuple(n - 1 for n in reference.shape)


@given(arrays, arrays)
def test_agrees_exactly_when_numpy_does(first: np.ndarray, second: np.ndarray) -> None:
    agrees = compare(torch.tensor(first), torch.tensor(second)).agrees
    assert agrees == (first.shape == second.shape and np.allclose(first, second, rtol=1e-4, atol=1e-4))


@given(arrays)
def test_a_nan_is_never_right_by_accident(array: np.ndarray) -> None:
    spoiled = torch.tensor(array)
    spoiled.flatten()[0] = math.nan
    assert compare(spoiled, torch.tensor(array)).problem == "nan"
    assert compare(torch.tensor(array), spoiled).problem == "nan"
    assert compare(spoiled, spoiled).agrees


@given(plain)
def test_every_answer_equals_itself(value: object) -> None:
    assert compare(packed(value), packed(value)).agrees


@given(plain, plain)
def test_a_difference_in_form_is_one_from_either_side(first: object, second: object) -> None:
    one, other = (compare(a, b, values=False) for a, b in ((first, second), (second, first)))
    assert one.agrees == other.agrees
    if one.agrees and not compare(first, second).agrees:
        assert not compare(second, first, Options(rtol=0, atol=TOLERANCE / 1e9)).agrees


@given(arrays, st.floats(-2, 2), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_larger_tolerance_never_makes_a_right_answer_wrong(
    array: np.ndarray, off: float, rtol: float, atol: float, more: float
) -> None:
    answer, reference = torch.tensor(array) + off, torch.tensor(array)
    strict = compare(answer, reference, Options(rtol=rtol, atol=atol + 1e-9))
    milder = compare(answer, reference, Options(rtol=rtol + more, atol=atol + more + 1e-9))
    assert milder.agrees >= strict.agrees and milder.ratio <= strict.ratio


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1))
def test_f1_is_the_harmonic_mean_of_precision_and_recall(pairs: list[tuple[int, int]]) -> None:
    hits = sum(p == y == 1 for p, y in pairs)
    predicted, real = sum(p for p, _ in pairs), sum(y for _, y in pairs)
    expected = 2 * (hits / predicted) * (hits / real) / (hits / predicted + hits / real) if hits else 0.0
    assert f1(*(torch.tensor(column) for column in zip(*pairs))) == pytest.approx(expected)


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 6), st.just(4)), elements=st.floats(-3, 3)), st.data())
def test_perplexity_is_the_exponential_of_the_cross_entropy(logits: np.ndarray, data: st.DataObject) -> None:
    rows = torch.tensor(logits).log_softmax(-1)
    labels = torch.tensor(data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows))))
    options = Options(metric="perplexity", goal=1.0, floor=4.0)
    expected = float(torch.nn.functional.cross_entropy(torch.tensor(logits), labels).exp())
    assert score_predictions(rows, labels, options)[1] == pytest.approx(expected)
