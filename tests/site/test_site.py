"""What the site's settings and its folder refuse, and what the calendar says."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from traitlets.config import Config

from autograder.grading.deadline import deadline, deadlines
from autograder.problem import Problem
from autograder.site import course_map, dates, site
from autograder.site.homework import Facts
from tests.conftest import HOMEWORK
from tests.site.reading import words

TEHRAN = ZoneInfo("Asia/Tehran")
ONE = Facts("hw01_a", 1, {"en": "First: more", "fa": "نخست: بیشتر"}, 12.5, 100, 8, 2)
TWO = Facts("hw02_b", 2, {"en": "Second", "fa": "دوم"}, None, 100, 8, 2)


def settings(**given: object) -> dates.Site:
    return dates.Site(config=Config({"Site": given}))


def calendar(known: dict[str, datetime] | None = None, **given: object) -> list[dates.Date]:
    return dates.dates(settings(**given), known or {}, [ONE, TWO], TEHRAN)


def test_dates_of_either_calendar_come_in_their_order() -> None:
    lines = calendar(
        deadlines={"hw02_b": "2026-11-05", "hw01_a": "1405-07-30 18:00"},
        days={"1405-07-04": ("Classes & more", "کلاس‌ها")},
    )
    english, persian = (words(dates.page(lines, TEHRAN, lang).html) for lang in ("en", "fa"))
    assert "Saturday26September20264Mehr1405—Classes&more" in english
    assert "Thursday22October202630Mehr140518:001·Firstisdue" in english
    assert "Thursday5November202614Aban140523:592·Secondisdue" in english
    assert "پنجشنبه۱۴آبان۱۴۰۵۵نوامبر۲۰۲۶۲۳:۵۹مهلت۲·دوم" in persian
    assert english.index("September") < english.index("October") < english.index("November")


def test_without_dates_the_calendar_says_how_to_give_them() -> None:
    for lang in ("en", "fa"):
        page = dates.page(calendar(), TEHRAN, lang)
        assert "c.Site.deadlines=" in words(page.html) and "<table" not in page.html


def test_a_deadline_of_the_gradebook_is_shown_and_contradicted_by_nobody() -> None:
    known = {"hw01_a": datetime(2026, 10, 22, 14, 30, tzinfo=UTC), "elsewhere": datetime(2026, 1, 1, tzinfo=UTC)}
    assert [line.moment.hour for line in calendar(known)] == [18]
    assert len(calendar(known, deadlines={"hw01_a": "1405-07-30 18:00"})) == 1
    with pytest.raises(Problem, match="says 1405-07-30 19:00 of hw01_a, the gradebook 2026-10-22 18:00"):
        calendar(known, deadlines={"hw01_a": "1405-07-30 19:00"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"deadlines": {"hw03_c": "2026-11-05"}}, "no homework 'hw03_c'"),
        ({"deadlines": {"hw01_a": "05/11"}}, "c.Site.deadlines in nbgrader_config.py: '05/11' can't be read"),
        ({"days": {"2026-11-05": "a holiday"}}, "2026-11-05 needs two texts"),
        ({"days": {"soon": ("a", "b")}}, "c.Site.days in nbgrader_config.py"),
    ],
)
def test_a_date_that_cant_be_meant_is_refused(given: dict[str, object], told: str) -> None:
    with pytest.raises(Problem, match=told):
        calendar(**given)


@pytest.mark.parametrize(
    ("builds_on", "told"),
    [
        ({"hw02_b": ["hw09_z"]}, "no homework 'hw09_z'"),
        ({"hw09_z": []}, "no homework 'hw09_z'"),
        ({"hw01_a": ["hw02_b"]}, "hw01_a comes before hw02_b"),
        ({"hw01_a": ["hw01_a"]}, "hw01_a comes before hw01_a"),
    ],
)
def test_a_homework_builds_on_earlier_ones_that_are_there(builds_on: dict[str, list[str]], told: str) -> None:
    with pytest.raises(Problem, match=told):
        course_map.verify(builds_on, ["hw01_a", "hw02_b"])


def test_the_map_says_what_builds_on_what_and_adds_up() -> None:
    page = course_map.page([ONE, TWO], {"hw02_b": ["hw01_a"]}, "fa")
    assert '<td data-label="بر پایهٔ"><div><a href="hw01_a.html">۱</a></div></td>' in page.html
    assert "رویهم۱۲٫۵۲۰۰۱۶۴" in words(page.html)
    (svg,) = page.pictures.values()
    assert svg.decode().count('class="tip"') == 1 and "۱ · نخست" in svg.decode()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, built_toy: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(Problem, match="holds something that is no site"):
        site.make(built_toy, [HOMEWORK], tmp_path, settings(), {})
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_homework_that_isnt_built_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"there is no .*hw01_a.ipynb: `autograder build hw01_a` makes it"):
        site.make(tmp_path, ["hw01_a"], tmp_path / "site", settings(), {})


@pytest.mark.slow
def test_another_course_has_a_site_too_and_a_later_one_replaces_it(tmp_path: Path, built_toy: Path) -> None:
    folder = tmp_path / "site"
    assert site.make(built_toy, [HOMEWORK], folder, settings(), {}) == 6
    (folder / "en" / "old.html").write_text("")
    site.make(built_toy, [HOMEWORK], folder, settings(), {})
    assert not (folder / "en" / "old.html").exists() and (folder / "fa" / f"{HOMEWORK}.html").exists()
    assert "c.Site.deadlines" in (folder / "en" / "calendar.html").read_text().replace("</span>", "").replace(
        '<span class="o">', ""
    ).replace('<span class="n">', "")


@pytest.mark.database
def test_a_gradebook_tells_its_deadlines_and_none_is_made_by_asking(toy: Path) -> None:
    url = f"sqlite:///{toy / 'gradebook.db'}"
    assert deadlines(url) == {} and not (toy / "gradebook.db").exists()
    deadline(toy, HOMEWORK, "2026-11-20 18:00 +03:30", datetime(2026, 11, 1, tzinfo=UTC))
    assert deadlines(url) == {HOMEWORK: datetime(2026, 11, 20, 14, 30, tzinfo=UTC)}
