"""``progress()``: the whole homework at a glance; and one quiet line under each cell with checks."""

from __future__ import annotations

import contextlib
from html import escape
from typing import Any

from autograder.checks import session
from autograder.checks.check import public_references
from autograder.checks.messages import direction
from autograder.checks.references import Guide, References
from autograder.desk import cells, file
from autograder.desk.show import display, readable
from autograder.desk.stand_in import standing_in
from autograder.desk.standing import Task, by_solution, tasks
from autograder.desk.trouble import advice, unwritten
from autograder.desk.words import number, say

_COLOURS = {"right": "#15803d", "wrong": "#c2410c", "form": "#6b7280", "open": "#6b7280"}


def progress() -> None:
    """Show what is done of this homework: every task with its points so far, and which essays are written.

    Points are those of the public inputs. Essays are looked up in the notebook's file, so save it first.
    """
    homework = session.current.named_homework()
    if session.current.sink is not None:
        return  # nobody looks while it is graded
    references = public_references(homework)
    language = references.guide.language
    found = tasks(references, session.current.earned)
    notebook = _notebook(homework)
    essays = [(name, _essay(notebook, name), points) for name, points in references.guide.essays.items()]
    lines = [_line(references, found, notebook), say(language, "public")]
    if hours := _hours_left(references.guide, found, essays):
        lines.append(say(language, "left", hours=hours))
    if notebook is not None and (count := file.unsaved(notebook)):
        lines.append(say(language, "unsaved", count=count))
    lent = standing_in()
    rows = [
        (task.solution, "stand-in" if task.solution in lent else task.state, number(task.earned), number(task.points))
        for task in by_solution(found)
    ]
    rows += [(name, state, "", number(points)) for name, state, points in essays]
    display(_text(language, rows, lines), _html(language, rows, lines))


def after_cell(result: Any) -> None:
    """Under a cell: advice on its error, and after checks, how far one is."""
    checked, session.current.checked = session.current.checked, ""
    if session.current.sink is not None or session.current.homework is None:
        return
    with contextlib.suppress(session.NotReady):  # the check has said so
        references = public_references(session.current.homework)
        error = result.error_in_exec
        told = error is None or _in_a_line(error)
        if not told and (text := advice(error, references, cells.names(), cells.given())):
            _show_line(text, references.guide.language)
        if checked and references.guide.points:
            _show_line(_standing(references, checked), references.guide.language)


def _show_line(text: str, language: str) -> None:
    said = readable(text, language)
    style = "opacity:.75;font-size:90%;text-align:start"
    display(text, f'<div {direction(language)} style="{style}">{escape(said)}</div>', in_jupyter_only=True)


def _standing(references: References, checked: str) -> str:
    """How far one is, and after a check that failed, that there is a hint."""
    found = tasks(references, session.current.earned)
    text = _line(references, found, _notebook(references.homework))
    last = references.named(checked)
    task = next((task for task in found if last is not None and task.cell == last.cell), None)
    if task is not None and task.state == "wrong" and task.solution in references.guide.hints:
        text += " · " + say(references.guide.language, "hint", name=task.solution)
    return text


def _line(references: References, found: list[Task], notebook: file.Notebook | None) -> str:
    guide = references.guide
    text = say(
        guide.language,
        "line",
        right=sum(task.state == "right" for task in found),
        checks=len(found),
        earned=number(sum(task.earned for task in found)),
        points=number(sum(task.points for task in found)),
    )
    if notebook is not None and guide.essays:
        empty = sum(not notebook.is_written(name) for name in guide.essays)
        text += say(guide.language, "essays", empty=empty, essays=len(guide.essays))
    return text


def _notebook(homework: str) -> file.Notebook | None:
    path = file.find(homework)
    return file.read(path) if path else None


def _essay(notebook: file.Notebook | None, name: str) -> str:
    if notebook is None:
        return "unknown"
    return "written" if notebook.is_written(name) else "empty"


def _hours_left(guide: Guide, found: list[Task], essays: list[tuple[str, str, float]]) -> str:
    """How long the rest takes, to the half hour; "" where the homework doesn't say how long anything takes."""
    undone = [task.cell for task in found if task.state not in ("right", "form")]
    undone += [name for name, state, _ in essays if state != "written"]
    left = sum(guide.minutes.get(name, 0.0) for name in undone)
    return number(max(round(left / 30) / 2, 0.5)) if left else ""


def _text(language: str, rows: list[tuple[str, str, str, str]], lines: list[str]) -> str:
    width = max((len(name) for name, *_ in rows), default=0)
    table = [
        f"{name:<{width}}  {f'{earned} / {points}' if earned else points:>9}  {say(language, state)}"
        for name, state, earned, points in rows
    ]
    return "\n".join([*table, "", *lines])


def _html(language: str, rows: list[tuple[str, str, str, str]], lines: list[str]) -> str:
    cell = "padding:2px 12px;text-align:start"
    head = "".join(f'<th style="{cell}">{say(language, key)}</th>' for key in ("task", "state", "points"))
    body = "".join(
        f'<tr><td style="{cell}"><code dir="ltr">{escape(name)}</code></td>'
        f'<td style="{cell};color:{_COLOURS.get(state, "inherit")}">{escape(say(language, state))}</td>'
        f'<td style="{cell}">{_amount(language, earned, points)}</td></tr>'
        for name, state, earned, points in rows
    )
    below = "".join(f'<div style="margin-top:4px">{escape(readable(text, language))}</div>' for text in lines)
    return (
        f'<div class="autograder-progress" {direction(language)} style="max-width:62em;text-align:start">'
        f'<div style="font-weight:600">{say(language, "progress")}</div>'
        f'<table style="border-collapse:collapse;margin:6px 0"><tr>{head}</tr>{body}</table>{below}</div>'
    )


def _amount(language: str, earned: str, points: str) -> str:
    earned, points = (say(language, "number", value=part) if part else "" for part in (earned, points))
    return f"{earned} / {points}" if earned else points


def watch() -> None:
    """Show these lines from now on, in a student's notebook."""
    cells.watch(after_cell, _in_a_line)


def _in_a_line(error: BaseException) -> str:
    """What is to be written first, where a stub stopped a cell."""
    if session.current.sink is not None or session.current.homework is None:
        return ""
    with contextlib.suppress(session.NotReady):
        references = public_references(session.current.homework)
        return readable(unwritten(error, references), references.guide.language)
    return ""
