"""What a solution must not call, found in what a student wrote."""

from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.building.text import Cell
from autograder.grading.forbidden import flags
from autograder.grading.homework import Homework
from autograder.grading.rescue import new_cell

SETUP, CHECK, FIGURE = (
    "import torch\nimport torch.nn.functional as F",
    "check('softmax', softmax(torch.softmax(x)))",
    "plot(x)",
)
CELLS = (
    Cell("given", SETUP, Path("hw.py"), 1, "setup"),
    Cell(
        "solution",
        "def softmax(x): ...",
        Path("hw.py"),
        2,
        "softmax",
        forbid="torch.softmax torch.nn.functional.softmax .softmax",
    ),
    Cell("check", CHECK, Path("hw.py"), 3, "softmax_check", points=60),
    Cell("solution", "def loss(x): ...", Path("hw.py"), 4, "loss"),
    Cell("code", FIGURE, Path("hw.py"), 5),
)
HOMEWORK = Homework("hw", CELLS)


def notebook(solution: str = "", added: str = "", loss: str = "") -> NotebookNode:
    cells = [
        new_cell("code", SETUP, {"nbgrader": {"grade_id": "setup"}}),
        new_cell("code", solution, {"nbgrader": {"grade_id": "softmax"}}),
        new_cell("code", CHECK, {"nbgrader": {"grade_id": "softmax_check"}}),
        new_cell("code", loss, {"nbgrader": {"grade_id": "loss"}}),
        new_cell("markdown", "torch.softmax(x)"),
        new_cell("code", added),
    ]
    return NotebookNode(cells=cells, metadata=NotebookNode())


HERE = ["softmax may not use torch.softmax, which stands in its cell"]
METHOD = ["softmax may not use .softmax, which stands in its cell"]


@pytest.mark.parametrize(
    ("source", "expected", "why"),
    [
        ("def softmax(x): return torch.softmax(x)", [*HERE, *METHOD], "by its full name, which is an attribute too"),
        ("def softmax(x): return x.softmax(-1)", METHOD, "a method of anything"),
        ("def softmax(x): return f(x).softmax", METHOD, "without a call"),
        ("def softmax(x): return x.exp()", [], "by hand"),
        ("def softmax(x): return torch.softmaxes(x)", [], "another name"),
        ("def softmax(x): return softmax(x)", [], "its own name"),
        ("x = 'torch.softmax'  # torch.softmax(x)", [], "only mentioned"),
        ("from torch import softmax\nsoftmax(x)", HERE, "imported"),
        ("from torch import softmax as s\ns(x)", HERE, "imported under another name"),
        ("import torch as t\nt.softmax(x)", [*HERE, *METHOD], "the module under another name"),
        ("import torch.nn.functional\ntorch.nn.functional.softmax(x)",
         ["softmax may not use torch.nn.functional.softmax, which stands in its cell", *METHOD], "the other forbidden name"),
        ("F.softmax(x)", ["softmax may not use torch.nn.functional.softmax, which stands in its cell", *METHOD],
         "under the name that the homework itself gives it"),
        ("torch.softmax(x); torch.softmax(y)", [*HERE, *METHOD], "twice is said once"),
        ("def softmax(x", [], "no Python: nothing is known"),
        ("x = '\0'", [], "nor here"),
        ("torch.softmax.out(x)", [*HERE, *METHOD], "a part of what is forbidden"),
    ],
)  # fmt: skip
def test_in_the_solutions_own_cell(source: str, expected: list[str], why: str) -> None:
    assert sorted(flags(notebook(solution=source), HOMEWORK)) == sorted(expected), why


def test_in_a_cell_that_was_added() -> None:
    found = flags(notebook(added="def helper(x): return x.softmax(0)"), HOMEWORK)
    assert found == ["softmax may not use .softmax, which stands in a cell that was added"]


def test_an_alias_counts_in_every_cell() -> None:
    found = flags(notebook("def softmax(x): return s(x)", "from torch import softmax as s"), HOMEWORK)
    assert found == HERE


def test_another_solutions_cell_and_what_the_homework_itself_says_are_not_looked_at() -> None:
    assert flags(notebook(loss="torch.softmax(x)"), HOMEWORK) == []
    assert flags(notebook(), HOMEWORK) == []


def test_a_given_cell_that_was_changed_is_not_the_students_to_answer_for() -> None:
    made = notebook()
    made.cells[2].source += "\ntorch.softmax(y)"
    assert flags(made, HOMEWORK) == []


def test_where_nothing_is_forbidden_nothing_is_found() -> None:
    free = Homework("hw", tuple(cell for cell in CELLS if not cell.forbid))
    assert flags(notebook("torch.softmax(x)"), free) == []
