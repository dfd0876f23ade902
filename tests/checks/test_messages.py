"""The panel and its picture."""

import math
import re

import torch

from autograder.checks.compare import compare
from autograder.checks.messages import Report
from autograder.checks.references import Mistake


def report(answer: object, reference: object, hint: Mistake | None = None) -> str:
    difference = compare(answer, reference)
    return Report("name", difference.fact, difference, hint).html()


def test_the_picture_frames_the_largest_difference() -> None:
    wrong = torch.zeros(4, 6)
    wrong[2, 5] = 1
    html = report(wrong, torch.zeros(4, 6))
    assert html.count("<svg") == 3 and html.count('aria-label="difference"') == 1
    assert len(re.findall(r'<rect x="130" y="52" width="26" height="26" fill="none"', html)) == 3


def test_of_a_large_tensor_the_part_round_the_difference_is_shown() -> None:
    wrong = torch.zeros(3, 100, 200)
    wrong[1, 70, 150] = 1
    html = report(wrong, torch.zeros(3, 100, 200))
    assert "shown is [1, :, :]" in html and "the part from row 58, column 138" in html
    assert html.count("<rect") == 3 * (24 * 24 + 1)


def test_numbers_that_are_not_finite_are_grey() -> None:
    assert "#9ca3af" in report(torch.tensor([1.0, math.nan, math.inf]), torch.ones(3))


def test_what_a_student_wrote_is_escaped() -> None:
    html = report("<script>alert(1)</script>", "x")
    assert "<script" not in html and "&lt;script" in html


def test_the_diagnosis_stands_in_both_languages_each_in_its_direction() -> None:
    html = report(torch.ones(2), torch.zeros(2), Mistake("name", "v", "You did it.", "این کار را کردید.", None))
    assert "You did it." in html and '<div dir="rtl" lang="fa"' in html and "این کار را کردید." in html
