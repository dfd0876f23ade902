"""What a homework's functions answer to its own notebook's calls, for ``stand_in``: no code, and small."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from autograder.building import dependence, slicing, text
from autograder.building.recording import Program
from autograder.checks import session, values
from autograder.checks.session import public_seed
from autograder.desk.stand_in import Calls, alike, prints

MOST_CALLS = 200  # of one function by one cell; a cell of given or plain code that makes more trains, and ends there
MOST_NUMBERS = 10_000  # of one result
ALL_NUMBERS = 60_000  # of one function's results
_TRAINS = re.compile(r"\.backward\(|\.step\(\)")


def record(folder: Path, secret: Iterable[str]) -> dict[str, Calls]:
    """The calls of each function, by whatever cells of the public notebook make them; those that train are left out.

    Args:
        folder: the homework's in ``assignments/``.
        secret: the functions whose answers nobody may know before the deadline.
    """
    homework = folder.name
    program = Program(homework, text.read(folder / f"{homework}.py"), public_seed(homework))
    left_out = _training(program)
    watched: dict[str, _Watched] = {}
    namespace: dict[str, Any] = {"__name__": "__main__"}
    session.unseeded(program.seed)
    for position, cell in enumerate(program.cells):
        if position in left_out:
            continue
        for each in watched.values():
            each.begin(stops=cell.kind in ("code", "given"))
        program._execute(cell, cell.source, namespace)
        if cell.kind == "solution" and callable(made := namespace.get(cell.id)) and not isinstance(made, type):
            watched[cell.id] = namespace[cell.id] = _Watched(made)
    return {name: each.calls for name, each in watched.items() if each.calls and name not in {*secret}}


def _training(program: Program) -> set[int]:
    """The cells that train something when they run, and those that need what they make."""
    names = [slicing.names(cell.source) for cell in program.cells]
    about = dependence.targets(program.cells)
    trainers = {name for cell, of in zip(program.cells, names) if _TRAINS.search(cell.source) for name in of.binds}
    trainers |= {about[check] for check in program.training_checks() & about.keys()}
    runs = {i for i, cell in enumerate(program.cells) if cell.kind != "solution"}
    first = {i for i in runs if names[i].uses & trainers or _trains_itself(program.cells[i].source)}
    return {i for i in runs if first & {*slicing.needed(i, names)}}


def _trains_itself(source: str) -> bool:
    definitions = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    return bool(_TRAINS.search(source)) and not all(isinstance(part, definitions) for part in ast.parse(source).body)


class _Enough(Exception):
    """A cell has made as many calls as only training makes."""


class _Watched:
    """A function whose calls are noted."""

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)
        self.calls: Calls = []
        self._function, self._room = function, ALL_NUMBERS
        self.begin(False)

    def begin(self, stops: bool) -> None:
        """Begin a cell; ``stops`` says whether too many calls end it."""
        self._made, self._stops = 0, stops

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self._made += 1
        if self._made > MOST_CALLS:
            if self._stops:
                raise _Enough
            return self._function(*arguments, **named)
        try:
            asked = prints(arguments, named)
        except values.Unsupported:
            return self._function(*arguments, **named)
        result = self._function(*arguments, **named)
        size = _size(result)
        if (
            size is not None
            and size <= min(MOST_NUMBERS, self._room)
            and not any(alike(asked, a) for a, _ in self.calls)
        ):
            self.calls.append((asked, _kept(result)))
            self._room -= size
        return result


def _size(result: Any) -> int | None:
    """How many numbers a result has; None for one that can't be kept."""
    tensors: dict[str, Tensor] = {}
    try:
        values.pack(result, tensors)
    except values.Unsupported:
        return None
    return sum(tensor.numel() for tensor in tensors.values())


def _kept(value: Any) -> Any:
    """A copy that later changes in place don't reach."""
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, (list, tuple)):
        return type(value)(map(_kept, value)) if type(value) in (list, tuple) else tuple(map(_kept, value))
    if isinstance(value, dict):
        return {key: _kept(part) for key, part in value.items()}
    return (
        torch.from_numpy(value.copy()) if hasattr(value, "dtype") and hasattr(value, "shape") and value.shape else value
    )
