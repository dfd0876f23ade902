"""The judge on trained models."""

import torch

from autograder.checks.compare import Options
from autograder.checks.references import Reference, References
from autograder.grading.judge import Verdict, judge
from autograder.running.notebook import CellOutcome

LABELS = torch.arange(200) % 2


def verdict(options: Options, answer: torch.Tensor) -> Verdict:
    made = References("hw", "seed", [Reference("model", "model_check", LABELS, options)])
    return judge(made, {"model_check": CellOutcome(handed={"model": answer})})[0]


def test_what_nobody_learns_is_flagged_and_costs_nothing() -> None:
    options = Options(metric="accuracy", goal=0.9, floor=0.5, suspicious=0.995)
    perfect, good = verdict(options, LABELS), verdict(options, LABELS.where(torch.arange(200) > 5, 1 - LABELS))
    assert (perfect.state, perfect.earned) == ("passed", 1) and "accuracy 1 is too good" in perfect.flag
    assert (good.state, good.flag) == ("passed", "")


def test_where_lower_is_better_the_flag_is_below() -> None:
    options = Options(metric="perplexity", goal=1.8, floor=2.0, suspicious=1.1)
    rows = torch.stack([LABELS == 0, LABELS == 1], 1).double()
    assert "too good" in verdict(options, (rows * 0.98 + 0.01).log()).flag
    assert verdict(options, (rows * 0.2 + 0.4).log()).flag == ""
    assert verdict(options, torch.zeros(3)).flag == "", "what can't be measured isn't suspicious"
