"""What grading knows of a homework from its folder in ``assignments/``, read once."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from autograder import whole
from autograder.building import dependence, text
from autograder.building.recording import Program
from autograder.building.text import Cell
from autograder.running.server import Warm

VOIDED = "voided.txt"


@dataclass(frozen=True)
class Homework:
    """A homework's text and what follows from it."""

    name: str
    cells: tuple[Cell, ...]

    @cached_property
    def warm(self) -> Warm:
        """What its fork server has ready: everything its cells import, and what its preload cell loads."""
        code = [cell.source for cell in self.cells if cell.is_code]
        preload = "\n".join(cell.source for cell in self.cells if cell.kind == "preload")
        return Warm(tuple(sorted({name for source in code for name in _imports(source)})), preload)

    @cached_property
    def demonstrations(self) -> frozenset[str]:
        """The sources of plain cells: no check, no solution, nothing locked."""
        return frozenset(cell.source for cell in self.cells if cell.kind == "code")

    @cached_property
    def given_to_checks(self) -> dict[str, list[str]]:
        """The functions and classes of given and plain cells that checks need, with the solutions that each checks."""
        program, found = Program(self.name, self.cells, ""), dict[str, list[str]]()
        for check, solution in dependence.targets(self.cells).items():
            for cell, source in program.plan([check]):
                if cell.kind in ("given", "code"):
                    names = (n.name for n in ast.parse(source).body if isinstance(n, ast.FunctionDef | ast.ClassDef))
                    for name in names:
                        found.setdefault(name, []).append(solution)
        return {name: list(dict.fromkeys(solutions)) for name, solutions in found.items()}

    @cached_property
    def sources(self) -> frozenset[str]:
        return frozenset(cell.source for cell in self.cells)


def read(course: Path, homework: str) -> Homework:
    """A homework as its text is now.

    Raises:
        BuildError: its text is inconsistent.
        FileNotFoundError: the course has no such homework.
    """
    path = course / "assignments" / homework / f"{homework}.py"
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> Homework:
    return Homework(path.stem, tuple(text.read(path)))


def _imports(source: str) -> Iterable[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def voided(course: Path, homework: str) -> frozenset[str]:
    """The checks that were taken out of everybody's total: a name a line, and after # whatever people note."""
    path = course / "assignments" / homework / VOIDED
    if not path.exists():
        return frozenset()
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(line for line in lines if line)


def void(course: Path, homework: str, check: str) -> None:
    """Take a check out of everybody's total from now on."""
    path = course / "assignments" / homework / VOIDED
    if check not in voided(course, homework):
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        whole.write(path, f"{before.rstrip()}\n{check}\n".lstrip())
