"""The judge: compares what a kernel handed over with the references, in a process no student's code runs in."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from autograder.checks.compare import LOWER_IS_BETTER, Difference, compare, of_form, score_predictions
from autograder.checks.messages import CHANGED
from autograder.checks.near import explained
from autograder.checks.references import Mistake, Reference, References
from autograder.cleaned import cleaned
from autograder.grading.verdict import FAILED, MISSING, NOT_GRADED, PASSED, VOID, Diagnosis, State, Verdict
from autograder.running.notebook import CellOutcome


def judge(references: References, outcomes: dict[str, CellOutcome]) -> list[Verdict]:
    """A verdict on every check of the references, in their order; what is not theirs is ignored."""
    found = [_Compared.of(r, outcomes.get(r.cell, CellOutcome("not run"))) for r in references.checks]
    seen = {each.reference.name: each.is_right for each in found if each.difference is not None}
    return [each.verdict or _explained(references, each, seen) for each in found]


def ungraded(references: References | None, why: str) -> list[Verdict]:
    """Every check left open, because of the grader and not of the submission."""
    checks = references.checks if references is not None else []
    return [Verdict(r.name, r.cell, NOT_GRADED, 0.0, r.options.weight, why) for r in checks]


def without(verdicts: Iterable[Verdict], voided: frozenset[str]) -> list[Verdict]:
    """The verdicts with those on voided checks taken out of the total, and those on checks that count again put back."""
    return [_void(verdict) if verdict.check in voided else _valid(verdict) for verdict in verdicts]


def _void(verdict: Verdict) -> Verdict:
    return verdict if verdict.state == VOID else replace(verdict, state=VOID, was=verdict.state)


def _valid(verdict: Verdict) -> Verdict:
    return replace(verdict, state=verdict.was, was=None) if verdict.state == VOID and verdict.was else verdict


@dataclass(frozen=True)
class _Compared:
    """An answer beside its reference: how they differ and which input was changed, or a verdict that needs no more."""

    reference: Reference
    answer: Any = None
    difference: Difference | None = None
    changed: str = ""
    verdict: Verdict | None = None

    @property
    def is_right(self) -> bool:
        return self.difference is not None and self.difference.agrees and not self.changed

    @classmethod
    def of(cls, reference: Reference, outcome: CellOutcome) -> _Compared:
        name = reference.name
        if name in outcome.unsupported:
            returned = cleaned(outcome.unsupported[name], 80)
            return cls(
                reference, verdict=_failed(reference, f"your function returned {returned}, which can't be compared")
            )
        if name not in outcome.handed:
            fact = f"no answer: {_why(outcome)}"
            return cls(reference, verdict=Verdict(name, reference.cell, MISSING, 0.0, reference.options.weight, fact))
        answer = outcome.handed[name]
        try:
            if reference.options.metric is not None:
                return cls(reference, verdict=_predictions(reference, answer))
            difference = compare(answer, reference.value, reference.options)
        except Exception as error:
            return cls(reference, verdict=_not_comparable(reference, error))
        return cls(reference, answer, difference, cleaned(outcome.changed.get(name, ""), 80))


def _not_comparable(reference: Reference, error: Exception) -> Verdict:
    fact = f"the grader could not compare this answer ({type(error).__name__})"
    return Verdict(reference.name, reference.cell, NOT_GRADED, 0.0, reference.options.weight, fact)


def _explained(references: References, compared: _Compared, seen: dict[str, bool]) -> Verdict:
    reference, difference = compared.reference, compared.difference
    assert difference is not None  # else there is a verdict
    if not reference.options.public and difference.problem:
        if difference.problem == "values":  # where it differs would give the answer away by the next attempt
            return _failed(reference, "it is not right")
        return _verdict(reference, of_form(difference), None)
    if difference.agrees:
        right = _verdict(reference, difference, None)
        return _failed(reference, CHANGED.format(compared.changed)) if compared.changed else right
    try:
        return _verdict(reference, difference, explained(references, reference, compared.answer, difference, seen))
    except Exception as error:
        return _not_comparable(reference, error)


def _failed(reference: Reference, fact: str) -> Verdict:
    """A wrong answer of which nothing but this fact can be told."""
    return Verdict(reference.name, reference.cell, FAILED, 0.0, reference.options.weight, fact, None)


def _verdict(reference: Reference, difference: Difference, mistake: Mistake | None) -> Verdict:
    state: State = PASSED if difference.agrees else FAILED
    fact = f"{difference.fact} in {difference.path}" if difference.path else difference.fact
    return Verdict(
        reference.name,
        reference.cell,
        state,
        float(difference.agrees),
        reference.options.weight,
        cleaned(fact, 500),
        difference.ratio if math.isfinite(difference.ratio) else None,
        Diagnosis(mistake.variant, mistake.en, mistake.fa) if mistake else None,
    )


def _predictions(reference: Reference, answer: Any) -> Verdict:
    options = reference.options
    fraction, measure, problem = score_predictions(answer, reference.value, options)
    fact = (
        problem or f"{options.metric} {measure:.3g} ({options.goal:.3g} earns everything, {options.floor:.3g} nothing)"
    )
    state: State = PASSED if fraction >= 1 else FAILED
    flag = ""
    if not problem and options.suspicious is not None:
        better = measure <= options.suspicious if options.metric in LOWER_IS_BETTER else measure >= options.suspicious
        flag = f"{reference.name}: {options.metric} {measure:.3g} is too good to be learned" if better else ""
    return Verdict(reference.name, reference.cell, state, fraction, options.weight, fact, flag=flag)


def _why(outcome: CellOutcome) -> str:
    if outcome.state == "ok" and not outcome.reason:
        return "the check was not reached" if not outcome.ignored else "what came was not this check's answer"
    return outcome.reason or "the cell did not run"


def points(verdicts: Iterable[Verdict], worth: float) -> float | None:
    """A check cell's points, shared among its checks that aren't void; None while one of them is not graded."""
    of_cell = list(verdicts)
    counted = [verdict for verdict in of_cell if verdict.state != VOID]
    if not of_cell or any(verdict.state == NOT_GRADED for verdict in counted):
        return None
    weight = sum(v.weight for v in counted)
    return round(worth * sum(v.earned * v.weight for v in counted) / weight, 6) if counted else 0.0
