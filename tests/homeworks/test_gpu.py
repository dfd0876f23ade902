"""On a GPU every homework's solutions agree with the released references, which were recorded on a CPU."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import torch

from autograder.building import text
from autograder.building.recording import Program
from autograder.checks import references, session
from autograder.checks.compare import compare, score_predictions
from tests.homeworks.notebook import ROOT
from tests.homeworks.pretended_gpu import Elsewhere, pretended_gpu, register

HOMEWORKS = sorted(path.name for path in (ROOT / "assignments").iterdir() if path.is_dir())


def disagreements(homework: str, training: bool = True) -> list[str]:
    """Each check whose answer on this machine's device isn't the released one, and why."""
    program = Program(
        homework, text.read(ROOT / "assignments" / homework / f"{homework}.py"), session.public_seed(homework)
    )
    released = references.read(released_references(homework))
    without = set() if training else program.training_checks()
    runs = program.run(check for check in program.checks() if check not in without)
    found = [f"{cell}: {run.error}" for cell, run in runs.items() if run.error]
    answers = {answer.name: answer for run in runs.values() for answer in run.answers}
    for reference in (reference for cell in runs for reference in released.of_cell(cell)):
        answer = answers.pop(reference.name, None)
        if answer is None:
            found.append(f"{reference.name}: nothing came")
        elif reference.options.metric:
            fraction, measure, problem = score_predictions(answer.value, reference.value, reference.options)
            if fraction < 1:
                found.append(f"{reference.name}: {problem or measure}")
        else:
            difference = compare(answer.value, reference.value, reference.options, values=reference.known)
            if not difference.agrees:
                found.append(f"{reference.name}: {difference.fact}")
    return found + [f"{name}: not in the references" for name in answers]


def released_references(homework: str) -> Path:
    return ROOT / "release" / "en" / homework / f"{homework}{references.SUFFIX}"


@pytest.mark.gpu
@pytest.mark.training
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA on this machine")
@pytest.mark.parametrize("homework", HOMEWORKS)
def test_the_checks_agree_with_a_cpus_references(homework: str) -> None:
    torch.cuda.reset_peak_memory_stats()
    assert disagreements(homework) == []
    assert torch.cuda.max_memory_allocated() > 0, "it ran on the GPU"


@pytest.fixture(scope="module")
def fresh() -> Iterator[ProcessPoolExecutor]:
    """A process with the pretended GPU from its beginning."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), register) as pool:
        yield pool


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_on_a_pretended_gpu_everything_lies_where_it_is_needed(fresh: ProcessPoolExecutor, homework: str) -> None:
    found, made = fresh.submit(on_a_pretended_gpu, homework).result()
    assert found == [] and made > 100


def on_a_pretended_gpu(homework: str) -> tuple[list[str], int]:
    before = Elsewhere.made
    with pretended_gpu():
        return disagreements(homework, training=False), Elsewhere.made - before


def test_the_pretended_gpu_is_as_strict_as_cuda(fresh: ProcessPoolExecutor) -> None:
    fresh.submit(strictness).result()


def strictness() -> None:
    with pretended_gpu():
        x = torch.arange(6.0, device="cuda").reshape(2, 3)
        rows, ones = torch.tensor([1, 0]), torch.ones(3)
        with pytest.raises(RuntimeError, match="same device"):
            x + ones
        with pytest.raises(RuntimeError, match="same device"):
            ones[x[0].long()]
        with pytest.raises(TypeError, match="to numpy"):
            x.numpy()
        with pytest.raises(RuntimeError, match="generator"):
            torch.rand(3, generator=torch.Generator(), device=x.device)
        assert (2 * x + torch.tensor(1.0)).tolist() == [[1, 3, 5], [7, 9, 11]]
        assert x[rows].tolist() == [[3, 4, 5], [0, 1, 2]]
        assert (x.cpu() + ones).device.type == "cpu" and not isinstance(x.cpu(), Elsewhere)
        layer = torch.nn.Linear(3, 2).to("cuda")
        with pytest.raises(RuntimeError, match="same device"):
            layer(ones)
        layer(x + ones.to(x)).sum().backward()
        assert layer.weight.grad is not None and layer.weight.grad.tolist() == [[5, 7, 9]] * 2


def test_a_disagreement_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests above rely on, tried without a GPU."""
    monkeypatch.setattr(Program, "checks", lambda self: ["argmax_attention_check", "soft_attention_check"])
    run = Program.run
    wrong = {"soft_attention": "def soft_attention(q, K, V, temperature=1.0):\n    return V.mean(-2)"}
    monkeypatch.setattr(Program, "run", lambda self, checks: run(self, checks, wrong))
    found = disagreements("hw07_argmax_attention")
    names = {
        reference.name
        for reference in references.read(released_references("hw07_argmax_attention")).of_cell("soft_attention_check")
    }
    assert found and all("differ" in line for line in found)
    assert {line.split(":")[0] for line in found} <= names
