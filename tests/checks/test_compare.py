"""Is this answer right, and if not, what is wrong with it?"""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.checks.compare import Options, compare, f1, score_predictions

arrays = hnp.arrays(np.float32, hnp.array_shapes(max_dims=3, max_side=5), elements=st.floats(-1e3, 1e3, width=32))


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


def test_infinities() -> None:
    inf = torch.tensor([1.0, math.inf])
    assert compare(inf, inf).agrees
    assert compare(inf, torch.tensor([1.0, 2.0])).problem == "infinity"
    assert compare(-inf, inf).ratio == math.inf


@pytest.mark.parametrize(
    ("answer", "reference", "agrees"),
    [
        (1.0, torch.tensor(1.0), True),
        (torch.tensor(1.0, dtype=torch.float64), 1.0, True),
        (torch.tensor([1]), torch.tensor([1], dtype=torch.int32), True),
        (1, 1.0, False),
        (True, 1, False),
        (torch.tensor([1.0]), 1.0, False),
        ([1, 2], [1, 2], True),
        ([1, 2], torch.tensor([1, 2]), False),
        ({1, 2}, {2, 1}, True),
        ({1, 2}, {1}, False),
        ("a", "a", True),
        ("a", "b", False),
        ("a", None, False),
        (None, None, True),
        (10**30, 10**30, True),
        (10**30, 5, False),
        ({"a": 1.0}, {"a": 1.0}, True),
        ({"a": 1.0}, {"b": 1.0}, False),
        ([[1.0], [2.0]], [[1.0], [2.5]], False),
    ],
)
def test_kinds(answer: object, reference: object, agrees: bool) -> None:
    assert compare(answer, reference).agrees is agrees


def test_the_message_names_kind_shape_place_and_key() -> None:
    assert compare(1, 1.0).fact == "expected a float, got an int"
    assert compare(torch.zeros(2, 3), torch.zeros(3, 2)).fact == "expected shape (3, 2), got (2, 3)"
    assert compare({"a": 1}, {"b": 1}).fact == "the keys differ; missing: 'b'; not asked for: 'a'"
    assert compare([0, {"W": 1.0}], [0, {"W": 2.0}]).path == "[1]['W']"
    wrong = torch.zeros(4, 5)
    wrong[2, 3] = 1
    assert compare(wrong, torch.zeros(4, 5)).fact == "1 of 20 values differ; the largest difference is at [2, 3]"


def test_the_fact_holds_no_number_of_the_reference() -> None:
    for answer, reference in ((0.0, 123.456), (torch.zeros(2), torch.tensor([0, 123.456])), ("a", "123.456")):
        difference = compare(answer, reference)
        assert "123" not in difference.fact and "123" in difference.expected


def test_only_the_form() -> None:
    assert compare([True, False], [False, False], values=False).agrees
    assert not compare([True], [False, False], values=False).agrees
    assert not compare(torch.zeros(2), torch.zeros(3), values=False).agrees


@pytest.mark.parametrize(
    ("form", "change"), [("sign", lambda q: q * torch.tensor([1.0, -1.0])), ("projector", lambda q: q @ turn())]
)
def test_forms_forgive_what_may_differ(form: str, change: object) -> None:
    basis, _ = torch.linalg.qr(torch.randn(5, 2, generator=torch.Generator().manual_seed(1)))
    other, _ = torch.linalg.qr(torch.randn(5, 2, generator=torch.Generator().manual_seed(2)))
    assert compare(change(basis), basis, Options(form=form)).agrees  # type: ignore[operator]
    assert not compare(change(basis), basis).agrees  # type: ignore[operator]
    assert not compare(other, basis, Options(form=form)).agrees


def turn() -> torch.Tensor:
    return torch.tensor([[0.6, -0.8], [0.8, 0.6]])


def test_sorted_forgives_the_order() -> None:
    options = Options(form="sorted")
    assert compare(torch.tensor([3.0, 1, 2]), torch.tensor([1.0, 2, 3]), options).agrees
    assert compare(["b", "a"], ["a", "b"], options).agrees
    assert not compare(["b", "b"], ["a", "b"], options).agrees


def test_a_form_does_not_hide_a_wrong_kind() -> None:
    assert compare("text", torch.zeros(3, 2), Options(form="sign")).problem == "kind"


def test_predictions_earn_linearly_between_floor_and_goal() -> None:
    labels = torch.arange(100) % 5
    options = Options(metric="accuracy", goal=0.9, floor=0.5)
    for right, fraction in ((100, 1.0), (90, 1.0), (70, 0.5), (50, 0.0), (20, 0.0)):
        predictions = torch.where(torch.arange(100) < right, labels, labels + 1)
        assert score_predictions(predictions, labels, options)[0] == pytest.approx(fraction)
    assert score_predictions(torch.zeros(3).long(), labels, options)[2] == "expected shape (100,), got (3,)"
    assert score_predictions(None, labels, options)[0] == 0


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
