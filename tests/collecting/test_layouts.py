"""A class in each platform's layout, collected without a hand."""

from pathlib import Path

import pytest

from tests.collecting.classes import LAYOUTS, NOTEBOOK, STUDENTS, lay, notebook, zipped
from tests.collecting.conftest import Chose, answers

EVERYBODY = {student[0]: notebook(student[0]) for student in STUDENTS}


@pytest.mark.parametrize(
    "wrapped", ["a folder", "a folder in a folder", "a zip", "a zip with a folder in it", "a zip in a folder"]
)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_class_in_each_layout(layout: str, wrapped: str, chose: Chose, tmp_path: Path) -> None:
    files = LAYOUTS[layout]()
    files |= {"desktop.ini": b"", "__MACOSX/._x": b"", "sub/Thumbs.db": b"", ".DS_Store": b""}
    inside = {f"DL-hw02-8812/{name}": content for name, content in files.items()}
    if wrapped.startswith("a zip in"):
        download = lay(tmp_path / "d", {"DL-hw02-8812.zip": zipped(files)})
    elif wrapped.startswith("a zip"):
        download = lay(tmp_path / "d", {"all.zip": zipped(inside if "folder" in wrapped else files)}) / "all.zip"
    else:
        download = lay(tmp_path / "d", inside if "in a" in wrapped else files)
    chosen = chose(download)
    assert chosen.problems == [] and answers(chosen) == EVERYBODY
    assert {a.notebook.looks for a in chosen.counts.values()} == {"answered"}


HABITS = [
    "DL_Hw2_Sara_Ahmadi_99100101-1.zip", "DL_Hw2_Sara_Ahmadi_99100101_final.zip", "DL_Hw2_Sara_Ahmadi_99100101 (1).zip",
    "DL_Hw2_Sara_Ahmadi_99100101(2).zip", "DL_Hw2_Sara_Ahmadi_99100101 - Copy.zip", "DL_Hw2_Sara_Ahmadi_99100101 - Copy (2).zip",
    "Copy of DL_Hw2_Sara_Ahmadi_99100101.zip", "DL_Hw2_Sara_Ahmadi_99100101_v2.zip", "DL_Hw2_Sara_Ahmadi_99100101_FINAL_final.zip",
    "DL_Hw2_Sara_Ahmadi_99100101.zip.zip", "DL_Hw2_Sara_Ahmadi_99100101.ipynb.zip", "DL_HW02_sara_ahmadi_99100101.ZIP",
    "DL_Hw2_Sara_Ahmadi_۹۹۱۰۰۱۰۱.zip", "DL_Hw2_Sara_Ahmadi_٩٩١٠٠١٠١.zip", "DL Hw2 Sara Ahmadi 99100101.zip",
    "DL-Hw2-Sara-Ahmadi-99100101.zip", "DL_Hw2_Ahmadi_Sara_99100101.zip", "DL_Hw2_99100101_Sara_Ahmadi.zip",
    "DL_Hw2_Sara_Ahmadi.zip", "DL_Hw2_Sara_Ahmadi_final.zip", "DL_Hw2_99100101.zip", "DL_Hw2__Sara__Ahmadi__99100101_.zip",
    "DL_Hw2_Sara_Ahmadi_99100101_کپی.zip", "کپی DL_Hw2_Sara_Ahmadi_99100101.zip", "DL_Hw2_Sara_Ahmadi_99100101_نهایی.zip",
    "DL_Hw2_Sara_Ahmadi_99100101_new.zip", "DL_Hw2_Sara_Ahmadi_99100101_latest_version2.zip", "\u200fDL_Hw2_Sara_Ahmadi_99100101\u200f.zip",
    "DL_Hw2_Sara_Ahmadi_99100101_(final).zip", "DL_Hw2_S_A_99100101.zip", "99100101.zip", "sara ahmadi.zip", "Ahmadi, Sara.zip",
    "hw2_99100101_final.zip", "HW02 - Sara Ahmadi (1).zip", "99100101_hw02_attention.zip", "hw02_attention_99100101.zip",
    "s99100101@example.edu/x.zip", "12345/x.zip", "99100101 - Sara Ahmadi/x.zip", "Sara Ahmadi (99100101)/x.zip",
    "Sara Ahmadi_777_assignsubmission_file_/x.zip", "Participant_12345_assignsubmission_file_/x.zip",
    "ahmadisara_12345_9_x.zip", "someone_12345_9_x.zip", "ahmadisara_99999_9_x.zip", "Section 2/99100101/x.zip",
]  # fmt: skip


