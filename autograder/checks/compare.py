"""Is this answer right, and if not, what is wrong with it?

An answer is compared kind first (numbers, string, set, dict, …; numbers or booleans), then shape, then values. Equal numbers
are right in whatever they stand: an int and an integral float, a number and a tensor of shape (), a list, a tuple and a tensor.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.checks.forms import FORMS

TOLERANCE = 1e-4
_SUMS_TO_ONE = 1e-3


@dataclass(frozen=True)
class Options:
    """How a check is compared and counted. Always the reference's, never what a student's kernel says.

    Attributes:
        form: a name in ``FORMS``, for answers that may rightly differ in their basis.
        weight: this check's share of its cell's points.
        public: False when the seed doesn't change the answer, so that nothing of it may ship.
        metric: for predictions: what is measured against the labels.
        goal: for predictions: the measure that earns everything.
        floor: for predictions: the measure that earns nothing.
        suspicious: for predictions: a measure so good that a person should look.
    """

    form: str | None = None
    rtol: float = TOLERANCE
    atol: float = TOLERANCE
    weight: float = 1.0
    public: bool = True
    metric: str | None = None
    goal: float = 1.0
    floor: float = 0.0
    suspicious: float | None = None


@dataclass(frozen=True)
class Difference:
    """How an answer differs from a reference.

    Attributes:
        problem: "" when they agree, else "kind", "shape", "keys", "nan", "infinity" or "values".
        fact: what is wrong, without a single number of the reference.
        got, expected: the two sides where it is wrong, as short text.
        kinds: the kinds of these two, without their sizes.
        path: where in a list or dict, such as ``[1]["W"]``.
        ratio: the largest |answer − reference| / (atol + rtol·|reference|); infinite when they can't be subtracted.
        answer, reference: the two tensors, for a picture, when both are numbers of one shape.
        place: the index of the largest difference in them.
    """

    problem: str = ""
    fact: str = ""
    got: str = ""
    expected: str = ""
    kinds: tuple[str, str] = ("", "")
    path: str = ""
    ratio: float = 0.0
    answer: Tensor | None = None
    reference: Tensor | None = None
    place: tuple[int, ...] = ()

    @property
    def agrees(self) -> bool:
        return not self.problem


def compare(answer: Any, reference: Any, options: Options = Options(), values: bool = True) -> Difference:
    """The most telling difference between an answer and its reference.

    Args:
        answer: plain data, as ``values.unpack`` gives it.
        reference: likewise.
        values: False to look at kind, shape and keys only.
    """
    if options.form is not None and values and _compare(answer, reference, options, "", values=False).agrees:
        with contextlib.suppress(RuntimeError):  # numbers that are not finite
            answer, reference = FORMS[options.form](as_numbers(answer)), FORMS[options.form](reference)
    return _compare(answer, reference, options, "", values)


def _compare(answer: Any, reference: Any, options: Options, path: str, values: bool) -> Difference:
    answer = _in_the_form_of(reference, answer)
    if isinstance(reference, (bool, int, float, Tensor)) and isinstance(answer, (bool, int, float, Tensor)):
        return _numbers(answer, reference, options, path, values)
    if type(answer) is not type(reference):
        return _different("kind", _unlike(kind(answer), kind(reference)), answer, reference, path)
    if isinstance(reference, list):
        return _lists(answer, reference, options, path, values)
    if isinstance(reference, dict):
        return _dicts(answer, reference, options, path, values)
    if not values or answer == reference:
        return Difference()
    return _different("values", f"the {_noun(reference)} differs", answer, reference, path)


def _in_the_form_of(reference: Any, answer: Any) -> Any:
    """An answer whose numbers stand in a list where a tensor is expected, or the other way round, as what is expected."""
    if isinstance(reference, Tensor) and reference.ndim and isinstance(answer, list):
        return as_numbers(answer)
    if isinstance(reference, list) and isinstance(answer, Tensor) and answer.ndim:
        return list(answer) if len(answer) == len(reference) else answer
    return answer


def as_numbers(answer: Any) -> Any:
    """A list of numbers, of lists of them, or of tensors of one shape as a tensor; anything else as it is."""
    if not isinstance(answer, list):
        return answer
    parts = [as_numbers(item) for item in answer]
    if not all(isinstance(part, (bool, int, float, Tensor)) for part in parts):
        return answer
    try:
        tensors = [_as_tensor(part) for part in parts]
        return torch.stack(tensors) if tensors else torch.empty(0, dtype=torch.int64)
    except (OverflowError, RuntimeError, ValueError):  # too large for a tensor, or of different shapes
        return answer


def _lists(answer: list[Any], reference: list[Any], options: Options, path: str, values: bool) -> Difference:
    if len(answer) != len(reference):
        fact = f"expected {len(reference)} items, got {len(answer)}"
        return _different("shape", fact, answer, reference, path)
    return _worst([_compare(a, r, options, f"{path}[{i}]", values) for i, (a, r) in enumerate(zip(answer, reference))])


def _dicts(answer: dict[Any, Any], reference: dict[Any, Any], options: Options, path: str, values: bool) -> Difference:
    missing, extra = reference.keys() - answer.keys(), answer.keys() - reference.keys()
    if missing or extra:
        parts = [
            f"{word}: {', '.join(sorted(map(repr, keys)))}"
            for word, keys in (("missing", missing), ("not asked for", extra))
            if keys
        ]
        return replace(
            _different("keys", "the keys differ; " + "; ".join(parts), answer, reference, path), got="", expected=""
        )
    return _worst([_compare(answer[k], r, options, f"{path}[{k!r}]", values) for k, r in reference.items()])


def _worst(differences: list[Difference]) -> Difference:
    return max(differences, key=lambda d: (not d.agrees, d.ratio), default=Difference())


def _numbers(answer: Any, reference: Any, options: Options, path: str, values: bool) -> Difference:
    answer = _as_kind(answer, _dtype_kind(reference))
    if _dtype_kind(answer) != _dtype_kind(reference):
        return _different("kind", _unlike(kind(answer), kind(reference)), answer, reference, path)
    if not isinstance(answer, Tensor) and not isinstance(reference, Tensor) and not isinstance(reference, float):
        if not values or answer == reference:
            return Difference()
        return _different("values", f"the {_noun(reference)} differs", answer, reference, path)
    try:
        got, expected = _as_tensor(answer), _as_tensor(reference)
    except (OverflowError, RuntimeError, ValueError):
        return _different("values", "the number is far too large", answer, reference, path)
    if got.shape != expected.shape:
        fact = f"expected shape {_shape(expected)}, got {_shape(got)}"
        return replace(_different("shape", fact, answer, reference, path), got="", expected="")
    return _tensors(got, expected, options, path) if values else Difference()


def _as_kind(answer: Any, wanted: str) -> Any:
    """Integers as floats where floats are expected, and floats that are integers as such where these are."""
    have = _dtype_kind(answer)
    if (have, wanted) == ("int", "float"):
        with contextlib.suppress(OverflowError):  # an int that no float holds
            return answer.double() if isinstance(answer, Tensor) else float(answer)
    if (have, wanted) == ("float", "int"):
        numbers = _as_tensor(answer).double()
        if bool((numbers.isfinite() & (numbers == numbers.trunc()) & (numbers.abs() < 2**63)).all()):
            return numbers.long() if isinstance(answer, Tensor) else int(answer)
    return answer


def _as_tensor(number: Any) -> Tensor:
    return number if isinstance(number, Tensor) else torch.tensor(number, dtype=_EXACT.get(type(number)))


_EXACT = {float: torch.float64, int: torch.int64, bool: torch.bool}


def _tensors(got: Tensor, expected: Tensor, options: Options, path: str) -> Difference:
    if got.numel() == 0:
        return Difference()
    ratio = _ratios(got, expected, options)
    largest = float(ratio.max())
    if largest <= 1:
        return Difference(ratio=largest)
    place = _largest_difference(got, expected, ratio)
    problem, fact = _what_is_wrong(got, expected, ratio, place)
    return Difference(
        problem=problem,
        fact=fact,
        got=_number(got[place]),
        expected=_number(expected[place]),
        path=path,
        ratio=largest,
        answer=got.double(),
        reference=expected.double(),
        place=place,
    )


def _ratios(got: Tensor, expected: Tensor, options: Options) -> Tensor:
    """|got − expected| in tolerances, float64; 0 where both are the same infinity or both NaN, ∞ where only one is."""
    if not expected.is_floating_point():
        return torch.where(got.long() == expected.long(), 0.0, math.inf).double()
    a, b = got.double(), expected.double()
    ratio = (a - b).abs() / (options.atol + options.rtol * b.abs())
    same = (a == b) | (a.isnan() & b.isnan())
    return torch.where(same, 0.0, torch.where(a.isfinite() & b.isfinite(), ratio, math.inf))


def _largest_difference(got: Tensor, expected: Tensor, ratio: Tensor) -> tuple[int, ...]:
    """The index of the largest |got − expected| among those beyond the tolerance; not finite counts as larger."""
    gap = (got.double() - expected.double()).abs()
    gap = torch.where(ratio.isinf() & expected.is_floating_point(), math.inf, gap.nan_to_num(math.inf))
    worst = int(torch.where(ratio > 1, gap, -1.0).argmax())
    return tuple(int(i) for i in np.unravel_index(worst, tuple(got.shape)))  # torch's own takes 0.7 s the first time


def _what_is_wrong(got: Tensor, expected: Tensor, ratio: Tensor, place: tuple[int, ...]) -> tuple[str, str]:
    where = f" at {list(place)}" if place else ""
    for problem, test, name in (("nan", torch.isnan, "NaN"), ("infinity", torch.isinf, "infinite")):
        theirs, ours = test(got.double()), test(expected.double())  # torch knows no infinities of eight bits
        wrong = theirs & ~ours
        if wrong.any():
            first = [int(i) for i in wrong.nonzero()[0]]
            at = f", first at {first}" if first else ""
            verb = "is" if int(wrong.sum()) == 1 else "are"
            return problem, f"{_count(wrong)} {verb} {name} where a number is expected{at}"
        if (ours & ~theirs).any():
            return problem, f"a number{where} where {name} is expected"
    if got.numel() == 1:
        return "values", "the number differs"
    largest = f"; the largest difference is{where}" if expected.is_floating_point() else f", the first{where}"
    return "values", f"{_count(ratio > 1)} differ{largest}"


def _count(wrong: Tensor) -> str:
    return f"{int(wrong.sum()):,} of {wrong.numel():,} values" if wrong.ndim else "the value"


def _different(problem: str, fact: str, answer: Any, reference: Any, path: str) -> Difference:
    kinds = bare_kind(answer), bare_kind(reference)
    return Difference(problem, fact, short(answer), short(reference), kinds, path, math.inf)


def _unlike(got: str, expected: str) -> str:
    why = ": does every path of your function return a value?" if got == "None" else ""
    return f"expected {expected}, got {got}{why}"


def of_form(difference: Difference) -> Difference:
    """What may be told of an answer whose reference nobody may know: the kind that is wanted, no value and no size."""
    fact = difference.fact
    if difference.problem == "kind":
        fact = _unlike(*difference.kinds)
    elif difference.problem == "shape":
        fact = "the answer has another size than is asked for"
    return replace(difference, fact=fact, got="", expected="")


def bare_kind(value: Any) -> str:
    """A value's kind in words, without its size: "a float tensor", "a list", "None"."""
    if isinstance(value, Tensor) and value.ndim:
        return f"{_article(_dtype_kind(value))} tensor"
    return f"a {type(value).__name__}" if isinstance(value, (list, set)) else kind(value)


