"""While a student's function runs, nothing that it can reach in its kernel is what it is graded by.

Every solution is replaced by one that looks around first: at its callers' frames and at the notebook's names. What it returns
is then disturbed, so that nothing that was computed from a student's answers equals a reference; what does, a check cell has
computed itself, or holds.
"""

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from autograder.building import text
from autograder.building.recording import Program, references_of
from autograder.checks import session
from autograder.checks.inputs import tensors_of
from autograder.checks.references import blank
from autograder.checks.session import Session, opened
from tests.homeworks.notebook import ROOT

SEED = "a secret of this test"
HOMEWORKS = sorted(path.name for path in (ROOT / "assignments").glob("hw*"))
TELLING = 3  # numbers, of which at least so many differ from one another: fewer are met by chance
TRAINED_HERE = (
    "hw01_autoencoders",
    "hw02_attention",
    "hw03_linear_transformers",
    "hw06_rnn_backprop",
    "hw07_argmax_attention",
)


class Stop(Exception):
    """A training is not what this is about."""


def program(homework: str) -> Program:
    return Program(homework, text.read(ROOT / "assignments" / homework / f"{homework}.py"), SEED)


def reachable(value: Any, depth: int = 5) -> Iterator[Tensor]:
    """The tensors in a value: in its parts, parameters, attributes and closures."""
    if depth == 0:
        return
    parts: Any = ()
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, nn.Module):
        yield from value.state_dict().values()
    elif isinstance(value, (list, tuple, set, frozenset)):
        parts = value
    elif isinstance(value, dict):
        parts = value.values()
    elif isinstance(value, FunctionType):
        parts = [cell.cell_contents for cell in value.__closure__ or () if cell.cell_contents is not None]
        parts += value.__defaults__ or ()
    elif isinstance(value, functools.partial):
        parts = [value.func, value.args, value.keywords]
    elif inspect.isgenerator(value) and value.gi_frame is not None:
        parts = value.gi_frame.f_locals.values()
    elif type(value).__module__ == "__main__" and hasattr(value, "__dict__"):
        parts = vars(value).values()
    for part in list(parts):
        yield from reachable(part, depth - 1)


def in_sight(namespace: dict[str, Any]) -> Iterator[Tensor]:
    """The tensors of the notebook and of all frames between it and whoever asks."""
    yield from reachable(namespace)
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename != __file__:
        if frame.f_locals is not namespace:
            yield from reachable(dict(frame.f_locals))
        frame = frame.f_back


def disturbed(value: Any) -> Any:
    if isinstance(value, Tensor):
        if value.dtype == torch.bool:
            return ~value
        if value.is_floating_point():
            return value * (1.3 + 0.4 * torch.rand(value.shape).to(value)) + 0.37  # gradients differ as well
        return value + 1
    if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
        return type(value)(map(disturbed, value))
    if isinstance(value, dict):
        return {key: disturbed(part) for key, part in value.items()}
    return value + 0.37 if isinstance(value, float) else value


def telling(value: Any) -> list[Tensor]:
    return [part for part in tensors_of(value) if part.unique().numel() >= TELLING]


def same(a: Tensor, b: Tensor) -> bool:
    return (
        a.shape == b.shape
        and a.is_floating_point() == b.is_floating_point()
        and torch.allclose(a.double(), b.double(), 1e-5, 1e-6)
    )


class Watched:
    """A homework's cells as they run at grading; ``found`` are the checks whose answer somebody saw beforehand."""

    def __init__(
        self, made: Program, answers: dict[str, dict[str, list[Tensor]]], disturb: Callable[[Any], Any]
    ) -> None:
        self.program, self.answers, self.disturb = made, answers, disturb
        self.exams = {name: [questions, blank(kept)] for name, (questions, kept) in made.exams.items()}
        self.found: set[str] = set()
        self.asked: set[tuple[str, str, int]] = set()

    def run(self, checks: list[str]) -> None:
        namespace: dict[str, Any] = {"__name__": "__main__"}
        for cell, source in self.program.plan(checks):
            current = Session()
            current.homework, current.secret_seed, current.exams = self.program.homework, opened(SEED), self.exams
            current.sink = lambda header, value: self.waiting.pop(header["name"], None)
            session.current, self.cell, self.given = current, cell.id, list[Tensor]()
            self.waiting = dict(self.answers.get(cell.id, {}))
            try:
                exec(compile(source, f"cell {cell.id}", "exec"), namespace)
            except Exception as error:  # what was disturbed can't always go on
                assert cell.kind == "check", (cell.id, error)
            if cell.kind == "solution" and isinstance(namespace.get(cell.id), FunctionType):
                namespace[cell.id] = self.looking(namespace[cell.id], namespace)

    def looking(self, function: Callable[..., Any], namespace: dict[str, Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def instead(*arguments: Any, **keywords: Any) -> Any:
            asked = self.cell, function.__name__, len(self.waiting)
            if self.waiting and asked not in self.asked:  # once between two checks
                self.asked.add(asked)
                self.given += reachable([arguments, keywords])  # may be an answer: "not changed", "there and back"
                drawn = [tensor for tensor, _ in session.current.inputs._seen]
                given = [*self.given, *drawn, *(tensor.mT for tensor in drawn if tensor.ndim > 1)]
                seen = [t for t in in_sight(namespace) if not any(same(t, g) for g in given)]
                self.found |= {
                    name for name, parts in self.waiting.items() for p in parts if any(same(p, t) for t in seen)
                }
            return self.disturb(function(*arguments, **keywords))

        return instead


@pytest.fixture(autouse=True)
def session_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "current", Session())


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_no_check_computes_or_holds_its_answer(homework: str) -> None:
    made = program(homework)
    checks = [check for check in made.checks() if check not in made.training_checks()]
    answers: dict[str, dict[str, list[Tensor]]] = {}
    for reference in references_of(made.cells, made.run(checks)):
        answers.setdefault(reference.cell, {})[reference.name] = telling(reference.value)
    watched = Watched(made, answers, disturbed)
    watched.run(checks)
    assert len(watched.asked) > len(checks)
    assert watched.found == set()


@pytest.mark.parametrize("homework", TRAINED_HERE)
def test_no_exam_tells_its_answers(homework: str) -> None:
    def stop(answer: Any) -> Any:
        raise Stop

    made = program(homework)
    checks = sorted(made.training_checks())
    answers: dict[str, dict[str, list[Tensor]]] = {}
    for check in checks:
        target, before = check.partition("_check")[0], set(made.exams)
        made.run([check], {target: f"def {target}(*arguments, **keywords):\n    return None"})
        answers[check] = {name: telling(made.exams[name][1]) for name in made.exams.keys() - before}
    assert made.exams, "the exam was drawn"
    watched = Watched(made, answers, stop)
    watched.run(checks)
    assert watched.asked and watched.found == set()
