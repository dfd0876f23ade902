"""Words that students chose, before anybody sees them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.cleaned import cleaned


@pytest.mark.parametrize(
    ("text", "expected", "why"),
    [
        ("hw02.ipynb", "hw02.ipynb", "plain words stay"),
        ("سارا احمدی", "سارا احمدی", "Persian stays"),
        ("می\u200cشود", "می\u200cشود", "with its half-space"),
        ("👩\u200d🔬", "👩\u200d🔬", "an emoji stays whole"),
        ("cafe\u0301", "cafe\u0301", "an accent stays"),
        ("a\nWARNING b.zip: a broken zip", "a WARNING b.zip: a broken zip", "no second line"),
        ("a\r\n\tb\x0b\x0c\x85\u2028\u2029c", "a b c", "none by another name either"),
        ("\x1b[31mred\x1b[0m", "red", "a colour"),
        ("\x9b2Jgone\x1b[10A", "gone", "a screen wiped"),
        ("\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b", "ab", "a window's title, a link"),
        ("\x1bPq#0\x9ca\x1bcb\x1b(0c", "abc", "pictures, a reset, other letters"),
        ("a\x1b", "a", "half a sequence"),
        ("a\x00b\x7fc\x08", "a\ufffdb\ufffdc\ufffd", "controls are seen"),
        ("\u202egpj.exe\u2066x\u200e\u200f\u061c", "gpj.exex", "directions don't turn"),
        ("a\u200b\ufeff\u00ad\u2060b", "ab", "what can't be seen isn't there"),
        ("half \ud83d", "half \ufffd", "half a pair"),
        ("z" + "\u0300" * 40, "z" + "\u0300" * 4, "a tower of accents"),
        ("  a  ", "a", "no spaces around"),
        ("", "", "nothing"),
    ],
)  # fmt: skip
def test_cleaned(text: str, expected: str, why: str) -> None:
    assert cleaned(text) == expected, why


def test_it_is_cut() -> None:
    assert cleaned("x" * 300, 10) == "x" * 9 + "…"
    assert cleaned("x" * 10, 10) == "x" * 10
    assert cleaned("\x1b" * 10_000_000 + "x", 10) == ""


@given(st.text(st.characters(), max_size=60), st.integers(1, 80))
def test_whatever_it_is(text: str, length: int) -> None:
    line = cleaned(text, length)
    assert len(line) <= length and len(line.splitlines()) <= 1
    assert not {unicodedata.category(c) for c in line} & {"Cc", "Cs", "Zl", "Zp"}
    line.encode()
    assert cleaned(line, length) == line
