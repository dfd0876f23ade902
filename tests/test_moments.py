"""Times as people write them."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import moments

TEHRAN = ZoneInfo("Asia/Tehran")
AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T14:30:00Z",
        "2026-11-20 14:30 UTC",
        "2026-11-20 14:30:00.000 UTC",
        "2026-11-20T18:00:00+03:30",
        "2026-11-20 18:00 +0330",
        "2026-11-20 18:00:00+0330",
        "2026/11/20 18:00 UTC+03:30",
        "2026-11-20 18:00",
        "2026-11-20, 18:00",
        "2026-11-20 09:30 America/New_York",
        "1405-08-29 18:00",
        "1405/8/29 18:00",
        "1405.08.29 18:00 Asia/Tehran",
        "۱۴۰۵/۸/۲۹ ۱۸:۰۰",
        "١٤٠٥/٠٨/٢٩ - ١٨:٠٠",
        "\u200f۱۴۰۵/۰۸/۲۹\u200f  ۱۸:۰۰ \u200e+۰۳:۳۰",
        "1405-08-29T14:30Z",
    ],
)
def test_one_moment(text: str) -> None:
    assert moments.read(text, TEHRAN) == AT


def test_a_zone_that_is_named_counts_and_not_the_courses() -> None:
    assert moments.read("2026-11-20 14:30 UTC", TEHRAN) == AT == moments.read("2026-11-20 14:30", UTC)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("05/11", "can't be read"),
        ("05/11/2026 18:00 UTC", "can't be read"),
        ("26-11-20 18:00 UTC", "can't be read"),
        ("11-20", "can't be read"),
        ("soon", "can't be read"),
        ("", "can't be read"),
        ("20261120", "can't be read"),
        ("2026-11/20 18:00 UTC", "can't be read"),
        ("2026-11-20 6:00 PM", "mean several"),
        ("2026-11-20 18:00 IRST", "mean several"),
        ("2026-11-20 18:00EST", "mean several"),
        ("2026-11-20 18:00 Mars/Olympus", "no zone"),
        ("2026-11-20 18:00", "names no zone"),
        ("2026-11-20", "no hour"),
        ("2026-11-20 24:00 UTC", "0:00 to 23:59"),
        ("2026-11-20 18:60 UTC", "0:00 to 23:59"),
        ("2026-11-31 18:00 UTC", "no day 2026-11-31"),
        ("1404-12-30 18:00 UTC", "no day 1404-12-30"),
        ("1405-13-01 18:00 UTC", "no day"),
        ("0405-08-29 18:00 UTC", "the year 405"),
        ("1605-08-29 18:00 UTC", "the year 1605"),
        ("2569-08-29 18:00 UTC", "the year 2569"),
        ("2026-11-20 18:00 +33:30", "no place on earth"),
        ("2026-11-20 18:00 +03:75", "no place on earth"),
        ("2026-03-29 02:30 Europe/Berlin", "put forward"),
        ("2026-10-25 02:30 Europe/Berlin", "twice"),
        ("2026-11-20 18:00\x1b[31m soon", "can't be read"),
    ],
)
def test_nothing_is_guessed(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        moments.read(text)
    assert "\x1b" not in str(refused.value)


def test_a_leap_day_of_either_calendar() -> None:
    assert moments.read("1403-12-30 00:00 UTC") == datetime(2025, 3, 20, tzinfo=UTC)
    assert moments.read("2028-02-29 00:00 UTC") == datetime(2028, 2, 29, tzinfo=UTC)


def test_a_day_ends_with_its_last_second_where_days_are_meant() -> None:
    assert moments.read("1405-08-29", TEHRAN, whole_day=True) == datetime(2026, 11, 20, 20, 29, 59, tzinfo=UTC)


def test_a_zone_that_does_not_exist() -> None:
    for name in ("Tehran", "", "../etc/passwd", "/etc/passwd", "Asia/\0"):
        with pytest.raises(ValueError, match="there is no zone"):
            moments.zone(name)


@given(st.datetimes(datetime(1971, 1, 2), datetime(2100, 1, 1)), st.integers(-12 * 4, 14 * 4))
def test_what_is_written_in_either_calendar_is_read(time: datetime, quarters: int) -> None:
    moment = time.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    assert moments.read(moment.isoformat()) == moment
    assert moments.read(f"{moments.jalali(moment)} {moment:%z}") == moment


@given(st.text() | st.from_regex(r"[0-9۰-۹/: TZ+.-]{4,30}"))
def test_whatever_it_is_a_time_or_a_sentence(text: str) -> None:
    try:
        assert moments.read(text, TEHRAN).tzinfo is UTC
    except ValueError as error:
        assert len(str(error).splitlines()) == 1
