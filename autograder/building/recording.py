"""Run a homework's own solutions, and other ones in their place, and record what they hand over.

This runs the instructor's code only: cells are executed one after another in a fresh namespace, as a kernel would, without
the kernel. Use ``isolated`` to do it in a process of its own with one thread, the way submissions are graded.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import torch
from torch import Tensor

from autograder import whole
from autograder.building import slicing, text, variants
from autograder.building.text import Cell
from autograder.building.variants import Variant
from autograder.checks import references, session, values
from autograder.checks.compare import Options, compare, score_predictions
from autograder.checks.references import Mistake, Reference, References
from autograder.datasets.sources import FOLDER_VARIABLE

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Answer:
    """One hand-over: what came, how it is to be compared, the labels of predictions, which input was changed, and all drawn."""

    name: str
    value: Any
    options: Options
    truth: Any = None
    unsupported: str = ""
    changed: str = ""
    draws: tuple[Any, ...] = ()

    @property
    def reference(self) -> Any:
        return self.value if self.options.metric is None else self.truth


@dataclass
class CellRun:
    """What one check cell handed over, and the error that ended it, if one did."""

    answers: list[Answer] = field(default_factory=list)
    error: str = ""


class Program:
    """The code of a homework under one seed; ``exams`` are the questions and answers of those that were drawn."""

    def __init__(self, homework: str, cells: Iterable[Cell], seed: str) -> None:
        self.homework = homework
        self.seed = seed
        self.exams: dict[str, Any] = {}
        self.cells = [cell for cell in cells if cell.is_code]

    def checks(self) -> list[str]:
        return [cell.id for cell in self.cells if cell.kind == "check"]

    def training_checks(self) -> set[str]:
        """The check cells that grade a trained model."""
        return {cell.id for cell in self.cells if cell.kind == "check" and "check_predictions(" in cell.source}

    def depending_on(self, target: str) -> list[str]:
        """The check cells whose result can change with the solution ``target``."""
        names = [slicing.names(cell.source) for cell in self.cells]
        sources = {i for i, cell in enumerate(self.cells) if cell.id == target}
        checks = [i for i, cell in enumerate(self.cells) if cell.kind == "check"]
        return [self.cells[i].id for i in checks if sources & {*slicing.needed(i, names)}]

    def run(self, checks: Iterable[str], instead: dict[str, str] | None = None) -> dict[str, CellRun]:
        """Run what these check cells need, with other sources instead of some solutions."""
        wanted = set(checks)
        namespace: dict[str, Any] = {"__name__": "__main__"}
        runs: dict[str, CellRun] = {}
        before = ""
        session.unseeded(session.opened(self.seed))
        for cell, source in self.plan(wanted, instead):
            run = self._execute(cell, source, namespace)
            if cell.id in wanted:
                run.error += before if run.error else ""
                runs[cell.id] = run
            elif run.error and not before:
                before = f", after an error in {cell.id or f'the cell of line {cell.line}'}: {run.error}"
        return runs

    def plan(self, checks: Iterable[str], instead: dict[str, str] | None = None) -> list[tuple[Cell, str]]:
        """The cells that these check cells need, in the order of the notebook, each with the source to run."""
        wanted = set(checks)
        sources = [(instead or {}).get(cell.id, cell.source) for cell in self.cells]
        names = [slicing.names(source) for source in sources]
        targets = [i for i, cell in enumerate(self.cells) if cell.id in wanted]
        positions = sorted({p for target in targets for p in slicing.needed(target, names)})
        return [(self.cells[p], sources[p]) for p in positions]

    def _execute(self, cell: Cell, source: str, namespace: dict[str, Any]) -> CellRun:
        run = CellRun()
        draws: list[Any] = []

        def take(header: dict[str, Any], value: Any) -> None:
            tensors: dict[str, Any] = {}
            copy, truth = (values.unpack(values.pack(v, tensors), tensors) for v in (value, header["truth"]))
            problems = header.get("unsupported", ""), header.get("changed", "")
            run.answers.append(Answer(header["name"], copy, header["options"], truth, *problems, tuple(draws)))

        with _recording(self, take, draws.append):
            try:
                exec(compile(source, f"{cell.path}, cell {cell.id or cell.line}", "exec"), namespace)
            except Exception as error:
                run.error = f"{type(error).__name__}: {error}"
        return run


@contextlib.contextmanager
def _recording(program: Program, take: session.Sink, on_draw: Callable[[Any], None]) -> Any:
    before, session.current = session.current, session.Session()
    current = session.current
    current.secret_seed, current.root_seed, current.exams = session.opened(program.seed), program.seed, program.exams
    current.sink, current.on_draw, current.recording = take, on_draw, True
    current.homework = before.homework
    quiet = contextlib.redirect_stdout(io.StringIO())
    with quiet, contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            before.homework = current.homework
            before.other_data |= current.other_data
            session.current = before


def seed_id(seed: str) -> str:
    """What may be said of a seed: a hash of it."""
    return hashlib.sha256(seed.encode()).hexdigest()[:16]


def record(folder: Path, seed: str, mistakes: bool = True, training: bool = True) -> References:
    """The references of the homework in ``assignments/<homework>`` under a seed.

    Args:
        folder: the homework's folder in ``assignments/``.
        seed: what the inputs are drawn from.
        mistakes: whether to record the wrong variants too.
        training: False to leave out the checks of trained models.

    Raises:
        BuildError: a reference solution raises, hands over what can't be compared, or names a check twice.
    """
    homework = folder.name
    cells = text.read(folder / f"{homework}.py")
    program = Program(homework, cells, seed)
    trains = program.training_checks()
    checks = [c for c in program.checks() if training or c not in trains]
    answered = references_of(cells, program.run(checks))
    exams = {name: [questions, references.blank(answers)] for name, (questions, answers) in program.exams.items()}
    made = References(homework, seed_id(seed), answered, exams=exams)
    for variant in variants.read(folder / "variants.py") if mistakes else []:
        if variant.is_wrong:
            cheap = [check for check in checks_for(program, variant) if check not in trains]
            made.mistakes.extend(mistakes_of(variant, program.run(cheap, {variant.target: variant.source}), made))
    return made


def references_of(cells: list[Cell], runs: dict[str, CellRun]) -> list[Reference]:
    """The references among what check cells handed over, in the order of the notebook.

    Raises:
        BuildError: a reference solution raises, hands over what can't be compared, or names a check twice.
    """
    made: dict[str, Reference] = {}
    for cell in cells:
        if cell.id not in runs:
            continue
        run = runs[cell.id]
        if run.error:
            raise cell.error(f"the reference solution fails in {cell.id}: {run.error}")
        if not run.answers:
            raise cell.error(f"{cell.id} hands nothing over: it never calls check(…).")
        for answer in run.answers:
            made[answer.name] = _reference(cell, answer, made)
    return list(made.values())


def _reference(cell: Cell, answer: Answer, made: dict[str, Reference]) -> Reference:
    if answer.name in made:
        raise cell.error(f"a second check called {answer.name!r}.")
    if answer.unsupported:
        raise cell.error(f"check {answer.name!r} got {answer.unsupported}, which can't be compared.")
    if answer.changed:
        raise cell.error(
            f"check {answer.name!r} comes after {answer.changed} that was drawn has been changed in place. If the cell does "
            "it, say draw.unchanged(…) of it afterwards; if a function does it, let it work on a copy."
        )
    if answer.options.metric is not None:
        fraction, measure, problem = score_predictions(answer.value, answer.truth, answer.options)
        if fraction < 1:
            reached = problem or f"{answer.options.metric} {measure:.3g}"
            raise cell.error(f"the reference solution doesn't earn all points of {answer.name!r}: {reached}.")
    return Reference(answer.name, cell.id, answer.reference, answer.options)


def checks_for(program: Program, variant: Variant) -> list[str]:
    """The check cells a variant is tried on: those that depend on its target; of those that train, only the target's own."""
    skipped = program.training_checks() - set(text.checks_of(variant.target, program.cells))
    return [check for check in program.depending_on(variant.target) if check not in skipped]