def kind(value: Any) -> str:
    """A value's kind in words, with its article: "a float tensor of shape (2, 3)", "a list of 4", "None"."""
    if value is None:
        return "None"
    if isinstance(value, Tensor) and value.ndim:
        return f"{_article(_dtype_kind(value))} tensor of shape {_shape(value)}"
    if isinstance(value, (Tensor, bool, int, float)):
        return _article(_dtype_kind(value))
    names: dict[type, str] = {
        str: "a string",
        list: f"a list of {len(value)}",
        set: f"a set of {len(value)}",
        dict: "a dict",
    }
    return names[type(value)]


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _noun(value: Any) -> str:
    if isinstance(value, (Tensor, bool, int, float)):
        return "True or False" if isinstance(value, bool) else "number"
    return "string" if isinstance(value, str) else "set"


def _dtype_kind(value: Any) -> str:
    if isinstance(value, Tensor):
        return "bool" if value.dtype == torch.bool else "float" if value.is_floating_point() else "int"
    return type(value).__name__


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape))


def _number(value: Tensor) -> str:
    return f"{value.item():.6g}" if value.is_floating_point() else str(value.item())


def short(value: Any) -> str:
    """A value in at most about 120 characters."""
    text = kind(value) if isinstance(value, Tensor) and value.numel() > 8 else _literal(value)
    return text if len(text) <= 120 else text[:117] + "…"


