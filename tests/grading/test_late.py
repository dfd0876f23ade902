"""The late policy."""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook
from traitlets.config import Config

from autograder.grading.late import (
    HandedIn,
    LateDays,
    Lateness,
    Policy,
    deadline_problem,
    implausible,
    ledger,
    read_extensions,
    recompute,
    term_of,
    unknown_extensions,
)
from autograder.problem import Problem

BEGIN = datetime(2026, 9, 23)


def handed(number: int, late: float | None) -> HandedIn:
    """Homework ``number``, due ten days after the one before, handed in so many hours late."""
    deadline = BEGIN + timedelta(days=10 * number)
    return HandedIn(f"hw{number:02d}", deadline, None if late is None else deadline + timedelta(hours=late))


def of(entry: Lateness) -> tuple[int, int, float, bool, int]:
    return entry.hours, entry.free_days, round(entry.penalty, 6), entry.closed, entry.days_left


@pytest.mark.parametrize(
    ("late", "expected", "why"),
    [
        (None, (0, 0, 0, False, 10), "no time of arrival: not late"),
        (-5, (0, 0, 0, False, 10), "early"),
        (0, (0, 0, 0, False, 10), "at the deadline is in time"),
        (0.3 / 3600, (0, 0, 0, False, 10), "0.3 seconds are no lateness"),
        (1 / 60, (0, 0, 0, False, 10), "a minute of grace"),
        (0.017, (1, 1, 0, False, 9), "a started hour is an hour, and a started day a free day"),
        (1, (1, 1, 0, False, 9), "a whole hour is one"),
        (1.01, (2, 1, 0, False, 9), "the next has begun"),
        (24, (24, 1, 0, False, 9), "a day"),
        (24.01, (25, 2, 0, False, 8), "the next free day has begun"),
        (72, (72, 3, 0, False, 7), "three days are free"),
        (72.5, (73, 3, 0.004167, False, 7), "then each started hour costs a 24th of 10 %"),
        (73.5, (74, 3, 0.008333, False, 7), "the second"),
        (96, (96, 3, 0.1, False, 7), "a day beyond the free ones"),
        (120, (120, 3, 0.2, False, 7), "at five days the homework is still open"),
        (120.01, (121, 0, 1, True, 10), "then it is closed: nothing counts and no free day is spent"),
        (1000, (1000, 0, 1, True, 10), "and stays so"),
    ],
)
def test_one_homework(late: float | None, expected: tuple[int, int, float, bool, int], why: str) -> None:
    (entry,) = ledger("s", [handed(1, late)])
    assert of(entry) == expected, why
    assert entry.homework == "hw01"


def test_without_a_deadline_nothing_is_late() -> None:
    (entry,) = ledger("s", [HandedIn("hw01", None, BEGIN)])
    assert of(entry) == (0, 0, 0, False, 10)


def test_the_rules_are_the_courses_unless_it_says_otherwise() -> None:
    policy = Policy()
    assert (policy.free_days, policy.free_days_per_homework, policy.penalty_per_day) == (10, 3, 0.10)
    assert policy.closed_after_days == 5 and policy.extensions == {} and policy.grace_minutes == 1


@pytest.mark.parametrize(
    ("policy", "expected", "why"),
    [
        (Policy(free_days=0), (60, 0, 0.25, False, 0), "no free days: every hour costs"),
        (Policy(free_days=1), (60, 1, 0.15, False, 0), "one, and the hours after it"),
        (Policy(free_days_per_homework=2), (60, 2, 0.05, False, 8), "a homework may use two only"),
        (Policy(free_days_per_homework=0), (60, 0, 0.25, False, 10), "none in any homework"),
        (Policy(free_days=0, penalty_per_day=0.5), (60, 0, 1, False, 0), "no more than everything is lost"),
        (Policy(free_days=0, penalty_per_day=0), (60, 0, 0, False, 0), "nothing is lost where nothing is taken"),
        (Policy(grace_minutes=3600), (0, 0, 0, False, 10), "60 hours of grace"),
        (Policy(grace_minutes=3599), (60, 3, 0, False, 7), "beyond the grace all of it is late"),
        (Policy(closed_after_days=2.5), (60, 3, 0, False, 7), "60 hours are two days and a half"),
        (Policy(closed_after_days=2), (60, 0, 1, True, 10), "closed after two"),
    ],
)
def test_the_policys_numbers_are_followed(
    policy: Policy, expected: tuple[int, int, float, bool, int], why: str
) -> None:
    assert of(ledger("s", [handed(1, 60)], policy)[0]) == expected, why


