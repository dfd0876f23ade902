"""What grading knows of a homework from its folder."""

import os
from pathlib import Path

import pytest

from autograder.building.text import BuildError, Cell
from autograder.grading.homework import Homework, read, void, voided

TEXT = '''# %% preload
import numpy
DATA = numpy.zeros(3)

# %% given id="setup"
import torch.nn.functional as F
from torch import Tensor

# %% solution id="double"
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    import math
    return 2 * x
    ### END SOLUTION

# %% [markdown] hint id="double"
# How many are two of one?
# ---
# Add it to itself.
# %% [markdown] hint id="double" lang="fa"
# دو تا از یکی چند تاست؟
# ---
# با خودش جمع کنید.
# %% check id="double_check" points=100
check("double", double(1))

# %%
print("a figure")
'''


@pytest.fixture
def course(tmp_path: Path) -> Path:
    path = tmp_path / "assignments" / "hw01" / "hw01.py"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT, encoding="utf-8")
    return tmp_path


def of(*cells: tuple[str, str]) -> Homework:
    return Homework("hw", tuple(Cell(kind, source, Path("hw.py"), 1) for kind, source in cells))


def test_a_homework_is_read_by_its_name(course: Path) -> None:
    found = read(course, "hw01")
    assert found.name == "hw01"
    assert [cell.kind for cell in found.cells] == ["preload", "given", "solution", "hint", "hint", "check", "code"]
    assert found.demonstrations == {'print("a figure")'}
    assert len(found.sources) == 7 and 'check("double", double(1))' in found.sources


def test_a_homework_is_read_once_until_its_text_changes(course: Path) -> None:
    first = read(course, "hw01")
    assert read(course, "hw01") is first
    path = course / "assignments" / "hw01" / "hw01.py"
    path.write_text(TEXT.replace("a figure", "another"), encoding="utf-8")
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 10**9))
    assert read(course, "hw01").demonstrations == {'print("another")'}


def test_what_is_no_homework_is_said(course: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(course, "hw02")
    (course / "assignments" / "hw01" / "hw01.py").write_text("# %% given\nx = 1\n", encoding="utf-8")
    with pytest.raises(BuildError, match="hw01.py:1: a given cell needs an id"):
        read(course, "hw01")


def test_the_fork_server_has_ready_what_the_cells_import_and_what_is_preloaded() -> None:
    homework = of(
        ("preload", "import numpy"),
        ("given", "import torch.nn as nn, math\nfrom torch import Tensor"),
        ("solution", "def f():\n    import json\n    from . import local\n    from .sibling import x"),
        ("code", "import math"),
        ("check", "from collections import abc"),
        ("markdown", "import os"),
        ("preload", "DATA = 1"),
    )
    assert homework.warm.imports == ("collections", "json", "math", "torch", "torch.nn")
    assert homework.warm.preload == "import numpy\nDATA = 1"


def test_only_plain_code_is_a_demonstration() -> None:
    homework = of(("code", "a"), ("given", "b"), ("solution", "c"), ("check", "d"), ("preload", "e"), ("markdown", "f"))
    assert homework.demonstrations == {"a"} and homework.sources == set("abcdef")


def test_no_check_is_void_until_one_is(course: Path) -> None:
    assert voided(course, "hw01") == frozenset()
    void(course, "hw01", "double")
    void(course, "hw01", "double of nothing")
    void(course, "hw01", "double")
    assert voided(course, "hw01") == {"double", "double of nothing"}
    path = course / "assignments" / "hw01" / "voided.txt"
    assert path.read_text(encoding="utf-8") == "double\ndouble of nothing\n", "each once"
    assert voided(course, "hw02") == frozenset()


def test_people_may_note_why(course: Path) -> None:
    path = course / "assignments" / "hw01" / "voided.txt"
    path.write_text("# Of this term:\n\n  double  # ambiguous, فارسی\n   # nothing\nlast", encoding="utf-8")
    assert voided(course, "hw01") == {"double", "last"}
    void(course, "hw01", "another")
    assert path.read_text(encoding="utf-8").endswith("nothing\nlast\nanother\n") and "ambiguous" in path.read_text(
        encoding="utf-8"
    )
