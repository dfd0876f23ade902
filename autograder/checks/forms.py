"""Answers that may rightly differ, brought to one form before they are compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Pair = tuple[Any, Any]


def sign(answer: Tensor, reference: Tensor) -> Pair:
    """Columns (the last axis counts them) that are right up to their sign, such as eigenvectors."""
    flips = torch.where((answer.double() * reference.double()).sum(-2, keepdim=True) < 0, -1.0, 1.0)
    return answer * flips.to(answer.dtype), reference


def projector(answer: Tensor, reference: Tensor) -> Pair:
    """Bases of one subspace: a basis (m, k) becomes the orthogonal projector (m, m) onto what it spans."""
    return _projector(answer), _projector(reference)


def _projector(basis: Tensor) -> Tensor:
    q: Tensor = torch.linalg.qr(basis.double()).Q
    return q @ q.mT


def in_order(answer: Any, reference: Any) -> Pair:
    """Numbers along the last axis, or a list's items, in ascending order."""
    return _sorted(answer), _sorted(reference)


def _sorted(value: Any) -> Any:
    return value.sort(-1).values if isinstance(value, Tensor) else sorted(value)


FORMS: dict[str, Callable[[Any, Any], Pair]] = {"sign": sign, "projector": projector, "sorted": in_order}
