"""A course of two homeworks, and what is chosen of a download for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.collecting import collect, roster
from autograder.collecting.archives import Bounds
from autograder.collecting.collect import Chosen
from tests.collecting.classes import HOMEWORK, course, lay

Chose = Callable[..., Chosen]


@pytest.fixture
def chose(tmp_path: Path) -> Chose:
    """What is chosen of a download, given as files by name or as a path."""
    here = course(tmp_path / "course")

    def choose(download: dict[str, bytes] | Path, table: str | None = None) -> Chosen:
        if isinstance(download, dict):
            download = lay(tmp_path / "download", download)
        if table is not None:
            (here / "students.csv").write_text(table, encoding="utf-8")
        known = roster.read(here) if table != "" else roster.Roster()
        return collect.choose(
            download, HOMEWORK, here, known, tmp_path / "work", Bounds(seconds=5, memory=300 * 2**20), None
        )

    return choose


def answers(chosen: Chosen) -> dict[str, bytes]:
    return {student: attempt.notebook.file.read_bytes() for student, attempt in chosen.counts.items()}
