"""Solutions and variants tried on a homework's checks: what build and audit both stand on, and what is kept between them.

There are two kinds of trial: a check cell with the homework's own solutions, whose answers are the references and on which
robots are tried; and a variant on the check cells that depend on it. Each is kept under the hash of what it depends on. What
isn't kept is run, many at a time, each in a process forked from one that has imported everything.
"""

from __future__ import annotations

import ast
import contextlib
import math
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from autograder.building import cache, keys, preloaded, text, variants
from autograder.building.recording import (
    Answer,
    CellRun,
    Program,
    checks_for,
    mistakes_of,
    one_thread,
    references_of,
    seed_id,
)
from autograder.building.variants import Variant
from autograder.checks import session, values
from autograder.checks.compare import Options, compare, score_predictions
from autograder.checks.references import Mistake, Reference, References
from autograder.checks.session import public_seed

SECRET_SEEDS = ("audit/1", "audit/2")
MORE_SEEDS = tuple(f"audit/{number}" for number in range(3, 21))


@dataclass(frozen=True)
class Result:
    """One variant on one check: the points it earns of 1, its difference in tolerances, the error that stopped it."""

    earned: float
    ratio: float
    error: str = ""


@dataclass
class Row:
    """One variant on its checks."""

    name: str
    target: str
    wrong: bool
    results: dict[str, Result] = field(default_factory=dict)
    key: str = ""

    def earned_everything(self) -> bool:
        return all(result.earned >= 1 for result in self.results.values())


@dataclass(frozen=True)
class Recorded:
    """A check cell with the homework's own solutions: what they hand over, and what robots earn with their answers."""

    run: CellRun
    robots: int
    faults: list[str]


class Trials:
    """The trials of one homework under one seed; without ``trains`` those of the checks that train no model.

    Raises:
        BuildError: its text or its variants are inconsistent.
    """

    def __init__(self, folder: Path, seed: str, trains: bool = True) -> None:
        self.folder, self.seed, self.trains = folder, seed, trains
        self.cells, self.variants = _read(folder, *(path.stat().st_mtime_ns for path in _texts(folder)))
        self.program = Program(folder.name, self.cells, seed)
        self.is_public = seed == public_seed(folder.name)
        self.training = self.program.training_checks()
        self._depending: dict[str, list[str]] = {}
        self._keys: dict[str, str] = {}

    def checks(self) -> list[str]:
        """The check cells."""
        return self.program.checks() if self.trains else self.cheap_checks()

    def cheap_checks(self) -> list[str]:
        """Those of them that don't train."""
        return [check for check in self.program.checks() if check not in self.training]

    def checks_of(self, variant: Variant) -> list[str]:
        """The check cells a variant is tried on: what trains under the public seed only."""
        if variant.target not in self._depending:
            checks = checks_for(self.program, variant)
            skipped = set() if self.is_public else self.training
            self._depending[variant.target] = [check for check in checks if check not in skipped]
        return self._depending[variant.target]

    def cheap_checks_of(self, variant: Variant) -> list[str]:
        """The check cells a variant is tried on that don't train."""
        return [check for check in self.checks_of(variant) if check not in self.training]

    def check_key(self, check: str) -> str:
        return keys.of(self.program, [check])

    def row_key(self, variant: Variant) -> str:
        if variant.name not in self._keys:
            checks, other = self.checks_of(variant), {variant.target: variant.source}
            parts = [keys.of(self.program, checks), keys.of(self.program, checks, other)]
            self._keys[variant.name] = keys.short([*parts, variant.name, str(variant.is_wrong)])
        return self._keys[variant.name]

    def recorded(self, check: str) -> Recorded:
        """What is kept of a check cell.

        Raises:
            FileNotFoundError: it wasn't tried.
        """
        header, pairs = cache.read(self.check_key(check))
        answers = [
            Answer(about["name"], value, Options(**about["options"]), truth, about["unsupported"], about["changed"])
            for about, (value, truth) in zip(header["answers"], pairs)
        ]
        return Recorded(CellRun(answers, header["error"]), header["robots"], header["faults"])

    def references(self, checks: Iterable[str]) -> References:
        """The references of some check cells, from what is kept.

        Raises:
            BuildError: a reference solution raises, hands over what can't be compared, or names a check twice.
            FileNotFoundError: a check cell wasn't tried.
        """
        answered = references_of(self.cells, {check: self.recorded(check).run for check in checks})
        return References(self.folder.name, seed_id(self.seed), answered)

    def with_mistakes(self, checks: Iterable[str], names: Iterable[str]) -> References:
        """The references of some check cells with the wrong answers that these variants give to them."""
        made, names = self.references(checks), set(names)
        for variant in self.variants:
            if variant.is_wrong and variant.name in names and self.cheap_checks_of(variant):
                made.mistakes.extend(mistake for mistake in self._mistakes(variant) if made.named(mistake.check))
        return made

    def row(self, variant: Variant) -> Row:
        """What is kept of a variant.

        Raises:
            FileNotFoundError: it wasn't tried.
        """
        key = self.row_key(variant)
        results = {check: Result(*result) for check, result in cache.read(key)[0]["results"].items()}
        return Row(variant.name, variant.target, variant.is_wrong, results, key)

    def _mistakes(self, variant: Variant) -> list[Mistake]:
        header, answers = cache.read(self.row_key(variant))
        about = variant.name, variant.target, variant.en, variant.fa
        return [Mistake(check, *about, a, telling) for (check, telling), a in zip(header["mistakes"], answers)]


