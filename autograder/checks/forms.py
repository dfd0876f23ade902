"""Answers that may rightly differ, brought to one form before they are compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def projector(basis: Tensor) -> Tensor:
    """Bases of one subspace: a basis (m, k) becomes the orthogonal projector (m, m) onto what it spans."""
    q: Tensor = torch.linalg.qr(basis.double()).Q
    return q @ q.mT


FORMS: dict[str, Callable[[Any], Any]] = {"projector": projector}
