"""A class as tables for a terminal: a line a student, whatever there is to say."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table

from autograder.cleaned import cleaned
from autograder.reporting.classroom import Classroom, Row
from autograder.reporting.summary import SummaryRow
from autograder.reporting.term import AWAITED, EXCUSED, MISSED, Mark, Standing

WIDTH = 80  # that everything fits into
_COLUMN = 5  # of a homework among many
_NUMBER, _NAME, _LONG_NAME = 21, 16, 20  # at most of a student's
_SIGNS = "… not final, – not handed in, e excused, . not due yet, ~ doesn't count, ! set by hand"


def one_homework(rows: Sequence[SummaryRow], width: int = WIDTH) -> RenderableType:
    """A homework's class: a line a submission, with as much of the reasons as fits."""
    table, left = _students([(row.student, row.name) for row in rows], _LONG_NAME, width)
    table.add_column("score", justify="right", width=6)
    table.add_column("waits", justify="right", width=5)
    table.add_column("why", no_wrap=True, overflow="ellipsis", width=max(left - 13, 3))
    for row in rows:
        why = "; ".join(cleaned(reason, 200) for reason in row.reasons)
        table.add_row(*_who(row.student, row.name), f"{row.score:.2f}", f"{row.waiting or ''}", escape(why))
    scores = [row.score for row in rows]
    waiting = [row.waiting for row in rows if row.waiting]
    lines = [f"{len(rows)} submissions, median {np.median(scores):.2f} of {rows[0].points:g} points."]
    lines += [f"{len(waiting)} of them wait for a person, with {sum(waiting)} answers."] if waiting else []
    return Group(table, *lines)


def all_homeworks(rooms: list[Classroom], order: str, width: int = WIDTH) -> RenderableType:
    """The course so far: a line a student, a column a homework, the points together and what waits."""
    by_student: dict[str, list[tuple[str, Row]]] = {}
    for room in rooms:
        for row in room.rows:
            by_student.setdefault(row.student, []).append((room.homework, row))
    ordered = sorted(by_student.items(), key=lambda item: _key(order, item[0], [row for _, row in item[1]]))
    who = [(student, _name(own[-1][1])) for student, own in ordered]
    table, left = _students(who, _NAME, width)
    shown = _columns(table, rooms, left - 13)
    table.add_column("points", justify="right", width=6)
    table.add_column("waits", justify="right", width=5)
    for one, (_, own) in zip(who, ordered):
        rows = dict(own)
        cells = [_points(rows.get(room.homework)) for room in shown]
        waits = sum(len(row.waiting) + len(row.open) for row in rows.values())
        total = f"{sum(row.score for row in rows.values()):.1f}"
        table.add_row(*_who(*one), *cells, total, f"{waits or ''}")
    points = sum(room.points for room in rooms)
    lines = [f"{len(ordered)} students, {len(rooms)} homeworks of {points:g} points. … is not final."]
    waiting = [(_short(r.homework, rooms), sum(bool(row.waiting or row.open) for row in r.rows)) for r in rooms]
    said = ", ".join(f"{count} of {name}" for name, count in waiting if count)
    lines += [f"Submissions that wait: {said}."] if said else []
    return Group(table, *_left_out(rooms, shown), *lines)


def term(found: list[Standing], rooms: list[Classroom], pass_mark: float, width: int = WIDTH) -> RenderableType:
    """The course's totals: a line a student, a column a homework."""
    who = [(one.student, f"{one.first_name} {one.last_name}".strip()) for one in found]
    table, left = _students(who, _NAME, width)
    shown = _columns(table, rooms, left - 14)
    for head, wide in (("total", 6), ("", 1), ("free", 4)):
        table.add_column(head, justify="right", width=wide)
    for names, one in zip(who, found):
        marks = {mark.homework: _mark(mark) for mark in one.marks}
        total = "" if one.total is None else f"{one.total:.1f}" + "!" * one.by_hand
        passed = {True: "✓", False: "✗", None: ""}[one.passed]
        table.add_row(*_who(*names), *(marks[room.homework] for room in shown), total, passed, f"{one.days_left}")
    totals = [one.total for one in found if one.total is not None]
    said = f"{len(found)} students" + (f", median {np.median(totals):.1f} of 100" if totals else "")
    if pass_mark:
        said += f"; {sum(one.passed is True for one in found)} have {pass_mark:g} or more"
    return Group(table, *_left_out(rooms, shown), f"{said}. {_SIGNS}.")


def plain(shown: RenderableType) -> str:
    """What a terminal of the usual width shows, as text for a file."""
    text = io.StringIO()
    Console(width=WIDTH, file=text, color_system=None).print(shown, highlight=False)
    return text.getvalue()


def _students(who: list[tuple[str, str]], longest: int, width: int) -> tuple[Table, int]:
    """A table that begins with everybody's number and name, and how much is left of a line's width."""
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold")
    numbers = max(7, min(_NUMBER, max((cell_len(number) for number, _ in who), default=0)))
    names = max(4, min(longest, max((cell_len(name) for _, name in who), default=0)))
    table.add_column("student", no_wrap=True, overflow="ellipsis", width=numbers)
    table.add_column("name", no_wrap=True, overflow="ellipsis", width=names)
    return table, width - numbers - names - 2


def _columns(table: Table, rooms: list[Classroom], left: int) -> list[Classroom]:
    """Give the newest homeworks a column each, as many as fit."""
    shown = rooms[-max(1, left // _COLUMN) :]
    for room in shown:
        table.add_column(_short(room.homework, rooms), justify="right", no_wrap=True, width=_COLUMN - 1)
    return shown


def _name(row: Row) -> str:
    return f"{row.first_name} {row.last_name}".strip()


def _who(student: str, name: str) -> tuple[str, str]:
    return escape(cleaned(student, 60)), escape(cleaned(name, 60))


def _short(homework: str, rooms: list[Classroom]) -> str:
    """A homework's name for a narrow column: hw02 of hw02_attention, and its place where that is several's."""
    names = [room.homework.partition("_")[0][: _COLUMN - 1] for room in rooms]
    place = [room.homework for room in rooms].index(homework)
    return names[place] if names.count(names[place]) == 1 else f"#{place + 1}"


def _left_out(rooms: list[Classroom], shown: list[Classroom]) -> list[str]:
    left = len(rooms) - len(shown)
    return [f"{left} earlier homeworks don't fit; --format csv has them all."] if left else []


def _points(row: Row | None) -> str:
    return "" if row is None else f"{row.score:.0f}" + "…" * bool(row.waiting or row.open)


def _mark(mark: Mark) -> str:
    sign = {MISSED: "–", EXCUSED: "e", AWAITED: "."}.get(mark.state)
    return sign or f"{mark.score:.0f}" + "…" * mark.waits + "~" * (not mark.counts) + "!" * mark.by_hand


def _key(order: str, student: str, rows: list[Row]) -> tuple[object, ...]:
    """Where a student stands in an order of ``summary.ORDERS``, over all homeworks."""
    last = rows[-1]
    return {
        "student": (),
        "name": (last.last_name, last.first_name),
        "score": (-sum(row.score for row in rows),),
        "waiting": (-sum(len(row.waiting) for row in rows),),
    }[order] + (student,)