def mistakes_of(variant: Variant, runs: dict[str, CellRun], made: References) -> list[Mistake]:
    """What of a wrong variant's answers differs from the references; predictions of trained models tell no mistake."""
    found = []
    for answer in (answer for run in runs.values() for answer in run.answers):
        reference = made.named(answer.name)
        if reference is None or reference.options.metric is not None or answer.unsupported:
            continue
        if not compare(answer.value, reference.value, reference.options).agrees:
            telling = _is_telling(answer, reference)
            value = answer.value if telling else None
            found.append(Mistake(answer.name, variant.name, variant.target, variant.en, variant.fa, value, telling))
    return found


def _is_telling(answer: Answer, reference: Reference) -> bool:
    """Whether an answer's numbers tell the mistake in it: by some that are finite and wrong, and not a mere input or zeros."""
    parts = list(_parts(answer.value))
    says_nothing = all(not isinstance(part, str) and _is_empty(torch.as_tensor(part)) for part in parts)
    given_back = any(compare(answer.value, drawn, reference.options).agrees for drawn in answer.draws)
    if says_nothing or given_back:
        return False
    return not compare(_finite(answer.value, reference.value), reference.value, reference.options).agrees


def _is_empty(part: Tensor) -> bool:
    return not bool(part.any()) or part.dtype == torch.bool and bool(part.all())


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, (list, set, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _parts(part)
    elif value is not None:
        yield value


def _finite(answer: Any, ours: Any) -> Any:
    """An answer with our numbers where its own are infinite or NaN."""
    if isinstance(answer, list) and isinstance(ours, list) and len(answer) == len(ours):
        return [_finite(a, b) for a, b in zip(answer, ours)]
    if isinstance(answer, dict) and isinstance(ours, dict):
        return {key: _finite(part, ours.get(key)) for key, part in answer.items()}
    if isinstance(answer, float):
        return answer if math.isfinite(answer) else ours
    if isinstance(answer, Tensor) and isinstance(ours, Tensor) and answer.shape == ours.shape:
        return torch.where(answer.isfinite(), answer.double(), ours.double()) if answer.is_floating_point() else answer
    return answer


def isolated(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function of this package in a fresh process with one thread."""
    context = multiprocessing.get_context("spawn")
    with one_thread(), ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *args, **kwargs).result()


@contextlib.contextmanager
def one_thread() -> Any:
    """Processes that are started meanwhile compute with one thread, draw no windows, and use the data every machine has."""
    wanted = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    before = {name: os.environ.get(name) for name in [*wanted, FOLDER_VARIABLE]}
    os.environ.update(wanted)
    os.environ.pop(FOLDER_VARIABLE, None)  # references are those of the data that every machine has
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def record_to(path: Path, folder: Path, seed: str, mistakes: bool = True, training: bool = True) -> None:
    """``record`` into a file, moved into place whole."""
    made = record(folder, seed, mistakes, training)
    whole.make(path, lambda partial: references.write(made, partial))
