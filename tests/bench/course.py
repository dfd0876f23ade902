"""Courses with a class that has handed in, for measuring."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from autograder.building import build, variants
from tests.conftest import HOMEWORK, ROOT, TOY
from tests.end_to_end.room import Desk, Notebook
from tests.exploits.submissions import Class, cell_of, dumped

TIME = "2026-10-01 00:00:00 UTC"
STOCK = "c = get_config()\nc.CourseDirectory.course_id = 'deep-learning'\n"


def toy(folder: Path, works: Iterator[Callable[[Class], Notebook]], students: int) -> Path:
    """The tests' small course, whose cells cost nothing."""
    shutil.copytree(TOY, folder)
    build.build(folder, [HOMEWORK])
    room = Class(folder)
    return _class(folder, HOMEWORK, (dumped(next(works)(room)) for _ in range(students)))


def homework(folder: Path, name: str, works: Iterator[Callable[[Desk], Notebook]]) -> Path:
    """A homework of this repository, and what a class made of it."""
    for part in (f"assignments/{name}", f"source/{name}", f"release/en/{name}", f"release/fa/{name}"):
        shutil.copytree(ROOT / part, folder / part)
    desk = Desk(folder)
    return _class(folder, name, (json.dumps(work(desk)).encode() for work in works))


def attention(folder: Path, students: int) -> Path:
    """hw02 and a class as real ones are: of ten, three have it right, five have one to three mistakes, two have begun."""
    name, chance = "hw02_attention", random.Random(2)
    wrong = [v.name for v in variants.read(ROOT / f"assignments/{name}/variants.py") if v.is_wrong]

    def work(kind: str, desk: Desk) -> Notebook:
        mistakes = chance.sample(wrong, chance.randrange(1, 4)) if kind == "w" else []
        return _begun(desk, name, chance) if kind == "b" else desk.with_variant(name, *mistakes)

    kinds = itertools.islice(itertools.cycle("rrrwwwwwbb"), students)
    return homework(folder, name, (partial(work, kind) for kind in kinds))


def _begun(desk: Desk, name: str, chance: random.Random) -> Notebook:
    """The first few functions only."""
    made, solved = desk.empty(name), desk.solved(name)
    ids = [c["metadata"].get("nbgrader", {}) for c in solved["cells"] if c["cell_type"] == "code"]
    for meta in [m for m in ids if m.get("solution")][: chance.randrange(1, 12)]:
        cell_of(made, meta["grade_id"])["source"] = cell_of(solved, meta["grade_id"])["source"]
    return made


def _class(folder: Path, name: str, works: Iterator[bytes]) -> Path:
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for number, content in enumerate(works):
        place = folder / "submitted" / f"s{number:04d}" / name
        place.mkdir(parents=True)
        (place / f"{name}.ipynb").write_bytes(content)
        (place / "timestamp.txt").write_text(TIME)
    program("nbgrader", folder, "generate_assignment", name, "--force")
    return folder


def stock(course: Path, folder: Path, name: str) -> Path:
    """The same course as nbgrader's own defaults would grade it: its kernel, no sandbox, the public references beside."""
    shutil.copytree(course, folder)
    (folder / "nbgrader_config.py").write_text(STOCK)
    references = folder / "release" / "en" / name / f"{name}.references.safetensors"
    for place in (folder / "submitted").glob(f"*/{name}"):
        shutil.copy(references, place)
    return folder


def program(name: str, folder: Path, *arguments: str) -> None:
    """Run one of the environment's programs."""
    command = [str(Path(sys.executable).parent / name), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
