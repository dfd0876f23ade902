"""Inputs of checks: the same everywhere, different for every seed and name."""

import torch

from autograder.checks.draws import Draws


def test_the_stream_never_changes() -> None:
    """Written down once: if this fails, every reference and every receipt of the past is worthless."""
    draw = Draws("seed", "name")
    assert draw.integers(0, 1000, 5).tolist() == GOLDEN_INTEGERS
    assert [round(x, 5) for x in draw.normal(3).tolist()] == GOLDEN_NORMAL


GOLDEN_INTEGERS = [625, 826, 92, 198, 100]
GOLDEN_NORMAL = [0.30004, 1.18799, 0.42862]


def test_seed_and_name_make_the_stream() -> None:
    streams = [Draws(*key).normal(4).tolist() for key in (("a", "b"), ("a", "b"), ("a", "c"), ("c", "b"))]
    assert streams[0] == streams[1] and len({tuple(stream) for stream in streams}) == 3


def test_shapes_kinds_and_ranges() -> None:
    draw = Draws("s", "n")
    assert draw.normal(2, 3).shape == (2, 3) and draw.normal(2).dtype == torch.float32
    uniform = draw.uniform(1000, low=2, high=5)
    assert 2 <= uniform.min() < 2.1 and 4.9 < uniform.max() < 5
    integers = draw.integers(-1, 2, 1000)
    assert integers.dtype == torch.int64 and set(integers.tolist()) == {-1, 0, 1}
    assert isinstance(draw.integers(0, 5), int)
    assert 0.2 < draw.mask(1000, p=0.3).float().mean() < 0.4
    assert sorted(draw.permutation(5).tolist()) == [0, 1, 2, 3, 4]
    assert draw.choice(["x", "y"]) in ("x", "y")


def test_what_is_drawn_is_logged() -> None:
    log: list[object] = []
    draw = Draws("s", "n", log.append)
    drawn = [draw.normal(2), draw.integers(0, 9), draw.choice([1])]
    assert log == drawn or all(a is b for a, b in zip(log, drawn))


def test_double_precision_is_drawn_from_the_same_stream() -> None:
    wide = Draws("s", "n").normal(4, dtype=torch.float64)
    assert wide.dtype == torch.float64 and torch.equal(wide.float(), Draws("s", "n").normal(4))
    assert Draws("s", "n").uniform(2, dtype=torch.float64).dtype == torch.float64
