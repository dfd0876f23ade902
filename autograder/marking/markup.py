"""Markdown as HTML that is safe to show: formulas as MathML, pictures in the page itself, nothing fetched, nothing run."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape, quoteattr

import bleach
import mistune

from autograder.grading import harmless
from autograder.grading.formulas import formula

TAGS = frozenset((
    "a", "b", "blockquote", "br", "code", "del", "details", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td",
    "th", "thead", "tr", "u", "ul",
))  # fmt: skip
_ATTRIBUTES = {
    "*": ["dir", "lang"],
    "a": ["href"],
    "img": lambda _tag, name, value: name == "alt" or (name == "src" and value.startswith("data:image/")),
    "ol": ["start"],
}
_HELD = re.compile("\ue000(\\d+)\ue001")
_PICTURE = re.compile(r"\]\(attachment:([^\n]*?\.\w{1,5})\)")

Attachments = dict[str, dict[str, str]]


def of_student(source: str, attachments: Any = None) -> str:
    """What a student wrote, as HTML."""
    return _html(harmless.markdown(harmless.cut(source)), harmless.attachments(attachments))


def of_course(source: str, attachments: Any = None) -> str:
    """What the course wrote, as HTML."""
    return _html(source, attachments or {})


def _html(source: str, attachments: Attachments) -> str:
    source = re.sub("[\ue000\ue001]", "", source)
    source = _PICTURE.sub(lambda found: f"](attachment:{quote(found[1])})", source)
    renderer = _Renderer(attachments)
    markdown = mistune.create_markdown(renderer=renderer, plugins=["math", "table", "strikethrough"])
    renderer.hold_formulas()  # after the plugin has set what it does with them
    made = markdown(source)
    cleaned = bleach.clean(str(made), TAGS, _ATTRIBUTES, ["http", "https", "data"], strip=True)
    cleaned = cleaned.replace("<a href", '<a rel="noreferrer noopener" target="_blank" href')
    return _HELD.sub(lambda found: renderer.held[int(found[1])], cleaned)


class _Renderer(mistune.HTMLRenderer):
    """Holds formulas back until everything else is clean, and takes pictures from the cell's attachments."""

    def __init__(self, attachments: Attachments) -> None:
        super().__init__(escape=False)
        self.held: list[str] = []
        self._attachments = attachments

    def hold_formulas(self) -> None:
        self.register("inline_math", lambda _renderer, text: self._hold(text, "inline"))
        self.register("block_math", lambda _renderer, text: f"<p>{self._hold(text, 'block')}</p>")

    def _hold(self, tex: str, display: str) -> str:
        self.held.append(formula(tex, display))
        return f"\ue000{len(self.held) - 1}\ue001"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        name = unquote(url).removeprefix("attachment:")
        for mime, content in self._attachments.get(name, {}).items():
            content = "".join(content)
            return f'<img src="data:{escape(mime)};base64,{escape(content)}" alt={quoteattr(text)}>'
        if url.startswith("data:image/"):
            return super().image(text, url, title)
        return f"<span>[{escape(text or name)}]</span>"  # a picture of the web is not fetched
