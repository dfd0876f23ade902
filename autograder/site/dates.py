"""The term's dates, each in both calendars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from html import escape

from persiantools.jdatetime import JalaliDate
from traitlets import Dict
from traitlets.config import Configurable

from autograder import moments
from autograder.problem import Problem
from autograder.site.course_map import table
from autograder.site.homework import Facts
from autograder.site.prose import Page, Prose, coloured
from autograder.site.words import GREGORIAN_MONTHS, JALALI_MONTHS, WEEKDAYS, WORDS, number

_EXAMPLE = """c.Site.deadlines = {"hw01_autoencoders": "1405-07-30 23:59", "hw02_attention": "2026-11-05 23:59"}
c.Site.days = {"1405-07-04": ("The term begins", "آغاز نیم‌سال")}"""


class Site(Configurable):  # type: ignore[misc]
    """What the site tells beyond the homeworks' own texts, as ``nbgrader_config.py`` sets it."""

    builds_on = Dict(help="The homeworks that one builds on, by its name.").tag(config=True)
    deadlines = Dict(help="Deadlines for a site built where no gradebook knows them, by homework.").tag(config=True)
    days = Dict(help="Other days: what is on them, in English and in Persian, by the day.").tag(config=True)


@dataclass(frozen=True)
class Date:
    """A line of the calendar.

    Attributes:
        moment: in the course's zone.
        whole: it is a day, without an hour.
        what: by language; HTML.
    """

    moment: datetime
    whole: bool
    what: dict[str, str]


def dates(site: Site, known: dict[str, datetime], homeworks: list[Facts], here: tzinfo) -> list[Date]:
    """All dates of the term, in their order.

    Args:
        known: the gradebook's deadlines.

    Raises:
        Problem: a date can't be read, is of no homework, or isn't the gradebook's.
    """
    facts = {each.name: each for each in homeworks}
    due = {name: moment for name, moment in known.items() if name in facts}
    for name, text in site.deadlines.items():
        if name not in facts:
            raise Problem(f"c.Site.deadlines in nbgrader_config.py: there is no homework {name!r}.")
        moment = _read(str(text), here, "deadlines")
        if due.setdefault(name, moment) != moment:
            raise Problem(
                f"c.Site.deadlines in nbgrader_config.py says {text} of {name}, the gradebook "
                f"{due[name].astimezone(here):%Y-%m-%d %H:%M}: correct the one or the other (autograder deadline {name})."
            )
    lines = [Date(moment.astimezone(here), False, _due(facts[name])) for name, moment in due.items()]
    return sorted([*lines, *_days(site, here)], key=lambda line: line.moment)


def _due(homework: Facts) -> dict[str, str]:
    return {
        lang: said["due"].format(f'<a href="{homework.name}.html">{escape(homework.short(lang))}</a>')
        for lang, said in WORDS.items()
    }


def _days(site: Site, here: tzinfo) -> list[Date]:
    found = []
    for text, what in site.days.items():
        if not isinstance(what, list | tuple) or len(what) != 2:
            raise Problem(f"c.Site.days in nbgrader_config.py: {text} needs two texts, an English and a Persian one.")
        moment = _read(str(text), here, "days").astimezone(here)
        found.append(Date(moment, ":" not in str(text), dict(zip(WORDS, map(escape, map(str, what))))))
    return found


def _read(text: str, here: tzinfo, where: str) -> datetime:
    try:
        return moments.read(text, here, whole_day=True)
    except ValueError as error:
        raise Problem(f"c.Site.{where} in nbgrader_config.py: {error}.") from None


def page(lines: list[Date], here: tzinfo, lang: str) -> Page:
    """The calendar in a language; without dates it says how to give them."""
    said, prose = WORDS[lang], Prose(lambda address: address)
    made = [prose.heading(1, said["dates"])]
    if lines:
        order = ("jalali", "gregorian") if lang == "fa" else ("gregorian", "jalali")
        heads = [said[each] for each in ("day", *order, "hour", "what")]
        made.append(table(heads, [_row(line, order, lang) for line in lines]))
        zone = f'<span dir="ltr">{"UTC" if here is UTC else here}</span>'
        students = f'<a href="students.html">{said["students"]}</a>'
        made.append(f"<p>{said['zone'].format(zone).format(students=students)}</p>")
    else:
        made += [f"<p>{said['no dates']}</p>", coloured(_EXAMPLE)]
    return Page("calendar", said["dates"], "\n".join(made), prose.headings)


def _row(line: Date, order: tuple[str, str], lang: str) -> list[str]:
    day, jalali = line.moment.date(), JalaliDate(line.moment.date())
    said = {
        "gregorian": f"{number(day.day, lang)} {GREGORIAN_MONTHS[lang][day.month - 1]} {number(day.year, lang)}",
        "jalali": f"{number(jalali.day, lang)} {JALALI_MONTHS[lang][jalali.month - 1]} {number(jalali.year, lang)}",
    }
    hour = "—" if line.whole else number(f"{line.moment:%H:%M}", lang)
    return [WEEKDAYS[lang][day.weekday()], *(said[each] for each in order), hour, line.what[lang]]
