"""Grades handed back: a platform's file filled in, every other byte of it as it was."""

import csv
import io
import zipfile
from pathlib import Path

import pytest

from autograder.problem import Problem
from autograder.reporting import canvas, moodle
from autograder.reporting.sheets import Sheet
from tests.reporting.conftest import STUDENTS, room

pytestmark = pytest.mark.filterwarnings("ignore:Selection of the SingletonThreadPool")
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
    rows = list(csv.DictReader(done.sheet.open(encoding="utf-8-sig")))
    assert list(rows[0]) == HEADS and len(rows) == STUDENTS + 1 and rows[0]["Feedback comments"] == "keep, this"
    assert rows[1]["Grade"] == "25.00" and rows[-2]["Grade"] == "48.75" and rows[3]["Grade"] == "", "one isn't final"
    assert done.filled == STUDENTS - 1 and done.unmatched == ["Some Body (Participant 1)"] and done.missing == []
    with zipfile.ZipFile(str(done.archive)) as made:
        assert made.namelist() == ["Ali4 =cmd4_704_assignfeedback_file/hw2.html"]


def test_moodles_maximum_scales(course: Path) -> None:
    done = moodle.export(course, room(course), worksheet(course, maximum="7"), course / "out", partial=True)
    assert list(csv.DictReader(done.sheet.open(encoding="utf-8-sig")))[1]["Grade"] == "2.50"


def test_what_is_not_final_is_not_handed_back_unless_asked(course: Path) -> None:
    with pytest.raises(Problem, match="1 submissions of hw2 aren't final .9903: why"):
        moodle.export(course, room(course), worksheet(course), course / "out", partial=False)
    assert not (course / "out").exists()


def test_another_file_is_no_worksheet(course: Path) -> None:
    with pytest.raises(Problem, match="no grading worksheet"):
        moodle.export(course, room(course), course / "students.csv", course / "out", partial=True)


