"""What every homework has for who reads it first: pictures, numbers on paper, a frame, a summary, open tasks, links."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from autograder.building import build, frame, picture, text
from autograder.building.text import Cell
from tests.conftest import ROOT

HOMEWORKS = build.homeworks(ROOT)
LINK = re.compile(r"https?://[^\s)<>\"'»،؛]+")
ARXIV = re.compile(r"/(abs|pdf|html)/(\d{4}\.\d{4,5}|[a-z-]+/\d{7})(v\d+)?")
DOI = re.compile(r"/10\.\d{4,9}/\S+")


def prose(homework: str, lang: str) -> list[Cell]:
    cells = text.read(ROOT / "assignments" / homework / f"{homework}.py")
    return [cell for cell in cells if cell.kind == "markdown" and cell.lang == lang]


def links(homework: str, lang: str) -> list[str]:
    return [link.rstrip(".,:;") for cell in prose(homework, lang) for link in LINK.findall(cell.source)]


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_links_are_well_formed_and_the_same_in_both_languages(homework: str) -> None:
    found = links(homework, "en")
    assert len(set(found)) >= 6 and sorted(found) == sorted(links(homework, "fa"))
    for link in found:
        parts = urlsplit(link)
        assert parts.scheme == "https" and "." in parts.netloc and not parts.query.startswith("utm"), link
        if parts.netloc.endswith("arxiv.org"):
            assert ARXIV.fullmatch(parts.path), link
        if parts.netloc == "doi.org":
            assert DOI.fullmatch(parts.path), link


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_it_shows_before_it_asks(homework: str) -> None:
    for lang in ("en", "fa"):
        cells = prose(homework, lang)
        shown = [name for cell in cells for name in picture.shown_in(cell)]
        assert "map" in picture.shown_in(cells[0]) and len(set(shown)) >= 7
        assert len(frame.tasks(cells + graded(homework), lang)) >= 1
    code = [cell.source for cell in text.read(place(homework)) if cell.kind == "code"]
    assert any("explore(" in source for source in code), "a number that can be changed"


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_its_parts_end_with_what_to_keep_and_with_open_tasks(homework: str) -> None:
    words = {"en": ("**What to keep.**", "**Open tasks**"), "fa": ("**به یاد بسپارید.**", "**تمرین‌های آزاد**")}
    counts = {
        lang: [sum(word in cell.source for cell in prose(homework, lang)) for word in words[lang]] for lang in words
    }
    assert min(counts["en"]) >= 3 and len(set(counts["en"])) == 1, counts
    assert counts["fa"] == counts["en"], counts


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_every_task_has_a_frame_and_essays_come_in_order(homework: str) -> None:
    cells = text.read(place(homework))
    framed = frame.tasks(cells, "en")
    assert framed and all(task.difficulty for task in framed)
    numbers = [int(found[1]) for task in framed if (found := re.match(r"Essay (\d+)", task.title))]
    assert numbers == sorted(numbers)


def place(homework: str) -> Path:
    return ROOT / "assignments" / homework / f"{homework}.py"


def graded(homework: str) -> list[Cell]:
    return [cell for cell in text.read(place(homework)) if cell.kind in ("check", "essay")]
