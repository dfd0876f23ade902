"""Whether the inputs of a check are still what they were: a function that changes its argument spoils its caller's data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from autograder.checks.compare import kind


class Inputs:
    """The tensors that a cell's functions are given, each with a fingerprint of its numbers."""

    def __init__(self) -> None:
        self._seen: list[tuple[Tensor, bytes]] = []

    def watch(self, value: Any) -> None:
        """Remember what the tensors of a value hold now."""
        now = [(tensor, _fingerprint(tensor)) for tensor in tensors_of(value)]
        again = {id(tensor) for tensor, _ in now}
        self._seen = [(tensor, before) for tensor, before in self._seen if id(tensor) not in again] + now

    def changed(self) -> str:
        """The first tensor that is another one than it was, in words, and "" if none is; each is told of once."""
        before, self._seen = self._seen, [(tensor, _fingerprint(tensor)) for tensor, _ in self._seen]
        return next((kind(tensor) for (tensor, then), (_, now) in zip(before, self._seen) if then != now), "")

    def forget(self) -> None:
        """Begin another cell."""
        self._seen = []


def tensors_of(value: Any) -> Iterator[Tensor]:
    """The tensors in a tensor, or in lists, tuples and dicts of tensors."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from tensors_of(part)


def _fingerprint(tensor: Tensor) -> bytes:
    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
        numbers = tensor.detach().cpu().contiguous().numpy()
    return hashlib.blake2b(repr((numbers.shape, numbers.dtype)).encode() + numbers.tobytes(), digest_size=16).digest()
