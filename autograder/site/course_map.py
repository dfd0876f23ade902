"""The first page: the homeworks in their order, what builds on what, how long each takes and what it is worth."""

from __future__ import annotations

from html import escape

from autograder.building.picture import Picture
from autograder.problem import Problem
from autograder.site.homework import Facts
from autograder.site.prose import Page, Prose
from autograder.site.words import WORDS, number, points

_WIDTH, _LEFT, _HEIGHT, _ROW = 440, 110, 46, 62  # of the picture, its arrows' side, a box, a box and the gap below it

BuildsOn = dict[str, list[str]]


def verify(builds_on: BuildsOn, homeworks: list[str]) -> None:
    """Refuse a homework that isn't there, or that builds on a later one.

    Raises:
        Problem: it is so.
    """
    for name, bases in builds_on.items():
        for each in (name, *bases):
            if each not in homeworks:
                raise Problem(f"c.Site.builds_on in nbgrader_config.py: there is no homework {each!r}.")
        for base in bases:
            if homeworks.index(base) >= homeworks.index(name):
                raise Problem(
                    f"c.Site.builds_on in nbgrader_config.py: {name} comes before {base} and can't build on it."
                )


def page(known: list[Facts], builds_on: BuildsOn, lang: str) -> Page:
    """The map in a language."""
    said, prose = WORDS[lang], Prose(lambda address: address)
    students = f'<a href="students.html">{said["students"]}</a>'
    made = [
        prose.heading(1, said["site"]),
        f"<p>{said['lead'].format(students=students)}</p>",
        prose.picture(escape(said["picture"]), _drawn(known, builds_on, lang).encode()),
        _table(known, builds_on, lang),
    ]
    return Page("index", said["map"], "\n".join(made), prose.headings, prose.pictures)


def _drawn(known: list[Facts], builds_on: BuildsOn, lang: str) -> str:
    """The homeworks one below another, and an arc beside them from each to what builds on it."""
    picture = Picture(_WIDTH, len(known) * _ROW + 14, lang)

    def x(place: float) -> float:
        return _WIDTH - place if lang == "fa" else place

    rows = {each.name: row for row, each in enumerate(known)}
    for name, bases in builds_on.items():
        for place, base in enumerate(sorted(bases, key=lambda each: -rows[each])):
            start, end = 14 + rows[base] * _ROW + _HEIGHT - 12, 14 + rows[name] * _ROW + 12 + 10 * place
            bow = 16 + 28 * (rows[name] - rows[base])
            picture.arrow((x(_LEFT), start), (x(_LEFT - bow), (start + end) / 2), (x(_LEFT), end), curved=True)
    for each in known:
        top, width = 14 + rows[each.name] * _ROW, _WIDTH - _LEFT - 14
        picture.box(min(x(_LEFT), x(_LEFT + width)), top, width, _HEIGHT, kind="data")
        picture.text(x(_LEFT + width / 2), top + 15, each.short(lang), 14, bold=True)
        picture.text(x(_LEFT + width / 2), top + 33, _size(each, lang), 12, quiet=True)
    return picture.svg()


def _size(each: Facts, lang: str) -> str:
    hours = f"{number(each.hours, lang)} {WORDS[lang]['hours']} · " if each.hours else ""
    return hours + points(each.points, lang)


def _table(known: list[Facts], builds_on: BuildsOn, lang: str) -> str:
    said = WORDS[lang]
    heads = [said[each] for each in ("homework", "builds on", "hours", "points", "checks", "essays")]
    numbers = {each.name: number(each.number, lang) for each in known}
    rows = []
    for each in known:
        bases = [f'<a href="{base}.html">{numbers[base]}</a>' for base in builds_on.get(each.name, [])]
        rows.append(
            [
                f'<a href="{each.name}.html">{escape(each.long(lang))}</a>',
                ("، " if lang == "fa" else ", ").join(bases) or "—",
                number(each.hours, lang) if each.hours else "—",
                *(number(value, lang) for value in (each.points, each.functions, each.essays)),
            ]
        )
    sums = [sum(getattr(each, name) or 0 for each in known) for name in ("hours", "points", "functions", "essays")]
    return table(heads, [*rows, [f"<b>{said['sum']}</b>", "", *(number(value, lang) for value in sums)]])


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A table that becomes a list on a phone; its cells are HTML."""
    head = "".join(f"<th>{each}</th>" for each in heads)
    body = "".join(
        "<tr>"
        + "".join(f'<td data-label="{label}"><div>{cell}</div></td>' for label, cell in zip(heads, row))
        + "</tr>\n"
        for row in rows
    )
    return f'<table class="cards"><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>'
