"""``autograder report`` without a homework: the term on one page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

from autograder.cleaned import cleaned
from autograder.reporting import pages, statistics
from autograder.reporting.classroom import Classroom
from autograder.reporting.pages import BLUE, ORANGE, svg
from autograder.reporting.term import EXCUSED, MISSED, Rules, Standing
from autograder.reporting.words import WORDS


def page(rooms: list[Classroom], found: list[Standing], rules: Rules, anonymous: bool, lang: str, now: datetime) -> str:
    """The page; without anybody's name, number or points when it is anonymous."""
    totals = [one.total for one in found if one.total is not None]
    enough = len(totals) >= statistics.ENOUGH
    told = enough or not anonymous
    behind = sorted((one for one in found if one.behind), key=lambda one: (-len(one.behind), one.total or 0.0))
    return pages.render(
        "term.html.jinja",
        lang,
        now,
        anonymous=anonymous,
        people=[] if anonymous else [_person(one) for one in found],
        behind=[] if anonymous else [_person(one) for one in behind],
        students=len(found),
        homeworks=[_homework(room, found, rules, place) for place, room in enumerate(rooms)],
        totals=len(totals),
        quartiles=statistics.quartiles(totals) if enough else None,
        passing=sum(one.passed is True for one in found) if rules.pass_mark and told else None,
        pass_mark=rules.pass_mark,
        picture=_spread(rooms, found, totals, rules, WORDS[lang]) if totals and told else "",
    )


def _person(one: Standing) -> dict[str, Any]:
    about = {name: getattr(one, name) for name in ("marks", "total", "by_hand", "passed", "days_left", "behind")}
    return about | {
        "student": cleaned(one.student, 60),
        "name": cleaned(f"{one.first_name} {one.last_name}", 60),
    }


def _homework(room: Classroom, found: list[Standing], rules: Rules, place: int) -> dict[str, Any]:
    """One homework over the class; shares of its points are told of twenty and more who handed it in."""
    states = [one.marks[place].state for one in found]
    scores = [row.score for row in room.rows if not row.waiting and not row.open]
    return {
        "name": room.homework,
        "points": room.points,
        "weight": rules.weights.get(room.homework, 1.0),
        "handed": len(room.rows),
        "missed": states.count(MISSED),
        "excused": states.count(EXCUSED),
        "waiting": sum(bool(row.waiting or row.open) for row in room.rows),
        "quartiles": statistics.quartiles(scores) if len(scores) >= statistics.ENOUGH else None,
    }


def _spread(
    rooms: list[Classroom], found: list[Standing], totals: list[float], rules: Rules, words: dict[str, str]
) -> str:
    """The totals, and each homework's shares from the lowest to the highest quarter."""
    handed = [[one.marks[p].share * 100 for one in found if one.marks[p].score is not None] for p in range(len(rooms))]

    def draw(figure: Any) -> None:
        left, right = figure.subplots(1, 2)
        left.hist(totals, bins=np.linspace(0, max(100, *totals), 11), color=BLUE, edgecolor="white")
        if rules.pass_mark:
            left.axvline(rules.pass_mark, color=ORANGE, linestyle="--")
        left.set(title=words["total"], xlabel=words["of 100"])
        left.yaxis.get_major_locator().set_params(integer=True)
        right.boxplot([one or [0.0] for one in handed], whis=(5, 95), showfliers=False, medianprops={"color": ORANGE})
        right.set_xticks(range(1, len(rooms) + 1), [room.homework.partition("_")[0] for room in rooms])
        right.set(title=words["homeworks"], ylabel=words["of 100"], ylim=(0, 105))

    return svg(draw, (9.0, 2.8), words["spread"])
