"""No circle of imports in the package, and a student's kernel imports no more than it needs.

Every import counts, also one under ``TYPE_CHECKING`` or inside a function: those are how a circle is hidden from Python, and whoever
reads two modules of a circle has to read them as one. A package's ``__init__`` counts where a name is taken from it, not
where one of its modules is.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from autograder.building import bundle

ROOT = Path(__file__).parents[1]


def modules(root: Path) -> dict[str, Path]:
    found = (path for path in (root / "autograder").rglob("*.py"))
    return {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path for path in found}


def imported(path: Path, known: dict[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module


def circle(root: Path) -> list[str]:
    """The modules of one circle; none if there is none."""
    known = modules(root)
    try:
        TopologicalSorter({name: set(imported(path, known)) - {name} for name, path in known.items()}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert len(modules(ROOT)) > 60 and circle(ROOT) == []


@pytest.mark.parametrize(
    "hidden",
    [
        "from autograder.one import f",
        "from autograder import one",
        "import autograder.one",
        "def g():\n    from autograder.one import f",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from autograder.one import f",
    ],
)
def test_a_circle_is_found_however_it_is_hidden(hidden: str, tmp_path: Path) -> None:
    package = tmp_path / "autograder"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text("from autograder.two import g\ndef f(): ...")
    (package / "two.py").write_text(hidden)
    assert set(circle(tmp_path)) == {"autograder.one", "autograder.two"}


STUDENTS = """
import sys
import torch, numpy, safetensors, safetensors.torch
before = set(sys.modules)
import autograder
new = {name.split(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names)))
"""


def test_a_students_kernel_needs_torch_numpy_and_safetensors_only() -> None:
    done = subprocess.run([sys.executable, "-c", STUDENTS], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["autograder"]


def test_what_a_bundle_packs_imports_nothing_of_the_package_that_it_does_not_pack() -> None:
    known = modules(ROOT)
    packed = {name for name, path in known.items() if path.relative_to(ROOT).as_posix() in bundle._package()}
    assert "autograder.datasets.sources" in packed
    assert {name for module in packed for name in imported(known[module], known)} <= packed
