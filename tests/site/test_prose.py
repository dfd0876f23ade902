"""Markdown and formulas as the site shows them."""

import re
from base64 import b64encode

import pytest

from autograder.site import formulas
from autograder.site.prose import Prose


def made(source: str) -> str:
    return Prose(lambda address: None if address.endswith(".md") else address).html(source)


@pytest.mark.parametrize(
    ("source", "formulas"),
    [
        ("$a$ and $b$", 2),
        ("a price of \\$5 and \\$6", 0),
        ("`$HOME` and `$PATH`", 0),
        ("```sh\necho $HOME $PATH\n```", 0),
        ("between $5 and $6, as \\$5", 0),
        ("two lines: $a\n+ b$", 1),
        ("two paragraphs: $a\n\nb$", 0),
        ("| $|a|$ | b |\n| --- | --- |\n| 1 | 2 |", 1),
        ("$$a$$", 1),
        ("$$a \\qquad b$$", 2),
        ("$$\\left(a \\quad b\\right) \\quad \\text{for \\quad all}$$", 2),
    ],
)
def test_what_is_a_formula_and_what_is_not(source: str, formulas: int) -> None:
    assert made(source).count("<math") == formulas


def test_a_formula_in_a_table_stays_in_its_cell() -> None:
    shown = made("| $|a|$ | b |\n| --- | --- |\n| 1 | 2 |")
    assert shown.count("<th>") == 2 and shown.count("<td ") == 2


def test_markdown_marks_in_a_formula_are_left_alone() -> None:
    assert "<em>" not in made("$a_1 * b_2 * c_3$ and $x_{i}$ _")


def test_what_cant_be_read_as_a_formula_is_shown_as_it_was_typed() -> None:
    assert '<code class="tex" dir="ltr">\\frac{</code>' in made("$\\frac{$")


def test_a_long_formula_is_parted_at_equals_signs_outside_brackets() -> None:
    tex = "a_1 + a_2 + a_3 + a_4 + a_5 + a_6 + a_7 = \\sum_{i=1}^7 a_i + b_1 + b_2 + b_3 + b_4 + b_5 = 10000000"
    shown = made(f"${tex}$")
    assert shown.count("<math") == 3 and shown.count("<mo>=</mo>") == 3
    assert made("$a = b$").count("<math") == 1


@pytest.mark.parametrize(
    ("less", "more"), [("a", "a + b"), ("\\frac{a}{b}", "ab"), ("x_{ab}", "x ab"), ("a", "\\sqrt{a}")]
)
def test_widths_are_in_their_order(less: str, more: str) -> None:
    widths = [formulas.width(re.search("<math.*</math>", made(f"${tex}$"))[0]) for tex in (less, more)]  # type: ignore[index]
    assert 0 < widths[0] < widths[1]


@pytest.mark.parametrize(
    ("tex", "read"),
    [
        ("\\arg\\max_i", "<mo>arg</mo>"),
        ("\\text{max\\_norm}", "<mtext>max_norm</mtext>"),
        ("\\begin{aligned}a &= b\\\\ c &= d\\end{aligned}", "<mtable"),
        ("\\lVert a \\rVert", "‖"),
        ("(1, -2)", '<mo form="prefix">−</mo>'),
    ],
)
def test_tex_that_the_converter_doesnt_know_is_said_in_words_that_it_knows(tex: str, read: str) -> None:
    assert read in made(f"${tex}$") and "\\" not in made(f"${tex}$")


def test_headings_have_names_of_their_own_in_either_language() -> None:
    prose = Prose(lambda address: address)
    prose.html("# One & two\n\n## One & two\n\n## ۱٫۱ سه امتیاز\n\n### $x$")
    assert [(h.level, h.id) for h in prose.headings] == [
        (1, "one--two"),
        (2, "one--two-2"),
        (2, "۱۱-سه-امتیاز"),
        (3, "x"),
    ]
    assert "<math" in prose.headings[-1].title


def test_a_picture_becomes_a_file() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 76 30" width="76" height="30"></svg>'
    prose = Prose(lambda address: address)
    shown = prose.html(f'<img alt="two &lt; three" src="data:image/svg+xml;base64,{b64encode(svg).decode()}">')
    (name,) = prose.pictures
    assert prose.pictures[name] == svg
    assert f'<img alt="two &lt; three" src="pictures/{name}" width="76" height="30"' in shown


def test_a_picture_that_would_have_to_be_fetched_is_told() -> None:
    assert (
        made("![a < b](https://example.org/a.png) ![](b.png)")
        == "<p><span>[a &lt; b]</span> <span>[b.png]</span></p>\n"
    )


def test_a_link_to_what_isnt_on_the_site_is_text() -> None:
    assert made("see [authors](authors.md) and [the paper](https://arxiv.org/abs/1706.03762)") == (
        '<p>see authors and <a href="https://arxiv.org/abs/1706.03762">the paper</a></p>\n'
    )


def test_only_a_wide_table_becomes_a_list_on_a_phone() -> None:
    narrow = "| a | b |\n| --- | --- |\n| 1 | 2 |\n"
    wide = f"| a | b |\n| --- | --- |\n| {'words ' * 12}| 2 |\n"
    shown = made(f"{narrow}\n{wide}\n{narrow}")
    assert re.findall("<table[^>]*>", shown) == ["<table>", '<table class="cards">', "<table>"]
    assert 'data-label="b"><div>2</div>' in shown
