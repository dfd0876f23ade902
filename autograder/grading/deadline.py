"""``autograder deadline``: the gradebook's time by which a homework is to be handed in."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from sqlalchemy.exc import SQLAlchemyError

from autograder import moments
from autograder.grading.late import LateDays, implausible
from autograder.problem import Problem


def deadline(course: Path, homework: str, text: str | None, now: datetime | None = None) -> list[str]:
    """Set a deadline where a text is given, and give the lines that tell it.

    Raises:
        Problem: the text is no time that can be meant, or the gradebook can't be used.
    """
    nbgrader = NbGrader()
    with contextlib.chdir(course):
        nbgrader.initialize([], root=str(course.resolve()))
    here, url = LateDays(config=nbgrader.config).here(), nbgrader.coursedir.db_url
    try:
        due = None if text is None else moments.read(text, here, whole_day=True)
    except ValueError as error:
        raise Problem(f"{error}.") from None
    try:
        with Gradebook(url) as gradebook:
            known = _known(gradebook)
            if due is not None:
                _refuse_implausible(due, [time for name, time in known.items() if name != homework], now)
                gradebook.update_or_create_assignment(homework, duedate=due.replace(tzinfo=None))
    except SQLAlchemyError as error:
        raise _unusable(url, error) from error
    due = due or known.get(homework)
    if due is None:
        return [f'{homework} has no deadline, so nothing is late. Set one: autograder deadline {homework} "…"']
    zones = [due] + ([due.astimezone(here)] if here and here is not UTC else [])
    return [
        f"{homework} is due",
        *(f"  {time:%A %Y-%m-%d %H:%M:%S} · {moments.jalali(time)} · {time.tzname()}" for time in zones),
    ]


def deadlines(url: str) -> dict[str, datetime]:
    """The deadlines that a gradebook knows, by homework; none where there is no gradebook.

    Raises:
        Problem: it can't be used.
    """
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return {}
    try:
        with Gradebook(url) as gradebook:
            return _known(gradebook)
    except SQLAlchemyError as error:
        raise _unusable(url, error) from error


def _known(gradebook: Gradebook) -> dict[str, datetime]:
    return {a.name: a.duedate.replace(tzinfo=UTC) for a in gradebook.assignments if a.duedate}


def _unusable(url: str, error: SQLAlchemyError) -> Problem:
    words = str(getattr(error, "orig", error)).splitlines()[0]
    return Problem(f"the gradebook {url} can't be used ({words}).")


def _refuse_implausible(due: datetime, others: list[datetime], now: datetime | None) -> None:
    if why := implausible(due, others, now or datetime.now(UTC)):
        raise Problem(f"that can't be meant: {why}.")
