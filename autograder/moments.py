"""Times as people of a course write them, in the Gregorian and the Jalali calendar, and nothing guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from persiantools.jdatetime import JalaliDate

from autograder.cleaned import cleaned
from autograder.tables import ascii_digits

JALALI_YEARS = range(1300, 1500)
GREGORIAN_YEARS = range(1970, 2200)
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\u061c\ufeff]")
_MOMENT = re.compile(
    r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})"
    r"(?:(?:[T ]|, | - )\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"\s*(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|[A-Za-z]+(?:/[A-Za-z_+-]+)+)?)?",
    re.IGNORECASE,
)


def zone(name: str) -> tzinfo:
    """A zone by its name in the IANA database, such as Asia/Tehran.

    Raises:
        ValueError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no zone {cleaned(name)!r}; write one such as Asia/Tehran, or UTC") from None


def read(text: str, here: tzinfo | None = None, *, whole_day: bool = False) -> datetime:
    """A moment, in UTC: ``2026-11-20 18:00 +03:30``, ``1405/08/29 18:00 Asia/Tehran``, ``۱۴۰۵/۸/۲۹ ۱۸:۰۰``.

    Args:
        here: the zone of a text that names none.
        whole_day: a day without an hour stands for its end.

    Raises:
        ValueError: the text can be understood in two ways, or in none; the message says what to write.
    """
    plain = " ".join(ascii_digits(_UNSEEN.sub("", text)).replace("−", "-").split())
    match = _MOMENT.fullmatch(plain)
    if match is None:
        raise ValueError(_not_understood(plain))
    day = _day(int(match["year"]), int(match["month"]), int(match["day"]))
    if match["hour"] is None:
        if not whole_day:
            raise ValueError(f"{plain!r} has no hour: write one, such as {plain} 23:59")
        return _in_utc(day + timedelta(days=1) - timedelta(seconds=1), None, here, plain)
    try:
        time = day.replace(hour=int(match["hour"]), minute=int(match["minute"]), second=int(match["second"] or 0))
    except ValueError:
        raise ValueError(f"{plain!r}: a day has the hours 0:00 to 23:59") from None
    return _in_utc(time, match["zone"], here, plain)


def jalali(moment: datetime) -> str:
    """A moment's day and hour in the Jalali calendar, in its own zone."""
    return f"{JalaliDate(moment.date()).isoformat()} {moment:%H:%M:%S}"


def _day(year: int, month: int, day: int) -> datetime:
    try:
        if year in JALALI_YEARS:
            gregorian = JalaliDate(year, month, day).to_gregorian()
            return datetime(gregorian.year, gregorian.month, gregorian.day)
        if year in GREGORIAN_YEARS:
            return datetime(year, month, day)
    except ValueError:
        raise ValueError(f"there is no day {year:04}-{month:02}-{day:02}") from None
    raise ValueError(f"the year {year} is neither a Gregorian nor a Jalali one of our time")


def _in_utc(time: datetime, name: str | None, here: tzinfo | None, plain: str) -> datetime:
    where = _named(name) if name else here
    if where is None:
        raise ValueError(
            f"{plain!r} names no zone: add an offset such as +03:30, or set c.LateDays.zone in nbgrader_config.py"
        )
    there = time.replace(tzinfo=where)
    if there.astimezone(UTC).astimezone(where).replace(tzinfo=None) != time:
        raise ValueError(f"{plain!r}: no clock showed this; it was put forward then")
    if there.utcoffset() != there.replace(fold=1).utcoffset():
        raise ValueError(f"{plain!r}: clocks showed this twice; add an offset such as +03:30")
    return there.astimezone(UTC)


def _named(name: str) -> tzinfo:
    offset = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)", name, re.IGNORECASE)
    if offset is None:
        return UTC if name.upper() in ("Z", "UTC", "GMT") else zone(name)
    ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    if ahead > timedelta(hours=14) or int(offset[3]) > 59:
        raise ValueError(f"no place on earth is {name} from UTC")
    return datetime.strptime(f"{offset[1]}{offset[2]}{offset[3]}", "%z").tzinfo or UTC


def _not_understood(plain: str) -> str:
    if re.search(r"\d\s*(?!UTC|GMT|Z$)[A-Z]{2,5}$", plain, re.IGNORECASE):
        return f"{cleaned(plain)!r}: such short names of zones mean several; write an offset such as +03:30"
    return (
        f"{cleaned(plain)!r} can't be read as a time: write year, month, day and hour, "
        "such as 2026-11-20 18:00 +03:30 or 1405-08-29 18:00 +03:30"
    )
