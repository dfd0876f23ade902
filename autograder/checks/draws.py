"""Inputs of checks, the same on every machine.

NumPy promises that the stream of the legacy ``RandomState`` never changes, so a seed gives the same numbers on a CPU, a
GPU, Colab and any version of torch. Everything is drawn on the CPU in float32 and then moved to the device.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from autograder.checks import session

T = TypeVar("T")


def device() -> torch.device:
    """Where a notebook computes: the GPU when there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Draws:
    """A stream of inputs that depends on a seed and a name alone."""

    def __init__(self, seed: str, name: str, note: Callable[[Any], None] = lambda value: None) -> None:
        digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
        self._random = np.random.RandomState(np.frombuffer(digest, dtype="<u4"))
        self._note = note

    def _given(self, value: T) -> T:
        self._note(value)
        return value

    def unchanged(self, value: T) -> T:
        """This value, of which every check of the cell sees that it is still the same.

        Whatever is drawn is looked at anyway; this is for what is made of it, or for what a cell itself has changed in it.

        Args:
            value: a tensor, or a list, tuple or dict of tensors.
        """
        session.current.inputs.watch(value)
        return value

    def _tensor(self, array: Any, dtype: torch.dtype) -> Tensor:
        return self._given(torch.as_tensor(np.asarray(array)).to(dtype).to(device()))

    def normal(self, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        """Standard normal numbers of this shape."""
        return self._tensor(self._random.standard_normal(shape), dtype)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype = torch.float32) -> Tensor:
        """Numbers uniform in [low, high), of this shape."""
        return self._tensor(low + (high - low) * self._random.random_sample(shape), dtype)

    def integers(self, low: int, high: int, *shape: int) -> Any:
        """Integers in [low, high), int64, of this shape; without a shape one Python int."""
        drawn = self._random.randint(low, high, size=shape or None, dtype=np.int64)
        return self._tensor(drawn, torch.int64) if shape else self._given(int(drawn))

    def mask(self, *shape: int, p: float = 0.5) -> Tensor:
        """A boolean mask of this shape, each entry True with probability p."""
        return self._tensor(self._random.random_sample(shape) < p, torch.bool)

    def permutation(self, n: int) -> Tensor:
        """The numbers 0 … n − 1 in random order, int64, shape (n,)."""
        return self._tensor(self._random.permutation(n), torch.int64)

    def choice(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self._given(options[int(self._random.randint(0, len(options), dtype=np.int64))])


def seeded(name: str) -> Draws:
    """The stream of inputs called ``name``: public in a student's notebook, secret at grading.

    Raises:
        RuntimeError: the notebook's first code cell, which calls ``start``, has not run.
    """
    return Draws(session.current.seed(), name, session.current.drawn)
