"""Whether the inputs of a check are still what they were: a function that changes its argument spoils its caller's data."""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from autograder.checks.compare import kind


class Inputs:
    """The tensors that a cell's functions are given, each with a fingerprint of its numbers; it keeps none of them alive."""

    def __init__(self) -> None:
        self._seen: list[tuple[weakref.ref[Tensor], bytes]] = []

    def watch(self, value: Any) -> None:
        """Remember what the tensors of a value hold now."""
        now = [(weakref.ref(tensor), _fingerprint(tensor)) for tensor in _tensors(value)]
        again = {id(reference()) for reference, _ in now}
        self._seen = [(reference, before) for reference, before in self._seen if id(reference()) not in again] + now

    def changed(self) -> str:
        """The first tensor that is another one than it was, in words, and "" if none is; each is told of once."""
        alive = [(tensor, reference, before) for reference, before in self._seen if (tensor := reference()) is not None]
        now = [(tensor, reference, before, _fingerprint(tensor)) for tensor, reference, before in alive]
        self._seen = [(reference, after) for _, reference, _, after in now]
        return next((kind(tensor) for tensor, _, before, after in now if before != after), "")

    def forget(self) -> None:
        """Begin another cell."""
        self._seen = []


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _tensors(part)


def _fingerprint(tensor: Tensor) -> bytes:
    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
        numbers = tensor.detach().cpu().contiguous().numpy()
    return hashlib.blake2b(repr((numbers.shape, numbers.dtype)).encode() + numbers.tobytes(), digest_size=16).digest()
