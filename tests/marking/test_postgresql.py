"""Marks in a gradebook on PostgreSQL: claims, races and undo as on SQLite."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.marking.marks import Marking, Refused, Who
from autograder.marking.record import Place
from autograder.marking.serve import marking_of
from tests.grading.made import gradebook
from tests.grading.test_gradebook import needs_postgres, postgres
from tests.marking import room

__all__ = ["postgres"]
pytestmark = [pytest.mark.database, needs_postgres]
MEAN, SARA, OMID = Place(room.HOMEWORK, "mean"), Who("Sara", "window-of-sara"), Who("Omid", "window-of-omid")


@pytest.fixture
def marking(course: Path, postgres: str) -> Iterator[Marking]:
    with gradebook(postgres) as book:
        room.fill(book)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = {postgres!r}\n")
    (course / "gradebook.db").unlink()
    yield marking_of(course, room.HOMEWORK)


def score(url: str, student: str) -> tuple[float | None, bool]:
    with Gradebook(url) as book:
        grade = book.find_grade("mean", room.HOMEWORK, room.HOMEWORK, student)
        return grade.manual_score, grade.needs_manual_grade


def test_postgresql_keeps_what_was_marked_and_lets_one_of_many_win(marking: Marking, postgres: str) -> None:
    key = next(one["key"] for one in marking.queue(MEAN, SARA)["answers"] if one["size"] == 2 and one["key"] != "empty")
    _, had, names, _ = marking.open(MEAN, key, SARA)
    assert [number for number, _ in names] == ["9900", "9901"]
    assert marking.open(MEAN, key, OMID)[3] == "Sara"

    def try_it(number: int) -> str:
        try:
            marking.save(MEAN, key, Who(f"TA{number}", SARA.holder), had.version, number / 2, [], "")
            return "won"
        except Refused as refused:
            return refused.why

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(try_it, range(6)))
    assert sorted(said) == ["lost"] * 5 + ["won"]
    winner = said.index("won")
    assert score(postgres, "9900") == score(postgres, "9901") == (winner / 2, False)
    marking.undo(MEAN, Who(f"TA{winner}", SARA.holder))
    assert score(postgres, "9900") == (None, True)
    marking.leave(MEAN, key, SARA)
    with ThreadPoolExecutor(6) as pool:
        holders = [Who(f"TA{number}", f"window-{number}") for number in range(6)]
        taken = list(pool.map(lambda who: marking.open(MEAN, key, who)[3], holders))
    assert taken.count("") == 1
