"""What a student reads when an answer is wrong: as text, and as a panel with a picture in Jupyter."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from html import escape

import torch
from torch import Tensor

from autograder.checks.compare import Difference
from autograder.checks.persian import LABELS, in_persian
from autograder.checks.references import Mistake

CHANGED = "the answer is right, but your function changed its argument ({}) in place: work on a copy, such as x.clone()"


@dataclass(frozen=True)
class Report:
    """What is said of one check, in a language; ``hint`` is the diagnosis in English and Persian."""

    name: str
    title: str
    difference: Difference
    hint: Mistake | None = None
    language: str = "en"

    def _say(self, sentence: str) -> str:
        return isolated(in_persian(sentence)) if self.language == "fa" else sentence

    def _label(self, label: str) -> str:
        return LABELS[label] if self.language == "fa" else label

    def _rows(self) -> list[tuple[str, str]]:
        d = self.difference
        rows = [("where", d.path)] if d.path else []
        if d.got:
            at = f" at {list(d.place)}" if d.place else ""
            rows += [("got", d.got + at), ("expected", d.expected)]
        if 1 < d.ratio < float("inf"):
            rows.append(("off by", self._say(f"{times(d.ratio)} the tolerance")))
        return [(self._label(label), value) for label, value in rows]

    def _hints(self) -> list[tuple[str, str]]:
        """The diagnosis: language and sentence, the reader's first."""
        if self.hint is None:
            return []
        both = [("en", self.hint.en), ("fa", isolated(self.hint.fa))]
        return both if self.language == "en" else both[::-1]

    def text(self) -> str:
        """For terminals, VS Code and logs."""
        lines = [f"✗ {self.name}: {self._say(self.title)}"]
        lines += [f"  {label:<10} {value}" for label, value in self._rows()]
        if self.hint:
            lines += ["", *(f"  {persian_in_line(text) if lang == 'fa' else text}" for lang, text in self._hints())]
        return "\n".join(lines)

    def html(self) -> str:
        """The panel that Jupyter shows."""
        table = "".join(
            f'<tr><td style="{_LABEL}">{label}</td><td style="{_VALUE}"><code dir="auto">{escape(value)}</code></td></tr>'
            for label, value in self._rows()
        )
        return (
            f'<div class="autograder-panel wrong" {direction(self.language)} style="{_PANEL}">'
            f'<div style="font-weight:600"><span style="color:#c2410c">✗</span> <bdi>{escape(self.name)}</bdi>: '
            f"{escape(self._say(self.title))}</div>"
            f'<table style="margin:6px 0 0 0;border-collapse:collapse">{table}</table>{self._hint()}'
            f"{picture(self.difference, self.language)}</div>"
        )

    def _hint(self) -> str:
        if self.hint is None:
            return ""
        said = "".join(
            f'<div {direction(lang)} style="margin-top:4px;text-align:start">{escape(text)}</div>'
            for lang, text in self._hints()
        )
        return f'<div class="autograder-hint" style="{_HINT}">{said}</div>'


_PANEL = (
    "border:1px solid rgba(128,128,128,.35);border-inline-start:4px solid #c2410c;border-radius:4px;padding:10px 14px;"
    "margin:6px 0;max-width:62em;line-height:1.5;text-align:start"
)
_LABEL = "text-align:end;padding:1px 0;padding-inline-end:10px;opacity:.7;white-space:nowrap;vertical-align:top"
_VALUE = "text-align:start;padding:1px 0;overflow-wrap:anywhere"
_HINT = "margin-top:8px;padding:6px 10px;background:rgba(234,179,8,.14);border-radius:4px"


def direction(language: str) -> str:
    """The attributes of an element in a language."""
    return 'dir="rtl" lang="fa"' if language == "fa" else 'dir="ltr" lang="en"'


def persian_in_line(text: str) -> str:
    """Persian in a line of plain text, read from the right whatever stands round it."""
    return f"\u2067{isolated(text)}\u2069"


_LEFT_TO_RIGHT = re.compile(r"[^\u0600-\u06ff\u200c-\u200f\u2066-\u2069\ufb50-\ufdff\ufe70-\ufeff«»—–\n]+")
_ISOLATED = re.compile("(\u2066[^\u2069]*\u2069)")
_ENDS = " .,:;!?'\"…"
_OPENING, _CLOSING = "([{", ")]}"
_MIRRORED = str.maketrans(_OPENING + _CLOSING, _CLOSING + _OPENING)


def isolated(text: str) -> str:
    """Persian text whose code and formulas read from the left: each such run stands between U+2066 and U+2069.

    Without them a formula's parts, its brackets and its operators come in the order of the Persian round it.
    """
    parts = _ISOLATED.split(text)
    return "".join(part if i % 2 else _LEFT_TO_RIGHT.sub(_as_isolate, part) for i, part in enumerate(parts))


