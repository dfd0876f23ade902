"""Zips as students hand them in, through ``nbgrader zip_collect``."""

import hashlib
import io
import json
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from autograder import tables
from autograder.collecting.zip_collect import Collector, Extractor
from autograder.problem import Problem
from tests.conftest import HOMEWORK, Command

NOTEBOOK = f"{HOMEWORK}.ipynb"


def zipped(files: dict[str, bytes], **entry: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for key, value in entry.items():
                setattr(info, key, value)
            archive.writestr(info, content)
    return buffer.getvalue()


def notebook(text: str) -> bytes:
    return json.dumps(
        {
            "cells": [{"cell_type": "raw", "metadata": {}, "source": text}],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    ).encode()


def encrypted(content: bytes) -> bytes:
    """Set the flag of encryption in both headers of the first entry."""
    damaged = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = damaged.index(signature) + offset
        struct.pack_into("<H", damaged, place, struct.unpack_from("<H", damaged, place)[0] | 1)
    return bytes(damaged)


GOOD = zipped({NOTEBOOK: notebook("good")})
COLLECTED = {
    "DL_Hw0_Sara_Ahmadi_9901.zip": (GOOD, "9901"),
    "DL_Hw0_علی_رضایی نژاد_9902.zip": (GOOD, "9902"),
    "DL_Hw0_Mary Jane_van der Berg_9903.zip": (zipped({f"my folder/hw/{NOTEBOOK}": notebook("nested"), f"__MACOSX/._{NOTEBOOK}": b"x"}), "9903"),
    "DL_Hw00_نرگس_کریمی_۹۹۰۴.zip": (zipped({"copy of homework.ipynb": notebook("renamed")}), "9904"),
    "DL_Hw0_Loose_File_9905.ipynb": (notebook("loose"), "9905"),
    "dl_hw0_lower_case_9906 (1).zip": (GOOD, "9906"),
}  # fmt: skip
REFUSED = {
    "DL_Hw0_A_Bomb_9911.zip": (zipped({NOTEBOOK: b"\0" * (101 * 2**20)}), "larger than 100 MB unpacked"),
    "DL_Hw0_A_Path_9912.zip": (zipped({"../../../evil.ipynb": b"x"}), "a path that leads outside"),
    "DL_Hw0_A_Root_9913.zip": (zipped({"/etc/evil.ipynb": b"x"}), "a path that leads outside"),
    "DL_Hw0_A_Drive_9914.zip": (zipped({"C:\\evil.ipynb": b"x"}), "a path that leads outside"),
    "DL_Hw0_A_Link_9915.zip": (zipped({NOTEBOOK: b"/etc/passwd"}, external_attr=(stat.S_IFLNK | 0o777) << 16), "a symbolic link"),
    "DL_Hw0_A_Lock_9916.zip": (encrypted(GOOD), "encrypted"),
    "DL_Hw0_A_Break_9917.zip": (GOOD[: len(GOOD) // 2], "a broken zip"),
    "DL_Hw0_A_Picture_9918.zip": (b"\x89PNG", "a broken zip"),
    "DL_Hw0_A_Crowd_9919.zip": (zipped({f"{n}.txt": b"" for n in range(1001)}), "more than the 1000 allowed"),
    "DL_Hw0_A_Choice_9920.zip": (zipped({"a.ipynb": notebook("a"), "b.ipynb": notebook("b")}), "2 notebooks in it (a.ipynb, b.ipynb)"),
    "DL_Hw0_A_Void_9921.zip": (zipped({"report.pdf": b"x"}), "no notebook"),
    "DL_Hw3_An_Other_9922.zip": (GOOD, "homework 3 among the uploads of"),
    "homework final FINAL.zip": (GOOD, "the name is not DL_Hw<N>"),
    "DL_Hw0_A_Rar_9923.rar": (b"Rar!", "is no zip"),
}  # fmt: skip


@pytest.fixture(scope="module")
def collected(built_toy: Path, tmp_path_factory: pytest.TempPathFactory, command: Command) -> tuple[Path, str]:
    import shutil

    course = Path(shutil.copytree(built_toy, tmp_path_factory.mktemp("collect") / "course"))
    archive = course / "downloaded" / HOMEWORK / "archive"
    archive.mkdir(parents=True)
    for name, (content, _) in (COLLECTED | REFUSED).items():
        put(archive / name, content, 1_790_000_000)
    put(archive / "DL_Hw0_Re_Peat_9931.zip", zipped({NOTEBOOK: notebook("first")}), 1_790_000_000)
    put(archive / "DL_Hw0_Re_Peat_9931 (1).zip", zipped({NOTEBOOK: notebook("second")}), 1_790_009_000)
    put(archive / "DL_Hw0_Re_Peat_9931 (2).zip", GOOD[:50], 1_790_010_000)
    put(archive / "DL_Hw0_One_Person_9932.zip", zipped({NOTEBOOK: notebook("one")}), 1_790_000_000)
    put(archive / "DL_Hw0_Another_Person_9932.zip", zipped({NOTEBOOK: notebook("another")}), 1_790_000_001)
    put(archive / "DL_Hw0_In_Time_9933.zip", GOOD, 1_790_000_000)
    (archive / "times.csv").write_text(
        "# file, time\nDL_Hw0_In_Time_9933.zip, 2026-10-01 12:30 +0330\n", encoding="utf-8"
    )
    done = command(course, "nbgrader", "zip_collect", HOMEWORK)
    return course, done.stderr + done.stdout


def put(path: Path, content: bytes, time: int) -> None:
    path.write_bytes(content)
    os.utime(path, (time, time))


def submitted(course: Path, student: str) -> str:
    text = (course / "submitted" / student / HOMEWORK / NOTEBOOK).read_text(encoding="utf-8")
    return str(json.loads(text)["cells"][0]["source"])


@pytest.mark.parametrize("name", COLLECTED)
def test_collected(name: str, collected: tuple[Path, str]) -> None:
    course, _ = collected
    assert submitted(course, COLLECTED[name][1])
    stamp = (course / "submitted" / COLLECTED[name][1] / HOMEWORK / "timestamp.txt").read_text()
    assert stamp.startswith("2026-09-21 14:13:20")


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_line(name: str, collected: tuple[Path, str]) -> None:
    _, printed = collected
    line = next(line for line in printed.splitlines() if name in line and "WARNING" in line)
    assert REFUSED[name][1] in line


def test_nobody_else_is_in_the_course(collected: tuple[Path, str]) -> None:
    course, _ = collected
    students = {path.name for path in (course / "submitted").iterdir()}
    assert students == {student for _, student in COLLECTED.values()} | {"9931", "9932", "9933"}
    assert not list(course.parent.glob("**/evil*"))


def test_the_newest_that_can_be_read_wins(collected: tuple[Path, str]) -> None:
    course, printed = collected
    assert submitted(course, "9931") == "second"
    assert "DL_Hw0_Re_Peat_9931.zip" not in printed, "what a newer one replaces is no news"
    assert "DL_Hw0_Re_Peat_9931 (2).zip: a broken zip" in printed


def test_one_number_with_two_names_is_said(collected: tuple[Path, str]) -> None:
    course, printed = collected
    assert submitted(course, "9932") == "another"
    assert "9932: one student number, several names" in printed


def test_a_time_of_arrival_can_be_given(collected: tuple[Path, str]) -> None:
    course, _ = collected
    assert (course / "submitted" / "9933" / HOMEWORK / "timestamp.txt").read_text().startswith("2026-10-01 09:00:00")


def test_collecting_again_overwrites_nothing_unasked(collected: tuple[Path, str], command: Command) -> None:
    course, _ = collected
    done = command(course, "nbgrader", "zip_collect", HOMEWORK, ok=False)
    assert done.returncode != 0 and "--force" in done.stderr
    assert submitted(course, "9931") == "second"


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    """Two uploads of an hour ago, as a learning platform gives them."""
    archive = tmp_path / "downloaded" / HOMEWORK / "archive"
    archive.mkdir(parents=True)
    for student in ("9901", "9902"):
        put(archive / f"DL_Hw0_A_B_{student}.zip", GOOD, 1_790_000_000)
    return archive


def extracted(archive: Path) -> Path:
    folder = archive.with_name("extracted")
    folder.mkdir()
    Extractor().extract(str(archive), str(folder))
    return folder


def test_what_came_from_where_and_when_stands_beside_the_extracted_folder(uploads: Path) -> None:
    folder = extracted(uploads)
    assert sorted(path.name for path in folder.rglob("*")) == ["9901", "9902", NOTEBOOK, NOTEBOOK]
    written = json.loads((uploads.parent / "uploads.json").read_text())
    assert written["9902"] == {
        "upload": "DL_Hw0_A_B_9902.zip",
        "arrived": "2026-09-21T14:13:20Z",
        "sha256": hashlib.sha256(notebook("good")).hexdigest(),
    }


def test_the_time_of_arrival_is_not_the_extracted_files(uploads: Path) -> None:
    place = extracted(uploads) / "9901" / NOTEBOOK
    os.utime(place, (0, 0))
    said = Collector().collect(str(place))
    assert said == {"student_id": "9901", "file_id": HOMEWORK, "timestamp": "2026-09-21 14:13:20 UTC"}


def test_what_was_not_extracted_from_an_upload_is_not_collected(uploads: Path) -> None:
    folder = extracted(uploads)
    (folder / "9901" / NOTEBOOK).write_bytes(notebook("better"))
    (folder / "9903").mkdir()
    (folder / "9903" / NOTEBOOK).write_bytes(notebook("good"))
    said = {student: Collector().collect(str(folder / student / NOTEBOOK)) for student in ("9901", "9902", "9903")}
    assert [student for student, about in said.items() if about] == ["9902"]
    (uploads.parent / "uploads.json").write_text("{}}")
    assert Collector().collect(str(folder / "9902" / NOTEBOOK)) is None


def test_the_times_of_arrival_are_read_once_a_collection(uploads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (uploads / "times.csv").write_text("DL_Hw0_A_B_9902.zip, 2026-10-01 12:30 +0330\n")
    read: list[Path] = []
    usual = tables.read
    monkeypatch.setattr(tables, "read", lambda path: (read.append(path), usual(path))[1])
    place = extracted(uploads) / "9902" / NOTEBOOK
    assert read == [uploads / "times.csv"]
    assert (Collector().collect(str(place)) or {})["timestamp"] == "2026-10-01 09:00:00 UTC"


@pytest.mark.parametrize("line", ["a.zip", "a.zip, soon", "a.zip,", "a.zip, 99999999999999999999"])
def test_a_line_of_times_that_is_none_is_named(line: str, uploads: Path) -> None:
    (uploads / "times.csv").write_text(f"# file, time\n\n{line}\n")
    with pytest.raises(Problem, match=r"times\.csv:3: expected `file name, time`, got "):
        extracted(uploads)
