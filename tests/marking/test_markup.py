"""What students and courses wrote, as HTML in which nothing runs and nothing is fetched."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grading import formulas
from autograder.marking import markup
from tests.marking import room


class Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def refuse_harm(html: str) -> None:
    for tag, attributes in Elements(html).found:
        assert tag in markup.TAGS | formulas.MATHS, html
        for name, value in attributes.items():
            assert not name.startswith("on") and name != "style", html
            if name == "src":
                assert str(value).startswith("data:image/"), html
            if name == "href":
                assert str(value).startswith(("http://", "https://", "#")) or ":" not in str(value), html


PIECES = ["<", ">", "script", "<script>", "</script>", "<img src=x onerror=a()>", "javascript:a()", "[x](", "![x](", "data:text/html,x", ")", "$", "$$",
          "\\text{", "\\href{javascript:a()}{", "}", "`", "```", "\n\n", "<svg onload=a()>", "<math><mtext>", "<style>", "\ue000", "0", "\ue001", "&lt;",
          "<b>", "<div dir=\"rtl\">", "| a |", "\n|-|\n", "attachment:x.png", "https://there.com/x.png", "<!--", "-->", "&#106;avascript:"]  # fmt: skip
SOURCES = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(SOURCES)
def test_nothing_that_a_student_writes_runs(source: str) -> None:
    refuse_harm(markup.of_student(source))


@given(SOURCES)
def test_nor_what_a_course_writes(source: str) -> None:
    refuse_harm(markup.of_course(source))


def test_attacks_are_text() -> None:
    html = markup.of_student(room.HOSTILE)
    refuse_harm(html)
    assert "document.title=2" in html and "<img" not in html and "<script" not in html


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"\frac{a_1}{b}", "<mfrac>"),
        (r"E[\bar x] = \mu", "μ"),
        ("a < b", "&lt;"),
        ("a <\u2060b", "&lt;"),
        (r"x \le \begin{matrix}", '<code class="tex" dir="ltr">x \\le \\begin{matrix}</code>'),
        (r"\text{<script>alert(1)</script>}", "&lt;script&gt;"),
        (r"\text{<img src=x>}", "&lt;img"),
        ("x" * 3000, '<code class="tex" dir="ltr">xxx'),
        ("{" * 500, '<code class="tex" dir="ltr">{{{'),
    ],
)
def test_formulas_are_readable_whatever_they_are(tex: str, said: str) -> None:
    html = formulas.formula(tex)
    assert said in html and 'dir="ltr"' in html
    refuse_harm(html)


def test_formulas_are_no_markdown_and_money_is_no_formula() -> None:
    html = markup.of_student("$a_1 b_2 c_3$ and *so* it costs $5 or $6.\n\n$$\nx_1\n$$")
    assert html.count("<math") == 2 and "<em>so</em>" in html and "$5 or $6" in html
    assert "<math" not in markup.of_student("`$x$`")


def test_a_photo_is_shown_and_a_picture_of_the_web_is_not_fetched() -> None:
    source, pictures = room.answers()["9906"]
    assert f"data:image/png;base64,{room.PNG}" in markup.of_student(source, pictures)
    svg = {"a.png": {"image/svg+xml": "PHN2Zz4="}, "b.png": {"image/png": "bm8gcG5n"}}
    assert "<img" not in markup.of_student("![x](attachment:a.png) ![x](attachment:b.png) ![x](attachment:c.png)", svg)
    assert "<img" not in markup.of_course("![x](https://there.com/a.png)")


def test_links_tell_nobody_where_they_were_clicked() -> None:
    assert '<a rel="noreferrer noopener" target="_blank" href="https://a.org">' in markup.of_student(
        "[x](https://a.org)"
    )


def test_persian_prose_keeps_its_direction_and_code_its_own() -> None:
    html = markup.of_course('<div dir="rtl" lang="fa">\n\nبا <span dir="ltr">`x`</span> و $x$\n\n</div>')
    assert (
        'dir="rtl" lang="fa"' in html
        and '<span dir="ltr"><code>x</code></span>' in html
        and '<math display="inline" dir="ltr">' in html
    )
