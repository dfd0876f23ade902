"""Exams: questions that a check draws together with their answers, which only the judge keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor

from autograder.checks import session, values
from autograder.checks.draws import Draws, device
from autograder.checks.inputs import tensors_of


def exam(name: str, make: Callable[[Draws], tuple[Any, Any]]) -> tuple[Any, Any]:
    """Questions, and the answers that nothing in the kernel may tell while they are graded.

    In your notebook ``make`` draws both. At grading it isn't run, and the kernel's seed doesn't lead to what it drew: the
    questions come from the grader, and zeros stand for the answers. So nothing that is graded may depend on the answers here;
    hand them to ``check_predictions`` as the labels, and look at them in figures.

    Args:
        name: what the exam is called; it is drawn from a stream of its own.
        make: gets the stream and returns (questions, answers), each a tensor or a list, tuple or dict of tensors. It must call
            nothing that the student writes.

    Returns:
        (questions, answers); tuples come back as lists.

    Raises:
        NotReady: the grader has no exam of this name.
    """
    current = session.current
    if current.sink is None or current.recording:
        current.exams[name] = _plain(list(make(Draws(current.root(), f"exam/{name}"))))
    if name not in current.exams:
        raise session.NotReady(f"the grader has no exam called {name!r}: was the check's name changed?")
    questions, answers = map(_on_device, current.exams[name])
    for tensor in tensors_of(questions):
        current.drawn(tensor)
    return questions, answers


def _plain(value: Any) -> Any:
    """The same as it comes from the grader."""
    tensors: dict[str, Tensor] = {}
    return values.unpack(values.pack(value, tensors), tensors)


def _on_device(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.to(device(), copy=True)
    if isinstance(value, list):
        return [_on_device(part) for part in value]
    return {key: _on_device(part) for key, part in value.items()} if isinstance(value, dict) else value
