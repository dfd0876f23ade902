"""The panel and its picture."""

import math
import re
from pathlib import Path

import pytest
import torch
from bidi import get_display

from autograder.building import variants
from autograder.checks.compare import Difference, compare, of_form
from autograder.checks.messages import CHANGED, Report, isolated, passed_html, persian_in_line, picture, times
from autograder.checks.persian import in_persian
from autograder.checks.references import Mistake

ROOT = Path(__file__).parents[2]


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
    html = report(
        torch.ones(2), torch.zeros(2), Mistake("name", "v", "solution", "You did it.", "این کار را کردید.", None)
    )
    assert "You did it." in html and '<div dir="rtl" lang="fa"' in html and "این کار را کردید." in html


HINT = Mistake("name", "v", "solution", "You did it.", "این کار را کردید.", None)


def words(answer: object, reference: object, hint: Mistake | None = None) -> list[str]:
    difference = compare(answer, reference)
    return Report("name", difference.fact, difference, hint).text().splitlines()


def test_in_words_it_says_what_came_what_was_expected_where_and_by_how_much() -> None:
    assert words({"W": [0, torch.tensor([1.0, 2.0])]}, {"W": [0, torch.tensor([1.0, 3.0])]}) == [
        "✗ name: 1 of 2 values differ; the largest difference is at [1]",
        "  where      ['W'][1]",
        "  got        2 at [1]",
        "  expected   3",
        "  off by     2,500 times the tolerance",
    ]


@pytest.mark.parametrize(
    ("answer", "reference", "lines", "why"),
    [
        (
            1,
            2,
            ["✗ name: the number differs", "  got        1", "  expected   2"],
            "an integer is off by nothing but itself",
        ),
        (
            None,
            2.0,
            [
                "✗ name: expected a float, got None: does every path of your function return a value?",
                "  got        None",
                "  expected   2.0",
            ],
            "nor is a kind",
        ),
        (torch.zeros(2), torch.zeros(3), ["✗ name: expected shape (3,), got (2,)"], "a shape says it all"),
        ({"a": 1}, {}, ["✗ name: the keys differ; not asked for: 'a'"], "so do keys"),
        (
            1.0005,
            1.0,
            [
                "✗ name: the number differs",
                "  got        1.0005",
                "  expected   1",
                "  off by     2.5 times the tolerance",
            ],
            "a float",
        ),
    ],
)
def test_in_words_there_is_no_line_without_something_to_say(
    answer: object, reference: object, lines: list[str], why: str
) -> None:
    assert words(answer, reference) == lines, why


def test_in_words_the_diagnosis_comes_last_the_persian_from_the_right() -> None:
    assert words(1, 2, HINT)[3:] == ["", "  You did it.", "  \u2067این کار را کردید.\u2069"]
    assert persian_in_line("متن") == "\u2067متن\u2069"


def test_what_is_just_right_is_off_by_nothing() -> None:
    assert "off by" not in Report("name", "title", Difference(ratio=1.0)).text()
    assert "off by" not in Report("name", "title", Difference(ratio=1.0)).html()


def test_the_panel_says_the_same_as_the_words() -> None:
    html = report({"W": [0, torch.tensor([1.0, 2.0])]}, {"W": [0, torch.tensor([1.0, 3.0])]})
    cells = re.findall(r"<td[^>]*>(?:<code[^>]*>)?(.*?)(?:</code>)?</td>", html)
    assert cells == [
        "where", "[&#x27;W&#x27;][1]", "got", "2 at [1]", "expected", "3",
        "off by", "2,500 times the tolerance",
    ]  # fmt: skip
    assert "<bdi>name</bdi>: 1 of 2 values differ; the largest difference is at [1]" in html


def test_the_panel_has_no_row_without_something_to_say() -> None:
    assert re.findall(r"<td[^>]*>(.*?)</td>", report(torch.zeros(2), torch.zeros(3))) == []
    assert re.findall(r"<td[^>]*>(.*?)</td>", report(1, 2))[::2] == ["got", "expected"]
    assert "autograder-hint" not in report(1, 2) and "autograder-hint" in report(1, 2, HINT)


def test_names_and_diagnoses_are_escaped_too() -> None:
    html = Report(
        "<name>", "<title>", Difference(), Mistake("", "", "solution", "<en>", "<fa>", None)
    ).html() + passed_html("<passed>")
    for word in ("name", "title", "en", "fa", "passed"):
        assert f"&lt;{word}&gt;" in html and f"<{word}>" not in html


@pytest.mark.parametrize(
    ("ratio", "said"), [(1.04, "1.0 times"), (9.94, "9.9 times"), (10.0, "10 times"), (1234.6, "1,235 times")]
)
def test_times(ratio: float, said: str) -> None:
    assert times(ratio) == said


@pytest.mark.parametrize("answer", [1.0, torch.tensor([1.0]), "text", torch.zeros(2, 2)])
def test_there_is_a_picture_of_several_numbers_that_differ_and_of_nothing_else(answer: object) -> None:
    assert picture(compare(answer, "x" if isinstance(answer, str) else answer)) == ""
    assert picture(compare(torch.tensor([1.0]), torch.tensor([2.0]))) == ""
    assert picture(compare(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 2.0]))).count("<svg") == 3


def fills(answer: torch.Tensor, reference: torch.Tensor) -> list[str]:
    return re.findall(r'fill="(#\w+)"', picture(compare(answer, reference)))


