"""Names, folded and freed of habits."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.collecting.layouts import Refused, owner
from autograder.collecting.names import folded, plain, without_habits
from autograder.collecting.roster import ID, Roster, Student
from tests.collecting.classes import HOMEWORK, STUDENTS

ROSTER = Roster(Student(id, first, last, f"s{id}@example.edu", lms) for id, first, last, lms, _ in STUDENTS)
names = st.text(max_size=40) | st.lists(
    st.sampled_from(
        [
            "DL_",
            "Hw2",
            "Hw3",
            "_",
            "-",
            "-1",
            "(1)",
            "Copy",
            "of",
            "final",
            ".zip",
            ".ipynb",
            "99100101",
            "۹۹۱۰۰۱۰۲",
            "Sara",
            "Ahmadi",
            "علي",
            "كريمي",
            "_501_assignsubmission_file_",
            "_12345_",
            "LATE_",
            "678",
            "../",
            "/",
            "\\",
            "\x1b[2J",
            "\n",
            "\u202e",
            "\u200c",
            "--force",
            "-h",
            "@",
            "C:",
            ".",
            "..",
        ]
    ),
    max_size=9,
).map("".join)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("علي كريمي", "علی کریمی"), ("رضایی‌نژاد", "رضایی نژاد"), ("فاطمة", "فاطمه"), ("مُحَمَّد", "محمد"), ("مؤمنی", "مومنی"),
        ("آرش", "ارش"), ("أحمد", "احمد"), ("Zoë", "zoe"), ("O’Brien", "O'Brien"), ("SARA_Ahmadi", "sara ahmadi"), ("۹۹", "٩٩"),
        ("Straße", "STRASSE"), ("\u202bسارا\u202c", "سارا"), ("ﷲ", "الله"), ("ｓａｒａ", "sara"), ("بـــهار", "بهار"),
    ],
)  # fmt: skip
def test_one_name(one: str, other: str) -> None:
    assert folded(one) == folded(other) == folded(unicodedata.normalize("NFD", one))


@given(st.text())
def test_folding_again_changes_nothing_nor_does_the_form_of_unicode(name: str) -> None:
    assert folded(folded(name)) == folded(name)
    assert folded(unicodedata.normalize("NFD", name)) == folded(unicodedata.normalize("NFC", name)) == folded(name)


@given(names)
def test_whatever_the_name_it_is_an_id_or_a_sentence(name: str) -> None:
    assert plain(plain(name)) == plain(name) and len(without_habits(name)) <= len(name)
    for roster in (ROSTER, Roster()):
        try:
            whose = owner(name, HOMEWORK, roster)
        except Refused as refused:
            assert len(str(refused).splitlines()) == 1
            continue
        if whose:
            assert ID.fullmatch(whose.student) and "/" not in whose.student and ".." not in whose.student.split("/")
            assert not roster or ROSTER.of_id(whose.student)
