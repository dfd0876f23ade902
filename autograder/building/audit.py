"""``autograder audit``: every variant and every robot against a homework's checks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from autograder.building import text, variants
from autograder.building.recording import Answer, Program, checks_for, isolated, seed_id
from autograder.building.variants import Variant
from autograder.checks import values
from autograder.checks.compare import compare, score_predictions
from autograder.checks.references import Reference, References
from autograder.checks.session import public_seed

MARGIN = 10.0
SECRET_SEEDS = ("audit/1", "audit/2")
MIN_WRONG, MIN_RIGHT = 2, 1


@dataclass(frozen=True)
class Result:
    """One variant on one check: the points it earns of 1, its difference in tolerances, the error that stopped it."""

    earned: float
    ratio: float
    error: str = ""


@dataclass
class Row:
    """One variant on all its checks, over all seeds: the worst case of each."""

    name: str
    target: str
    wrong: bool
    results: dict[str, Result] = field(default_factory=dict)

    def earned_everything(self) -> bool:
        return all(result.earned >= 1 for result in self.results.values())


@dataclass(frozen=True)
class Margin:
    """A check's largest right difference and smallest caught wrong difference, in tolerances."""

    check: str
    right: float
    wrong: float

    @property
    def is_wide(self) -> bool:
        return self.right * MARGIN <= 1 and self.wrong >= MARGIN


@dataclass
class Audit:
    """What the audit of one homework found; ``faults`` is empty when all is well."""

    homework: str
    rows: list[Row] = field(default_factory=list)
    margins: list[Margin] = field(default_factory=list)
    robots: int = 0
    faults: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def audit(root: Path, homework: str, seeds: Iterable[str] = SECRET_SEEDS) -> Audit:
    """Try every variant and robot of a homework under the public seed and under others."""
    folder = root / "assignments" / homework
    every = [public_seed(homework), *seeds]
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(isolated, try_all, folder, seed) for seed in every]
        trials = [job.result() for job in jobs]
    made = Audit(homework, _merge([rows for rows, _, _ in trials]))
    made.robots = sum(count for _, count, _ in trials)
    made.margins = _margins(made.rows)
    made.faults = list(dict.fromkeys(fault for _, _, faults in trials for fault in faults))
    made.faults += [*_variant_faults(made.rows), *_margin_faults(made.rows), *_count_faults(folder, made.rows)]
    return made


def try_all(folder: Path, seed: str) -> tuple[list[Row], int, list[str]]:
    """Under one seed: the rows of all variants, the number of robot answers, and the faults robots found."""
    homework = folder.name
    cells = text.read(folder / f"{homework}.py")
    program = Program(homework, cells, seed)
    answers = _answers(program, program.checks())
    references = References(
        homework, seed_id(seed), [Reference(a.name, cell, a.reference, a.options) for cell, a in answers]
    )
    rows = [_row(program, references, variant) for variant in variants.read(folder / "variants.py")]
    public = {a.name: a.value for _, a in _answers(Program(homework, cells, public_seed(homework)), _cheap(program))}
    is_public = seed == public_seed(homework)
    count, faults = 0, []
    for cell, answer in answers:
        for robot, value in _robots(answer, {} if is_public else public):
            count += 1
            if _result(value, references.named(answer.name)).earned > 0:
                faults.append(f"{cell}: the robot «{robot}» earns points of {answer.name!r}")
    return rows, count, faults


def _cheap(program: Program) -> list[str]:
    return [check for check in program.checks() if check not in program.training_checks()]


def _answers(program: Program, checks: list[str]) -> list[tuple[str, Answer]]:
    runs = program.run(checks)
    return [(cell, answer) for cell, run in runs.items() for answer in run.answers]


def _row(program: Program, references: References, variant: Variant) -> Row:
    row = Row(variant.name, variant.target, variant.is_wrong)
    checks = checks_for(program, variant)
    for cell, run in program.run(checks, {variant.target: variant.source}).items():
        came = {answer.name: answer for answer in run.answers}
        for reference in references.of_cell(cell):
            answer = came.get(reference.name)
            if answer is None or answer.unsupported:
                error = run.error or (answer.unsupported if answer else "nothing handed over")
                row.results[reference.name] = Result(0.0, math.inf, error)
            else:
                row.results[reference.name] = _result(answer.value, reference)
    return row


