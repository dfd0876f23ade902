"""``check``: in a student's notebook it compares and explains; at grading it only hands the answer over."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from autograder.checks import references, session, values
from autograder.checks.compare import (
    LOWER_IS_BETTER,
    METRICS,
    TOLERANCE,
    Difference,
    Options,
    bare_kind,
    compare,
    kind,
    of_form,
    score_predictions,
)
from autograder.checks.messages import CHANGED, Report, isolated, passed_html
from autograder.checks.near import explained
from autograder.checks.persian import in_persian
from autograder.checks.references import Reference, References


class CheckFailed(AssertionError):
    """A wrong answer. Jupyter shows the message without a stack trace, which would be about our code, not the student's."""

    def __init__(self, report: Report, shown: bool) -> None:
        super().__init__(report.text())
        above = "بالا را ببینید" if report.language == "fa" else "see above"
        self._line = f"{report.text().splitlines()[0]} ({above})"
        self._shown = shown

    def _render_traceback_(self) -> list[str]:
        return [self._line] if self._shown else str(self).splitlines()


def check(
    name: str,
    value: Any,
    *,
    form: str | None = None,
    rtol: float = TOLERANCE,
    atol: float = TOLERANCE,
    weight: float = 1.0,
    public: bool = True,
) -> None:
    """Check what your function returned.

    Args:
        name: the check's name.
        value: the answer: a tensor, array, number, string, bool, or a list, tuple, set or dict of these.
        form: "projector" where right answers may be different bases, the columns of a matrix, of one subspace.
        rtol: relative tolerance of floating-point numbers.
        atol: absolute tolerance.
        weight: this check's share of the cell's points.
        public: False when the answer is the same for every seed, so that it can't be shown before the deadline.

    Raises:
        AssertionError: in a student's notebook, when the answer is wrong; it says what was expected, what came, and where.
    """
    _take(name, value, Options(form, rtol, atol, weight, public), value)


def check_predictions(
    name: str,
    predictions: Any,
    labels: Tensor | None,
    *,
    metric: str = "accuracy",
    at_least: float = 0.95,
    at_most: float | None = None,
    floor: float = 0.5,
    suspicious: float | None = None,
    weight: float = 1.0,
) -> None:
    """Check a trained model by its predictions on held-out inputs.

    Args:
        name: the check's name.
        predictions: for "accuracy" and "f1" class numbers, int64, of the shape of ``labels``; for "mse" floats of that
            shape; for "perplexity" log-probabilities, shape (N, classes), of which those of ``labels``, (N,), are measured.
        labels: the truth. At grading your own are not looked at, and may be None; in your notebook they count if a loader
            told that your data aren't the course's.
        metric: "accuracy", "f1", "mse" or "perplexity".
        at_least: the measure that earns all points.
        at_most: the same where lower is better, as it is for "mse" and "perplexity".
        floor: the measure that earns none; between the two the points grow linearly.
        suspicious: where the truth can be looked up somewhere: a measure so good that the grader asks a person to look. It
            takes no points.
        weight: this check's share of the cell's points.

    Raises:
        AssertionError: in a student's notebook, when the measure falls short.
        ValueError: the metric isn't known, or goal and floor are on the wrong sides of each other.
    """
    if metric not in METRICS or (at_most is not None) != (metric in LOWER_IS_BETTER):
        raise ValueError(
            f"metric={metric!r}: there are {', '.join(METRICS)}; those where lower is better need at_most=."
        )
    goal = at_least if at_most is None else at_most
    if (goal <= floor) != (metric in LOWER_IS_BETTER) or goal == floor:
        raise ValueError(f"{metric} {goal:g} earns everything and {floor:g} nothing: they are the wrong way round.")
    options = Options(weight=weight, metric=metric, goal=goal, floor=floor, suspicious=suspicious)
    _take(name, predictions, options, labels)


def _take(name: str, value: Any, options: Options, truth: Any) -> None:
    homework = session.current.named_homework()
    if session.current.sink is not None:
        _hand_over(session.current.sink, name, value, options, truth)
        return
    reference = _public_reference(homework, name)
    try:
        tensors: dict[str, Tensor] = {}
        answer = values.unpack(values.pack(value, tensors), tensors)
    except (values.Unsupported, values.Malformed) as error:
        wanted = kind(reference.value) if reference.known else bare_kind(reference.value)
        difference = Difference("kind", f"expected {wanted}, got {error}", ratio=float("inf"))
        _fail(Report(name, difference.fact, difference))
        return
    if reference.options.metric is None:
        _compare(homework, reference, answer, isinstance(value, np.ndarray))
    else:
        _measure(reference, answer, truth)


