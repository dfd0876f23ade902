"""Zips and notebooks of students, opened by a process that may die of them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from autograder.cleaned import cleaned
from autograder.collecting import opening


@dataclass(frozen=True)
class Bounds:
    """What opening one upload may take."""

    max_bytes: int = 100 * 2**20
    max_files: int = 1000
    max_total: int = 512 * 2**20
    memory: int = 2**30
    seconds: int = 30


DOWNLOAD = {"max_bytes": 2 * 2**30, "max_files": 200_000, "max_total": 64 * 2**30}
DOWNLOAD_SECONDS = 3600


@dataclass(frozen=True)
class Notebook:
    """A notebook that was found in an upload; ``looks`` is one of ``opening.looks``."""

    name: str
    file: Path
    sha256: str
    looks: str
    about: str


@dataclass(frozen=True)
class Opened:
    """What is in an upload: notebooks, the names of everything in it, and why it can't be used."""

    notebooks: tuple[Notebook, ...] = ()
    names: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True)
class File:
    """A file of a download: its path there, where its content lies, and the time that the download tells."""

    parts: tuple[str, ...]
    path: Path
    time: datetime | None


def open_all(paths: list[Path], homework: str, released: dict[str, Any], work: Path, bounds: Bounds) -> list[Opened]:
    """Open uploads, each a zip or a notebook."""
    tasks = [{"path": str(path), "kind": "upload", "seconds": bounds.seconds} for path in paths]
    order = {**asdict(bounds), "homework": homework, "released": released}
    return [_opened(answer) for answer in _answers(order, tasks, work)]


def unpack(download: Path, work: Path, bounds: Bounds, here: tzinfo | None) -> list[File]:
    """Take a platform's zip apart, into uploads.

    Raises:
        ValueError: it is none, or a broken one.
    """
    tasks = [{"path": str(download), "kind": "download", "seconds": DOWNLOAD_SECONDS}]
    (answer,) = _answers({**asdict(bounds), "download": DOWNLOAD}, tasks, work)
    if "refused" in answer:
        raise ValueError(cleaned(answer["refused"]))
    return [
        File(
            tuple(part for part in one["name"].split("/") if part not in ("", ".")),
            Path(one.get("file", "")),
            _time(one["time"], here),
        )
        for one in answer["found"]
    ]


def released(course: Path) -> dict[str, Any]:
    """The cells of every homework as they were given away, in all languages, to know what was answered."""
    known: dict[str, Any] = {}
    for path in sorted(course.glob("release/*/*/*.ipynb")):
        if path.stem == path.parent.name:
            cells = json.loads(path.read_bytes())["cells"]
            one = known.setdefault(path.stem, {"ids": [], "sources": []})
            one["sources"] += filter(None, (opening.squeezed(cell["source"]) for cell in cells))
            one["ids"] += (cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell["metadata"])
    return known


def _answers(order: dict[str, Any], tasks: list[dict[str, Any]], work: Path) -> list[dict[str, Any]]:
    """An answer a task; a task that ends its process is answered for, and the next go on in another."""
    answers: list[dict[str, Any]] = []
    for number, task in enumerate(tasks):
        task["into"] = str(work / f"{number}")
        (work / f"{number}").mkdir(parents=True)
    while len(answers) < len(tasks):
        left = tasks[len(answers) :]
        done = subprocess.run(
            [sys.executable, "-I", "-S", opening.__file__],
            input=json.dumps({**order, "tasks": left}).encode(),
            capture_output=True,
            check=False,
        )
        lines = done.stdout.split(b"\n")[:-1]
        answers += [json.loads(line) for line in lines]
        if len(lines) < len(left):
            answers.append({"refused": "opening it takes too long or too much memory: ask for the notebook alone"})
    return answers


def _opened(answer: dict[str, Any]) -> Opened:
    if "refused" in answer:
        return Opened(refused=cleaned(answer["refused"]))
    found = answer["found"]
    notebooks = [
        Notebook(o["name"], Path(o["file"]), o["sha256"], o["looks"], o["about"]) for o in found if "file" in o
    ]
    return Opened(tuple(notebooks), tuple(one["name"] for one in found))


def _time(time: Any, here: tzinfo | None) -> datetime | None:
    if isinstance(time, list):
        clock = datetime(*time)
        return (clock.replace(tzinfo=here) if here else clock).astimezone(UTC)  # else as unpacking it here would
    return None if time is None else datetime.fromtimestamp(time, UTC)