def _as_isolate(match: re.Match[str]) -> str:
    run = match[0]
    start, end = 0, len(run)
    while start < end and _is_outside(run[start:end]):
        start += 1
    while start < end and _is_outside(run[start:end][::-1].translate(_MIRRORED)):
        end -= 1
    inside = run[start:end]
    if not (_SAYS_A_DIRECTION.search(inside) or any(unicodedata.bidirectional(c) == "L" for c in inside)):
        return run
    return f"{run[:start]}\u2066{inside}\u2069{run[end:]}"


_SAYS_A_DIRECTION = re.compile(r"[√∂∇∑∏∞=<>≤≥+−]|[0-9]\W*[^0-9.\s]|[^0-9.\s]\W*[0-9]")


def _is_outside(run: str) -> bool:
    """Whether what a run begins with is of the sentence round it: its punctuation, or a bracket without its other half."""
    depth = 0
    for character in run if run[0] in _OPENING else "":
        depth += (character in _OPENING) - (character in _CLOSING)
        if depth == 0:
            return False
    return run[0] in _ENDS + _OPENING + _CLOSING


def passed_html(text: str, mark: str = "✓", language: str = "en") -> str:
    """The line of a right answer, or with ○ of one of which only the form is known."""
    colour = "#15803d" if mark == "✓" else "#6b7280"
    return (
        f'<div class="autograder-panel right" {direction(language)} style="text-align:start">'
        f'<span style="color:{colour}">{mark}</span> {escape(text)}</div>'
    )


def times(ratio: float) -> str:
    """A ratio to the tolerance in words."""
    return f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.1f} times"


MAX_SIDE = 24
SMALLEST_CELL, LARGEST_CELL = 9, 26


def picture(difference: Difference, language: str = "en") -> str:
    """Heat maps of yours, expected and the difference, with the place of the largest difference framed, as SVG.

    Of a tensor with more than two axes the slice through the largest difference is shown; of a long axis the part round it.
    """
    if difference.answer is None or difference.reference is None or difference.answer.numel() < 2:
        return ""
    answer, reference, place, caption = _slice(difference.answer, difference.reference, difference.place)
    gap = answer - reference
    scale = _largest(torch.stack([answer, reference]))
    maps = [("yours", answer, scale), ("expected", reference, scale), ("difference", gap, _largest(gap))]
    names = {title: LABELS[title] if language == "fa" else title for title, *_ in maps}
    svgs = "".join(_heat_map(names[title], values, bound, place) for title, values, bound in maps)
    legend = f"Orange is positive, blue negative, grey not finite; the frame marks the largest difference{caption}."
    legend = isolated(in_persian(legend)) if language == "fa" else legend
    return (
        f'<div style="margin-top:10px;display:flex;gap:22px;flex-wrap:wrap">{svgs}</div>'
        f'<div style="opacity:.7;font-size:85%;margin-top:4px">{escape(legend)}</div>'
    )


def _slice(answer: Tensor, reference: Tensor, place: tuple[int, ...]) -> tuple[Tensor, Tensor, tuple[int, int], str]:
    caption = ""
    if answer.ndim > 2:
        index = place[:-2]
        answer, reference = answer[index], reference[index]
        caption = f"; shown is [{', '.join(map(str, index))}, :, :]"
    if answer.ndim == 1:
        answer, reference, place = answer[None], reference[None], (0, *place)
    row, column = place[-2:]
    top, left = (max(0, min(p - MAX_SIDE // 2, n - MAX_SIDE)) for p, n in zip((row, column), answer.shape))
    if max(answer.shape) > MAX_SIDE:
        caption += f"; the part from row {top}, column {left}"
    window = (slice(top, top + MAX_SIDE), slice(left, left + MAX_SIDE))
    return answer[window], reference[window], (row - top, column - left), caption


def _largest(values: Tensor) -> float:
    finite = values[values.isfinite()].abs()
    return float(finite.max()) if finite.numel() and finite.max() > 0 else 1.0


def _heat_map(title: str, values: Tensor, bound: float, place: tuple[int, int]) -> str:
    rows, columns = values.shape
    side = max(SMALLEST_CELL, min(LARGEST_CELL, 216 // max(rows, columns)))
    cells = "".join(
        f'<rect x="{j * side}" y="{i * side}" width="{side}" height="{side}" fill="{_colour(v / bound)}"/>'
        for i, row in enumerate(values.tolist())
        for j, v in enumerate(row)
    )
    frame = (
        f'<rect x="{place[1] * side}" y="{place[0] * side}" width="{side}" height="{side}" fill="none" '
        f'stroke="currentColor" stroke-width="1.5"/>'
    )
    width, height = columns * side, rows * side
    return (
        f'<div><div style="font-size:85%">{title} <bdi dir="ltr">(±{bound:.3g})</bdi></div><svg role="img" aria-label="{title}" '
        f'width="{width + 2}" height="{height + 2}" viewBox="-1 -1 {width + 2} {height + 2}">{cells}{frame}</svg></div>'
    )


def _colour(value: float) -> str:
    if not -2 <= value <= 2:
        return "#9ca3af"
    strength = min(1.0, abs(value))
    end = (217, 95, 2) if value >= 0 else (33, 102, 172)
    return "#" + "".join(f"{round(248 + (channel - 248) * strength):02x}" for channel in end)
