"""A class's scores as a table, its page, and Moodle's files: all of one gradebook."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from autograder.grading import receipts
from autograder.grading.late import Policy
from autograder.grading.verdict import Diagnosis
from autograder.problem import Problem
from autograder.reporting import classroom, moodle, report, statistics
from autograder.reporting.classroom import Classroom
from tests.grading.made import gradebook, receipt, verdict

pytestmark = pytest.mark.filterwarnings("ignore:Selection of the SingletonThreadPool")
POLICY = Policy(free_days=0, penalty_per_day=0.25)
TRIPLE = Diagnosis("triple", "You multiply by three.", "در x + 1 سه برابر کرده‌اید.")
STUDENTS = 30
NOW = datetime(2026, 10, 9, tzinfo=UTC)


@pytest.fixture
def course(tmp_path: Path) -> Iterator[Path]:
    """Thirty students: ten are wrong in ``double`` by one mistake, every fifth in ``half``; the last was late, one essay waits."""
    rows = ["id,first_name,last_name,email,lms_user_id"]
    with gradebook(url(tmp_path)) as made:
        made.add_assignment("hw2", duedate=datetime(2026, 10, 1))
        made.add_notebook("hw2", "hw2")
        for cell, points, kind in (("double_check", 40, "code"), ("half_check", 20, "code"), ("why", 10, "markdown")):
            made.add_grade_cell(cell, "hw2", "hw2", max_score=points, cell_type=kind)
        made.add_solution_cell("why", "hw2", "hw2")
        for number in range(STUDENTS):
            student = f"{9900 + number}"
            rows.append(f"{student},Ali{number},=cmd{number},a{number}@x.ir,{500 + number}")
            made.update_or_create_student(student)
            made.add_submission("hw2", student, timestamp=datetime(2026, 10, 2 if number == STUDENTS - 1 else 1))
            double, half = number >= 10, number % 5 != 0
            for cell, score in (("double_check", 40.0 * double), ("half_check", 20.0 * half)):
                grade = made.find_grade(cell, "hw2", "hw2", student)
                grade.auto_score, grade.needs_manual_grade = score, False
            essay = made.find_grade("why", "hw2", "hw2", student)
            essay.manual_score, essay.needs_manual_grade = (None, True) if number == 3 else (5.0, False)
            checks = (
                verdict("double", "double_check", state="passed" if double else "failed", earned=float(double), difference=0.0 if double else 500.0, diagnosis=None if double else TRIPLE),
                verdict("half", "half_check", state="passed" if half else "failed", earned=float(half), difference=0.0 if half else 4.0, fact="" if half else "the number differs"),
            )  # fmt: skip
            receipts.write(tmp_path, receipt(*checks, student=student, homework="hw2"))
        made.db.commit()
        (tmp_path / "students.csv").write_text("\n".join([*rows, "9999,Nobody,Here,n@x.ir,999"]))
        yield tmp_path


def url(course: Path) -> str:
    return f"sqlite:///file:{course.name}?mode=memory&cache=shared&uri=true"


def room(course: Path) -> Classroom:
    return classroom.read(course, url(course), POLICY, "hw2")


def test_a_row_a_student_and_a_column_a_graded_cell(course: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(classroom.as_csv(room(course)))))
    assert list(rows[0]) == [
        "student",
        "first_name",
        "last_name",
        "double_check",
        "half_check",
        "why",
        "raw",
        "penalty",
        "score",
    ]
    assert len(rows) == STUDENTS and rows[1]["student"] == "9901"
    assert (rows[1]["double_check"], rows[1]["half_check"], rows[1]["why"], rows[1]["score"]) == (
        "0.0",
        "20.0",
        "5.0",
        "25.0",
    )
    assert rows[3]["why"] == "", "nobody has given it a score"
    assert (rows[-1]["raw"], rows[-1]["penalty"], rows[-1]["score"]) == ("65.0", "16.25", "48.75")
    assert rows[2]["last_name"] == "'=cmd2", "no spreadsheet computes a name"


def test_json_is_the_same_table(course: Path) -> None:
    told = json.loads(classroom.as_json(room(course)))
    assert told == classroom.table(room(course)) and told[3]["why"] is None and told[0]["last_name"] == "=cmd0"


def test_a_homework_that_nobody_graded_is_said(course: Path) -> None:
    with pytest.raises(Problem, match="nothing of hw9 has been graded yet"):
        classroom.read(course, url(course), POLICY, "hw9")


def test_each_check_over_the_class(course: Path) -> None:
    double, half = report.items(room(course))
    assert (double.passed, double.failed, double.near, double.mistakes) == (
        20,
        10,
        0,
        [("triple", 10, TRIPLE.en, TRIPLE.fa)],
    )
    assert (half.passed, half.failed, half.near) == (24, 6, 6) and half.reasons == [("the number differs", 6)]
    interval = stats.binomtest(20, 30).proportion_ci(0.95, method="wilson")
    assert (double.low, double.high) == pytest.approx((interval.low, interval.high), abs=1e-6)
    scores = np.array([[float(n >= 10), float(n % 5 != 0)] for n in range(STUDENTS)])
    assert double.correlation == pytest.approx(stats.pearsonr(scores[:, 0], scores[:, 1]).statistic)
    assert double.remarks == ["one mistake"]


def test_statistics_agree_with_the_library_and_are_silent_of_few() -> None:
    rng = np.random.default_rng(3)
    scores = rng.random((25, 1)) + 0.5 * rng.random((25, 6))
    others = scores.sum(1) - scores[:, 2]
    assert statistics.item_total(scores, 2) == pytest.approx(stats.pearsonr(scores[:, 2], others).statistic)
    covariance = np.cov(scores.T)
    assert statistics.alpha(scores) == pytest.approx(6 / 5 * (1 - np.trace(covariance) / covariance.sum()))
    assert statistics.alpha(scores[:19]) is None and statistics.item_total(scores[:19], 0) is None
    assert statistics.item_total(np.ones((25, 3)), 0) is None
    for successes, trials in ((0, 7), (3, 8), (8, 8)):
        interval = stats.binomtest(successes, trials).proportion_ci(0.95, method="wilson")
        assert statistics.wilson(successes, trials) == pytest.approx((interval.low, interval.high), abs=1e-6)


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_the_page_asks_nothing_of_the_web_and_says_it_all(course: Path, lang: str) -> None:
    html = report.page(room(course), anonymous=False, lang=lang, now=NOW)
    assert not re.findall(r'(?:src|href)\s*=\s*"(?!#)', html.replace("xlink:", "")) and "<script" not in html
    assert "9903" in html and "Ali3" in html and "triple" in html and html.count("<svg") == 2
    assert ('dir="rtl"' in html.splitlines()[1]) == (lang == "fa")
    assert ("You multiply by three." in html) == (lang == "en")
    assert ("\u2066x + 1\u2069" in html) == (lang == "fa")


def test_the_anonymous_page_names_nobody(course: Path) -> None:
    html = re.sub(r"<svg.*?</svg>", "", report.page(room(course), anonymous=True, lang="en", now=NOW), flags=re.DOTALL)
    assert not re.search(r"99[0-3]\d|Ali|cmd|@x", html) and "triple" in html and "the number differs" not in html


def test_of_a_small_class_the_anonymous_page_draws_nothing(course: Path) -> None:
    few = replace(room(course), rows=room(course).rows[:5])
    html = report.page(few, anonymous=True, lang="en", now=NOW)
    assert "<svg" not in html and "No statistic is told of fewer than 20" in html


def test_what_students_wrote_is_no_markup(course: Path) -> None:
    receipts.write(
        course,
        receipt(
            verdict("double", "double_check"), student="9900", homework="hw2", flags=("<script>alert(1)</script>",)
        ),
    )
    html = report.page(room(course), anonymous=False, lang="en", now=NOW)
    assert "<script" not in html and "&lt;script" in html


HEADS = [
    "Identifier",
    "Full name",
    "ID number",
    "Email address",
    "Status",
    "Grade",
    "Maximum Grade",
    "Feedback comments",
]


def worksheet(course: Path, *, maximum: str = "70,00", extra: bool = True) -> Path:
    path, text = course / "Grades.csv", io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADS)
    for number in range(STUDENTS):
        known = f"{9900 + number}" if number % 2 else ""
        writer.writerow(
            [
                f"Participant {700 + number}",
                f"Ali{number} =cmd{number}",
                known,
                f"a{number}@x.ir",
                "Submitted",
                "",
                maximum,
                "keep, this",
            ]
        )
    if extra:
        writer.writerow(["Participant 1", "Some Body", "", "b@y.ir", "", "", maximum, ""])
    path.write_text(text.getvalue(), encoding="utf-8-sig")
    return path


def test_moodles_worksheet_is_filled_and_its_columns_kept(course: Path) -> None:
    page = course / "feedback" / "9904" / "hw2" / "hw2.html"
    page.parent.mkdir(parents=True)
    page.write_text("yours")
    done = moodle.export(course, room(course), worksheet(course), course / "out", partial=True)
    rows = list(csv.DictReader(done.worksheet.open(encoding="utf-8-sig")))
    assert list(rows[0]) == HEADS and len(rows) == STUDENTS + 1 and rows[0]["Feedback comments"] == "keep, this"
    assert rows[1]["Grade"] == "25.00" and rows[-2]["Grade"] == "48.75" and rows[3]["Grade"] == "", "one isn't final"
    assert done.filled == STUDENTS - 1 and done.unmatched == ["Some Body (Participant 1)"] and done.missing == []
    with zipfile.ZipFile(done.archive) as made:
        assert made.namelist() == ["Ali4 =cmd4_704_assignfeedback_file/hw2.html"]


def test_moodles_maximum_scales(course: Path) -> None:
    done = moodle.export(course, room(course), worksheet(course, maximum="7"), course / "out", partial=True)
    assert list(csv.DictReader(done.worksheet.open(encoding="utf-8-sig")))[1]["Grade"] == "2.50"


def test_what_is_not_final_is_not_handed_back_unless_asked(course: Path) -> None:
    with pytest.raises(Problem, match="1 submissions of hw2 aren't final .9903: why"):
        moodle.export(course, room(course), worksheet(course), course / "out", partial=False)
    assert not (course / "out").exists()


def test_another_file_is_no_worksheet(course: Path) -> None:
    with pytest.raises(Problem, match="no grading worksheet"):
        moodle.export(course, room(course), course / "students.csv", course / "out", partial=True)
