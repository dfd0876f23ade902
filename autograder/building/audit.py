"""``autograder audit``: do a homework's checks tell wrong from right? Every variant and robot, and the margins between them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.building import keys, text, trials
from autograder.building.trials import SECRET_SEEDS, Row, Trials, Wanted
from autograder.checks.references import References
from autograder.checks.session import public_seed

MARGIN = 10.0
MIN_WRONG, MIN_RIGHT = 2, 1


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


class Subject:
    """A homework that is audited, under the public seed and others; without ``trains`` what trains no model, under others only.

    Raises:
        BuildError: its text or its variants are inconsistent.
    """

    def __init__(self, folder: Path, seeds: Iterable[str] = SECRET_SEEDS, trains: bool = True) -> None:
        self.folder, self.homework = folder, folder.name
        self.public = Trials(folder, public_seed(folder.name), trains)
        self.trials = [*([self.public] if trains else []), *(Trials(folder, seed, trains) for seed in seeds)]
        self.variants = {variant.name: variant for variant in self.public.variants}

    def wanted(self, checks: Iterable[str], variants: Iterable[str]) -> list[Wanted]:
        """These check cells and these variants, under every seed."""
        checks, variants = tuple(checks), tuple(variants)
        return [Wanted(self.folder, each.seed, checks, variants) for each in self.trials]

    def everything(self) -> list[Wanted]:
        return self.wanted(self.public.checks(), self.variants)

    def checks_key(self) -> str:
        """The hash of what the references of all seeds depend on."""
        return keys.short(each.check_key(check) for each in self.trials for check in each.checks())

    def row_key(self, name: str) -> str:
        """The hash of what a variant's row depends on."""
        return keys.short(each.row_key(self.variants[name]) for each in self.trials)

    def row(self, name: str) -> Row:
        """A variant over all seeds, from what is kept: the worst case of each check."""
        variant = self.variants[name]
        tried = [each.row(variant) for each in self.trials if each.checks_of(variant)]
        worst = _worst(tried) if tried else Row(name, variant.target, variant.is_wrong)
        return replace(worst, key=self.row_key(name))

    def robots(self) -> tuple[int, list[str]]:
        """How many answers robots gave, and which of them earn points; from what is kept.

        Raises:
            BuildError: the homework's own solution fails under a seed.
        """
        count, faults = 0, []
        for each in self.trials:
            each.references(each.checks())
            for recorded in map(each.recorded, each.checks()):
                count += recorded.robots
                faults += recorded.faults
        return count, list(dict.fromkeys(faults))

    def false_diagnoses(self) -> list[str]:
        """The wrong variants that are told another's words under a seed, from what is kept."""
        made = (each.with_mistakes(each.cheap_checks(), self.variants) for each in self.trials)
        return list(dict.fromkeys(fault for references in made for fault in false_diagnoses(references)))


def under_more_seeds(subject: Subject) -> list[str]:
    """What is at fault with the checks that don't train under seeds beyond the usual ones, from what is kept."""
    rows = [row for row in map(subject.row, subject.variants) if row.results]
    faults = [*subject.robots()[1], *_variant_faults(rows), *_margin_faults(rows), *subject.false_diagnoses()]
    return [f"{fault} (under one of {len(subject.trials)} more seeds)" for fault in faults]


def false_diagnoses(made: References) -> list[str]:
    """Which wrong variants are told the words of another, when everything but their own solution is right."""
    faults = []
    for name in dict.fromkeys(mistake.variant for mistake in made.mistakes):
        own = {mistake.check: mistake for mistake in made.mistakes if mistake.variant == name}
        seen = {reference.name: reference.name not in own for reference in made.checks}
        for reference in made.checks:
            mistake = own.get(reference.name)
            told = made.diagnose(reference, mistake.value, seen) if mistake and mistake.telling else None
            if mistake and told and told.en != mistake.en:
                faults.append(f"{name}: at {reference.name!r} its student is told the words of {told.variant}")
    return faults


def too_few(subject: Subject) -> Audit | None:
    """The audit of a homework that lacks variants, which needs no trial; None when it has enough."""
    rows = [Row(variant.name, variant.target, variant.is_wrong) for variant in subject.variants.values()]
    faults = list(_count_faults(subject.folder, rows))
    return Audit(subject.homework, rows, faults=faults) if faults else None


def audit(root: Path, homework: str, seeds: Iterable[str] = SECRET_SEEDS) -> Audit:
    """Try every variant and robot of a homework, but for what is kept from before."""
    subject = Subject(root / "assignments" / homework, seeds)
    trials.run(subject.everything())
    return found(subject, {name: subject.row(name) for name in subject.variants}, *subject.robots())


def found(subject: Subject, rows: dict[str, Row], robots: int, faults: list[str]) -> Audit:
    """What rows of all its variants, and what robots earned, say of a homework's checks."""
    made = Audit(subject.homework, list(rows.values()), robots=robots, faults=[*faults])
    made.margins = _margins(made.rows)
    made.faults += [*_variant_faults(made.rows), *_margin_faults(made.rows), *_count_faults(subject.folder, made.rows)]
    return made


def _worst(rows: list[Row]) -> Row:
    first = rows[0]
    best = max if first.wrong else min
    checks = dict.fromkeys(check for row in rows for check in row.results)
    results = {
        check: best((row.results[check] for row in rows if check in row.results), key=lambda r: (r.earned, -r.ratio))
        for check in checks
    }
    return replace(first, results=results)


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