def _result(value: Any, reference: Reference | None) -> Result:
    assert reference is not None
    if reference.options.metric is not None:
        fraction, _, _ = score_predictions(value, reference.value, reference.options)
        return Result(fraction, 0.0 if fraction >= 1 else math.inf)
    difference = compare(value, reference.value, reference.options)
    return Result(float(difference.agrees), difference.ratio)


class EqualsEverything:
    """An object that claims to equal whatever it is compared with."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True


def _robots(answer: Answer, public: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Answers that know nothing: each must earn nothing."""
    yield "None", None
    yield "True", True
    yield "zeros", _filled(answer.reference, 0)
    if answer.options.metric is not None:
        yield "ones", _filled(answer.reference, 1)
    if answer.options.metric == "perplexity":
        yield "every class alike", torch.zeros_like(answer.value).log_softmax(-1)
    for number, drawn in enumerate(answer.draws):
        yield f"input {number}", drawn
    if answer.name in public and answer.options.public and answer.options.metric is None:
        yield "the public reference", public[answer.name]
    try:
        values.pack(EqualsEverything(), {})
    except values.Unsupported:
        return
    yield "equal to everything", answer.reference


def _filled(value: Any, number: int) -> Any:
    if isinstance(value, Tensor):
        return torch.full_like(value, number)
    if isinstance(value, list):
        return [_filled(item, number) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, number) for key, item in value.items()}
    return value if value is None else type(value)() if number == 0 else type(value)(number)


def _merge(trials: list[list[Row]]) -> list[Row]:
    merged = []
    for rows in zip(*trials):
        first = rows[0]
        best = max if first.wrong else min
        results = {
            check: best((row.results[check] for row in rows), key=lambda r: (r.earned, -r.ratio))
            for check in first.results
        }
        merged.append(Row(first.name, first.target, first.wrong, results))
    return merged


def _margins(rows: list[Row]) -> list[Margin]:
    checks = list(dict.fromkeys(check for row in rows for check in row.results))
    return [
        Margin(
            check,
            right=max((r.results[check].ratio for r in rows if not r.wrong and check in r.results), default=0.0),
            wrong=min(
                (
                    r.results[check].ratio
                    for r in rows
                    if r.wrong and check in r.results and not r.results[check].earned
                ),
                default=math.inf,
            ),
        )
        for check in checks
    ]


def _variant_faults(rows: list[Row]) -> Iterable[str]:
    for row in rows:
        if not row.results:
            yield f"{row.name}: no check depends on {row.target!r}"
        elif row.wrong and row.earned_everything():
            yield f"{row.name}: a wrong {row.target} that keeps all points"
        elif not row.wrong:
            for check, result in row.results.items():
                if result.earned < 1:
                    why = result.error or f"{result.ratio:.3g} times the tolerance"
                    yield f"{row.name}: a right {row.target} that loses points of {check!r} ({why})"


def _margin_faults(rows: list[Row]) -> Iterable[str]:
    for row in rows:
        for check, result in row.results.items():
            if 1 / MARGIN < result.ratio < MARGIN:
                kind = "wrong" if row.wrong else "right"
                yield f"{row.name} ({kind}): {result.ratio:.3g} times the tolerance of {check!r}; too close to tell"


def _count_faults(folder: Path, rows: list[Row]) -> Iterable[str]:
    targets = [cell.id for cell in text.read(folder / f"{folder.name}.py") if cell.kind == "solution"]
    for row in rows:
        if row.target not in targets:
            yield f"{row.name}: no solution is called {row.target!r}"
    for target in targets:
        wrong = sum(row.wrong for row in rows if row.target == target)
        right = sum(not row.wrong for row in rows if row.target == target)
        if wrong < MIN_WRONG or right < MIN_RIGHT:
            yield f"{target}: {wrong} wrong and {right} right variants; at least {MIN_WRONG} and {MIN_RIGHT} are needed"
