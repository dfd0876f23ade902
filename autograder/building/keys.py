"""What a result depends on, as one short hash: when anything of it changes, what was kept under the old hash counts no more.

It is the text of the cells that a check needs, the variant that stands in one's place, the seed, this package's modules that run
and compare (with them the pinned versions and checksums of the data), and the libraries that the cells import.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import autograder
from autograder.building.recording import Program

PACKAGE = Path(autograder.__file__).parent
MACHINERY = (
    "__init__.py",
    "problem.py",
    "building/__init__.py",
    "building/keys.py",
    "building/recording.py",
    "building/slicing.py",
    "building/text.py",
    "building/trials.py",
    "building/variants.py",
    "checks",
    "datasets",
)
_ALWAYS = ("numpy", "safetensors", "torch")


def of(program: Program, checks: Iterable[str], instead: dict[str, str] | None = None) -> str:
    """The hash of what these check cells hand over, with other sources instead of some solutions."""
    wanted = sorted(checks)
    plan = [(cell.id, source) for cell, source in program.plan(wanted, instead)]
    libraries = {name for _, source in plan for name in _imported(source)}
    return short([program.homework, program.seed, *wanted, *map(repr, plan), machinery(), *_versions(libraries)])


def short(parts: Iterable[str]) -> str:
    """The hash of some texts in their order."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


@cache
def machinery() -> str:
    """The hash of this package's modules that can change a result."""
    return short(f"{path.relative_to(PACKAGE)}\0{path.read_text(encoding='utf-8')}" for path in modules())


def modules() -> Iterator[Path]:
    """The files of these modules."""
    for name in MACHINERY:
        path = PACKAGE / name
        yield from sorted(path.glob("*.py")) if path.is_dir() else [path]


@cache
def _imported(source: str) -> frozenset[str]:
    """The distributions, by the names of their modules, that a cell imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return frozenset(found)


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # of the standard library, or this package
        return ""


def _versions(libraries: set[str]) -> list[str]:
    return [f"{name} {_version(name)}" for name in sorted(libraries.union(_ALWAYS)) if name != "autograder"]
