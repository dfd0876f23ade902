"""What a student wrote, made safe to look at."""

import base64
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.grading.harmless import MAX_IMAGE, MAX_OUTPUTS, MAX_TEXT, attachments, cut, markdown, outputs

JOINER = "\u2060"
PNG, JPEG = (base64.b64encode(magic).decode() for magic in (b"\x89PNG\r\n\x1a\nrest", b"\xff\xd8\xffrest"))
ALLOWED = r"</?(?:div|span|p|br|b|i|sub|sup)(?: dir=\"(?:rtl|ltr)\")?(?: lang=\"fa\"| style=\"display:block;text-align:right\")?\s*/?>"


@pytest.mark.parametrize(
    "source",
    [
        "plain, *text*, `code` and $a < b$", "# 5 > 3 & 2 < 4", "<br>", "<br/>", "x<sub>i</sub><sup>2</sup>",
        '<div dir="rtl" lang="fa">\n\nفارسی\n\n</div>', '<span dir="rtl" style="display:block;text-align:right">متن</span>',
        '<span dir="ltr">`x`</span>', "<b>bold</b> <i>x</i> <p>", "AT&T & co", "```python\nx = 1\n```", "a javan script", "my data, none", "",
        "![a picture](attachment:my picture (1).png)", "![](data:image/png;base64,iVBORw0KGgo=)", "5! [x](https://there.com)",
    ],
)  # fmt: skip
def test_what_is_harmless_stays(source: str) -> None:
    assert markdown(source) == source


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<script>alert(1)</script>", f"<{JOINER}script>alert(1)<{JOINER}/script>"),
        ("<img src=x onerror=alert(1)>", f"<{JOINER}img src=x onerror=alert(1)>"),
        ("<b onclick=alert(1)>x</b>", f"<{JOINER}b onclick=alert(1)>x</b>"),
        ('<div dir="rtl" lang="fa" id="x">', f'<{JOINER}div dir="rtl" lang="fa" id="x">'),
        ('<span style="position:fixed">', f'<{JOINER}span style="position:fixed">'),
        ("<!-- hidden -->", f"<{JOINER}!-- hidden -->"),
        ("<?php", f"<{JOINER}?php"),
        ("<B>", f"<{JOINER}B>"),
        ("a<b and b<c", f"a<{JOINER}b and b<{JOINER}c"),
        ("[x](javascript:alert(1))", f"[x](java{JOINER}script:alert(1))"),
        ("[x](JaVaScript:alert(1))", f"[x](JaVa{JOINER}Script:alert(1))"),
        ("[x](vbscript:x)", f"[x](vb{JOINER}script:x)"),
        ("[x](data:text/html,x)", f"[x](data{JOINER}:text/html,x)"),
        ("[x](data\\:text/html,x)", f"[x](data{JOINER}\\:text/html,x)"),
        ("[x](DATA :text)", f"[x](DATA{JOINER} :text)"),
        ("[x](java&#115;cript:x)", f"[x](java&{JOINER}#115;cript:x)"),
        ("&lt;script&gt;", f"&{JOINER}lt;script&{JOINER}gt;"),
        ("```mermaid\ngraph\n```", f"```mer{JOINER}maid\ngraph\n```"),
        ("x\n  ~~~~  Mermaid\n", f"x\n  ~~~~  Mer{JOINER}maid\n"),
        ("> ```mermaid", f"> ```mer{JOINER}maid"),
        ("![x](https://there.com/x.png)", f"!{JOINER}[x](https://there.com/x.png)"),
        ("![x](/logout)", f"!{JOINER}[x](/logout)"),
        ("![x][there]\n\n[there]: https://there.com", f"!{JOINER}[x][there]\n\n[there]: https://there.com"),
        ("![a](attachment:x)](/logout)", "![a](attachment:x)](/logout)"),
        ("![![a](attachment:x)](/logout)", f"!{JOINER}[![a](attachment:x)](/logout)"),
        ("![x](attachment:a.png/../../logout)", f"!{JOINER}[x](attachment:a.png/../../logout)"),
        ("![x](data:image/svg+xml;base64,AAAA)", f"!{JOINER}[x](data{JOINER}:image/svg+xml;base64,AAAA)"),
        ("<b>1</b><u>2</u><b>3</b>", f"<b>1</b><{JOINER}u>2<{JOINER}/u><b>3</b>"),
    ],
)
def test_what_could_become_markup_is_text_that_looks_the_same(source: str, shown: str) -> None:
    assert markdown(source) == shown


PIECES = ["<", ">", "/", "script", "img onerror=x", "b", "div", ' dir="rtl"', ' lang="fa"', "java", "data", ":", "&", "#1;", "amp;",
          "```", "mermaid", "\n", " ", "text", JOINER, "!--", "~~~", "\\", "![", "](", ")", "attachment:", "image/png;base64,"]  # fmt: skip
sources = st.lists(st.sampled_from(PIECES), max_size=20).map("".join) | st.text(max_size=30)


