"""The pages of docs/ that students may read, on the site."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from pathlib import Path

from autograder.site.prose import Page, Prose
from autograder.site.words import WORDS

_LETTERS = " آأاءبپتثجچحخدذرزژسشصضطظعغفقکگلمنوؤهیئ"
Link = Callable[[str], str | None]
_PERSIAN_PART = re.compile(r'^# فارسی\n+<div dir="rtl" lang="fa">\n(.*?)\n</div>\s*\Z', re.MULTILINE | re.DOTALL)
_LINK_TO_IT = re.compile(r"^\[فارسی\]\(#[^)]*\)\n", re.MULTILINE)


def pages(folder: Path, lang: str, link: Link) -> list[Page]:
    """What there is of them, in their order."""
    found = []
    for name, make in (("students", _students), ("data", _english), ("results", _english), ("glossary", _glossary)):
        place = folder / f"{name}.md"
        if place.exists():
            page = make(place.read_text(encoding="utf-8"), lang, link)
            page.name, page.title = name, WORDS[lang][name]
            found.append(page)
    return found


def _students(text: str, lang: str, link: Link) -> Page:
    """The part of the page in a language."""
    persian = _PERSIAN_PART.search(text)
    if persian is None:
        return _english(text, lang, link)
    if lang == "fa":
        return _page(f"# {WORDS[lang]['students']}\n\n{persian[1]}", link)
    return _page(_LINK_TO_IT.sub("", text[: persian.start()]), link)


def _english(text: str, lang: str, link: Link) -> Page:
    """A page that is written in English only."""
    if lang == "en":
        return _page(text, link)
    title, _, body = text.partition("\n")
    said = WORDS[lang]
    name = next((key for key, value in WORDS["en"].items() if value == title.removeprefix("# ").strip()), "")
    prose = Prose(link)
    head = prose.heading(1, said.get(name) or escape(title.removeprefix("# ")))
    made = f'{head}<p>{said["english"]}</p>\n<div dir="ltr" lang="en">\n{prose.html(body)}\n</div>'
    return Page("", "", made, prose.headings, prose.pictures)


def _glossary(text: str, lang: str, link: Link) -> Page:
    """The terms; Persian readers find them by the Persian name."""
    rows = [[field.strip() for field in line.strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "]
    terms = [(english, persian) for english, persian, *_ in rows[2:]]
    if lang == "fa":
        terms = sorted(((persian, english) for english, persian in terms), key=lambda term: _by_letter(term[0]))
    heads = ("فارسی", "English") if lang == "fa" else ("English", "فارسی")
    lines = [f"| {first} | {second} |" for first, second in (heads, ("---", "---"), *terms)]
    return _page("\n".join([f"# {WORDS[lang]['glossary']}", "", *lines]), link)


def _by_letter(word: str) -> list[int]:
    """The place of a word in a Persian dictionary: its letters, Latin ones last, marks and half-spaces left out."""
    return [
        _LETTERS.index(letter) if letter in _LETTERS else len(_LETTERS) + ord(letter)
        for letter in word.lower()
        if letter not in "\u200c\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0654"
    ]


def _page(text: str, link: Link) -> Page:
    prose = Prose(link)
    return Page("", "", prose.html(text), prose.headings, prose.pictures)