def test_free_days_run_out_in_the_order_of_the_deadlines() -> None:
    entries = ledger("s", [handed(n, 72) for n in (4, 2, 1, 3)])
    assert [(e.homework, e.free_days, e.days_left) for e in entries] == [
        ("hw01", 3, 7), ("hw02", 3, 4), ("hw03", 3, 1), ("hw04", 1, 0),
    ]  # fmt: skip
    assert [round(e.penalty, 6) for e in entries] == [0, 0, 0, 0.2]


def test_the_deadlines_count_and_not_the_names() -> None:
    first, last = replace(handed(1, 72), homework="project"), replace(handed(2, 72), homework="exam")
    entries = ledger("s", [last, first], Policy(free_days=3))
    assert [(e.homework, e.free_days) for e in entries] == [("project", 3), ("exam", 0)]


def test_of_two_homeworks_with_one_deadline_the_names_count() -> None:
    term = [replace(handed(1, 72), homework=name) for name in ("hw02", "hw01")]
    assert [(e.homework, e.free_days) for e in ledger("s", term, Policy(free_days=3))] == [("hw01", 3), ("hw02", 0)]


def test_what_has_no_deadline_stands_first() -> None:
    entries = ledger("s", [handed(1, 1), HandedIn("practice", None, BEGIN)])
    assert [(e.homework, e.days_left) for e in entries] == [("practice", 10), ("hw01", 9)]


def test_a_closed_homework_leaves_the_free_days_to_the_next() -> None:
    entries = ledger("s", [handed(1, 500), handed(2, 72)], Policy(free_days=3))
    assert [(e.closed, e.free_days, e.penalty) for e in entries] == [(True, 0, 1), (False, 3, 0)]


@pytest.mark.parametrize(
    ("student", "homework", "hours", "why"),
    [
        ("s", "hw01", 12, "theirs, for this homework: one day and a half"),
        ("s", "hw02", 48, "another homework's"),
        ("other", "hw01", 48, "another student's"),
    ],
)
def test_an_extension_is_of_one_student_and_one_homework(student: str, homework: str, hours: int, why: str) -> None:
    policy = Policy(extensions={(student, homework): 1.5})
    assert ledger("s", [handed(1, 48)], policy)[0].hours == hours, why


def test_a_homework_closes_after_its_extension() -> None:
    policy = Policy(extensions={("s", "hw01"): 2.0})
    (entry,), (later,) = (ledger("s", [handed(1, hours)], policy) for hours in (168, 168.01))
    assert of(entry) == (120, 3, 0.2, False, 7) and later.closed


terms = st.lists(st.none() | st.floats(-100, 300), max_size=8).map(
    lambda late: [handed(number, hours) for number, hours in enumerate(late)]
)
policies = st.builds(
    Policy, st.integers(0, 12), st.integers(0, 4), st.sampled_from([0.0, 0.05, 0.1, 0.5, 1.0]), st.floats(1, 8)
)


