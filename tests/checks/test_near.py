"""What can be told of a wrong answer from its numbers alone."""

import math

import pytest
import torch
from torch import Tensor

from autograder.checks.compare import Options, compare
from autograder.checks.near import near_miss
from autograder.checks.references import Reference

OURS = torch.tensor([[1.0, 2.5, -3.0], [4.0, 0.5, 7.0]])
LONG = torch.tensor([1.0, 4.0, 2.0, 8.0, 5.0, 7.0])


def said(answer: object, ours: object = OURS, options: Options = Options()) -> str:
    found = near_miss(answer, Reference("a", "a_check", ours, options), compare(answer, ours, options))
    assert found is None or (found.fa and found.en)
    return found.en if found else ""


@pytest.mark.parametrize(
    ("answer", "ours", "words"),
    [
        (OURS.T, OURS, "transposed"),
        (OURS[:, :2].T, OURS[:, :2], "transposed"),
        (-OURS, OURS, "sign changed"),
        (2 * OURS, OURS, "times 2, everywhere"),
        (2 * torch.arange(6), torch.arange(6), "times 2, everywhere"),
        (OURS / 6, OURS, "times 0.1667, everywhere"),
        (OURS + 1, OURS, "plus 1, everywhere"),
        (torch.cat([torch.zeros(1), LONG[:-1]]), LONG, "along axis 0 it comes one place too late"),
        (torch.cat([LONG[1:], torch.zeros(1)]), LONG, "along axis 0 it comes one place too early"),
        (LONG.flip(0), LONG, "in another order"),
        (OURS.reshape(3, 2), OURS, "only the shape differs, (3, 2) instead of (2, 3)"),
        (OURS[None], OURS, "only the shape differs, (1, 2, 3) instead of (2, 3)"),
        (OURS + torch.tensor([1e-3, 0, 0]), OURS, "You are close"),
        ([OURS, 2 * OURS], [OURS, OURS], "times 2, everywhere"),
    ],
)
def test_a_near_miss_is_told_by_its_kind(answer: object, ours: object, words: str) -> None:
    assert words in said(answer, ours)


@pytest.mark.parametrize(
    ("answer", "ours", "why"),
    [
        (OURS, OURS, "a right answer"),
        (OURS**2, OURS, "numbers that have nothing to do with ours"),
        (torch.zeros(2, 3), OURS, "zeros"),
        (OURS.clone().fill_(math.nan), OURS, "NaN"),
        (2 * torch.ones(6), torch.ones(6), "any constant is a multiple of any other"),
        (torch.tensor([2.0, 4, 6]), torch.tensor([1.0, 2, 3]), "few numbers"),
        (
            torch.tensor([True, False, False, True]),
            torch.tensor([False, True, True, False]),
            "booleans have few values",
        ),
        (torch.tensor([0, 1, 1, 0]), torch.tensor([1, 0, 0, 1]), "and so have some integers"),
        (6.0, 3.0, "one number is a multiple of every other"),
        ("a", "b", "a string"),
    ],
)
def test_else_nothing_is_said(answer: object, ours: object, why: str) -> None:
    assert said(answer, ours) == "", why


def test_of_bases_of_a_subspace_nothing_is_said() -> None:
    basis: Tensor = torch.linalg.qr(OURS.T).Q
    assert said(basis.flip(0), basis, Options(form="projector")) == ""
