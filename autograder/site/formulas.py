"""Formulas on a page: MathML that no script has to draw, and that is never wider than a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from autograder.grading.formulas import formula

_GAP, _EQUALS = re.compile(r"\\q?quad(?![A-Za-z])"), re.compile("=")
_DEEPER = re.compile(r"\\begin\b|\\left(?![a-z])|(?<!\\)\{")
_HIGHER = re.compile(r"\\end\b|\\right(?![a-z])|(?<!\\)\}")
_EMS = re.compile(r"(-?[\d.]+)em")
_WIDE = 14.0  # em, from which a formula is made smaller where the page is narrow
_LONG = 24.0  # em, from which it is parted at its equals signs
_SMALL = 0.72  # what is raised or lowered
_OPERATOR = 0.5  # em round one
_SCRIPTS = {"msub": 1, "msup": 1, "msubsup": 2, "mmultiscripts": 4}


def shown(tex: str, display: bool) -> str:
    """A formula as HTML, in pieces between which a narrow page can break it: at wide gaps and, if it is long, at equals signs."""
    parts = [part for part, _ in _parts(tex, _GAP)] if display else [tex]
    pieces = [piece for part in parts for piece in _pieces(part, display)]
    if not display and len(pieces) == 1:
        return pieces[0]
    return f'<span class="{"displayed" if display else "inlined"}" dir="ltr">{" ".join(pieces)}</span>'


def _pieces(tex: str, display: bool) -> list[str]:
    whole = formula(tex, "block" if display else "inline")
    if width(whole) <= _LONG:
        return [_sized(whole)]
    parted = [f"{sign}{part}" for part, sign in _parts(tex, _EQUALS)]
    return [_sized(formula(part, "block" if display else "inline")) for part in parted]


def _sized(made: str) -> str:
    ems = width(made)
    size = f' style="--ems:{ems:.0f}"' if ems > _WIDE else ""
    return f'<span class="formula{" wide" if size else ""}" dir="ltr"{size}>{made}</span>'


def _parts(tex: str, at: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """What stands between signs that are in no brackets and no table, each with the sign before it."""
    depth = start = 0
    sign = ""
    for token in re.finditer("|".join(each.pattern for each in (at, _DEEPER, _HIGHER)), tex):
        if at.fullmatch(token[0]):
            if depth == 0:
                yield tex[start : token.start()], sign
                start, sign = token.end(), token[0]
        else:
            depth += 1 if _DEEPER.fullmatch(token[0]) else -1
    yield tex[start:], sign


def width(made: str) -> float:
    """About how wide a formula is, in its own em; 0 for one that could not be read."""
    return _width(ElementTree.fromstring(made)) if made.startswith("<math") else 0.0


def _width(element: ElementTree.Element) -> float:
    children = [_width(child) for child in element]
    if element.tag in ("mi", "mn", "ms", "mtext"):
        return 0.56 * len(element.text or "")
    if element.tag == "mo":
        return (
            _OPERATOR + 0.5 * len(element.text or "")
            if len(element.text or "") == 1
            else 0.56 * len(element.text or "")
        )
    if element.tag == "mspace":
        said = _EMS.fullmatch(element.get("width", ""))
        return float(said[1]) if said else 0.0
    if element.tag in _SCRIPTS and children:
        scripts = children[1:]
        return children[0] + _SMALL * (max(scripts, default=0) if element.tag == "msubsup" else sum(scripts))
    if element.tag in ("mfrac", "munder", "mover", "munderover"):
        return max(children, default=0) + 0.2
    if element.tag == "mtable":
        rows = [[_width(cell) + 0.8 for cell in row] for row in element]
        return sum(max(column) for column in zip(*rows)) if rows else 0.0
    return sum(children) + (1.0 if element.tag in ("msqrt", "mroot") else 0.0)