def _texts(folder: Path) -> tuple[Path, Path]:
    return folder / f"{folder.name}.py", folder / "variants.py"


@lru_cache(maxsize=32)
def _read(folder: Path, *_changed: int) -> tuple[list[text.Cell], list[Variant]]:
    return text.read(_texts(folder)[0]), variants.read(_texts(folder)[1])


@dataclass(frozen=True)
class Wanted:
    """What of a homework under a seed is to be known: check cells, and variants by name."""

    folder: Path
    seed: str
    checks: tuple[str, ...]
    variants: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Task:
    """What one process does: record some check cells, or try some variants on them."""

    folder: Path
    seed: str
    checks: tuple[str, ...]
    variants: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.folder.name}, {(self.variants or self.checks)[0]}"

    def cells(self) -> set[tuple[Path, str, str]]:
        return {(self.folder, self.seed, check) for check in self.checks}


def run(wanted: Iterable[Wanted], afresh: bool = False, tell: Callable[[str], None] = lambda line: None) -> None:
    """Try what isn't kept yet; everything with ``afresh``.

    Raises:
        BuildError: a homework is inconsistent.
    """
    recordings, rows = _missing(wanted, afresh)
    if recordings or rows:
        folders = {task.folder for task in (*recordings, *rows)}
        with workers(folders) as pool:
            _run(pool, recordings, rows, tell)


def _run(pool: Executor, recordings: list[_Task], rows: list[_Task], tell: Callable[[str], None]) -> None:
    """Everything that records first; variants as soon as their references are there."""
    waiting = {pool.submit(_done, task) for task in recordings}
    unrecorded = {cell for task in recordings for cell in task.cells()}
    total, count = len(recordings) + len(rows), 0
    while waiting or rows:
        ready = [task for task in rows if not task.cells() & unrecorded]
        rows = [task for task in rows if task not in ready]
        waiting |= {pool.submit(_done, task) for task in ready}
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            task = future.result()
            unrecorded -= task.cells()
            count += 1
            tell(f"{count} of {total} · {task}")


def _missing(wanted: Iterable[Wanted], afresh: bool) -> tuple[list[_Task], list[_Task]]:
    """What is to record and what to try: what trains by itself and first, the rest of a homework and a seed together."""
    recordings: dict[bool, list[_Task]] = {True: [], False: []}
    rows: dict[bool, list[_Task]] = {True: [], False: []}
    for want in wanted:
        trials = Trials(want.folder, want.seed)
        tried = [v for v in trials.variants if v.name in want.variants and trials.checks_of(v)]
        tried = [v for v in tried if afresh or not cache.has(trials.row_key(v))]
        checks = {*want.checks, *(check for variant in tried for check in trials.checks_of(variant))}
        fresh = [c for c in trials.checks() if c in checks and (afresh or not cache.has(trials.check_key(c)))]
        slow = {variant.name for variant in tried if trials.training & {*trials.checks_of(variant)}}
        for group in _parted(fresh, trials.training):
            recordings[group[0] in trials.training].append(_Task(want.folder, want.seed, group))
        for group in _parted([variant.name for variant in tried], slow):
            on = dict.fromkeys(check for v in tried if v.name in group for check in trials.checks_of(v))
            rows[group[0] in slow].append(_Task(want.folder, want.seed, tuple(on), group))
    return recordings[True] + recordings[False], rows[True] + rows[False]


