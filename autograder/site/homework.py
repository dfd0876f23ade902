"""A homework as a page, and what the map of the course tells of it: from its released notebook, which has nothing to hide."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from autograder.building import frame
from autograder.marking.essays import about, is_essay, source_of
from autograder.problem import Problem
from autograder.site.prose import Page, Prose, coloured
from autograder.site.words import WORDS, number, points

_HEADING = re.compile(r"^# +(.+)$", re.MULTILINE)
_NAME = re.compile(r"hw(\d+)_")


@dataclass(frozen=True)
class Facts:
    """What the map tells of a homework.

    Attributes:
        titles: by language, without the homework's number.
        hours: None where its text doesn't say.
        functions: how many it asks for.
    """

    name: str
    number: int
    titles: dict[str, str]
    hours: float | None
    points: float
    functions: int
    essays: int

    def short(self, lang: str) -> str:
        """The number and the first words of the title."""
        return f"{number(self.number, lang)} · {re.split('[:،,]', self.titles[lang])[0]}"

    def long(self, lang: str) -> str:
        return f"{number(self.number, lang)} · {self.titles[lang]}"


def facts(course: Path, homework: str) -> Facts:
    """Raises:
    Problem: it isn't built, or its first cell has no title.
    """
    cells = {lang: _cells(course, homework, lang) for lang in WORDS}
    firsts = {lang: source_of(each[0]) for lang, each in cells.items()}
    titles = {}
    for lang, first in firsts.items():
        heading = _HEADING.search(first)
        if heading is None:
            raise Problem(
                f"release/{lang}/{homework}: its first cell needs a heading `# …`, which is its title on the site."
            )
        titles[lang] = heading[1].partition(" · ")[2] or heading[1]
    graded = [about(cell) for cell in cells["en"] if about(cell).get("grade")]
    found = _NAME.match(homework)
    return Facts(
        homework,
        int(found[1]) if found else 0,
        titles,
        frame.hours(firsts["en"], "en"),
        sum(each["points"] for each in graded),
        sum(cell["cell_type"] == "code" and bool(about(cell).get("solution")) for cell in cells["en"]),
        sum(is_essay(cell) for cell in cells["en"]),
    )


def page(course: Path, homework: str, lang: str, link: Callable[[str], str | None]) -> Page:
    """A homework's statement in a language: its prose, the code it gives, what is to be written and how it is checked."""
    prose = Prose(link)
    made = "\n".join(_shown(cell, prose, lang) for cell in _cells(course, homework, lang))
    return Page(homework, "", made, prose.headings, prose.pictures)


def _cells(course: Path, homework: str, lang: str) -> list[dict[str, Any]]:
    path = course / "release" / lang / homework / f"{homework}.ipynb"
    try:
        cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError:
        raise Problem(f"there is no {path}: `autograder build {homework}` makes it.") from None
    return cells


def _shown(cell: dict[str, Any], prose: Prose, lang: str) -> str:
    source, said, noted = source_of(cell), WORDS[lang], about(cell)
    if is_essay(cell):
        return f'<p class="essay">{said["essay"]} <b>{points(noted["points"], lang)}</b></p>'
    if cell["cell_type"] == "markdown":
        return prose.html(source)
    if not source.strip():
        return ""
    name = f'<code dir="ltr">{escape(noted.get("grade_id", ""))}</code>'
    if noted.get("grade"):
        return _folded(f"{said['check']} {name} · {points(noted['points'], lang)}", source)
    if noted.get("solution"):
        return f'<p class="write">{said["write"]} {name}</p>\n{coloured(source)}'
    return _folded(said["given"] if noted else said["code"], source)


def _folded(summary: str, source: str) -> str:
    return f"<details><summary>{summary}</summary>\n{coloured(source)}</details>"
