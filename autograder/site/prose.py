"""A page's markdown as HTML: formulas as MathML, code coloured, pictures as files, headings noted for the table of contents."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import mistune
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from autograder.site import formulas

# As Jupyter reads it: what is code holds no formula, and a formula holds no markdown.
_CODE_OR_FORMULA = re.compile(
    r"(?P<code>^[ \t]*```.*?^[ \t]*```|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)|\\\$)"
    r"|\$\$(?P<block>.+?)\$\$"
    r"|\$(?![\s$])(?P<inline>(?:[^$\\\n]|\\.|\n(?![ \t]*\n))+?)(?<!\s)\$(?!\d)",
    re.DOTALL | re.MULTILINE,
)
_WIDEST = 50  # characters of a table's rows that a phone has place for
_HELD = re.compile("\ue000(\\d+)\ue001")
_PICTURE = re.compile(r'<img alt="([^"]*)" src="data:image/svg\+xml;base64,([^"]+)">')
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"')
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Heading:
    """A heading of a page; its title is HTML."""

    level: int
    id: str
    title: str


@dataclass
class Page:
    """One page in one language.

    Attributes:
        name: what its file is called, the same in both languages.
        pictures: the pictures it shows, by the names of their files.
    """

    name: str
    title: str
    html: str = ""
    headings: list[Heading] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)


class Prose:
    """Markdown of one page, piece after piece.

    Args:
        link: the address that a link of the text leads to here; None where it leads to no page of the site.
    """

    def __init__(self, link: Callable[[str], str | None]) -> None:
        self.headings: list[Heading] = []
        self.pictures: dict[str, bytes] = {}
        self._held: list[str] = []
        self._markdown = mistune.create_markdown(renderer=_Renderer(self, link), plugins=["table", "strikethrough"])

    def html(self, source: str) -> str:
        """A piece as HTML."""
        made = str(self._markdown(_CODE_OR_FORMULA.sub(self._hold, source)))
        return _PICTURE.sub(lambda found: self.picture(found[1], base64.b64decode(found[2])), self.shown(made))

    def heading(self, level: int, title: str) -> str:
        """A heading, noted."""
        title = self.shown(title)
        said = html.unescape(_TAG.sub("", title))
        plain = (
            re.sub(r"[^\w\- ]", "", said.lower()).strip().replace(" ", "-") or "section"
        )  # as links of docs/ name it
        taken = {heading.id for heading in self.headings}
        name = next(each for each in (plain, *(f"{plain}-{n}" for n in range(2, 1000))) if each not in taken)
        self.headings.append(Heading(level, name, title))
        return f'<h{level} id="{html.escape(name)}">{title}</h{level}>\n'

    def picture(self, alt: str, svg: bytes) -> str:
        """A picture that opens by itself when it is clicked; ``alt`` is HTML."""
        name = f"{hashlib.sha256(svg).hexdigest()[:16]}.svg"
        self.pictures[name] = svg
        size = _SIZE.search(svg[:1000].decode())
        sides = f' width="{size[1]}" height="{size[2]}"' if size else ""
        return f'<a class="picture" href="pictures/{name}"><img alt="{alt}" src="pictures/{name}"{sides} loading="lazy"></a>'

    def shown(self, made: str) -> str:
        """HTML with the formulas that were held back from markdown."""
        return _HELD.sub(lambda found: self._held[int(found[1])], made)

    def _hold(self, found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        self._held.append(formulas.shown(found["block"] or found["inline"], bool(found["block"])))
        return f"\ue000{len(self._held) - 1}\ue001"


class _Renderer(mistune.HTMLRenderer):
    def __init__(self, prose: Prose, link: Callable[[str], str | None]) -> None:
        super().__init__(escape=False)
        self._prose, self._link = prose, link
        self._heads: list[str] = []
        self._cells, self._widest = 0, dict[int, int]()

    def heading(self, text: str, level: int, **_: Any) -> str:
        return self._prose.heading(level, text)

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        if head:
            self._heads.append(text)
            return f"<th>{text}</th>\n"
        place = self._cells % max(1, len(self._heads))
        self._cells += 1
        self._widest[place] = max(self._widest.get(place, 0), len(_plain(text)))
        return f'<td data-label="{html.escape(_plain(self._heads[place]))}"><div>{text}</div></td>\n'

    def table(self, text: str) -> str:
        """A wide table becomes a list on a phone."""
        wide = sum(self._widest.values()) > _WIDEST
        self._heads, self._cells, self._widest = [], 0, {}
        return f'<table class="cards">\n{text}</table>\n' if wide else f"<table>\n{text}</table>\n"

    def block_code(self, code: str, info: str | None = None) -> str:
        return coloured(code, (info or "text").split()[0])

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture that isn't in the text itself is told, as it would have to be fetched."""
        return (
            super().image(text, url, title)
            if url.startswith("data:image/")
            else f"<span>[{text or html.escape(url)}]</span>"
        )

    def link(self, text: str, url: str, title: str | None = None) -> str:
        address = self._link(url)
        return text if address is None else super().link(text, address, title)


def _plain(text: str) -> str:
    """Words without tags and formulas, which are short."""
    return html.unescape(_TAG.sub("", _HELD.sub("…", text)))


def coloured(code: str, language: str = "python") -> str:
    """Code as HTML, left to right whatever stands round it."""
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    made: str = highlight(code.rstrip() + "\n", lexer, HtmlFormatter(cssclass="highlight", wrapcode=True))
    return made.replace('<div class="highlight">', '<div class="highlight" dir="ltr">', 1)