def _parted(names: list[str], slow: set[str]) -> Iterable[tuple[str, ...]]:
    """What is slow one by one, then all the rest at once."""
    yield from ((name,) for name in names if name in slow)
    rest = tuple(name for name in names if name not in slow)
    if rest:
        yield rest


@contextlib.contextmanager
def workers(folders: Iterable[Path]) -> Iterator[Executor]:
    """Processes for these homeworks, as many as there are cores, each forked anew from one that has imported all of theirs."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", preloaded.__name__])
    os.environ[preloaded.STATEMENTS] = "\n".join(sorted({line for folder in folders for line in _imports(folder)}))
    with one_thread(), ProcessPoolExecutor(os.cpu_count(), mp_context=context, max_tasks_per_child=1) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _imports(folder: Path) -> Iterable[str]:
    """The import statements at the top level of a homework's given cells."""
    for cell in text.read(_texts(folder)[0]):
        if cell.kind == "given":
            yield from (
                ast.unparse(n) for n in ast.parse(cell.source).body if isinstance(n, ast.Import | ast.ImportFrom)
            )


def _done(task: _Task) -> _Task:
    """In a process of its own: do a task and keep what comes of it."""
    trials = Trials(task.folder, task.seed)
    if not task.variants:
        _record(trials, task.checks)
    for variant in trials.variants:
        if variant.name in task.variants:
            _try(trials, variant)
    return task


def _record(trials: Trials, checks: tuple[str, ...]) -> None:
    runs = trials.program.run(checks)
    public: dict[str, Any] = {}
    if not trials.is_public:
        cheap = [check for check in checks if check not in trials.training]
        program = Program(trials.folder.name, trials.cells, public_seed(trials.folder.name))
        public = {answer.name: answer.value for run in program.run(cheap).values() for answer in run.answers}
    for check, run in runs.items():
        count, faults = _tried_by_robots(check, run, public)
        about = [
            {"name": a.name, "options": asdict(a.options), "unsupported": a.unsupported, "changed": a.changed}
            for a in run.answers
        ]
        header = {"error": run.error, "answers": about, "robots": count, "faults": faults}
        _keep(trials.check_key(check), header, [[answer.value, answer.truth] for answer in run.answers])


def _try(trials: Trials, variant: Variant) -> None:
    checks = trials.checks_of(variant)
    references = trials.references(checks)
    runs = trials.program.run(checks, {variant.target: variant.source})
    results = {r.name: _tried(runs[cell], r) for cell in checks for r in references.of_cell(cell)}
    mistakes: list[Mistake] = []
    if variant.is_wrong:
        cheap = {cell: runs[cell] for cell in checks if cell not in trials.training}
        mistakes = mistakes_of(variant, cheap, references)
    header = {
        "results": {name: [result.earned, result.ratio, result.error] for name, result in results.items()},
        "mistakes": [[mistake.check, mistake.telling] for mistake in mistakes],
    }
    _keep(trials.row_key(variant), header, [mistake.value for mistake in mistakes])


def _keep(key: str, header: dict[str, Any], value: Any) -> None:
    """Keep a result; what was made with other data than every machine has counts for the command that made it only."""
    cache.write(key, header, value, once=bool(session.current.other_data))


def _tried(run: CellRun, reference: Reference) -> Result:
    answer = next((answer for answer in run.answers if answer.name == reference.name), None)
    if answer is None or answer.unsupported:
        return Result(0.0, math.inf, run.error or (answer.unsupported if answer else "nothing handed over"))
    if answer.changed:
        return Result(0.0, math.inf, f"changed its argument, {answer.changed}")
    return _result(answer.value, reference)


def _result(value: Any, reference: Reference) -> Result:
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


def _tried_by_robots(cell: str, run: CellRun, public: dict[str, Any]) -> tuple[int, list[str]]:
    """How many answers robots gave, and which of them earn points."""
    count, faults = 0, []
    for answer in run.answers:
        reference = Reference(answer.name, cell, answer.reference, answer.options)
        for robot, value in _robots(answer, public):
            count += 1
            if _result(value, reference).earned > 0:
                faults.append(f"{cell}: the robot «{robot}» earns points of {answer.name!r}")
    return count, faults


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
