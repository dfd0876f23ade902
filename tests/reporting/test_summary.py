"""Each submission's score and the reasons beside it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from rich.cells import cell_len

from autograder.grading import receipts
from autograder.grading.late import Lateness, Policy
from autograder.grading.receipts import Receipt
from autograder.grading.verdict import Diagnosis
from autograder.problem import Problem
from autograder.reporting import classroom, terminal
from autograder.reporting.classroom import Cell, Classroom, Row
from autograder.reporting.summary import SummaryRow, flat, reasons, summary, table
from tests.grading.made import gradebook, receipt, verdict

pytestmark = pytest.mark.filterwarnings("ignore:Selection of the SingletonThreadPool")
POLICY = Policy(free_days=0, penalty_per_day=0.25)
LATE = "24 hours late: 0 free late days spent, 0 left this term; 25.0% of the score lost."
TRIPLE = Diagnosis("triple", "You multiply by three.", "")


def failed(check: str, fact: str, **more: object) -> object:
    return verdict(check, state="failed", fact=fact, difference=None, **more)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (receipt(), []),
        (receipt(verdict()), []),
        (receipt(verdict(state="void", fact="the number differs")), []),
        (receipt(failed("a", "it differs")), ["a: it differs"]),
        (receipt(verdict("a", state="missing", fact="no answer")), ["a: no answer"]),
        (receipt(verdict("a", state="not graded", fact="the grader failed")), ["a: the grader failed"]),
        (receipt(failed("a", "it differs", diagnosis=TRIPLE)), ["a: known mistake triple"]),
        (receipt(verdict("a"), failed("b", "x"), verdict("c")), ["b: x"]),
        (receipt(failed("a", "x"), failed("b", "y"), failed("c", "x")), ["a, c: x", "b: y"]),
        (receipt(failed("a", "x"), failed("b", "x"), failed("c", "x")), ["a, b, c: x"]),
        (receipt(*(failed(name, "x") for name in "abcd")), ["4 checks: x"]),
        (
            receipt(failed("a", "x", flag="seen"), notes=("put back: why",), flags=("seen",)),
            ["put back: why", "look: seen", "a: x"],
        ),
    ],
    ids=[
        "nothing was checked",
        "what passed needs no reason",
        "what counts for nobody needs none",
        "a wrong answer by its fact",
        "a missing one by its fact",
        "what the grader couldn't grade",
        "a known mistake by its name",
        "only what was lost",
        "the same reason once, in the order of the checks",
        "three checks are named",
        "four are counted",
        "first what was put right, then what to look at",
    ],
)
def test_reasons(given: Receipt, said: list[str]) -> None:
    assert reasons(given) == said


def url(course: Path) -> str:
    """A database in memory that lives as long as the fixture, and that others can open."""
    return f"sqlite:///file:{course.name}?mode=memory&cache=shared&uri=true"


@pytest.fixture
def term(tmp_path: Path) -> Iterator[Gradebook]:
    """Two homeworks; the second was due a day before 9902 handed it in."""
    with gradebook(url(tmp_path)) as made:
        for homework in ("hw1", "hw2"):
            made.add_assignment(homework, duedate=datetime(2026, 10, 1))
            made.add_notebook(homework, homework)
            made.add_grade_cell("double_check", homework, homework, max_score=40, cell_type="code")
            made.add_grade_cell("why", homework, homework, max_score=10, cell_type="markdown")
            made.add_solution_cell("why", homework, homework)
        for student, homework, day in (("9902", "hw2", 2), ("9901", "hw2", 1), ("9902", "hw1", 1)):
            made.update_or_create_student(student)
            made.add_submission(homework, student, timestamp=datetime(2026, 10, day))
            check = made.find_grade("double_check", homework, homework, student)
            check.auto_score, check.needs_manual_grade = 20, False
            made.find_grade("why", homework, homework, student).needs_manual_grade = True
        made.db.commit()
        yield made


def asked(course: Path, homework: str | None = None, order: str = "student") -> list[SummaryRow]:
    rooms = classroom.read_all(course, url(course), POLICY)
    return summary([room for room in rooms if homework in (None, room.homework)], order)


def row(student: str, score: float, waiting: int, reasons: list[str]) -> SummaryRow:
    return SummaryRow("hw2", student, "", "", score, 50, waiting, reasons)


def test_a_row_for_each_submission_by_homework_and_student(term: Gradebook, tmp_path: Path) -> None:
    assert [(one.homework, one.student) for one in asked(tmp_path)] == [
        ("hw1", "9902"),
        ("hw2", "9901"),
        ("hw2", "9902"),
    ]
    assert [(one.homework, one.student) for one in asked(tmp_path, "hw2")] == [("hw2", "9901"), ("hw2", "9902")]


def test_the_score_is_after_the_penalty_which_is_the_last_reason(term: Gradebook, tmp_path: Path) -> None:
    receipts.write(tmp_path, receipt(verdict("a", state="missing", fact="no answer"), student="9902", homework="hw2"))
    in_time, late = asked(tmp_path, "hw2")
    assert in_time == row("9901", 20, 1, [])
    assert late == row("9902", 15, 1, ["a: no answer", LATE])


def test_essays_that_are_graded_are_not_to_be_graded(term: Gradebook, tmp_path: Path) -> None:
    why = term.find_grade("why", "hw2", "hw2", "9901")
    why.manual_score, why.needs_manual_grade = 7, False
    term.db.commit()
    assert asked(tmp_path, "hw2")[0] == row("9901", 27, 0, [])


def test_a_check_without_a_score_is_the_graders_fault_and_said_first(term: Gradebook, tmp_path: Path) -> None:
    term.find_grade("double_check", "hw2", "hw2", "9901").auto_score = None
    term.db.commit()
    receipts.write(tmp_path, receipt(student="9901", homework="hw2", notes=("not graded: no kernel",)))
    assert asked(tmp_path, "hw2")[0].reasons == [
        "double_check is not graded: the grader failed",
        "not graded: no kernel",
    ]


def test_only_the_last_attempt_gives_reasons(term: Gradebook, tmp_path: Path) -> None:
    first = receipt(student="9901", homework="hw2", notes=("first",))
    for given in (first, replace(first, attempt=2, notes=("second",)), replace(first, student="9902")):
        receipts.write(tmp_path, given)
    assert [one.reasons for one in asked(tmp_path, "hw2")] == [["second"], ["first", LATE]]


def test_a_receipt_that_is_none_is_named(term: Gradebook, tmp_path: Path) -> None:
    path = receipts.path(tmp_path, "9901", "hw2", 1)
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    with pytest.raises(Problem, match="9901/hw2/1.json is no receipt"):
        asked(tmp_path)


def test_it_is_ordered_as_asked(term: Gradebook, tmp_path: Path) -> None:
    (tmp_path / "students.csv").write_text("id,first_name,last_name\n9901,Sara,Zand\n9902,Ali,Ahmadi\n")
    term.find_grade("double_check", "hw2", "hw2", "9902").auto_score = 40
    term.db.commit()
    for order, students in (("student", ["9901", "9902"]), ("name", ["9902", "9901"]), ("score", ["9902", "9901"])):
        assert [one.student for one in asked(tmp_path, "hw2", order)] == students, order
    why = term.find_grade("why", "hw2", "hw2", "9902")
    why.manual_score, why.needs_manual_grade = 7, False
    term.db.commit()
    assert [one.student for one in asked(tmp_path, "hw2", "waiting")] == ["9901", "9902"]


def test_it_is_told_whole_to_other_programs(term: Gradebook, tmp_path: Path) -> None:
    receipts.write(tmp_path, receipt(verdict("a", state="missing", fact="no answer"), student="9902", homework="hw2"))
    late = asked(tmp_path, "hw2")[1:]
    assert table(late)[0]["reasons"] == ["a: no answer", LATE] and flat(late)[0]["reasons"] == f"a: no answer; {LATE}"


@pytest.mark.parametrize("homeworks", [1, 8, 14])
def test_two_hundred_students_are_two_hundred_lines_of_eighty_columns(homeworks: int) -> None:
    rooms = [
        Classroom(
            f"hw{number:02}_attention",
            [Cell("why", 100, True)],
            [
                Row(f"99{student:06}", "فاطمه", "رضایی‌نژاد", {}, 100, 0, 100, ["why"], [], None, Lateness("hw"), receipt(failed("a", "x" * 300)))  # type: ignore[arg-type]
                for student in range(200)
            ],
            [],
            None,
            Path(),
        )
        for number in range(homeworks)
    ]  # fmt: skip
    shown = terminal.one_homework(summary(rooms)) if homeworks == 1 else terminal.all_homeworks(rooms, "student")
    lines = terminal.plain(shown).splitlines()
    assert len(lines) <= 210 and max(map(cell_len, lines)) <= 80
    assert sum("رضایی‌نژاد" in line for line in lines) == 200 and "100" in lines[1]
    assert ("earlier homeworks" in terminal.plain(shown)) == (homeworks == 14)