@given(terms, policies, st.randoms())
def test_the_order_of_grading_does_not_matter(term: list[HandedIn], policy: Policy, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(term)
    random.shuffle(shuffled)
    assert ledger("s", shuffled, policy) == ledger("s", term, policy)


@given(terms, policies)
def test_no_more_free_days_are_spent_than_there_are(term: list[HandedIn], policy: Policy) -> None:
    entries = ledger("s", term, policy)
    assert sum(e.free_days for e in entries) <= policy.free_days
    assert all(0 <= e.free_days <= policy.free_days_per_homework for e in entries)
    spent = [sum(e.free_days for e in entries[: number + 1]) for number in range(len(entries))]
    assert [e.days_left for e in entries] == [policy.free_days - days for days in spent]


@given(terms, policies)
def test_a_penalty_is_a_share_and_only_of_what_is_late(term: list[HandedIn], policy: Policy) -> None:
    assert all(0 <= e.penalty <= 1 and (not e.penalty or e.hours) for e in ledger("s", term, policy))


@given(st.floats(0, 200), st.floats(0, 50), policies)
def test_later_is_never_cheaper(hours: float, more: float, policy: Policy) -> None:
    (early,), (later,) = (ledger("s", [handed(1, h)], policy) for h in (hours, hours + more))
    assert early.penalty <= later.penalty and early.hours <= later.hours and early.closed <= later.closed


@given(terms, policies, st.floats(0, 10))
def test_an_extension_moves_the_deadline(term: list[HandedIn], policy: Policy, days: float) -> None:
    extended = replace(policy, extensions={("s", h.homework): days for h in term})
    moved = [HandedIn(h.homework, h.deadline and h.deadline + timedelta(days=days), h.arrived) for h in term]
    assert ledger("s", term, extended) == ledger("s", moved, policy)


def test_the_line_says_what_it_cost() -> None:
    lines = [entry.line() for entry in ledger("s", [handed(1, 30), handed(2, 100), handed(3, -1), handed(4, 500)])]
    assert lines == [
        "30 hours late: 2 free late days spent, 8 left this term; no penalty.",
        "100 hours late: 3 free late days spent, 5 left this term; 11.7% of the score lost.",
        "On time.",
        "500 hours late: after the homework was closed, so nothing is counted.",
    ]


@pytest.mark.parametrize(
    ("hours", "days", "line"),
    [
        (1, 1, "1 hour late: 1 free late day spent, 9 left this term; no penalty."),
        (2, 1, "2 hours late: 1 free late day spent, 9 left this term; no penalty."),
        (1, 0, "1 hour late: 0 free late days spent, 10 left this term; 0.4% of the score lost."),
    ],
)
def test_one_hour_and_one_day_are_singular(hours: int, days: int, line: str) -> None:
    assert ledger("s", [handed(1, hours)], Policy(free_days_per_homework=days))[0].line() == line


def test_a_lateness_of_which_nothing_is_said_is_none() -> None:
    assert Lateness("hw01").line() == "On time." and of(Lateness("hw01")) == (0, 0, 0, False, 0)


@pytest.fixture
def extensions(tmp_path: Path) -> Path:
    return tmp_path / "extensions.csv"


def test_without_a_file_there_are_no_extensions(extensions: Path) -> None:
    assert read_extensions(extensions) == {}


def test_extensions_are_a_line_each_and_add_up(extensions: Path) -> None:
    lines = "# student, homework, days\n\n , ,\n99, hw02, 2, illness\n99,hw02,0.5\n99, hw03, 1\n98, hw02, 0\n"
    extensions.write_text(lines, encoding="utf-8-sig")
    assert read_extensions(extensions) == {("99", "hw02"): 2.5, ("99", "hw03"): 1, ("98", "hw02"): 0}


def test_a_comment_may_hold_anything(extensions: Path) -> None:
    extensions.write_text("#99, hw02\n # 99, hw02, -1\n", encoding="utf-8")
    assert read_extensions(extensions) == {}


@pytest.mark.parametrize(
    "line",
    [
        "99, hw02",
        "99",
        "99, hw02, two",
        "99, hw02,",
        "99, hw02, -0.5",
        "99, hw02, nan",
        "99, hw02, inf",
        "99, hw02, 400.5",
    ],
)
def test_a_wrong_extension_is_named(extensions: Path, line: str) -> None:
    extensions.write_text(f"99, hw01, 1\n{line}\n", encoding="utf-8")
    with pytest.raises(Problem, match=r"extensions.csv:2: ") as refused:
        read_extensions(extensions)
    if line.endswith(("0.5", "nan", "inf")):
        assert "a number of days from 0 to 400" in str(refused.value)
    else:
        assert f"expected `student, homework, days`, got {line!r}" in str(refused.value)


def test_extensions_with_a_first_line_of_names_and_with_persian_digits(extensions: Path) -> None:
    extensions.write_text("Student; Homework; Days; why\n۹۹; hw02; ۲\n", encoding="utf-16")
    assert read_extensions(extensions) == {("99", "hw02"): 2}
    extensions.write_text("99; hw02; 400\nstudent; homework; days\n")
    with pytest.raises(Problem, match=":2: expected"):
        read_extensions(extensions)


def test_extensions_of_what_the_course_does_not_have_are_named(extensions: Path) -> None:
    assert unknown_extensions(extensions, [], []) == []
    extensions.write_text("99, hw02, 1\n98, hw02, 1\n99, hw2, 1\nx, hw02, 1\n\x1b[1mz, hw02, 1\n99, q\x1b[1m, 1\n")
    lines = unknown_extensions(extensions, iter(["99"]), iter(["hw02"]))
    assert [line.partition("extensions.csv:")[2] for line in lines] == [
        "2: there is no student '98'.",
        "3: there is no homework 'hw2'; did you mean hw02?",
        "4: there is no student 'x'.",
        "5: there is no student 'z'.",
        "6: there is no homework 'q'.",
    ]


@pytest.mark.parametrize(
    ("days", "others", "plausible"),
    [(0, [], True), (400, [], True), (401, [], False), (-400, [], True), (-401, [], False), (700, [300], True), (701, [300], False),
     (-701, [300, -301], True)],
)  # fmt: skip
def test_a_deadline_lies_near_now_or_another(days: int, others: list[int], plausible: bool) -> None:
    times = [BEGIN + timedelta(days=other) for other in others]
    due = BEGIN + timedelta(days=days)
    why = implausible(due, times, BEGIN)
    assert why == ("" if plausible else f"{due.date()} is more than a year from now and from every other deadline")


@pytest.mark.parametrize(
    ("minutes", "extension", "late"), [(0, 0, False), (1, 0, False), (1.1, 0, True), (1441, 1, False), (1442, 1, True)]
)
def test_late_is_what_is_beyond_deadline_extension_and_grace(minutes: float, extension: float, late: bool) -> None:
    policy = Policy(extensions={("s", "hw01"): extension})
    arrived = BEGIN + timedelta(minutes=minutes)
    assert policy.is_late("s", "hw01", BEGIN, arrived) is late
    assert policy.is_late("other", "hw01", BEGIN, arrived) is (minutes > 1)


def test_the_courses_zone() -> None:
    assert LateDays().here() is None
    assert str(LateDays(config=Config(LateDays={"zone": "Asia/Tehran"})).here()) == "Asia/Tehran"
    with pytest.raises(Problem, match=r"c\.LateDays\.zone in nbgrader_config\.py: there is no zone 'Tehran'"):
        LateDays(config=Config(LateDays={"zone": "Tehran"})).here()


def test_which_attempt_counts_is_one_of_two() -> None:
    assert LateDays().which == "newest" and LateDays(config=Config(LateDays={"which": "on time"})).which == "on time"
    with pytest.raises(Exception, match="which"):
        LateDays(config=Config(LateDays={"which": "first"}))


def test_nbgraders_configuration_sets_the_policy(tmp_path: Path) -> None:
    (tmp_path / "granted.csv").write_text("99, hw02, 2\n")
    config = Config(LateDays={"free_days": 4, "free_days_per_homework": 2, "penalty_per_day": 0.2, "closed_after_days": 7.0,
                              "extensions": "granted.csv", "grace_minutes": 5.0})  # fmt: skip
    assert LateDays(config=config).policy(tmp_path) == Policy(4, 2, 0.2, 7.0, {("99", "hw02"): 2.0}, 5.0)


def test_without_configuration_the_policy_is_the_default_and_its_file_is_extensions_csv(extensions: Path) -> None:
    assert LateDays().policy(extensions.parent) == Policy()
    extensions.write_text("99, hw02, 2\n")
    assert LateDays().policy(extensions.parent) == Policy(extensions={("99", "hw02"): 2.0})


@pytest.mark.parametrize(
    ("name", "value"),
    [("free_days", -1), ("free_days_per_homework", -1), ("penalty_per_day", -0.1), ("penalty_per_day", 1.1),
     ("closed_after_days", -0.5), ("grace_minutes", -0.5)],
)  # fmt: skip
def test_a_policy_that_makes_no_sense_is_refused(name: str, value: float) -> None:
    with pytest.raises(Exception, match=name):
        LateDays(config=Config(LateDays={name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("free_days", 0), ("free_days_per_homework", 0), ("penalty_per_day", 0.0), ("penalty_per_day", 1.0),
     ("closed_after_days", 0.0), ("grace_minutes", 0.0)],
)  # fmt: skip
def test_the_strictest_and_the_mildest_policy_may_be_set(name: str, value: float) -> None:
    assert getattr(LateDays(config=Config(LateDays={name: value})), name) == value


def test_every_option_says_what_it_is_for() -> None:
    assert all(trait.help for trait in LateDays.class_own_traits(config=True).values())


@pytest.fixture
def gradebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gradebook]:
    """Two homeworks with a check of 60 and an essay of 40 points; one student, four days and an hour late."""
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: "0")  # a process of its own, of two seconds
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as made:
        made.add_student("s")
        for number in (1, 2):
            due = handed(number, 97)
            made.add_assignment(due.homework, duedate=due.deadline)
            made.add_notebook("nb", due.homework)
            made.add_grade_cell("check", "nb", due.homework, max_score=60, cell_type="code")
            made.add_grade_cell("essay", "nb", due.homework, max_score=40, cell_type="markdown")
            made.add_submission(due.homework, "s", timestamp=due.arrived)
        yield made


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_a_deadline_of_the_gradebook_that_cannot_be_meant_is_told(gradebook: Gradebook) -> None:
    year = timedelta(days=365)
    assert deadline_problem(gradebook, "hw01", BEGIN) == deadline_problem(gradebook, "hw09", BEGIN) == ""
    assert deadline_problem(gradebook, "hw01", BEGIN + 5 * year) == "", "another is near"
    gradebook.update_or_create_assignment("hw01", duedate=datetime(1405, 8, 30))
    gradebook.update_or_create_assignment("hw03")
    assert deadline_problem(gradebook, "hw01") == (
        "the deadline of hw01 can't be meant: 1405-08-30 is more than a year from now and from every other deadline. "
        'Set it: autograder deadline hw01 "…"'
    )
    assert deadline_problem(gradebook, "hw02", BEGIN) == deadline_problem(gradebook, "hw03", BEGIN) == ""
    assert "can't be meant" in deadline_problem(gradebook, "hw02", BEGIN + 5 * year)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_a_term_is_read_from_the_gradebook(gradebook: Gradebook) -> None:
    assert sorted(term_of(gradebook.find_student("s")), key=lambda h: h.homework) == [handed(1, 97), handed(2, 97)]


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_the_gradebook_gets_the_penalty_of_the_score_with_manual_points(gradebook: Gradebook) -> None:
    def penalties(policy: Policy) -> list[float | None]:
        found = [gradebook.find_submission(homework, "s").notebooks[0] for homework in ("hw01", "hw02")]
        entries = recompute(gradebook, "s", policy)
        assert [e.homework for e in entries] == ["hw01", "hw02"]
        return [notebook.late_submission_penalty for notebook in found]

    first, second = (gradebook.find_submission(homework, "s") for homework in ("hw01", "hw02"))
    grades = {grade.name: grade for grade in first.notebooks[0].grades}
    grades["check"].auto_score = 48
    policy = Policy(free_days=7, penalty_per_day=0.24)
    assert penalties(policy) == [pytest.approx(48 * 0.25), 0]
    grades["essay"].manual_score = 32
    for _ in range(3):
        assert penalties(policy) == [pytest.approx(80 * 0.25), 0], (
            "a manual grade counts, and repetition changes nothing"
        )
    grades = {grade.name: grade for grade in second.notebooks[0].grades}
    grades["check"].auto_score = 60
    assert penalties(replace(policy, free_days=3)) == [pytest.approx(20), pytest.approx(60 * 0.97)], (
        "the later deadline pays"
    )
    first.timestamp = BEGIN
    assert penalties(policy)[0] is None and math.isclose(first.score, 80)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_the_penalties_are_there_for_whoever_opens_the_gradebook_next(gradebook: Gradebook, tmp_path: Path) -> None:
    gradebook.find_submission("hw01", "s").notebooks[0].grades[0].auto_score = 48
    recompute(gradebook, "s", Policy(free_days=0))
    with Gradebook(f"sqlite:///{tmp_path}/gradebook.db") as other:
        assert other.find_submission("hw01", "s").late_submission_penalty == pytest.approx(48 * 97 / 240)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_a_score_that_was_read_before_it_changed_is_read_again(gradebook: Gradebook) -> None:
    notebook = gradebook.find_submission("hw01", "s").notebooks[0]
    essay = next(grade for grade in notebook.grades if grade.name == "essay")
    assert notebook.score == 0
    essay.manual_score = 32
    recompute(gradebook, "s", Policy(free_days=0))
    assert notebook.late_submission_penalty == pytest.approx(32 * 97 / 240)


def test_of_several_that_may_be_meant_the_nearest_is_named(tmp_path: Path) -> None:
    extensions = tmp_path / "extensions.csv"
    extensions.write_text("99100101, hw02_atention, 1\n", encoding="utf-8")
    (line,) = unknown_extensions(extensions, ["99100101"], ["hw02_tension", "hw02_attention", "hw02_mention"])
    assert line.endswith("there is no homework 'hw02_atention'; did you mean hw02_attention?")
