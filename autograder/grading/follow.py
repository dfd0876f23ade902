"""Follow-through: what a gap in one function costs elsewhere is earned back with a right version of that function.

A check that failed, and that needs other functions whose own checks failed, is run once more with the model's version of those
functions in place of the student's, in a kernel of its own, under the same seed. Of that kernel nothing counts but the answers it
hands over. The function that a check is about is never replaced, nor is one that earns all its own checks; and a check that a
replaced function could answer alone is not followed through.
"""

from __future__ import annotations

import ast
import base64
import marshal
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from types import CodeType

from traitlets import Float
from traitlets.config import Configurable

from autograder.building import dependence, slicing
from autograder.building.slicing import Names
from autograder.checks.references import References
from autograder.grading import apart, statements
from autograder.grading.demonstrations import REACH_EVERYTHING
from autograder.grading.homework import Homework
from autograder.grading.judge import judge
from autograder.grading.verdict import FAILED, FOLLOWED, MISSING, Verdict
from autograder.running.notebook import CellOutcome, CodeCell, Job

_LOST = ("died", "timeout")
Alone = Callable[[list[tuple[str, str]]], list[tuple[str, str]]]


class FollowThrough(Configurable):  # type: ignore[misc]
    """How a check counts that is right once functions it needs are."""

    share = Float(1.0, min=0, max=1, help="Share of its points that a check earns followed through; 0 for none.").tag(
        config=True
    )


@dataclass(frozen=True)
class _Try:
    """A check cell to run again: the function it is about, those that are the model's, and the student's cells it needs."""

    check: str
    target: str
    given: frozenset[str]
    needed: tuple[int, ...]


def through(
    job: Job,
    ids: tuple[str, ...],
    outcomes: list[CellOutcome],
    references: References,
    homework: Homework,
    alone: Alone,
    share: float,
) -> Generator[Job, list[CellOutcome], list[Verdict]]:
    """The verdicts on a submission, with what it earns by further runs: each is yielded, and sent what became of its cells.

    A function is replaced when it is wrong by itself: when its own checks fail although whatever they need is right, or is the
    model's. So one gap is found first, what it alone broke is right then, and only what is still wrong is replaced next.

    Args:
        job: the submission's own.
        ids: the id of each of its cells.
        outcomes: what became of each.
        references: what answers are compared with.
        homework: whose functions stand in.
        alone: for pairs of a check cell and a function, each check of the cell that the function alone would answer, with it.
        share: of its points that a check earns so.
    """
    verdicts = judge(references, dict(zip(ids, outcomes, strict=True)))
    about = dependence.targets(homework.cells)
    models = {cell.id: cell.source for cell in homework.cells if cell.kind == "solution"}
    gone = [outcome.state in _LOST and not cell.expects for cell, outcome in zip(job.cells, outcomes, strict=True)]
    notebook = _Notebook(job.cells, ids, gone, models)
    wrong: frozenset[str] = frozenset()
    tried: set[tuple[str, frozenset[str]]] = set()
    while True:
        lost = {
            v.cell: about[v.cell] for v in verdicts if v.state in (FAILED, MISSING) and v.cell in {*ids} & about.keys()
        }
        if len(set(lost.values())) < 2:
            return verdicts  # a function is never replaced for its own checks
        try:
            more, tries = apart.call(notebook.plan, lost, wrong)
        except apart.Lost:
            return verdicts  # what can't be read in time isn't tried again
        barred = set(alone([(each.check, name) for each in tries for name in sorted(each.given)]))
        for group in _together(tries, tried):
            run, of_run = _job(job, notebook, group)
            again = judge(references, dict(zip(of_run, (yield run), strict=True)))
            given = {each.check: tuple(sorted(each.given)) for each in group}
            counts = [v for v in again if not barred & {(v.check, name) for name in given.get(v.cell, ())}]
            better = {v.check: _counted(v, given[v.cell], share) for v in counts if v.cell in given}
            verdicts = [_best(verdict, better.get(verdict.check)) for verdict in verdicts]
            tried |= {(each.check, each.given) for each in group}
        if more == wrong:
            return verdicts
        wrong = more


