"""A class of 120 from Moodle's download to Moodle's files, without a hand: the way an instructor goes, step by step."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.collecting.classes import zipped
from tests.conftest import HOMEWORK, Command
from tests.end_to_end.browser import browser, chromium
from tests.exploits.submissions import Class, cell_of, dumped
from tests.marking import room
from tests.marking.test_in_browser import begin, go_to, saved

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sandbox]
if chromium() is None:
    pytest.skip("no Chromium on this machine: apt install chromium", allow_module_level=True)

COUNT, ESSAYS = 120, 6
FIRST, LAST = ("Sara", "Omid", "Li", "Zoë", "علی", "نرگس"), ("Ahmadi", "Tehrani", "Müller", "کریمی", "رضایی‌نژاد")
HEADS = ("Identifier", "Full name", "ID number", "Email address", "Status", "Grade", "Maximum Grade", "Last modified (grade)", "Feedback comments")  # fmt: skip


def student(number: int) -> str:
    return f"{99100000 + number}"


def name(number: int) -> str:
    return f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}{number:03d}"


def work(kinds: Class, number: int) -> bytes:
    """One in three has everything right; the others double wrongly, not at all, or copy from the one before."""
    made = kinds.solved()
    body = ("2 * x", "3 * x", "x + x", "raise NotImplementedError()", "x / 2", "torch.stack([x, x]).sum(0)")[number % 6]
    body = body if body.startswith("raise") else f"return {body}"
    cell_of(made, "double")["source"] = f"def double(x):\n    # {number}\n    {body}"
    if number in (40, 41):  # the same unusual work, in other words
        text = "def double(x):\n    {0} = []\n    for {1} in x.flatten():\n        {0}.append({1} - (-{1}))\n    {0} = torch.stack({0})\n    return {0}.reshape(x.shape)"
        cell_of(made, "double")["source"] = text.format(*(("parts", "part") if number == 40 else ("out", "v")))
    cell_of(made, "why")["source"] = f"Answer number {number % ESSAYS}, which says why."
    return dumped(made)


def handed_in(course: Path, kinds: Class) -> Path:
    """Moodle's zip of everybody's upload, its worksheet, and the roster."""
    files = {}
    roster, sheet = io.StringIO(), io.StringIO()
    people, grades = csv.writer(roster), csv.writer(sheet)
    people.writerow(["id", "first_name", "last_name", "email", "lms_user_id"])
    grades.writerow(HEADS)
    for number in range(COUNT):
        first, last = name(number).split(" ", 1)
        people.writerow([student(number), first, last, f"s{number}@example.edu", ""])
        grades.writerow(
            [
                f"Participant {500 + number}",
                name(number),
                student(number),
                f"s{number}@example.edu",
                "Submitted",
                "",
                "100.00",
                "-",
                "",
            ]
        )
        upload = zipped({f"{HOMEWORK}/{HOMEWORK}.ipynb": work(kinds, number)})
        files[f"{name(number)}_{500 + number}_assignsubmission_file_/DL_Hw0_{number}.zip"] = upload
    (course / "students.csv").write_text(roster.getvalue(), encoding="utf-8")
    (course / "Grades.csv").write_text(sheet.getvalue(), encoding="utf-8-sig")
    (course / "download.zip").write_bytes(zipped(files))
    return course / "download.zip"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


def test_from_moodle_to_moodle(built_toy: Path, tmp_path: Path, command: Command, chrome: Browser) -> None:
    course = Path(shutil.copytree(built_toy, tmp_path / "course"))
    download = handed_in(course, Class(course))
    command(course, "autograder", "collect", HOMEWORK, str(download))
    assert len(list((course / "submitted").iterdir())) == COUNT
    command(course, "autograder", "grade", HOMEWORK)

    # Two people mark at once: each answer that six wrote alike is marked once.
    with room.server(course, homework=HOMEWORK) as server:
        people = [begin(chrome, server.address, who) for who in ("Sara", "Omid")]
        for number in range(ESSAYS):
            person = people[number % 2]
            go_to(person, f"Answer number {number}")
            person.keyboard.press("p")
            person.keyboard.type(str(4 + number))
            person.keyboard.press("Enter")
            saved(person)
        expect(people[1].locator("#by")).to_contain_text("Omid")
    scores = course / "scores.json"
    command(course, "autograder", "scores", HOMEWORK, "--format", "json", "--to", str(scores))
    rows = {row["student"]: row for row in json.loads(scores.read_text(encoding="utf-8"))}
    assert len(rows) == COUNT and all(rows[student(n)]["why"] == 4 + n % ESSAYS for n in range(COUNT))
    right = [n for n in range(COUNT) if n % 6 in (0, 2, 5) or n in (40, 41)]
    assert all((rows[student(n)]["double_check"] == 40) == (n in right) for n in range(COUNT))
    assert all(rows[student(n)]["train_check"] == 40 for n in range(COUNT)), "a gap costs its own points"

    # The class on a page, in both languages; and who is alike.
    for lang in ("en", "fa"):
        page = course / f"report.{lang}.html"
        command(course, "autograder", "report", HOMEWORK, "--to", str(page), "--anonymous", "--lang", lang)
        assert page.stat().st_size > 10_000 and "99100007" not in page.read_text(encoding="utf-8")
    alike = course / "alike.json"
    command(course, "autograder", "similar", HOMEWORK, "--format", "json", "--to", str(alike))
    assert {json.loads(alike.read_text())[0][side] for side in "ab"} == {student(40), student(41)}

    # And back.
    command(course, "nbgrader", "generate_feedback", HOMEWORK)
    command(course, "autograder", "export", "moodle", HOMEWORK, "--worksheet", "Grades.csv", "--to", "moodle")
    (filled,) = (course / "moodle").glob("*.csv")
    (pages,) = (course / "moodle").glob("*.zip")
    back = {row["ID number"]: row for row in csv.DictReader(filled.open(encoding="utf-8-sig"))}
    assert all(float(back[who]["Grade"]) == pytest.approx(rows[who]["score"], abs=0.01) for who in rows)
    assert len(zipfile.ZipFile(pages).namelist()) == COUNT
