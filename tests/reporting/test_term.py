"""The course's total, by its rules and what people set by hand."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from traitlets.config import Config

from autograder.grading.late import Lateness, Policy
from autograder.problem import Problem
from autograder.reporting import terminal
from autograder.reporting.classroom import Cell, Classroom, Row
from autograder.reporting.term import Rules, Standing, Term, columns, flat, standings, table

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HOMEWORKS = ("hw1", "hw2", "hw3", "hw4")


def room(homework: str, scores: dict[str, float], points: float = 100, due: datetime | None = None, waiting: str = "") -> Classroom:  # fmt: skip
    rows = [
        Row(student, f"F{student}", "L", {}, score, 0, score, ["why"] if student == waiting else [], [], None, Lateness(homework, days_left=7), None)
        for student, score in scores.items()
    ]  # fmt: skip
    return Classroom(homework, [Cell("check", points, False)], rows, [], due or datetime(2026, 10, 1), Path())


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "students.csv").write_text("id,first_name,last_name\na1,Sara,Zand\nb2,Ali,Ahmadi\n")
    return tmp_path


@pytest.fixture
def total(course: Path) -> Callable[..., Standing]:
    def of(*scores: float | None, points: tuple[float, ...] = (100,) * 4, **rules: object) -> Standing:
        rooms = [
            room(name, {} if score is None else {"a1": score}, point)
            for name, score, point in zip(HOMEWORKS, scores, points)
        ]
        return standings(course, rooms, Policy(), Rules(**rules), NOW)[0]  # type: ignore[arg-type]

    return of


@pytest.mark.parametrize(
    ("scores", "rules", "expected"),
    [
        ((80, 60), {}, 70),
        ((80, 60), {"weights": {"hw1": 3}}, 75),
        ((80, 60), {"weights": {"hw1": 0}}, 60),
        ((80, 60, 10, 90), {"best": 3}, 230 / 3),
        ((80, 60), {"best": 5}, 70),
        ((80, None), {}, 40),
        ((80, None), {"best": 1}, 80),
        ((80, None), {"by_hand": {("a1", "hw2"): None}}, 80),
        ((80, 60, 70), {"best": 2, "by_hand": {("a1", "hw1"): None}}, 65),
        ((80, None), {"by_hand": {("a1", "hw2"): 50.0}}, 65),
        ((80, 60), {"by_hand": {("a1", "total"): 91.5}}, 91.5),
        ((80, 60), {"by_hand": {("b2", "hw1"): 0.0}}, 70),
        ((), {}, None),
        ((80,), {"weights": {"hw1": 0}}, None),
    ],
    ids=[
        "all weigh the same",
        "a weight",
        "a weight of nothing",
        "the best three of four",
        "the best of fewer than there are",
        "a missed one is nothing",
        "a missed one is not among the best",
        "an excused one doesn't count",
        "the best of those that nobody excused",
        "points by hand",
        "a total by hand",
        "another's line",
        "nothing yet",
        "nothing that counts",
    ],
)
def test_a_total(
    total: Callable[..., Standing], scores: tuple[float, ...], rules: dict[str, object], expected: float | None
) -> None:
    assert total(*scores, **rules).total == (None if expected is None else pytest.approx(expected))


def test_homeworks_of_other_points_weigh_the_same(total: Callable[..., Standing]) -> None:
    assert total(80, 15, points=(100, 30)).total == pytest.approx(65)
    assert [mark.counts for mark in total(80, 27, points=(100, 30), best=1).marks] == [False, True]


@pytest.mark.parametrize(
    ("scores", "mark", "passed"), [((50,), 50, True), ((49.99,), 50, False), ((50,), 0, None), ((), 50, None)]
)
def test_passing(total: Callable[..., Standing], scores: tuple[float, ...], mark: float, passed: bool | None) -> None:
    assert total(*scores, pass_mark=mark).passed is passed


def test_what_is_not_due_yet_is_awaited_and_an_extension_moves_it(course: Path) -> None:
    rooms = [room("hw1", {"a1": 80}), room("hw2", {"a1": 60}, due=datetime(2026, 10, 31))]
    a, b = standings(course, rooms, Policy(extensions={("b2", "hw2"): 3.0}), Rules(), NOW)
    assert [mark.state for mark in b.marks] == ["missed", "awaited"] and b.total == 0
    assert (a.days_left, b.days_left) == (7, 10)
    (_, late) = standings(course, rooms, Policy(), Rules(), NOW)
    assert [mark.state for mark in late.marks] == ["missed", "missed"]


@pytest.mark.parametrize(
    ("scores", "behind"),
    [
        ((80, 70, 80), []),
        ((80, 70, None), ["missed the last"]),
        ((None, None, 80), ["missed several", "below"]),
        ((80, 70, 54), ["falls"]),
        ((80, 70, 56), []),
        ((90, 20), []),
        ((40, 40), ["below"]),
    ],
)
def test_who_falls_behind(total: Callable[..., Standing], scores: tuple[float, ...], behind: list[str]) -> None:
    assert total(*scores, pass_mark=45).behind == behind


def test_the_table_says_it_all(course: Path) -> None:
    rooms = [room("hw1", {"a1": 80, "b2": 40}, waiting="b2"), room("hw2", {"a1": 60})]
    found = standings(course, rooms, Policy(), Rules({}, 0, 50, {("b2", "hw2"): None, ("a1", "total"): 71.0}), NOW)
    assert table(found)[0] | {} == {
        "student": "a1", "first_name": "Fa1", "last_name": "L", "hw1": 80, "hw2": 60, "total": 71, "passed": True,
        "waiting": [], "missed": [], "excused": [], "by_hand": ["total"], "days_left": 7,
    }  # fmt: skip
    assert list(flat(found)[1]) == columns(rooms)
    assert list(flat(found)[1].values()) == ["b2", "Fb2", "L", 40, None, 40, "no", "hw1", "", "hw2", "", 7]
    shown = " ".join(terminal.plain(terminal.term(found, rooms, 50)).split())
    assert "80 60 71.0! ✓ 7" in shown and "40… e 40.0 ✗ 7" in shown and "1 have 50 or more" in shown


def configured(course: Path, **settings: object) -> Rules:
    return Term(config=Config({"Term": settings})).rules(course)


def test_rules_are_the_configurations_and_the_files(course: Path) -> None:
    (course / "term.csv").write_text(
        "student,homework,points,why\n# by the board\na1,hw1,excused,ill\n۹۹,hw2,۷٫۵\nb2,total,60.5,appeal\n"
    )
    rules = configured(course, weights={"hw1": 2}, best=3, pass_mark=50)
    assert rules == Rules({"hw1": 2}, 3, 50, {("a1", "hw1"): None, ("99", "hw2"): 7.5, ("b2", "total"): 60.5})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a1,hw1", "term.csv:1: expected `student, homework, points`, or excused for points, got 'a1, hw1'"),
        ("a1,hw1,many", "expected `student"),
        ("a1,hw1,nan", "points are a number from 0"),
        ("a1,hw1,-1", "points are a number from 0"),
        ("a1,total,excused", "only of a homework anybody is excused"),
        ("a1,hw1,1\na1,hw1,2", "term.csv:2: a1 has a line on hw1 already"),
    ],
)
def test_a_line_that_says_something_else_is_named(course: Path, line: str, said: str) -> None:
    (course / "term.csv").write_text(line)
    with pytest.raises(Problem, match=said):
        configured(course)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (Rules({"hw11": 1}), "c.Term.weights in nbgrader_config.py: there is no homework 'hw11'; did you mean hw1"),
        (Rules(by_hand={("a1", "hw7x"): 1.0}), "term.csv: there is no homework 'hw7x'"),
        (Rules(by_hand={("a11", "hw1"): 1.0}), "term.csv: there is no student 'a11'; did you mean a1"),
    ],
)
def test_rules_about_nobody_are_refused(course: Path, rules: Rules, said: str) -> None:
    with pytest.raises(Problem, match=said):
        standings(course, [room("hw1", {"a1": 80})], Policy(), rules, NOW)


@pytest.mark.parametrize("weight", [-1, "two", float("nan")])
def test_a_weight_is_a_number(course: Path, weight: object) -> None:
    with pytest.raises(Problem, match="the weight of hw1 is a number from 0"):
        configured(course, weights={"hw1": weight})
