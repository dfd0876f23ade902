"""On a GPU: the same inputs, and answers compared as on a CPU."""

from pathlib import Path

import pytest
import torch

from autograder import check, seeded, start
from autograder.checks.draws import Draws

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA on this machine")]


def test_inputs_are_the_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    on_gpu = Draws("seed", "name").normal(5, 3)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert on_gpu.is_cuda and torch.equal(on_gpu.cpu(), Draws("seed", "name").normal(5, 3))


def test_an_answer_on_the_gpu_is_compared_with_the_cpus_reference(student: Path) -> None:
    start("hw00_toy")
    x = seeded("double").normal(5, 3)
    assert x.is_cuda
    check("double", 2 * x)
    with pytest.raises(AssertionError, match="You tripled"):
        check("double", 3 * x)