@given(sources)
def test_again_changes_nothing(source: str) -> None:
    assert markdown(markdown(source)) == markdown(source)


@given(sources)
def test_no_tag_survives_but_the_allowed(source: str) -> None:
    assert not re.search(r"<[A-Za-z/!?]", re.sub(ALLOWED, "", markdown(source)))


@given(sources)
def test_all_that_was_written_can_still_be_read(source: str) -> None:
    assert markdown(source).replace(JOINER, "") == source.replace(JOINER, "")


@pytest.mark.parametrize(
    "piece",
    [
        "\n",
        "`",
        "![",
        "![x](attachment:",
        "data ",
        "\x1b[",
        "<",
        "&a",
        '<div dir="rtl"',
        "<span ",
        "![x](data:image/png;base64,A",
    ],
)
def test_however_long_it_is_it_takes_no_longer_than_its_length_tells(piece: str) -> None:
    """A pattern that looks back over what it has seen would take hours for this."""
    source = piece * 200_000
    assert len(markdown(source)) >= len(source)


# Outputs


def data(**kinds: Any) -> NotebookNode:
    return new_output("display_data", data={name.replace("_", "/"): content for name, content in kinds.items()})


def stream(text: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=text)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        (new_output("stream", name="stderr", text="warning"), [stream("warning")]),
        (new_output("error", ename="E", evalue="v", traceback=["\x1b[0;31mE\x1b[0m", "line"]), [stream("E\nline\n")]),
        (new_output("error", ename="E", evalue="v", traceback=[]), [stream("E: v\n")]),
        (new_output("execute_result", data={"text/plain": "5"}, execution_count=3), [data(text_plain="5")]),
        (data(image_png=PNG, text_plain="figure"), [data(image_png=PNG, text_plain="figure")]),
        (data(image_jpeg=JPEG), [data(image_jpeg=JPEG)]),
        (data(text_html="<script>", text_plain="x"), [data(text_plain="x")]),
        (data(text_html="<script>"), []),
        (data(text_plain=["not", "text"]), []),
        (new_output("display_data", data={"image/svg+xml": "<svg onload=x>", "application/javascript": "x"}), []),
        (data(image_png=base64.b64encode(b"<script>").decode()), []),
        (data(image_png=JPEG), []),
        (data(image_jpeg=PNG), []),
        (data(image_png="no base64 at all, a"), []),
        (data(image_png=["x"]), []),
    ],
)
def test_of_an_output_text_and_pictures_are_kept(given_: NotebookNode, kept: list[NotebookNode]) -> None:
    assert outputs([given_]) == kept


def test_a_picture_is_kept_without_what_is_no_picture_in_it() -> None:
    (made,) = outputs([data(image_png=f'{PNG[:8]}">\n{PNG[8:]}')])
    assert made.data["image/png"] == PNG


def test_metadata_of_an_output_is_dropped() -> None:
    assert (
        outputs([new_output("display_data", data={"text/plain": "x"}, metadata={"isolated": True})])[0].metadata == {}
    )


def test_of_many_outputs_the_first_are_kept_and_the_rest_counted() -> None:
    some = [stream(str(number)) for number in range(MAX_OUTPUTS)]
    assert outputs(some) == some and outputs([]) == []
    assert outputs([*some, stream("x"), stream("y")]) == [*some, stream("… 2 more outputs left out\n")]


def test_long_text_is_cut_and_says_so() -> None:
    assert cut("x" * MAX_TEXT) == "x" * MAX_TEXT
    assert cut("x" * (MAX_TEXT + 1500)) == "x" * MAX_TEXT + "\n… 1,500 more characters left out"
    for long in (stream("x" * 10**5), data(text_plain="x" * 10**5), new_output("error", traceback=["x" * 10**5])):
        assert "80,000 more characters left out" in str(outputs([long]))


def test_a_picture_may_be_large_but_not_huge() -> None:
    def picture(size: int) -> str:
        return base64.b64encode(b"\x89PNG\r\n\x1a\n".ljust(size, b"\0")).decode()

    assert outputs([data(image_png=picture(MAX_IMAGE - 3))]) and not outputs([data(image_png=picture(MAX_IMAGE + 3))])


@pytest.mark.parametrize(
    ("name", "kept"),
    [("a.png", True), ("my picture (1).png", True), ("عکس.png", True), ("x" * 100, True), ("x" * 101, False), ("", False),
     ("a/b.png", False), ('a" onerror="x', False), ("<b>.png", False)],
)  # fmt: skip
def test_attachments_are_pictures_with_plain_names(name: str, kept: bool) -> None:
    assert attachments({name: {"image/png": PNG}}) == ({name: {"image/png": PNG}} if kept else {})


@pytest.mark.parametrize(
    "odd", [None, {}, {"a": None}, {"a": {"text/html": "<script>"}}, {"a": "x"}, {"a": {"image/png": 5}}]
)
def test_what_is_attached_beside_pictures_is_dropped(odd: Any) -> None:
    assert attachments(odd) == {}
