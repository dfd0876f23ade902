"""A homework's text: what is inconsistent is refused, naming file and line."""

from pathlib import Path

import pytest

from autograder.building import text
from autograder.building.text import BuildError
from tests.conftest import HOMEWORK, TOY

ORIGINAL = (TOY / "assignments" / HOMEWORK / f"{HOMEWORK}.py").read_text(encoding="utf-8")


def line_of(needle: str) -> int:
    return ORIGINAL[: ORIGINAL.index(needle)].count("\n") + 1


def test_the_toy_is_consistent() -> None:
    kinds = [cell.kind for cell in text.read(TOY / "assignments" / HOMEWORK / f"{HOMEWORK}.py")]
    assert kinds[:4] == ["markdown", "markdown", "given", "solution"] and kinds[-1] == "essay"


REFUSED = {
    "a ladder in one language": ('# %% [markdown] hint id="double" lang="fa"', '# %% [markdown] hint id="train" lang="fa"', "as many steps in the other language"),
    "a ladder of one step": ("# ---\n# Add `x` to itself, or scale it.", "", "as many steps in the other language"),
    "no hints": ('# %% [markdown] hint id="answer"\n# How many are there?\n# ---\n# Say of each whether it is so.\n# %% [markdown] hint id="answer" lang="fa"\n# چند تا هستند؟\n# ---\n# دربارهٔ هر کدام بگویید چنین است یا نه.\n', "", "is worth 10 points and has no hints"),
    "hints for nothing": ('hint id="double"\n# What', 'hint id="duoble"\n# What', "there is none called 'duoble'"),
    "a duplicate id": ('check id="answer_check"', 'check id="double_check"', "already that of the cell in line"),
    "a check without points": ('id="double_check" points=40', 'id="double_check"', "worth nothing"),
    "a solution without a check": ('check id="answer_check"', 'check id="other_check"', "no check looks at answer"),
    "a missing twin": ('# %% [markdown] lang="fa"\n# چرا؟\n', "", "no Persian twin right after it"),
    "an orphan twin": ("# %% [markdown]\n# Why?\n", "", "no English twin right before it"),
    "an open marker": ("    return 2 * x\n    ### END SOLUTION", "    return 2 * x", "don't pair"),
    "a closed marker": ("    ### BEGIN SOLUTION\n    return 2 * x", "    return 2 * x", "don't pair"),
    "no marker": ("    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION", "    return 2 * x", "needs ### BEGIN"),
    "a solution in a given cell": ("import torch\n", "### BEGIN SOLUTION\n### END SOLUTION\nimport torch\n", "no place in a given"),
    "no mark scheme": ("# ### BEGIN MARK SCHEME\n# 10 for because\n# ### END MARK SCHEME\n", "", "needs ### BEGIN MARK SCHEME"),
    "another name": ("def double(", "def dubble(", "no `def double` here"),
    "an unknown kind": ('# %% given id="setup"', '# %% giben id="setup"', "not 'giben'"),
    "an unknown attribute": ('# %% given id="setup"', '# %% given id="setup" x="y"', ", not x."),
    "points in quotes": ('id="double_check" points=40', 'id="double_check" points="40"', "points is a number without quotes"),
    "an id without quotes": ('given id="setup"', "given id=5", "text in quotes"),
    "a markdown check": ('# %% check id="double_check"', '# %% [markdown] check id="double_check"', "check cells are code"),
    "broken Python": ("    return 2 * x", "    return 2 *", "invalid syntax"),
    "a magic": ('print("hello")', "%matplotlib inline", "without magics"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, tmp_path: Path) -> None:
    old, new, message = REFUSED[case]
    assert ORIGINAL.count(old) == 1
    path = tmp_path / f"{HOMEWORK}.py"
    path.write_text(ORIGINAL.replace(old, new), encoding="utf-8")
    with pytest.raises(BuildError, match=rf"{HOMEWORK}\.py:\d+: ") as refused:
        text.read(path)
    assert message in str(refused.value)


def test_a_hint_may_not_hold_a_line_of_the_solution(tmp_path: Path) -> None:
    path = tmp_path / f"{HOMEWORK}.py"
    told = ORIGINAL.replace("    return 2 * x\n", "    return torch.add(x, x)\n").replace(
        "Add `x` to itself", "Try `return torch.add( x,x )`"
    )
    path.write_text(told, encoding="utf-8")
    with pytest.raises(BuildError, match="a hint holds a line of the solution"):
        text.read(path)


def test_the_line_is_that_of_the_cell(tmp_path: Path) -> None:
    path = tmp_path / f"{HOMEWORK}.py"
    path.write_text(ORIGINAL.replace('id="double_check" points=40', 'id="double_check"'), encoding="utf-8")
    line = line_of('# %% check id="double_check"')
    with pytest.raises(BuildError, match=rf":{line}: "):
        text.read(path)
