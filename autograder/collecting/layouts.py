"""Whose an upload is, by the names that a platform, the course or a person gave to files and folders."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autograder.cleaned import cleaned
from autograder.collecting.names import folded, plain, without_habits
from autograder.collecting.roster import ID, Roster, Student

_OWN = re.compile(r"DL[\s_-]*H\.?W[\s_-]*0*(?P<number>\d{1,3})[\s_-]+(?P<rest>.+)", re.IGNORECASE)
_MOODLE = re.compile(
    r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<rest>.*))?", re.IGNORECASE
)
_CANVAS = re.compile(r"(?P<name>[^\W_][^_]*)_(?:LATE_)?(?P<user>\d+)_(?P<file>\d+)_(?P<rest>.+\.\w+)", re.IGNORECASE)
_HOMEWORK = re.compile(
    r"(?:DL[\s_-]*)?(?:h\.?w|homework|assignment|تمرین)[\s_-]*0*(\d{1,2})(?!\d)[\s_-]*", re.IGNORECASE
)


class Refused(Exception):
    """What can't be collected; the message says why."""


@dataclass(frozen=True)
class Owner:
    """Whose an upload is.

    Attributes:
        student: the student's id.
        who: the name that stood beside the id; empty where the roster knows better.
        key: what the names of all files of one upload begin with.
    """

    student: str
    who: str = ""
    key: str = ""


def owner(name: str, homework: str, roster: Roster) -> Owner | None:
    """Whose a file or folder called so is; None when the name tells of nobody.

    Raises:
        Refused: it tells of somebody, but not of whom exactly, or of another homework.
    """
    name = plain(name)
    if match := _MOODLE.fullmatch(name):
        student = _of_moodle(match["name"], match["number"], roster)
        return Owner(student.id, key=f"{match['name']}_{match['number']}_")
    if match := _OWN.fullmatch(without_habits(name)):
        _same_homework(int(match["number"]), homework)
        return _of_own(match["rest"], roster)
    if roster and (match := _CANVAS.fullmatch(name)):
        return Owner(_of_canvas(match["name"], match["user"], roster).id, key=name)
    return _of_anything(name, homework, roster)


def _same_homework(number: int, homework: str) -> None:
    expected = re.match(r"hw0*(\d+)", homework)
    if expected and number != int(expected[1]):
        raise Refused(f"homework {number} among the uploads of {homework}: move it")


def _of_moodle(name: str, number: str, roster: Roster) -> Student:
    called = roster.of_name(name)
    if len(called) == 1:
        return called[0]
    by_number = roster.of_platform(number) or roster.of_id(number)
    if by_number and (by_number in called or folded(name) in ("participant", folded("شرکت‌کننده"))):
        return by_number
    raise Refused(_unknown(name, called, roster))


def _of_canvas(name: str, user: str, roster: Roster) -> Student:
    called, by_user = roster.of_name(name), roster.of_platform(user)
    if by_user and called and by_user not in called:
        raise Refused(
            f"user {user} is {by_user.shown}, but the name is that of {called[0].shown}: find out whose it is"
        )
    if by_user:
        return by_user
    if len(called) == 1:
        return called[0]
    raise Refused(_unknown(f"{name}, user {user},", called, roster))


def _of_own(rest: str, roster: Roster) -> Owner:
    words = [word for word in re.split(r"[\s_]+", rest) if word]
    if roster:
        return Owner(_on_roster(words, rest, roster).id)
    dashed = re.fullmatch(r"(?P<who>.+)-(?P<id>[A-Za-z]?\d{4,})", words[-1] if words else "")
    *who, student = [*words[:-1], dashed["who"], dashed["id"]] if dashed and len(words) == 1 else words or [""]
    if not ID.fullmatch(student) or not any(c.isdigit() for c in student):
        raise Refused(
            "no student number in the name, and no students.csv to find one in: rename it, or write students.csv"
        )
    return Owner(student, " ".join(who))


def _on_roster(words: list[str], rest: str, roster: Roster) -> Student:
    """The student of the course's own name: the number counts, unless the name is somebody else's."""
    for place in reversed(range(len(words))):
        for word in dict.fromkeys([words[place], *reversed(words[place].split("-"))]):
            student = roster.of_id(word)
            if student:
                others = [s for s in roster.of_name(" ".join(words[:place])) if s != student]
                if others and student not in roster.of_name(" ".join(words[:place])):
                    raise Refused(
                        f"the number is that of {student.shown}, the name that of {others[0].shown}: ask who it is"
                    )
                return student
    numbers = [word for word in words if any(c.isdigit() for c in word)]
    if numbers:
        raise Refused(f"{cleaned(numbers[-1], 40)} is not on the roster{roster.nearest(numbers[-1])}")
    called = roster.of_name(rest)
    if len(called) == 1:
        return called[0]
    raise Refused(_unknown(rest, called, roster))


def _of_anything(name: str, homework: str, roster: Roster) -> Owner | None:
    """A folder or a file named after a student by hand, by number, name, or the name before an address's @."""
    bare = without_habits(name)
    if match := _HOMEWORK.match(bare):
        bare = bare[match.end() :] or bare
    bare = re.sub(rf"^{re.escape(homework.partition('_')[2])}(?=[\W_]|$)[\W_]*", "", bare, flags=re.IGNORECASE) or bare
    if not roster:
        is_id = ID.fullmatch(bare) and sum(c.isdigit() for c in bare) >= 4
        return Owner(bare) if is_id else None
    words = [bare, name, *re.split(r"[\s_(),;]+", bare), *re.split(r"[\s_(),;-]+", bare)]
    ids = {student for word in words if word and (student := roster.of_id(word))}
    if len(ids) == 1:
        return Owner(ids.pop().id)
    found = roster.of_name(bare) or roster.of_name(re.sub(r"[\d()]+", "", bare))
    found = found or [student for student in (roster.of_platform(bare) or roster.of_email(bare),) if student]
    if len(found) > 1:
        raise Refused(_unknown(bare, found, roster))
    return Owner(found[0].id) if found else None


def _unknown(name: str, called: list[Student], roster: Roster) -> str:
    if called:
        return f"{len(called)} students are called so ({', '.join(s.shown for s in called)}): find out whose it is"
    if not roster:
        return "a name and no student number, and no students.csv to find one in: write students.csv"
    return f"{cleaned(name, 60)} is not on the roster{roster.nearest(name)}"
