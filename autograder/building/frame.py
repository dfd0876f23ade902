"""The frame of a homework: how hard each task is, how long it takes and what it is worth, as its prose says it.

Under the heading of a task stands a line ``●●○ · 40 min · 9 points``, in Persian ``●●○ · ۴۰ دقیقه · ۹ نمره``. A homework
that has one has one under every heading ``###`` with graded cells below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.building.text import Cell

POINTS_AN_HOUR = (7.0, 10.0)
_HEADING = re.compile(r"^#{2,3} +(.+)$", re.MULTILINE)
_LINE = {
    "en": re.compile(r"^(●{1,3}○{0,2}) · (\d+) min · ([\d.]+) points?$", re.MULTILINE),
    "fa": re.compile(r"^(●{1,3}○{0,2}) · ([۰-۹]+) دقیقه · ([۰-۹٫]+) نمره$", re.MULTILINE),
}
_HOURS = {
    "en": re.compile(r"\*\*Time\.\*\* About ([\d.]+) hours"),
    "fa": re.compile(r"\*\*زمان\.\*\* حدود ([۰-۹٫]+) ساعت"),
}
_LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٫", "0123456789.")


@dataclass
class Task:
    """What stands under one heading."""

    title: str
    cell: Cell
    difficulty: int = 0  # of 3; 0 without a line
    minutes: int = 0
    points: float = 0.0
    worth: float = 0.0  # what its graded cells add up to
    graded: dict[str, float] = field(default_factory=dict)  # the points of each, by its id


def tasks(cells: Iterable[Cell], lang: str) -> list[Task]:
    """The headings of a language that have graded cells below them, in order."""
    found: list[Task] = []
    for cell in cells:
        if cell.kind == "markdown" and cell.lang == lang:
            headings = list(_HEADING.finditer(cell.source))
            for heading, end in zip(headings, [*(h.start() for h in headings[1:]), len(cell.source)]):
                found.append(_task(heading[1], cell, cell.source[heading.end() : end], lang))
        elif cell.kind in ("check", "essay") and found:
            found[-1].worth += cell.points
            found[-1].graded[cell.id] = float(cell.points)
    return [task for task in found if task.worth or task.difficulty]


def minutes(cells: Iterable[Cell]) -> dict[str, float]:
    """The share of each graded cell in its task's minutes, by its points; nothing where tasks have no frame."""
    framed = [task for task in tasks(cells, "en") if task.worth]
    return {
        name: round(task.minutes * points / task.worth, 2)
        for task in framed
        if task.minutes
        for name, points in task.graded.items()
    }


def _task(title: str, cell: Cell, below: str, lang: str) -> Task:
    line = _LINE[lang].search(below)
    if line is None:
        return Task(title, cell)
    return Task(title, cell, line[1].count("●"), int(line[2].translate(_LATIN)), float(line[3].translate(_LATIN)))


def verify(cells: list[Cell]) -> None:
    """Refuse a frame that isn't true.

    Raises:
        BuildError: a task's line is missing or wrong, the languages differ, the hours aren't the sum of the minutes, or an
            hour is worth much more or less than in other homeworks.
    """
    framed = {lang: tasks(cells, lang) for lang in _LINE}
    if not any(task.difficulty for each in framed.values() for task in each):
        return
    for lang, each in framed.items():
        for task in each:
            _verify_line(task, lang)
        _verify_hours(cells, each, lang)
    for en, fa in zip(framed["en"], framed["fa"]):
        if (en.difficulty, en.minutes) != (fa.difficulty, fa.minutes):
            raise fa.cell.error(f"«{fa.title}» is as hard and as long as «{en.title}» in English.")


def _verify_line(task: Task, lang: str) -> None:
    if not task.difficulty:
        example = "●●○ · 40 min · 9 points" if lang == "en" else "●●○ · ۴۰ دقیقه · ۹ نمره"
        raise task.cell.error(f"«{task.title}» needs a line of its own under its heading, such as: {example}")
    if task.points != task.worth:
        raise task.cell.error(f"«{task.title}» says {task.points:g} points; its checks and essays have {task.worth:g}.")


def hours(first: str, lang: str) -> float | None:
    """How many hours a homework's first cell says it takes; None where it doesn't."""
    said = _HOURS[lang].search(first)
    return float(said[1].translate(_LATIN)) if said else None


def _verify_hours(cells: list[Cell], each: list[Task], lang: str) -> None:
    minutes, points = sum(task.minutes for task in each), sum(task.worth for task in each)
    first = next(cell for cell in cells if cell.lang == lang and cell.kind == "markdown")
    said = hours(first.source, lang)
    if said is None or abs(said - minutes / 60) > 0.5:
        raise first.error(
            f"its tasks take {minutes / 60:.1f} hours together; the first cell has to say so, to the half hour."
        )
    least, most = POINTS_AN_HOUR
    if not least <= points / (minutes / 60) <= most:
        raise first.error(
            f"an hour is worth {points / minutes * 60:.1f} points; {least:g} to {most:g} is what others pay."
        )
