"""What a solution must not call, found in what a student wrote."""

from pathlib import Path

import pytest
from nbformat import NotebookNode

from autograder.building.text import Cell
from autograder.grading.forbidden import flags, of_solution
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
        ("from torch import *\nsoftmax(x)", HERE, "everything imported"),
        ("from torch.nn.functional import *\nlog(softmax(x))",
         ["softmax may not use torch.nn.functional.softmax, which stands in its cell"], "of a part of it"),
        ("from math import *\nexp(x)", [], "of something else"),
        ("s = torch.softmax\ns(x)", [*HERE, *METHOD], "assigned to a name"),
        ("t = torch\ns = t\nq = s.softmax\nq(x)", [*HERE, *METHOD], "and that to another"),
        ("a, s = 1, torch.softmax", [*HERE, *METHOD], "in a tuple"),
        ("if (s := torch.softmax): s(x)", [*HERE, *METHOD], "in passing"),
        ("getattr(torch, 'softmax')(x)", [*HERE, *METHOD], "by its name in a string"),
        ("getattr(torch, 'soft' + 'max')(x)", [*HERE, *METHOD], "of two strings"),
        ("getattr(x, f\"{'soft'}max\")(0)", METHOD, "of a formatted string"),
        ("operator.methodcaller('softmax', 0)(x)", METHOD, "by a method caller"),
        ("operator.attrgetter('nn.functional.softmax')(torch)", METHOD, "by an attribute getter"),
        ("vars(torch)['softmax'](x)", [*HERE, *METHOD], "from a module's names"),
        ("torch.__dict__['softmax'](x)", [*HERE, *METHOD], "or its dict"),
        ("__import__('torch').softmax(x)", [*HERE, *METHOD], "of a module imported by a call"),
        ("importlib.import_module('torch').softmax(x)", [*HERE, *METHOD], "or by importlib"),
        ("%matplotlib inline\ndef softmax(x): return x.softmax(0)", METHOD, "beside a magic line"),
        ("!pip list\nfiles = !ls\nx.softmax(0)", METHOD, "beside a line for the shell"),
        ("%%time\nx.softmax(0)", METHOD, "under a magic"),
        ("%timeit -n 10 x.softmax(0)", METHOD, "in a magic"),
        ("exec('x.softmax(0)')", METHOD, "in a string that is run"),
        ("print('x.softmax(0)')", [], "in a string that is not"),
        ("getattr(torch, name)(x)", [], "by a name that only running it would tell"),
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


def test_a_helper_in_another_solutions_cell_is_looked_at_if_the_solution_calls_it() -> None:
    helpers = (
        "def loss(x): return help(x).softmax(0)\ndef help(x): return x.softmax(0)\ndef other(x): return x.softmax(1)"
    )
    found = flags(notebook("def softmax(x): return help(x)", loss=helpers), HOMEWORK)
    assert found == ["softmax may not use .softmax, which stands in help, which it calls"]
    assert flags(notebook("def softmax(x): return loss(x)", loss=helpers), HOMEWORK) == [], "its own solution may"


def test_a_line_says_which_solution_it_is_about() -> None:
    assert of_solution(HERE[0]) == "softmax" and of_solution("train: accuracy 1 is too good to be learned") == ""


GIVEN = Homework(
    "hw",
    (
        Cell("given", "def logits(x): return x", Path("hw.py"), 1, "helper"),
        Cell("code", "def plot(x): return x", Path("hw.py"), 2),
        Cell("solution", "def loss(x): ...", Path("hw.py"), 3, "loss"),
        Cell("check", "check('loss', loss(logits(1)))", Path("hw.py"), 4, "loss_check", points=60),
    ),
)
ANEW = ["loss is checked with logits, which is given and which the notebook defines anew"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def logits(x): return 3", ANEW),
        ("logits = lambda x: 3", ANEW),
        ("import evil as logits", ANEW),
        ("for logits in [abs]: pass", ANEW),
        ("def helper():\n    global logits\n    logits = abs\nhelper()", ANEW),
        ("exec('def logits(x): return 3')", ANEW),
        ("def plot(x): return 3", []),
        ("def own():\n    logits = 3\n    return logits", []),
        ("logits(3)", []),
        ("def logits(x): return x", []),
    ],
)
def test_what_is_given_and_checked_with_is_looked_at_when_it_is_defined_anew(source: str, expected: list[str]) -> None:
    made = NotebookNode(cells=[new_cell("code", source)], metadata=NotebookNode())
    assert flags(made, GIVEN) == expected and all(of_solution(flag) == "loss" for flag in expected)