@pytest.mark.parametrize("name", HABITS)
def test_a_habit_is_no_id(name: str, chose: Chose) -> None:
    chosen = chose({name: zipped({NOTEBOOK: notebook("sara")}), "99100102/x.zip": zipped({NOTEBOOK: notebook("omid")})})
    assert chosen.problems == [] and answers(chosen) == {"99100101": notebook("sara"), "99100102": notebook("omid")}


NOBODY = {
    "DL_Hw2_Sara_Ahmadi_99100110x.zip": "not on the roster; the nearest is 99100110",
    "DL_Hw2_Sara_Ahmadi_99100201.zip": "99100201 is not on the roster; the nearest is 99100101 (Sara Ahmadi)",
    "DL_Hw2_Sara_Ahmady.zip": "the nearest is 99100101 (Sara Ahmadi)",
    "DL_Hw2_Omid_Tehrani_99100101.zip": "the number is that of 99100101 (Sara Ahmadi), the name that of 99100102",
    "DL_Hw3_Sara_Ahmadi_99100101.zip": "homework 3 among the uploads of",
    "DL_Hw2_--force.zip": "is not on the roster",
    "DL_Hw2_Sara_-h.zip": "is not on the roster",
    "--force/x.zip": "of nobody on the roster",
    "Someone Else_501_assignsubmission_file_/x.zip": "is not on the roster",
    "Sara Ahmady_12346_assignsubmission_file_/x.zip": "the nearest is 99100101 (Sara Ahmadi)",
    "ahmadisara_12346_9_x.zip": "user 12346 is 99100102 (Omid Tehrani), but the name is that of 99100101",
    "saraahmad/x.zip": "the nearest is 99100101",
    "homework.zip": "of nobody on the roster",
    "DL_Hw2_a\x1b[2J\nWARNING b.zip: a broken zip_5.zip": "is not on the roster",
}  # fmt: skip


@pytest.mark.parametrize("name", NOBODY)
def test_what_is_nobodys_is_said_and_not_collected(name: str, chose: Chose) -> None:
    chosen = chose({name: zipped({NOTEBOOK: notebook("x")}), "99100114/x.zip": zipped({NOTEBOOK: notebook("m")})})
    assert list(chosen.counts) == ["99100114"] and len(chosen.problems) == 1
    assert NOBODY[name] in chosen.problems[0] and chosen.problems[0].isprintable()


def test_two_of_one_name_are_told_apart_by_a_number_or_by_a_person(chose: Chose) -> None:
    table = "id,first_name,last_name,lms_user_id\n1001,Ali,Karimi,7\n1002,علی,کریمی,8\n1003,علي,كريمي,9\n"
    files = {f"علی کریمی_{n}_assignsubmission_file_{NOTEBOOK}": notebook(str(n)) for n in (8, 555)}
    chosen = chose(files, table)
    assert answers(chosen) == {"1002": notebook("8")}
    assert len(chosen.problems) == 1 and "2 students are called so (1002 (علی کریمی), 1003" in chosen.problems[0]


def test_without_a_roster_names_give_the_number_and_nothing_else_does(chose: Chose) -> None:
    names = ["DL_Hw2_Sara_Ahmadi_99100101-1", "DL_Hw2_Omid_Tehrani_99100102_final", "DL-Hw2-A-B-99100103", "99100104"]
    wrong = [
        "DL_Hw2_Sara_Ahmadi",
        "DL_Hw2_A_B_--force",
        "DL_Hw2_A_B_-h",
        "Sara Ahmadi_501_assignsubmission_file_",
        "notes",
    ]
    chosen = chose({f"{name}.zip": zipped({NOTEBOOK: notebook(name)}) for name in names + wrong}, "")
    assert sorted(chosen.counts) == ["99100101", "99100102", "99100103", "99100104"]
    assert len(chosen.problems) == len(wrong) and all("students.csv" in line for line in chosen.problems)


@pytest.mark.parametrize(
    "inside", ["DL_Hw2_Omid_Tehrani_99100102.zip", "99100102.ipynb", "Omid Tehrani.zip", "a/99100102/x.ipynb"]
)
def test_what_the_platform_says_counts_and_another_name_within_is_for_a_person(inside: str, chose: Chose) -> None:
    folder = "Sara Ahmadi_501_assignsubmission_file_"
    content = (
        zipped({inside: notebook("forged")}) if inside.endswith("ipynb") else zipped({NOTEBOOK: notebook("forged")})
    )
    name = f"{folder}/{'x.zip' if inside.endswith('ipynb') else inside}"
    chosen = chose({name: content, f"{folder}/{NOTEBOOK}": notebook("sara"), f"99100102/{NOTEBOOK}": notebook("omid")})
    assert answers(chosen) == {"99100101": notebook("sara"), "99100102": notebook("omid")}
    assert len(chosen.problems) == 1 and "ask whose work it is" in chosen.problems[0]