def exported(
    course: Path,
    *,
    delimiter: str = ",",
    comma: bool = False,
    mark: str = "",
    end: str = "\n",
    titles: tuple[str, ...] = ("Attention, HW 2 (77)", "HW 3 (78)"),
) -> Path:
    """A gradebook as Canvas exports it: hidden posting, points possible, read-only totals, the test student last."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)

    def number(written: str) -> str:
        return written.replace(".", ",") if comma else written

    writer.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Notes", *titles, "Final Score"])
    writer.writerow([""] * 6 + ["Manual Posting"] * len(titles) + [""])
    writer.writerow(["    Points Possible", "", "", "", "", "", *[number("35.00")] * len(titles), "(read only)"])
    for student in range(STUDENTS):
        known = f"{9900 + student}" if student % 2 else ""
        who = [
            f"=cmd{student}, Ali{student}",
            f"{500 + student}" if student % 3 else "",
            known,
            f"a{student}@x.ir",
            "1 and 2",
            'say "hi"',
        ]
        grades = {4: "EX", 5: "N/A"}.get(student, number("1.50"))
        writer.writerow([*who, *[grades] * len(titles), number("12.50")])
    writer.writerow(["Body, Some", "1", "", "b@y.ir", "1", "", *["" for _ in titles], ""])
    writer.writerow(["Student, Test", "900", "", "0f9d", "1", "", *["" for _ in titles], ""])
    path = course / "Canvas.csv"
    path.write_bytes((mark + text.getvalue()).encode())
    return path


def test_canvas_gets_one_column_and_every_other_byte_stays(course: Path) -> None:
    given = exported(course, mark="\ufeff", end="\r\n")
    done = canvas.export(course, room(course), given, course / "out", partial=True)
    before, after = given.read_bytes().split(b"\r\n"), done.sheet.read_bytes().split(b"\r\n")
    assert len(before) == len(after) and before[:3] == after[:3] and before[-3:] == after[-3:]
    assert after[4] == before[4].replace(b",1.50,", b",12.50,", 1), (
        "25 of 70 points are 12.5 of 35, and HW 3 keeps its own"
    )
    assert after[6] == before[6], "9903 isn't final"
    assert (after[7], after[8]) == (before[7], before[8]), "Canvas excuses one, and the other isn't assigned it"
    assert done.filled == STUDENTS - 3 and done.missing == []
    assert done.unmatched == ["Body, Some (1)"] and done.kept == ["=cmd4, Ali4 (504)", "=cmd5, Ali5 (505)"]


def test_canvas_with_decimal_commas_and_semicolons(course: Path) -> None:
    given = exported(course, delimiter=";", comma=True)
    done = canvas.export(course, room(course), given, course / "out", partial=True)
    assert done.sheet.read_text().splitlines()[4].split(";")[6] == "12,50"


def test_canvas_with_first_and_last_names_apart(course: Path) -> None:
    given = course / "Canvas.csv"
    given.write_text(
        "LastName,FirstName,ID,SIS Login ID,Section,hw2 (5)\n    Points Possible,,,,,70\n=cmd1,Ali1,,x,1,\nStudent,Test,9,0f,1,\n"
    )
    done = canvas.export(course, room(course), given, course / "out", partial=True)
    assert done.sheet.read_text().splitlines()[2] == "=cmd1,Ali1,,x,1,25.00" and done.unmatched == []
    assert len(done.missing) == STUDENTS - 2, "the others aren't in this file, and one isn't final"


@pytest.mark.parametrize(
    "titles", [("Essay (1)", "Project (2)"), ("HW 2, first (1)", "HW 02, again (2)"), ("HW 20 (1)", "HW 21 (2)")]
)
def test_a_column_that_could_be_anothers_is_not_written(course: Path, titles: tuple[str, ...]) -> None:
    with pytest.raises(Problem, match=r"which column is hw2's can't be told \(.*\(1\), .*\(2\)\)"):
        canvas.export(course, room(course), exported(course, titles=titles), course / "out", partial=True)
    assert not (course / "out").exists()


def test_the_only_assignment_is_the_one(course: Path) -> None:
    done = canvas.export(course, room(course), exported(course, titles=("Essay (1)",)), course / "out", partial=True)
    assert done.filled == STUDENTS - 3


def test_nobody_gets_two_lines_and_a_file_of_another_kind_is_refused(course: Path) -> None:
    given = exported(course)
    given.write_text(given.read_text() + '"=cmd1, Ali1",,,,1,,,,\n')
    done = canvas.export(course, room(course), given, course / "out", partial=True)
    assert "=cmd1, Ali1 ()" in done.unmatched
    with pytest.raises(Problem, match="no gradebook of Canvas"):
        canvas.export(course, room(course), course / "students.csv", course / "out", partial=True)


@pytest.mark.parametrize("platform", [canvas, moodle])
def test_a_part_says_that_it_is_one(course: Path, platform: object) -> None:
    given = exported(course) if platform is canvas else worksheet(course)
    with pytest.raises(Problem, match="1 submissions of hw2 aren't final .9903: why"):
        platform.export(course, room(course), given, course / "out", partial=False)  # type: ignore[attr-defined]
    done = platform.export(course, room(course), given, course / "out", partial=True)  # type: ignore[attr-defined]
    assert done.sheet.name == f"{given.stem}-partial.csv" and done.unfinished == ["9903: why"]
    assert "9903: why" in (course / "out" / "not-final.txt").read_text()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n",
        b'\xef\xbb\xbfa;b\r\n"x ""y"" ; z";  2 \r\n\r\nlast',
        'a\t"b\nc"\té\n'.encode("utf-16"),
        b'a,b\n"never closed,1\n',
    ],
)
def test_a_file_that_nothing_is_put_into_stays_itself(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    assert Sheet(tmp_path / "x.csv").content() == content
