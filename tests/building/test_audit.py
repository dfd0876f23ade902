"""The audit finds variants that keep or lose points, narrow margins, robots that earn, and what is missing."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from autograder.building.audit import Audit, audit, false_diagnoses
from autograder.building.recording import Answer, CellRun, mistakes_of
from autograder.building.variants import Variant
from autograder.checks.compare import Options
from autograder.checks.references import Reference, References
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


def known(**answers: dict[str, object]) -> References:
    """References of two checks, x and y of one function, with each variant's wrong answers to them."""
    ours = {"x": torch.tensor([1.0, 2.0, 3.0]), "y": torch.tensor([True, False, True])}
    made = References("hw", "s", [Reference(name, "f_check", value) for name, value in ours.items()])
    for name, values in answers.items():
        runs = {
            "f_check": CellRun(
                [Answer(c, v, Options(), draws=(torch.tensor([5.0, 5.0, 6.0]),)) for c, v in values.items()]
            )
        }
        made.mistakes.extend(mistakes_of(Variant(name, "f", "", 1, f"You did {name}.", name), runs, made))
    return made


def test_a_variant_that_is_told_anothers_words_is_a_fault() -> None:
    one, two = torch.tensor([2.0, 4.0, 6.0]), torch.tensor([2.0, 4.0, 7.0])
    assert false_diagnoses(known(double={"x": one}, other={"x": two})) == []
    made = known(double={"x": one}, other={"x": two})
    made.mistakes[1] = replace(made.mistakes[1], value=one)
    made.mistakes[0] = replace(made.mistakes[0], target="g")
    assert false_diagnoses(made) == ["double: at 'x' its student is told the words of other"]


@pytest.mark.parametrize(
    ("answer", "telling", "why"),
    [
        ([2.0, 4.0, 6.0], True, "finite numbers that are wrong"),
        ([0.0, 0.0, 0.0], False, "zeros"),
        ([5.0, 5.0, 6.0], False, "an input"),
        ([math.nan, 2.0, 3.0], False, "NaN where everything else is right"),
        ([math.inf, math.inf, math.inf], False, "infinities"),
        ([math.nan, 2.0, 4.0], True, "a finite wrong number beside NaN"),
    ],
)
def test_which_answers_tell_their_mistake(answer: list[float], telling: bool, why: str) -> None:
    (mistake,) = known(it={"x": torch.tensor(answer)}).mistakes
    assert mistake.telling is telling and (mistake.value is not None) is telling, why


@pytest.mark.parametrize(
    ("answer", "telling"), [([True] * 3, False), ([False] * 3, False), ([True, True, False], True)]
)
def test_equal_booleans_tell_nothing(answer: list[bool], telling: bool) -> None:
    (mistake,) = known(it={"y": torch.tensor(answer)}).mistakes
    assert mistake.telling is telling


def test_a_function_that_changes_its_argument_keeps_no_points(toy: Path) -> None:
    text = '\n@wrong("double", en="In place.", fa="درجا.")\ndef in_place(x):\n    return x.mul_(2)\n'
    found = add(toy, text)
    row = next(row for row in found.rows if row.name == "in_place")
    assert not row.earned_everything() and "changed its argument" in "".join(r.error for r in row.results.values())
