"""On a GPU every homework's solutions agree with the released references, which were recorded on a CPU."""

from pathlib import Path

import pytest
import torch

from autograder.building import text
from autograder.building.recording import Program
from autograder.checks import references, session
from autograder.checks.compare import compare, score_predictions
from tests.homeworks.notebook import ROOT

HOMEWORKS = sorted(path.name for path in (ROOT / "assignments").iterdir() if path.is_dir())


def disagreements(homework: str) -> list[str]:
    """Each check whose answer on this machine's device isn't the released one, and why."""
    program = Program(
        homework, text.read(ROOT / "assignments" / homework / f"{homework}.py"), session.public_seed(homework)
    )
    released = references.read(released_references(homework))
    runs = program.run(program.checks())
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
@pytest.mark.slow
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA on this machine")
@pytest.mark.parametrize("homework", HOMEWORKS)
def test_the_checks_agree_with_a_cpus_references(homework: str) -> None:
    torch.cuda.reset_peak_memory_stats()
    assert disagreements(homework) == []
    assert torch.cuda.max_memory_allocated() > 0, "it ran on the GPU"


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