def test_colours_say_sign_and_size() -> None:
    yours = fills(torch.tensor([2.0, -2.0, 0.0, 1.0]), torch.zeros(4))
    assert yours[:3] == ["#d95f02", "#2166ac", "#f8f8f8"] and yours[3] not in yours[:3]
    assert yours[4:8] == ["#f8f8f8"] * 4 and yours[8:] == yours[:4], "yours, expected, the difference"
    assert "(±2)" in picture(compare(torch.tensor([2.0, -2.0]), torch.zeros(2)))


def test_a_picture_of_a_row_has_its_place_in_it() -> None:
    html = picture(compare(torch.tensor([0.0, 0.0, 5.0]), torch.zeros(3)))
    assert html.count('<rect x="52" y="0" width="26" height="26" fill="none"') == 3
    assert "the part from" not in html and "shown is" not in html


def test_the_part_that_is_shown_stays_inside() -> None:
    answer = torch.zeros(30, 24)
    answer[29, 0] = 1
    html = picture(compare(answer, torch.zeros(30, 24)))
    assert "; the part from row 6, column 0." in html and html.count('y="207" width="9" height="9" fill="none"') == 3


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("δ_t برابر (1 − s_t²) است", ["δ_t", "(1 − s_t²)"]),
        ("تقسیم بر √d فراموش شده است.", ["√d"]),
        ("به‌جای f(x) (یعنی x·W + b) آمده", ["f(x)", "x·W + b"]),
        ("شکل (…, n, d) است؛ [0, 1] نیست", ["(…, n, d)", "[0, 1]"]),
        ("تابع softmax (نه argmax) بگیرید: x = 2.", ["softmax", "argmax", "x = 2"]),
        ("نسبت ۲ به ۳ (همان) با 12 نمره …", []),
        ("یک بار \u2066a + b\u2069 کافی است", ["a + b"]),
    ],
)
def test_code_and_formulas_in_persian_stand_apart(text: str, runs: list[str]) -> None:
    apart = isolated(text)
    assert re.findall("\u2066([^\u2069]*)\u2069", apart) == runs
    assert isolated(apart) == apart and apart.replace("\u2066", "").replace("\u2069", "") == text.replace(
        "\u2066", ""
    ).replace("\u2069", "")


def test_no_persian_explanation_shows_code_out_of_order() -> None:
    """As the Unicode bidirectional algorithm orders it, by a library; without isolates 56 were reversed."""
    sentences = [
        v.fa for path in sorted(ROOT.glob("assignments/*/variants.py")) for v in variants.read(path) if v.is_wrong
    ]
    assert len(sentences) > 500
    reversed_before = [fa for fa in sentences if out_of_order(fa, isolated(fa))]
    assert len(reversed_before) > 20, "the test sees what it is about"
    assert [fa for fa in sentences if out_of_order(isolated(fa), isolated(fa))] == []


def out_of_order(text: str, apart: str) -> list[str]:
    seen = get_display(text, base_dir="R")
    return [run for run in re.findall("\u2066([^\u2069]*)\u2069", apart) if run not in seen]


def sentences_that_checks_say() -> list[str]:
    """One of each kind, as the comparison and the check make them."""
    nan, inf, tensor = float("nan"), float("inf"), torch.arange(6.0).reshape(2, 3)
    holed = tensor.clone()
    holed[1, 2] = nan
    pairs: list[tuple[object, object]] = [
        (tensor.mT, tensor), (tensor + 1, tensor), (holed, tensor), (tensor, holed), (nan, 1.0), (1.0, inf), (None, tensor),
        (1.5, 1.0), (True, False), ("a", "b"), ({1}, {2}), ({"W": 1}, {"V": 1}), ({}, {"V": 1}), ({"V": 1, "W": 2}, {"V": 1}),
        ([1, "a"], [1]), ("a", tensor), ({}, "a"), (tensor.long() + 1, tensor.long()), (10**400, 1.0), ({1}, [1, "a"]),
    ]  # fmt: skip
    facts = [compare(answer, ours).fact for answer, ours in pairs]
    forms = [of_form(compare(answer, ours, values=False)).fact for answer, ours in pairs]
    return [
        *facts, *filter(None, forms), "the form is right; whether the answer is, you will know after grading",
        "in a NumPy array: return a tensor, which the cells below go on with", CHANGED.format("a float tensor of shape (2, 3)"),
        "f1 0.9 on held-out data; 0.95 earns all points", "mse 0.03 on held-out data; 0.02 earns all points, 0.04 none: so far 50% of them",
        "f1 0.9 on held-out data of yours (grading has the course's); 0.95 earns all points", "3.4 times the tolerance",
    ]  # fmt: skip


@pytest.mark.parametrize("sentence", sentences_that_checks_say())
def test_in_a_persian_notebook_a_check_speaks_persian(sentence: str) -> None:
    said = isolated(in_persian(sentence))
    assert said != sentence, "it has a Persian form"
    left = re.sub("\u2066[^\u2069]*\u2069", "", said)
    assert set(re.findall("[A-Za-z]+", left)) <= {"list", "set", "dict", "tolerance", "return"}, (
        "what isn't code is Persian"
    )
    assert not out_of_order(said, said)


def test_the_persian_panel_is_persian() -> None:
    difference = compare(torch.zeros(4, 6), torch.ones(4, 6))
    html = Report("double", difference.fact, difference, HINT, "fa").html()
    assert html.startswith('<div class="autograder-panel wrong" dir="rtl" lang="fa"')
    words = re.sub(
        r"<code.*?</code>|<bdi.*?</bdi>|<svg.*?</svg>|<[^>]*>|\u2066[^\u2069]*\u2069", "", html.replace(HINT.en, "")
    )
    assert not re.findall("[A-Za-z]{2,}", words.replace("tolerance", "").replace("NaN", "")), words
