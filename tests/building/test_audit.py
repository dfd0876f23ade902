"""The audit finds variants that keep or lose points, narrow margins, robots that earn, and what is missing."""

from pathlib import Path

import pytest

from autograder.building.audit import Audit, audit
from tests.building.test_build import change
from tests.conftest import HOMEWORK

pytestmark = pytest.mark.usefixtures("here")


def variants(course: Path) -> Path:
    return course / "assignments" / HOMEWORK / "variants.py"


def add(course: Path, text: str) -> Audit:
    path = variants(course)
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    return audit(course, HOMEWORK, ["audit/1"])


def test_the_toy_is_clean(toy: Path) -> None:
    found = audit(toy, HOMEWORK, ["audit/1"])
    assert found.faults == [] and found.robots > 20
    assert all(margin.is_wide for margin in found.margins)
    assert {row.name for row in found.rows if row.wrong} == {"triple", "half", "all_true", "first", "sign", "zeros"}


def test_a_variant_may_use_what_only_other_cells_use(toy: Path) -> None:
    change(toy, '# %% solution id="double"', '# %%\ndef shifted(x):\n    return x - 1\n\n\n# %% solution id="double"')
    text = '\n@right("double")\ndef by_another_cell(x):\n    return 2 * shifted(x) + 2\n'
    assert add(toy, text).faults == []


FAULTS = {
    "a wrong one that keeps all points": (
        '\n@wrong("double", en="x", fa="x")\ndef same(x):\n    return 2 * x\n',
        "same: a wrong double that keeps all points",
    ),
    "a right one that loses points": (
        '\n@right("double")\ndef off(x):\n    return 2 * x + 1\n',
        "off: a right double that loses points of 'double'",
    ),
    "a right one that raises": (
        '\n@right("double")\ndef fails(x):\n    return nothing\n',
        "(NameError: name 'nothing' is not defined)",
    ),
    "a margin that is too narrow": (
        '\n@wrong("double", en="x", fa="x")\ndef nearly(x):\n    return 2 * x + 3e-4\n',
        "times the tolerance of 'double'; too close to tell",
    ),
    "a variant of nothing": (
        '\n@wrong("dubble", en="x", fa="x")\ndef lost(x):\n    return x\n',
        "lost: no solution is called 'dubble'",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_faults(case: str, toy: Path) -> None:
    text, fault = FAULTS[case]
    assert any(fault in found for found in add(toy, text).faults)


def test_a_function_with_too_few_variants(toy: Path) -> None:
    path = variants(toy)
    path.write_text(path.read_text(encoding="utf-8").replace('@right("train")', '@wrong("train", en="x", fa="x")'))
    assert "train: 3 wrong and 0 right variants; at least 2 and 1 are needed" in audit(toy, HOMEWORK, []).faults


def test_a_robot_that_earns(toy: Path) -> None:
    change(toy, 'check("double", double(x))', 'check("double", double(x) - x)')
    assert "double_check: the robot «input 0» earns points of 'double'" in audit(toy, HOMEWORK, []).faults


def test_the_command_exits_with_what_it_found(toy: Path, command) -> None:  # type: ignore[no-untyped-def]
    done = command(toy, "autograder", "audit", "--seed", "audit/1", "--html", "a.html", "--json", "a.json")
    assert "all is well" in done.stdout and "caught by" in (toy / "a.html").read_text(encoding="utf-8")
    variants(toy).write_text(variants(toy).read_text(encoding="utf-8").replace("return 3 * x", "return 2 * x"))
    done = command(toy, "autograder", "audit", "--seed", "audit/1", ok=False)
    assert done.returncode == 1 and "triple: a wrong double that keeps all points" in done.stdout