class _Notebook:
    """A submission's cells with the model's after whatever binds their names; those are sealed."""

    def __init__(
        self, cells: tuple[CodeCell, ...], ids: tuple[str, ...], gone: list[bool], models: dict[str, str]
    ) -> None:
        self.cells, self.ids, self._gone, self.models = cells, ids, gone, models

    def plan(self, lost: dict[str, str], wrong: frozenset[str]) -> tuple[frozenset[str], list[_Try]]:
        """The functions that are wrong by themselves, those known before among them; and what is worth trying with them replaced.

        Args:
            lost: the check cells that failed, each with the function that it is about.
            wrong: what is known to be wrong.
        """
        failing = set(lost.values())
        reached = {check: self._reached(check, target, wrong)[0] for check, target in lost.items()}
        waits = {check: names & (failing - wrong) for check, names in reached.items()}
        at_fault = {t for t in failing - wrong if not any(waits[check] for check, of in lost.items() if of == t)}
        wrong |= at_fault or failing
        unwritten = {name for name in failing if self._is_unwritten(name)}
        tries = [self._try(check, target, wrong) for check, target in lost.items() if target not in unwritten]
        return wrong, [each for each in tries if each.given]

    def _is_unwritten(self, name: str) -> bool:
        return any(of == name and statements.is_stub(cell.source, "", name) for cell, of in zip(self.cells, self.ids))

    def _try(self, check: str, target: str, wrong: frozenset[str]) -> _Try:
        _, given, place, order, names = self._reached(check, target, wrong)
        needed = slicing.needed(place, names)
        if any(names[i].uses & REACH_EVERYTHING for i in needed if not order[i][1]):
            needed = [i for i in range(place + 1) if i == place or not self._checks(order[i])]
        return _Try(check, target, given, tuple(order[i][0] for i in needed if not order[i][1]))

    def _reached(
        self, check: str, target: str, wrong: frozenset[str]
    ) -> tuple[set[str], frozenset[str], int, list[tuple[int, str]], list[Names]]:
        """The functions that a check cell reaches with the wrong ones among them replaced, and those that are."""
        given: set[str] = set()
        while True:
            order, names = self.order(given)
            place = next(i for i, (position, model) in enumerate(order) if not model and self.ids[position] == check)
            reached = (dependence.used(names, place) & self.models.keys()) - {target}
            if not reached & wrong - given:
                return reached, frozenset(given), place, order, names
            given |= reached & wrong

    def _checks(self, cell: tuple[int, str]) -> bool:
        return not cell[1] and bool(self.cells[cell[0]].expects)

    def order(self, given: Iterable[str]) -> tuple[list[tuple[int, str]], list[Names]]:
        """The cells as they run, each by its position and, for one of the model's, its name; and what they bind and use."""
        order: list[tuple[int, str]] = []
        names: list[Names] = []
        given = sorted(given)
        for position, cell in enumerate(self.cells):
            found = statements.names(cell.source)
            bound = found.binds | statements.binds(cell.source)
            if statements.python(cell.source) is not None and not self._gone[position]:
                order.append((position, ""))
                names.append(found)
            for name in given:
                if name in bound or self.ids[position] == name:
                    order.append((position, name))
                    names.append(slicing.names(self.models[name]))
        return order, names


def _together(tries: list[_Try], tried: set[tuple[str, frozenset[str]]]) -> Iterable[list[_Try]]:
    """One run for all that need the same functions: in no kernel stands a function of the model's that a check doesn't need."""
    groups: dict[frozenset[str], list[_Try]] = {}
    for each in tries:
        if (each.check, each.given) not in tried:
            groups.setdefault(each.given, []).append(each)
    return groups.values()


def _job(job: Job, notebook: _Notebook, group: list[_Try]) -> tuple[Job, tuple[str, ...]]:
    """One more run for some check cells, and the id of each of its cells."""
    wanted = {position for each in group for position in each.needed}
    checks = {each.check for each in group}
    order = [
        (position, model)
        for position, model in notebook.order({name for each in group for name in each.given})[0]
        if model or position in wanted and (not job.cells[position].expects or notebook.ids[position] in checks)
    ]
    cells = tuple(
        CodeCell(sealed(notebook.models[model])) if model else job.cells[position] for position, model in order
    )
    return replace(job, cells=cells), tuple("" if model else notebook.ids[position] for position, model in order)


def sealed(source: str) -> str:
    """A cell that does what another does, of which no text, comment, docstring or line can be read.

    What remains is bytecode with its constants, which a function can't do without.
    """
    code = compile(ast.parse(source), "", "exec", dont_inherit=True, optimize=2)
    content = base64.b85encode(marshal.dumps(_bare(code))).decode()
    return f'exec(__import__("marshal").loads(__import__("base64").b85decode({content!r})))'


def _bare(code: CodeType) -> CodeType:
    constants = tuple(_bare(part) if isinstance(part, CodeType) else part for part in code.co_consts)
    return code.replace(co_consts=constants, co_filename="", co_linetable=b"", co_firstlineno=1)


def _counted(again: Verdict, given: tuple[str, ...], share: float) -> Verdict:
    fact = f"right, given a right {' and a right '.join(given)}"
    if again.earned < 1:
        fact = f"{again.fact}, given a right {' and a right '.join(given)}" if again.earned else ""
    return replace(again, state=FOLLOWED, earned=share * again.earned, fact=fact, diagnosis=None, given=given)


def _best(verdict: Verdict, again: Verdict | None) -> Verdict:
    is_better = again is not None and verdict.state in (FAILED, MISSING) and again.earned > verdict.earned
    return again if is_better and again is not None else verdict
