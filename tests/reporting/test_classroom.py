"""A class's scores as a table and its page: all of one gradebook."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from scipy import stats

from autograder.grading import receipts
from autograder.problem import Problem
from autograder.reporting import classroom, report, statistics, term, term_page
from tests.grading.made import receipt, verdict
from tests.reporting.conftest import POLICY, STUDENTS, TRIPLE, room, url

pytestmark = pytest.mark.filterwarnings("ignore:Selection of the SingletonThreadPool")
NOW = datetime(2026, 10, 9, tzinfo=UTC)


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


def test_of_a_known_mistake_three_can_be_opened_and_nobody_on_the_anonymous_page(course: Path) -> None:
    for student in ("9900", "9901", "9902", "9903"):
        path = course / "autograded" / student / "hw2" / "hw2.ipynb"
        path.parent.mkdir(parents=True)
        cells = [new_code_cell(f"def {name}(x):\n    return 3 * x  # <b> by {student}\u202e", metadata={"nbgrader": {"solution": True, "grade_id": name}}) for name in ("double", "half")]  # fmt: skip
        nbformat.write(new_notebook(cells=cells), path)
    found = report.examples(room(course))[("double", "triple")]
    assert [student for student, _ in found] == ["9900", "9901", "9902"]
    assert found[0][1] == "def double(x):\n    return 3 * x  # <b> by 9900"
    html = report.page(room(course), anonymous=False, lang="en", now=NOW)
    assert html.count("&lt;b&gt; by") == 3 and "<b> by" not in html
    assert " by 99" not in report.page(room(course), anonymous=True, lang="en", now=NOW)


def test_why_answers_came_to_nothing(course: Path) -> None:
    for student, checks in (("9900", ("double", "half")), ("9901", ("double",)), ("9902", ("half",))):
        fact = "no answer: it raised NameError" if student != "9902" else "no answer: it raised TypeError"
        lost = [verdict(check, f"{check}_check", state="missing", fact=fact, difference=None) for check in checks]
        receipts.write(course, receipt(*lost, student=student, homework="hw2"))
    first, second = report.errors(room(course))
    assert (first.line, first.answers, first.students) == ("no answer: it raised NameError", 3, 2)
    assert first.checks == ["double", "half"] and (second.students, second.checks) == (1, ["half"])


def test_the_essays_marks(course: Path) -> None:
    (why,) = report.essays(room(course))
    assert (why.name, why.points, why.marked, why.waiting, why.full, why.zero) == ("why", 10, 29, 1, 0, 0)
    assert why.quartiles == (5, 5, 5)
    few = replace(room(course), rows=room(course).rows[:19])
    assert report.essays(few)[0].quartiles is None


def test_what_is_right_with_the_models_functions_is_neither_passed_nor_failed(course: Path) -> None:
    followed = verdict("double", "double_check", state="followed through", earned=1.0)
    receipts.write(course, receipt(followed, student="9900", homework="hw2"))
    double = report.items(room(course))[0]
    assert (double.passed, double.followed, double.failed, double.tried) == (20, 1, 9, 30)


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("anonymous", [False, True])
def test_the_term_on_a_page(course: Path, lang: str, anonymous: bool) -> None:
    rooms = classroom.read_all(course, url(course), POLICY)
    rules = term.Rules(pass_mark=60, by_hand={("9904", "hw2"): None, ("9905", "total"): 77.0})
    found = term.standings(course, rooms, POLICY, rules, NOW)
    html = term_page.page(rooms, found, rules, anonymous, lang, NOW)
    assert "<script" not in html and not re.findall(r'(?:src|href)\s*=\s*"(?!#)', html.replace("xlink:", ""))
    assert ("60" if lang == "en" else "۶۰") in html and "<svg" in html
    told = re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)
    assert bool(re.search(r"99\d\d|Ali\d", told)) != anonymous
    assert ("9999" in told and "77.0" in told) != anonymous, "who never handed anything in falls behind"
    few = term_page.page(rooms, found[:5], rules, True, lang, NOW)
    assert "<svg" not in few and "have 60" not in few