def _literal(value: Any) -> str:
    if isinstance(value, Tensor):
        return str(value.tolist())
    if isinstance(value, list):
        return "[" + ", ".join(map(short, value[:20])) + (", …]" if len(value) > 20 else "]")
    return repr(value)


def score_predictions(predictions: Any, labels: Tensor, options: Options) -> tuple[float, float, str]:
    """A trained model's (fraction of the points, measure, problem) by its predictions.

    The fraction goes linearly from 0 at ``options.floor`` to 1 at ``options.goal``. ``problem`` says what is wrong with
    predictions that can't be measured at all.
    """
    metric = options.metric or "accuracy"
    predictions = as_numbers(predictions)
    problem = _no_distributions(predictions, labels) if metric == "perplexity" else ""
    if metric != "perplexity":
        difference = compare(predictions, labels, options, values=False)
        problem = "" if difference.agrees else difference.fact
    if problem:
        return 0.0, 0.0, problem
    measure = METRICS[metric](torch.as_tensor(predictions), labels)
    fraction = (measure - options.floor) / (options.goal - options.floor) if math.isfinite(measure) else 0.0
    return min(1.0, max(0.0, fraction)), measure, ""


def _no_distributions(predictions: Any, labels: Tensor) -> str:
    """Why these are no log-probabilities of classes, a row for each label; "" when they are."""
    rows = torch.as_tensor(predictions) if isinstance(predictions, Tensor | np.ndarray) else None
    if rows is None or not rows.is_floating_point():
        return f"expected log-probabilities, floats of shape ({len(labels)}, classes), got {kind(predictions)}"
    if rows.ndim != 2 or len(rows) != len(labels) or rows.shape[1] <= int(labels.max()):
        return f"expected log-probabilities of shape ({len(labels)}, classes), got shape {tuple(rows.shape)}"
    sums = rows.double().exp().sum(1)
    worst = int((sums - 1).abs().nan_to_num(math.inf).argmax())
    if not abs(float(sums[worst]) - 1) <= _SUMS_TO_ONE:
        return f"row {worst} is no distribution: the exponentials of its log-probabilities add up to {float(sums[worst]):.4g}"
    return ""


def accuracy(predictions: Tensor, labels: Tensor) -> float:
    """The fraction of entries that agree."""
    return float((predictions.double() == labels.double()).double().mean())  # unsigned integers equal no others


def f1(predictions: Tensor, labels: Tensor) -> float:
    """F1 of class 1: 2·TP / (2·TP + FP + FN); 0 where undefined."""
    hits = int(((predictions == 1) & (labels == 1)).sum())
    wrong = int(((predictions == 1) ^ (labels == 1)).sum())
    return 2 * hits / (2 * hits + wrong) if hits + wrong else 0.0


def perplexity(log_probs: Tensor, labels: Tensor) -> float:
    """exp of the mean of −log p(label); log_probs (N, classes), labels (N,)."""
    chosen = log_probs.double()[torch.arange(len(labels)), labels.long()]
    return float((-chosen.mean()).exp())


def mse(predictions: Tensor, targets: Tensor) -> float:
    """The mean of the squared differences."""
    return float((predictions.double() - targets.double()).square().mean())


METRICS = {"accuracy": accuracy, "f1": f1, "perplexity": perplexity, "mse": mse}
LOWER_IS_BETTER = {"perplexity", "mse"}
