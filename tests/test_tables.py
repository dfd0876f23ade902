"""Tables as Excel, LibreOffice and people write them."""

from pathlib import Path

import pytest

from autograder import tables
from autograder.problem import Problem

LINES = [("id", "first_name"), ("9901", "سارا, دو"), ("9902", "Omid")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "؛"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_one_table(tmp_path: Path, delimiter: str, encoding: str, end: str) -> None:
    path = tmp_path / "a.csv"
    lines = [delimiter.join(f'"{field}"' for field in line) for line in LINES]
    path.write_bytes(end.join(["# a note, with; everything\tin it", "", *lines, delimiter, " "]).encode(encoding))
    rows = tables.read(path)
    assert [row.fields for row in rows] == LINES
    assert [row.place for row in rows] == [f"{path}:{line}" for line in (3, 4, 5)]


def test_excels_own_line_names_the_sign_between_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sep=;\na;b,c\n")
    assert [(row.place, row.fields) for row in tables.read(path)] == [(f"{path}:2", ("a", "b,c"))]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04\xff\xfe", "neither UTF-8 nor"),
        (b"a\0b", "no text"),
        (b"\xff\xfea", "neither UTF-8 nor"),
        (None, "can't be read"),
    ],
)
def test_what_is_no_table_is_said(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "a.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Problem, match=why):
        tables.read(path)


def test_a_file_without_an_end_is_not_read_to_it() -> None:
    with pytest.raises(Problem, match="larger than 16 MB"):
        tables.read(Path("/dev/zero"))


def test_digits_of_any_script() -> None:
    assert tables.ascii_digits("۹۹ ٩٩ 99 ९९ x²") == "99 99 99 99 x²"
