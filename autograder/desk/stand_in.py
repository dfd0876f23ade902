"""``stand_in("…")``: a function that isn't written yet answers what the model's answered, for this notebook's own inputs.

It looks up and computes nothing: the file beside the notebook holds, of each call that the notebook's cells make, a fingerprint
of the arguments and the result.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from autograder.checks import session, values
from autograder.checks.check import public_references
from autograder.checks.messages import direction
from autograder.checks.references import is_check_of
from autograder.desk import cells
from autograder.desk.show import display, readable
from autograder.desk.words import say

SUFFIX = ".stand-ins.safetensors"
FORMAT = 1
Print = list[Any]  # of a value: what kind it is and what tells it from others; JSON
Calls = list[tuple[list[Print], Any]]
_CLOSE = 1e-3  # of a tensor's length: another's rounding is far below, another input far above
_DIRECTIONS = 3
_LOOKED_AT = 20_000  # of a tensor's numbers, evenly spread


def stand_in(name: str) -> None:
    """Define a function of this homework that isn't written yet, so that what comes after it can go on.

    It knows the inputs that the notebook's own cells draw, and no others. Its own checks wait until it is written; grading lends
    the parts that need it a right one.

    Args:
        name: the function's.

    Raises:
        NotReady: there is none for it.
    """
    homework = session.current.named_homework()
    if session.current.sink is not None:
        return  # grading has its own way to go on
    language = public_references(homework).guide.language
    known = recorded(homework)
    if not known.get(name):
        raise session.NotReady(say(language, "no_stand_in", name=name, names=", ".join(n for n in known if known[n])))
    cells.names()[name] = StandIn(name, known[name], language)
    text = say(language, "stands_in", name=name)
    display(text, f"<div {direction(language)}>{escape(readable(text, language))}</div>")


class StandIn:
    """A function that knows some calls by heart."""

    def __init__(self, name: str, calls: Calls, language: str) -> None:
        self.__name__, self._calls, self._language = name, calls, language

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """The result of this call.

        Raises:
            NotReady: it isn't known, or the function's own check asks.
        """
        if _own_check_runs(self.__name__):
            raise session.NotReady(say(self._language, "own_check", name=self.__name__))
        asked = prints(arguments, named)
        for known, result in self._calls:
            if alike(asked, known):
                return _copied(result)
        raise session.NotReady(say(self._language, "unknown_call", name=self.__name__))

    def __repr__(self) -> str:
        return f"<stand-in for {self.__name__}>"


def standing_in() -> list[str]:
    """The functions that stand-ins are in place of now."""
    return [name for name, value in cells.names().items() if isinstance(value, StandIn)]


def _own_check_runs(name: str) -> bool:
    references = public_references(session.current.named_homework())
    own = [check.name for check in references.checks if is_check_of(check.cell, name)]
    source = cells.ran[-1][1] if cells.ran else ""
    return any(re.search(rf"check(?:_predictions)?\(\s*[\"']{re.escape(check)}[\"']", source) for check in own)


def _copied(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, tuple):
        return tuple(map(_copied, value))
    if isinstance(value, list):
        return [_copied(part) for part in value]
    return {key: _copied(part) for key, part in value.items()} if isinstance(value, dict) else value


# Fingerprints


def prints(arguments: Sequence[Any], named: Mapping[str, Any]) -> list[Print]:
    """What tells a call from others.

    Raises:
        Unsupported: an argument is something whose content can't be told, such as a model.
    """
    return [*map(_print, arguments), *(["named", key, _print(named[key])] for key in sorted(named))]


def _print(value: Any) -> Print:
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        value = torch.from_numpy(np.ascontiguousarray(value))
    if isinstance(value, Tensor):
        return ["tensor", list(value.shape), value.is_floating_point(), *_projected(value)]
    if value is None or isinstance(value, (bool, str)):
        return ["is", value]
    if isinstance(value, (int, float, np.integer, np.floating)):
        return ["number", float(value)]
    if isinstance(value, (list, tuple)):
        return ["list", *map(_print, value)]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return ["dict", *([key, _print(part)] for key, part in value.items())]
    if isinstance(value, (torch.dtype, torch.device)):
        return ["is", str(value)]
    if isinstance(value, torch.nn.Module):
        return ["module", *(part for key, held in value.state_dict().items() for part in (key, _print(held)))]
    if callable(value) and str(getattr(value, "__name__", "")).isidentifier():
        return ["function", value.__name__]
    raise values.Unsupported(f"an object of type {type(value).__name__:.80}")


def _projected(tensor: Tensor) -> list[float]:
    """Its length, and its shares in some fixed directions; what isn't finite counts by where it stands."""
    flat = tensor.detach().flatten()
    flat = values.plain(flat[:: flat.numel() // _LOOKED_AT + 1]).double()
    flat = torch.where(flat.isfinite(), flat, torch.where(flat > 0, 1e3, -1e3).double())
    place = torch.arange(1, flat.numel() + 1, dtype=torch.float64)
    return [float(flat.norm()), *(float(flat @ torch.cos(0.7 * k * place + k)) for k in range(1, _DIRECTIONS + 1))]


def alike(a: Any, b: Any) -> bool:
    """Whether two fingerprints are of one value, but for rounding."""
    if isinstance(a, list) and isinstance(b, list):
        if a[:1] == b[:1] == ["tensor"]:
            return a[1:3] == b[1:3] and all(abs(x - y) <= _CLOSE * max(a[3], b[3]) + 1e-9 for x, y in zip(a[3:], b[3:]))
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=_CLOSE) or (math.isnan(a) and math.isnan(b))
    return bool(a == b)


# The file


def write(homework: str, key: str, functions: Mapping[str, Calls]) -> bytes:
    """What is recorded of each function, as the bytes of a file; ``key`` is a hash of what it was recorded from."""
    tensors: dict[str, Tensor] = {}
    content = {
        "format": FORMAT,
        "homework": homework,
        "key": key,
        "functions": {
            name: [[asked, isinstance(result, tuple), values.pack(result, tensors)] for asked, result in calls]
            for name, calls in functions.items()
        },
    }
    return save(tensors, metadata={"autograder": json.dumps(content, ensure_ascii=False)})


def key(path: Path) -> str:
    """The hash of what a file was recorded from; "" where there is none that can be read."""
    with contextlib.suppress(SafetensorError, KeyError, OSError, ValueError), safe_open(path, framework="pt") as file:
        return str(json.loads((file.metadata() or {})["autograder"])["key"])
    return ""


def recorded(homework: str) -> dict[str, Calls]:
    """What the file beside the notebook knows; nothing where there is none.

    Raises:
        NotReady: it is damaged.
    """
    return read(Path.cwd() / f"{homework}{SUFFIX}")


@lru_cache(maxsize=4)
def read(path: Path) -> dict[str, Calls]:
    """What a file knows of each function.

    Raises:
        NotReady: it is damaged.
    """
    if not path.exists():
        return {}
    try:
        with safe_open(path, framework="pt") as file:
            content = json.loads((file.metadata() or {})["autograder"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return {
            name: [(asked, _unpacked(node, is_tuple, tensors)) for asked, is_tuple, node in calls]
            for name, calls in content["functions"].items()
        }
    except (SafetensorError, KeyError, OSError, ValueError) as error:
        raise session.NotReady(f"{path.name} is damaged: download it again, with the notebook.") from error


def _unpacked(node: Any, is_tuple: bool, tensors: dict[str, Tensor]) -> Any:
    value = values.unpack(node, tensors)
    return tuple(value) if is_tuple else value
