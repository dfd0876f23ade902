"""The lines of an essay's mark scheme: what each part of an answer earns.

A line begins with its points, in either language, and goes on until an empty line or the next one::

    - 2 points: the gradient of the chosen value is one-hot.
    - up to 1 point: a sensible case in favour of recurrence.
    - 1 point each for soft, straight-through and REINFORCE: whose gradient, and its bias.
    - ۲ نمره: گرادیانِ مقدارِ انتخاب‌شده تک‌روشن است.

In a list the word may be left out (``- 1: …``). What begins otherwise is a note to whoever marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.building.text import Cell
from autograder.tables import ascii_digits


@dataclass(frozen=True)
class Line:
    """What one part of an answer earns; ``up_to`` when it may be anything up to that."""

    points: float
    words: str
    up_to: bool = False


_NUMBER = r"(?P<whole>\d+(?:[.,٫]\d+)?)?(?P<part>[½¼¾])?"
_WORD = r"(?P<word>points?|marks?|نمره|امتیاز)"
_EACH = r"(?P<each>each for|برای هر (?:یک|کدام) از)"
_END = r"(?P<end>\s+for\b|\s+برای\b|\s*:)"
_BEGINS = re.compile(
    r"(?P<bullet>[-*+]\s+)?(?P<label>\([^()\s]{1,4}\)\s+)?(?P<up_to>(?:up to|at most|تا|حداکثر)\s+)?"
    rf"{_NUMBER}(?:\s*{_WORD}(?:\s+{_EACH})?{_END}?|\s*:)\s*(?P<words>.*)",
    re.IGNORECASE,
)
_PARTS = {"½": 0.5, "¼": 0.25, "¾": 0.75, None: 0.0}
_BETWEEN = re.compile(r"\s*[,،;؛]\s*(?:and\s+|و\s+)?|\s+and\s+|\s+و\s+")


def part(source: str, name: str) -> str:
    """What stands between an essay's markers, such as SOLUTION or MARK SCHEME."""
    found = re.findall(rf"### *BEGIN {name}\b[^\n]*\n(.*?)\n?### *END {name}\b", source, re.DOTALL)
    return "\n\n".join(piece.strip("\n") for piece in found)


def lines(scheme: str) -> list[Line]:
    """The lines of a mark scheme that say their points; none where it is prose."""
    return [line for block in _blocks(scheme) for line in _lines(block)]


def notes(scheme: str) -> str:
    """The rest of a mark scheme, for people."""
    return "\n\n".join(block for block in _blocks(scheme) if not _beginning(block))


def check(cells: Iterable[Cell]) -> None:
    """Refuse an essay whose lines don't add up to its points.

    Raises:
        BuildError: naming the essay's place and both numbers.
    """
    for cell in cells:
        found = lines(part(cell.source, "MARK SCHEME")) if cell.kind == "essay" else []
        total = sum(line.points for line in found)
        is_open = any(line.up_to for line in found)
        if found and (total < cell.points - 1e-9 or (total > cell.points + 1e-9 and not is_open)):
            raise cell.error(
                f"the lines of {cell.id}'s mark scheme add up to {total:g}, and the essay is worth {cell.points:g} points: "
                "correct a line, or begin one that may earn less with `up to`."
            )


def _blocks(scheme: str) -> Iterator[str]:
    """The scheme's lines, each with those that continue it."""
    block: list[str] = []
    for line in [*scheme.splitlines(), ""]:
        if block and (not line.strip() or re.match(r"[-*+]\s", line) or _beginning(line)):
            yield "\n".join(block)
            block = []
        if line.strip():
            block.append(line)


def _beginning(block: str) -> re.Match[str] | None:
    found = _BEGINS.match(ascii_digits(_joined(block)))
    if not found or not (found["whole"] or found["part"]) or not found["words"]:
        return None
    said = (found["word"] and (found["end"] or found["each"])) or (found["bullet"] and not found["word"])
    return found if said else None


def _joined(block: str) -> str:
    return " ".join(block.split())


def _lines(block: str) -> Iterator[Line]:
    begin = _beginning(block)
    if begin is None:
        return
    points = float((begin["whole"] or "0").replace(",", ".").replace("٫", ".")) + _PARTS[begin["part"]]
    words, label, up_to = _joined(block)[begin.start("words") :], begin["label"] or "", bool(begin["up_to"])
    names, _, rest = words.partition(":")
    for name in _BETWEEN.split(names) if begin["each"] else ():
        yield Line(points, f"{label}{name}: {rest.strip()}" if rest else label + name, up_to)
    if not begin["each"]:
        yield Line(points, label + words, up_to)