def _hand_over(sink: session.Sink, name: str, value: Any, options: Options, truth: Any) -> None:
    header: dict[str, Any] = {"name": name}
    if changed := session.current.inputs.changed():
        header["changed"] = changed
    if session.current.recording:
        header |= {"options": options, "truth": truth}
    try:
        sink(header, value)
    except values.Unsupported as error:
        sink(header | {"unsupported": str(error)}, None)


def _compare(homework: str, reference: Reference, answer: Any, in_numpy: bool) -> None:
    changed, seen = session.current.inputs.changed(), session.current.seen
    difference = compare(answer, reference.value, reference.options, values=reference.known)
    session.current.checked = reference.name
    session.current.earned[reference.name] = float(difference.agrees and not changed) if reference.known else None
    if not reference.known and not difference.agrees:
        session.current.earned[reference.name] = 0.0
        form = of_form(difference)
        _fail(Report(reference.name, form.fact, form))
    seen[reference.name] = difference.agrees and not changed
    if not difference.agrees:
        hint = explained(public_references(homework), reference, answer, difference, seen)
        _fail(Report(reference.name, difference.fact, difference, hint))
    if changed:
        line = CHANGED.format(changed)
        _fail(Report(reference.name, line, Difference("changed", line)))
    elif reference.known:
        advice = "in a NumPy array: return a tensor, which the cells below go on with"
        _pass(reference.name, advice if in_numpy and isinstance(reference.value, Tensor) else "")
    else:
        _pass(reference.name, "the form is right; whether the answer is, you will know after grading", "○")


def _measure(reference: Reference, answer: Any, labels: Any) -> None:
    options = reference.options
    other = labels is not None and session.current.other_data
    own = other and not compare(labels, reference.value, Options()).agrees
    fraction, measure, problem = score_predictions(answer, labels if own else reference.value, options)
    place = "on held-out data of yours (grading has the course's)" if own else "on held-out data"
    line = problem or f"{options.metric} {measure:.3g} {place}; {options.goal:.3g} earns all points"
    session.current.checked, session.current.earned[reference.name] = reference.name, fraction
    if fraction >= 1:
        _pass(reference.name, line)
        return
    if not problem:
        line += f", {options.floor:.3g} none: so far {fraction:.0%} of them"
    _fail(Report(reference.name, line, Difference("values", line)))


def public_references(homework: str) -> References:
    """The references beside the notebook.

    Raises:
        NotReady: they aren't there, or can't be read.
    """
    try:
        return _public_references(Path.cwd(), homework)
    except ValueError as error:
        raise session.NotReady(str(error)) from None


def _public_reference(homework: str, name: str) -> Reference:
    reference = public_references(homework).named(name)
    if reference is None:
        file = f"{homework}{references.SUFFIX}"
        if _language() == "fa":
            raise session.NotReady(
                f"در \u2066{file}\u2069 بررسی‌ای با نام \u2066{name!r}\u2069 نیست: یا نام بررسی عوض شده است، "
                "یا دفترچه و فایل از دو نسخه‌اند. هر دو را دوباره دانلود کنید و پاسخ‌هایتان را به آن‌ها ببرید."
            )
        raise session.NotReady(
            f"{file} knows no check called {name!r}: the check's name was changed, or notebook and file are of different "
            "versions. Download both again and copy your answers over."
        )
    return reference


@lru_cache(maxsize=4)
def _public_references(folder: Path, homework: str) -> References:
    path = folder / f"{homework}{references.SUFFIX}"
    try:
        return references.read(path)
    except FileNotFoundError:
        raise session.NotReady(
            f"{path.name} is not in {folder}: put the file that came with the notebook beside it and run this cell again.\n"
            f"\u2066{path.name}\u2069 در \u2066{folder}\u2069 نیست: فایلی را که همراه دفترچه آمده بود کنارش بگذارید "
            "و این سلول را دوباره اجرا کنید."
        ) from None


def _pass(name: str, sentence: str, mark: str = "✓") -> None:
    language = _language()
    said = isolated(in_persian(sentence)) if language == "fa" else sentence
    text = f"{name}: {said}" if said else name
    if not show(f"{mark} {text}", passed_html(text, mark, language)):
        print(f"{mark} {text}")


def _fail(report: Report) -> None:
    report = replace(report, language=_language())
    raise CheckFailed(report, shown=show(report.text(), report.html()))


def _language() -> str:
    return public_references(session.current.named_homework()).guide.language


def show(text: str, html: str) -> bool:
    """Display in Jupyter; False outside it."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython
    from IPython.display import display

    if getattr(get_ipython(), "kernel", None) is None:
        return False
    display({"text/plain": text, "text/html": html}, raw=True)
    return True
