"""A submitted notebook in order: which cell is which, what is restored, what is put back, what a student wrote."""

import copy
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_notebook, new_output
from nbgrader.api import Gradebook

from autograder.building.bundle import MARK
from autograder.grading import harmless
from autograder.grading.autograde import Sanitize
from autograder.grading.homework import Homework
from autograder.grading.released import Graded, Released, graded_cells, of_notebook, squeezed
from autograder.grading.rescue import KEY, new_cell
from autograder.grading.sanitize import restored, sanitized
from autograder.grading.statements import binds

SETUP = Graded("setup", "code", "import torch\nstart('hw')", "c1", True, False, None)
DOUBLE = Graded("double", "code", "def double(x):\n    raise NotImplementedError()", "c2", False, True, None)
CHECK = Graded("double_check", "code", "check('double', double(x))", "c3", True, False, 40.0)
BIG = Graded("double_check_big", "code", "check('big', double(9 * x))", "c4", True, False, 20.0)
NET = Graded("Net", "code", "class Net(nn.Module):\n    pass", "c5", False, True, None)
NET_CHECK = Graded("Net_check", "code", "check('net', Net())", "c6", True, False, 30.0)
WHY = Graded("why", "markdown", "YOUR ANSWER\nHERE", "c7", False, True, 10.0)
HOMEWORK = [SETUP, DOUBLE, CHECK, BIG, NET, NET_CHECK, WHY]
QUESTION = "Why does it double?"
SOLVED = "def double(x):\n    return 2 * x"
SCRIPT = new_output("display_data", data={"text/html": "<script>alert(1)</script>", "text/plain": "kept"})


def code(source: str, grade_id: str = "", outputs: Iterable[NotebookNode] = ()) -> NotebookNode:
    return new_cell("code", source, {"nbgrader": {"grade_id": grade_id}} if grade_id else {}, list(outputs))


def text(source: str, grade_id: str = "") -> NotebookNode:
    return new_cell("markdown", source, {"nbgrader": {"grade_id": grade_id}} if grade_id else {})


def release() -> list[NotebookNode]:
    """The homework as students get it."""
    cells = [new_cell(cell.cell_type, cell.source, cell.metadata()) for cell in HOMEWORK]
    return [text("# Homework"), *cells[:-1], text(QUESTION), cells[-1]]


def solved(*changed: NotebookNode) -> list[NotebookNode]:
    """The released cells with some in the place of those they are called like."""
    instead = {cell.metadata.nbgrader.grade_id: cell for cell in changed}
    return [instead.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell) for cell in release()]


def without(*ids: str) -> list[NotebookNode]:
    return [cell for cell in release() if cell.metadata.get("nbgrader", {}).get("grade_id") not in ids]


def called(cells: list[NotebookNode]) -> list[str]:
    """The graded cells' ids, and of the others the source."""
    return [cell.metadata.get("nbgrader", {}).get("grade_id") or cell.source for cell in cells]


def released(graded: list[Graded]) -> Released:
    known = {squeezed(source) for source in ("# Homework", QUESTION, *(cell.source for cell in graded))}
    return Released(graded, {QUESTION: "why"}, frozenset(known))


def put_right(cells: list[NotebookNode], graded: list[Graded] = HOMEWORK) -> tuple[list[NotebookNode], list[str]]:
    notes: list[str] = []
    return restored(cells, released(graded), notes), notes


def of(cells: list[NotebookNode], grade_id: str) -> NotebookNode:
    (found,) = (cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    return found


ORDER = ["# Homework", "setup", "double", "double_check", "double_check_big", "Net", "Net_check", QUESTION, "why"]


# What a graded cell is


@pytest.mark.parametrize(
    ("cell", "check", "essay", "points"),
    [(SETUP, False, False, None), (DOUBLE, False, False, None), (CHECK, True, False, 40), (WHY, False, True, 10)],
)
def test_a_graded_cells_metadata_is_nbgraders(cell: Graded, check: bool, essay: bool, points: float | None) -> None:
    assert (cell.is_check, cell.is_essay) == (check, essay)
    expected = {
        "grade": check or essay,
        "grade_id": cell.id,
        "locked": cell in (SETUP, CHECK),
        "schema_version": 3,
        "solution": cell in (DOUBLE, WHY),
        "task": False,
        "checksum": cell.checksum,
        "cell_type": cell.cell_type,
    }
    assert cell.metadata() == {"nbgrader": expected if points is None else expected | {"points": points}}


# Nothing to put right


def test_a_released_notebook_stays_as_it_is() -> None:
    cells, notes = put_right(release())
    assert [(c.cell_type, c.source, c.metadata) for c in cells] == [
        (c.cell_type, c.source, c.metadata) for c in release()
    ]
    assert notes == [] and [cell.id for cell in cells] == [f"cell-{number}" for number in range(9)]


def test_an_answer_stays_where_it_is_found_by_its_id_and_gets_the_gradebooks_metadata() -> None:
    mine = code("y = 3  # no function at all", "double")
    mine.metadata.nbgrader.update(points=1000, grade=True, locked=True, solution=False)
    mine.metadata["tags"] = ["skip-execution"]
    cells, notes = put_right(solved(mine))
    assert called(cells) == ORDER and notes == []
    assert (
        of(cells, "double").source == "y = 3  # no function at all"
        and of(cells, "double").metadata == DOUBLE.metadata()
    )


def test_metadata_of_other_cells_is_dropped() -> None:
    mine = new_cell("code", "x = 1", {"tags": ["x"], "nbgrader": {"grade_id": "stranger", "points": 5, "grade": True}})
    cells, notes = put_right([mine, *release()])
    assert cells[0].metadata == {} and cells[0].source == "x = 1" and notes == []


@pytest.mark.parametrize("odd", [None, 5, "double", ["double"], {}, {"grade_id": None}, {"grade_id": ["double"]}])
def test_metadata_of_any_kind_does_no_harm(odd: Any) -> None:
    cells, _ = put_right([new_cell("code", "x = 1", {"nbgrader": odd}), *release()])
    assert called(cells) == ["x = 1", *ORDER]


# What is locked


@pytest.mark.parametrize(
    ("source", "note", "why"),
    [
        ("import torch\nstart('hw')\n", [], "blanks and line ends are no change"),
        ("import torch; start('hw')  # go", [], "nor is another way to write it"),
        (
            "import torch; start('hw2')",
            ["setup was changed, or is of another version, and is restored"],
            "anything else is",
        ),
        ("", ["setup was changed, or is of another version, and is restored"], "an emptied one too"),
    ],
)
def test_a_locked_cell_gets_the_gradebooks_source(source: str, note: list[str], why: str) -> None:
    cells, notes = put_right(solved(code(source, "setup")))
    assert called(cells) == ORDER and of(cells, "setup").source == SETUP.source
    assert notes == note, why


def test_prose_that_is_locked_is_restored_too() -> None:
    given_text = Graded("rules", "markdown", "Work alone.", "c", True, False, None)
    cells, notes = put_right([text("Work together.", "rules")], [given_text])
    assert (cells[0].source, cells[0].metadata) == ("Work alone.", given_text.metadata())
    assert notes == ["rules was changed, or is of another version, and is restored"]


def test_a_solution_is_never_restored() -> None:
    cells, notes = put_right(solved(code("", "double"), text("", "why")))
    assert (of(cells, "double").source, of(cells, "why").source) == ("", "") and notes == []


# Cells of another type


def test_a_check_turned_into_prose_is_code_again_and_a_solution_too() -> None:
    cells, notes = put_right(solved(text(CHECK.source, "double_check"), text(SOLVED, "double")))
    assert [(c.cell_type, c.source, c.outputs) for c in (of(cells, "double_check"), of(cells, "double"))] == [
        ("code", CHECK.source, []),
        ("code", SOLVED, []),
    ]
    assert called(cells) == ORDER and notes == []


def test_an_essay_turned_into_code_is_prose_again() -> None:
    cells, _ = put_right(solved(code("Because.", "why", [SCRIPT])))
    essay = of(cells, "why")
    assert (essay.cell_type, essay.source) == ("markdown", "Because.") and "outputs" not in essay


def test_raw_cells_become_prose() -> None:
    cells, _ = put_right([new_cell("raw", "mine"), *release()])
    assert (cells[0].cell_type, cells[0].source) == ("markdown", "mine")


# What stands twice


def test_of_two_solutions_called_alike_the_last_counts_and_both_stay() -> None:
    first, last = code("def double(x):\n    return 1", "double"), code(SOLVED, "double")
    cells, notes = put_right([first, *solved(last)])
    assert called(cells) == [first.source, *ORDER] and of(cells, "double").source == SOLVED
    assert notes == ["2 cells are called double; the last one counts"]


@pytest.mark.parametrize(
    ("answers", "counts", "why"),
    [
        (["Because.", WHY.source], "Because.", "an answer before an empty copy"),
        ([WHY.source, "Because."], "Because.", "and after it"),
        (["YOUR ANSWER HERE ", "Because.", " YOUR ANSWER HERE"], "Because.", "blanks are no answer"),
        (["First.", "Second.", WHY.source], "Second.", "of two answers the last"),
        ([WHY.source, WHY.source], WHY.source, "of no answer the last"),
    ],
)
def test_of_essays_called_alike_the_one_that_is_answered_counts(answers: list[str], counts: str, why: str) -> None:
    cells, notes = put_right(release()[:-1] + [text(answer, "why") for answer in answers])
    assert of(cells, "why").source == counts, why
    written = [answer for answer in answers if squeezed(answer) != squeezed(WHY.source)]
    assert len(cells) == 8 + max(1, len(written)), "the other answers stay as prose"
    assert ("2 cells are called why; the last one counts" in notes) == (len(written) > 1)
    assert ("untouched copies left out: why" in notes) == (len(answers) > max(1, len(written)))


# Found by what it holds


@pytest.mark.parametrize(
    "source",
    [
        SOLVED,
        f"import math\n\n{SOLVED}",
        "async  def  double (x):\n    pass",
        "class double:\n    pass",
        "@cache\ndef double(x): 1",
    ],
)
def test_a_solution_whose_metadata_was_lost_is_found_by_its_definition(source: str) -> None:
    mine = code(source)
    cells, notes = put_right([mine if c == "double" else cell for c, cell in zip(ORDER, release())])
    assert called(cells) == ORDER and of(cells, "double").source == source and notes == []


def test_a_class_is_found_by_its_definition() -> None:
    mine = code("class Net(nn.Module):\n    x = 1")
    cells, notes = put_right([mine if c == "Net" else cell for c, cell in zip(ORDER, release())])
    assert of(cells, "Net").source == mine.source and notes == []


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (code("def doubled(x):\n    return 2 * x"), "another function"),
        (code("# def double(x)\ny = double(1)"), "only mentioned"),
        (code("raise NotImplementedError()"), "no definition"),
        (text(SOLVED), "prose"),
    ],
)
def test_what_only_looks_like_a_solution_is_none(cell: NotebookNode, why: str) -> None:
    cells, notes = put_right([*without("double", "Net"), cell])
    assert of(cells, "double").source == DOUBLE.source, why
    assert any("double" in note for note in notes if note.startswith("put back"))


def test_of_several_definitions_the_last_counts() -> None:
    cells, notes = put_right([*without("double"), code("def double(x): 1"), code("def double(x): 2"), code("x = 1")])
    assert of(cells, "double").source == "def double(x): 2" and cells[-1].source == "x = 1"
    assert "double stood" not in str(notes)


def test_an_id_goes_before_a_definition() -> None:
    elsewhere = code("def double(x): return 'an experiment'")
    cells, notes = put_right([*solved(code("y = 2", "double")), elsewhere])
    assert of(cells, "double").source == "y = 2" and called(cells) == [
        *[c for c in ORDER if "double_check" not in c],
        elsewhere.source,
        "double_check",
        "double_check_big",
    ]
    assert notes == [
        f"{name} stood before double and was moved after it" for name in ("double_check", "double_check_big")
    ]


def test_one_cell_is_not_two_graded_cells() -> None:
    both = f"{SOLVED}\nclass Net: pass"
    cells, notes = put_right([code(both) if c == "double" else cell for c, cell in zip(ORDER, release()) if c != "Net"])
    assert of(cells, "double").source == both and called(cells) == [c for c in ORDER if c != "Net"] and notes == []


def test_a_locked_cell_whose_metadata_was_lost_is_found_by_its_content() -> None:
    bare = [new_cell(cell.cell_type, cell.source) for cell in release()]
    bare[3].source = "\n" + CHECK.source.replace(" ", "   ")
    cells, notes = put_right(bare)
    assert called(cells) == ORDER and notes == []
    assert of(cells, "double_check").source == CHECK.source and of(cells, "double_check").metadata == CHECK.metadata()


def test_a_locked_cell_is_not_found_in_prose() -> None:
    cells, notes = put_right([*without("setup"), text(SETUP.source)])
    assert called(cells)[0] == "setup" and notes == ["put back: setup"]


def test_an_essay_whose_metadata_was_lost_is_found_by_its_question() -> None:
    cells, notes = put_right([*without("why")[:-1], text(f"  {QUESTION}\n"), text("Because."), text("And so on.")])
    assert called(cells)[-3:] == [f"  {QUESTION}\n", "why", "And so on."] and of(cells, "why").source == "Because."
    assert notes == []
    assert called(put_right([text(QUESTION), text("Because.")], [WHY])[0]) == [QUESTION, "why"]


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ([text(QUESTION), code("because = 1")], "code is no essay"),
        ([text(QUESTION), text("Because.", "double")], "it is called like another graded cell"),
        ([text(QUESTION)], "nothing stands after the question"),
    ],
)
def test_what_only_looks_like_an_essay_is_none(end: list[NotebookNode], why: str) -> None:
    cells, notes = put_right(without("why", "double")[:-1] + end)
    assert of(cells, "why").source == WHY.source, why
    assert any("why" in note for note in notes if note.startswith("put back"))


def test_the_first_cell_follows_no_question() -> None:
    cells, notes = put_right([text("Because."), text(QUESTION)], [WHY])
    assert called(cells) == ["Because.", QUESTION, "why"] and notes == ["put back: why"]


# What is missing


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        (["setup"], ["setup", *[c for c in ORDER if c != "setup"]]),
        (["double_check"], ORDER),
        (["double_check", "double_check_big"], ORDER),
        (
            ["why"],
            ORDER,
        ),
    ],
)
def test_what_is_missing_is_put_back_after_the_one_before_it(lost: list[str], expected: list[str]) -> None:
    cells, notes = put_right(without(*lost))
    assert called(cells) == expected and notes == [f"put back: {', '.join(lost)}"]
    for cell in HOMEWORK:
        found = of(cells, cell.id)
        assert (found.cell_type, found.source, found.metadata) == (cell.cell_type, cell.source, cell.metadata())


@pytest.mark.parametrize(
    ("lost", "note"),
    [
        (4, "put back: setup, double, double_check, double_check_big"),
        (5, "put back: setup, double, double_check, double_check_big and 1 more"),
        (7, "put back: setup, double, double_check, double_check_big and 3 more"),
    ],
)
def test_of_many_missing_cells_four_are_named(lost: int, note: str) -> None:
    assert put_right(without(*[cell.id for cell in HOMEWORK[:lost]]))[1] == [note]


def test_an_empty_notebook_gets_every_graded_cell_in_the_gradebooks_order() -> None:
    cells, _ = put_right([])
    assert called(cells) == [cell.id for cell in HOMEWORK]


@pytest.mark.parametrize(
    "definition",
    [
        "class Net: 'mine'",
        "Net = lambda: 'mine'",
        "async def Net(): 'mine'",
        "x = Net = 1",
        "if True:\n    Net = 2",
        "try:\n    from models import Mine as Net\nexcept ImportError:\n    pass",
        "with torch.no_grad():\n    class Net: 'mine'",
        "def make():\n    global Net\n    Net = 2\nmake()",
        "globals()['Net'] = 2",
        "exec('class Net: 1')",
        "%time Net = 2\nfrom models import *  # with Net",
        "print(Net := 2)",
    ],
)
def test_no_stub_is_put_back_for_what_the_student_defined_elsewhere(definition: str) -> None:
    theirs = f"{SOLVED}\n{definition}"
    cells, notes = put_right([*solved(code(theirs, "double"))[:5], *release()[6:]])
    assert called(cells) == [c for c in ORDER if c != "Net"] and notes == []
    assert of(cells, "double").source == theirs


@pytest.mark.parametrize(
    "uses", ["print(Net)", "Net == 1", "Net2 = 1", "def Nets(): 1", "def f():\n    Net = 1", "Net.x = 1"]
)
def test_a_stub_that_is_put_back_stands_before_all_code_of_the_students(uses: str) -> None:
    cells, notes = put_right([text("Net = 1"), code(uses), *without("Net")])
    assert called(cells) == ["Net = 1", "Net", uses, *[c for c in ORDER if c != "Net"]] and notes == ["put back: Net"]


def test_a_check_or_an_essay_that_is_put_back_is_no_stub() -> None:
    cells, _ = put_right([code("double_check = 1\nwhy = 2"), *without("double_check")])
    assert called(cells)[1:] == ORDER


# A check before what it checks


def test_a_check_before_its_solution_is_moved_right_after_it() -> None:
    head, setup, double, check, *rest = solved(code(SOLVED, "double"))
    cells, notes = put_right([head, setup, check, code("x = 1"), double, *rest])
    assert called(cells) == ["# Homework", "setup", "x = 1", *ORDER[2:]]
    assert notes == ["double_check stood before double and was moved after it"]


def test_every_check_of_a_solution_is_moved() -> None:
    head, setup, double, check, big, *rest = solved(code(SOLVED, "double"))
    cells, notes = put_right([big, check, head, setup, double, *rest])
    assert set(called(cells)[3:5]) == {"double_check", "double_check_big"} and called(cells)[2] == "double"
    assert len(notes) == 2


def test_a_check_after_its_solution_stays_where_the_student_put_it() -> None:
    cells = release()
    cells.append(cells.pop(3))
    assert called(put_right(cells)[0]) == [c for c in ORDER if c != "double_check"] + ["double_check"]


def test_a_check_belongs_to_no_solution_whose_name_only_begins_like_its_own() -> None:
    longer = Graded("double_check_big", "code", "def double_check_big(): 0", "c", False, True, None)
    cells, notes = put_right([code(CHECK.source, CHECK.id), code(longer.source, longer.id)], [CHECK, longer])
    assert called(cells) == ["double_check", "double_check_big"] and notes == []


def test_a_solution_is_not_moved_whatever_it_is_called() -> None:
    named = Graded("double_check", "code", "def double_check(): 0", "c", False, True, None)
    cells, notes = put_right([code(named.source, named.id), code(SOLVED, "double")], [DOUBLE, named])
    assert called(cells) == ["double_check", "double"] and notes == []


def test_a_check_whose_solution_the_gradebook_lacks_stays() -> None:
    cells, notes = put_right([code(BIG.source, BIG.id), code(SETUP.source, SETUP.id)], [SETUP, BIG])
    assert called(cells) == ["double_check_big", "setup"] and notes == []


# What is seen of it


def test_outputs_keep_no_script_in_graded_cells_nor_in_the_students_own() -> None:
    cells, _ = put_right(
        [
            *solved(code(SOLVED, "double", [SCRIPT]), code(CHECK.source, "double_check", [SCRIPT])),
            code("x = 1", outputs=[SCRIPT]),
        ]
    )
    for cell in (of(cells, "double"), of(cells, "double_check"), cells[-1]):
        assert cell.outputs == [new_output("display_data", data={"text/plain": "kept"})]
    assert all(cell.get("execution_count") is None for cell in cells)


def test_prose_keeps_no_markup_in_essays_nor_in_the_students_own() -> None:
    bad = "<img src=x onerror=alert(1)>"
    cells, _ = put_right([text(bad), *solved(text(bad, "why"))])
    assert cells[0].source == of(cells, "why").source == harmless.markdown(bad) != bad


def test_an_essay_that_is_not_answered_is_the_gradebooks_letter_by_letter() -> None:
    marked = Graded("why", "markdown", "<table>YOUR ANSWER", "c", False, True, 10.0)
    cells, _ = put_right([text("<table>YOUR  ANSWER\n", "why")], [marked])
    assert cells[0].source == "<table>YOUR ANSWER"


PNG = "iVBORw0KGgo="


def test_pictures_that_are_attached_to_prose_and_essays_stay_and_nothing_else_that_is_attached() -> None:
    mine, essay = text("![](a.png)"), text("![](a.png)", "why")
    for cell in (mine, essay):
        cell["attachments"] = {"a.png": {"image/png": PNG}, "a.html": {"text/html": "<script>"}}
    cells, _ = put_right([mine, *solved(essay)])
    assert cells[0].attachments == of(cells, "why").attachments == {"a.png": {"image/png": PNG}}
    assert "attachments" not in cells[1]


def test_colabs_bundle_cell_is_dropped_and_a_mention_of_it_is_not() -> None:
    cells, notes = put_right([code(f"{MARK}: unpacks\nimport zipfile"), code(f"x = 1  {MARK}"), *release()])
    assert called(cells) == [f"x = 1  {MARK}", *ORDER] and notes == []


# Laws

marks = st.lists(st.integers(0, 10**6), unique=True, max_size=6)
WRITTEN = {
    "code": lambda mark: code(f"print({mark})\nx = {mark}"),
    "prose": lambda mark: text(f"I think {mark}."),
    "raw": lambda mark: new_cell("raw", f"{mark}"),
    "solution": lambda mark: code(f"def double(x):\n    return {mark}", "double"),
    "bare solution": lambda mark: code(f"def double(x):\n    return {mark}"),
    "class": lambda mark: code(f"class Net:\n    mark = {mark}"),
    "essay": lambda mark: text(f"Because of {mark}.", "why"),
    "check": lambda mark: text(f"{CHECK.source}\n{mark}"),
    "odd id": lambda mark: code(f"y = {mark}", "stranger"),
}
written = st.builds(lambda kind, mark: WRITTEN[kind](mark), st.sampled_from(sorted(WRITTEN)), st.integers(0, 10**6))
submissions = st.lists(written | st.sampled_from(range(9)).map(lambda n: release()[n]), max_size=14).map(copy.deepcopy)


def settled(cells: list[NotebookNode]) -> list[tuple[str, str, Any]]:
    return [(cell.cell_type, cell.source, cell.metadata) for cell in cells]


@given(submissions)
def test_putting_right_again_changes_nothing(cells: list[NotebookNode]) -> None:
    once, _ = put_right(cells)
    twice, notes = put_right(copy.deepcopy(once))
    assert settled(twice) == settled(once) and notes == []


@given(submissions)
def test_every_graded_cell_is_there_once(cells: list[NotebookNode]) -> None:
    made = put_right(cells)[0]
    ids = [cell.metadata.nbgrader.grade_id for cell in made if cell.metadata]
    defined_elsewhere = {
        cell.id
        for cell in (DOUBLE, NET)
        if any(cell.id in binds(c.source) and not c.metadata for c in made if c.cell_type == "code")
    }
    assert len(ids) == len(set(ids)) and {cell.id for cell in HOMEWORK} - set(ids) <= defined_elsewhere


@given(submissions)
def test_all_that_a_student_wrote_is_there_in_the_students_order(cells: list[NotebookNode]) -> None:
    ours = {cell.source for cell in HOMEWORK}
    made = put_right(cells)[0]
    before = [cell.source for cell in cells if cell.source not in ours and cell.cell_type == "code"]
    after = [cell.source for cell in made if cell.source not in ours and cell.cell_type == "code"]
    assert after == before
    prose = "\n".join(cell.source for cell in made if cell.cell_type != "code")
    assert all(cell.source in prose for cell in cells if cell.cell_type != "code" and not cell.metadata)


@given(submissions)
def test_every_check_stands_after_its_solution(cells: list[NotebookNode]) -> None:
    made = put_right(cells)[0]
    order = called(made)
    for function, checks in ((DOUBLE, (CHECK, BIG)), (NET, (NET_CHECK,))):
        answers = [
            i
            for i, cell in enumerate(made)
            if cell.cell_type == "code" and function.id in binds(cell.source) and cell.source != function.source
        ]
        assert all(not answers or order.index(check.id) > answers[0] for check in checks)


# The whole notebook


def test_a_notebooks_metadata_is_ours_and_says_what_was_put_right() -> None:
    about = {"submission": "abc", "notes": ["the file is odd"]}
    strange = nbformat.from_dict({"kernelspec": {"name": "evil"}, "celltoolbar": "x", KEY: about})
    given_ = NotebookNode(cells=without("setup"), metadata=strange, nbformat=4, nbformat_minor=2)
    made = sanitized(given_, released(HOMEWORK))
    assert made.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        KEY: {"submission": "abc", "notes": ["the file is odd", "put back: setup"]},
    }
    assert (made.nbformat, made.nbformat_minor) == (4, 5) and called(made.cells)[0] == "setup"
    nbformat.validate(made)


def test_a_notebook_of_which_nothing_was_noted_is_sanitized_too() -> None:
    made = sanitized(
        NotebookNode(cells=release(), metadata=NotebookNode(), nbformat=4, nbformat_minor=5), released(HOMEWORK)
    )
    assert made.metadata[KEY] == {"submission": "", "notes": []}


class NoCells:
    """A gradebook that knows of no cell."""

    def find_notebook(self, *names: str) -> SimpleNamespace:
        return SimpleNamespace(grade_cells=[], solution_cells=[], source_cells=[])


def publish(course: Path, lang: str, cells: list[NotebookNode]) -> None:
    made = new_notebook(cells=[NotebookNode(cell, id=f"released-{number}") for number, cell in enumerate(cells)])
    path = course / "release" / lang / "hw" / "hw.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(made), encoding="utf-8")


def test_each_language_of_a_release_tells_which_essay_follows_which_prose(tmp_path: Path) -> None:
    persian = [text("چرا؟"), *release()[-1:], text("پایان")]
    for folder, cells in (("en", release()), ("fa", persian)):
        publish(tmp_path, folder, cells)
    made = of_notebook(NoCells(), tmp_path, Homework("hw", ()))  # type: ignore[arg-type]
    assert made.questions == {QUESTION: "why", "چرا؟": "why"} and {"پایان", squeezed(SETUP.source)} < made.known
    assert of_notebook(NoCells(), tmp_path, Homework("hw2", ())) == Released([], {}, frozenset())  # type: ignore[arg-type]


def test_an_essay_without_prose_before_it_is_not_told_by_prose(tmp_path: Path) -> None:
    publish(tmp_path, "en", [release()[-1], text(" \n"), release()[-1]])
    assert of_notebook(NoCells(), tmp_path, Homework("hw", ())).questions == {}  # type: ignore[arg-type]


@pytest.fixture
def db_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A gradebook that knows the homework."""
    monkeypatch.setattr("nbgrader.api.get_alembic_version", lambda: "0")  # a process of its own, of two seconds
    url = f"sqlite:///{tmp_path}/gradebook.db"
    with Gradebook(url) as gradebook:
        gradebook.add_assignment("hw")
        gradebook.add_notebook("hw", "hw")
        for cell in HOMEWORK:
            fields = {"cell_type": cell.cell_type}
            if cell.points is not None:
                gradebook.add_grade_cell(cell.id, "hw", "hw", max_score=cell.points, **fields)
            if cell.solution:
                gradebook.add_solution_cell(cell.id, "hw", "hw")
            gradebook.add_source_cell(
                cell.id, "hw", "hw", source=cell.source, checksum=cell.checksum, locked=cell.locked, **fields
            )
    return url


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_the_gradebooks_cells_are_read_in_their_order(db_url: str) -> None:
    with Gradebook(db_url) as gradebook:
        assert graded_cells(gradebook, Homework("hw", ())) == HOMEWORK


def test_nbgraders_step_logs_what_was_put_right(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    about = {KEY: {"submission": "", "notes": ["put back: setup"]}}
    handed_in = NotebookNode(cells=[], metadata=nbformat.from_dict(about), nbformat=4, nbformat_minor=5)
    resources = {"nbgrader": {"assignment": "hw", "student": "s"}}
    step = Sanitize()
    monkeypatch.setattr(step, "log", logging.getLogger("test"))
    with caplog.at_level(logging.WARNING, "test"):
        assert step.preprocess(handed_in, resources) == (handed_in, resources)
    assert caplog.messages == ["s, hw: put back: setup"]


def test_a_demonstration_that_wraps_a_function_defines_none() -> None:
    """It is the course's own, and stands in every notebook."""
    wrapped = "def traced():\n    global double\n    double = print(double)"
    known = Released(HOMEWORK, {}, released(HOMEWORK).known | {squeezed(wrapped)})
    for cells in (release(), solved(code(SOLVED, "double"))):
        notes: list[str] = []
        made = restored([*cells[:5], code(wrapped), *cells[5:]], known, notes)
        assert called(made) == [*ORDER[:5], wrapped, *ORDER[5:]] and notes == []
    made = restored([*without("double_check")[:4], code(wrapped), *release()[5:]], known, [])
    assert called(made) == [*ORDER[:5], wrapped, *ORDER[5:]]


# A larger homework: something given in the middle, two functions that it ties together, two essays

START = Graded("setup", "code", "import torch\nfrom torch import Tensor\n\nstart('hw01')", "d1", True, False, None)
RULES = Graded("rules", "markdown", "Rules", "d2", True, False, None)
HALF = Graded("half", "code", "def half(x: Tensor):\n    raise NotImplementedError()", "d3", False, True, None)
HALF_CHECK = Graded("half_check", "code", "draw = seeded('half')\ncheck('half', half(draw))", "d4", True, False, 10.0)
TABLE = Graded("table", "code", "WIDTH = 5\n\n\ndef table(x):\n    return quarter(x) * WIDTH", "d5", True, False, None)
QUARTER = Graded("quarter", "code", "def quarter(x: Tensor):\n    raise NotImplementedError()", "d6", False, True, None)
QUARTER_CHECK = Graded("quarter_check", "code", "check('quarter', table(1))", "d7", True, False, 10.0)
QUARTER_BIG = Graded("quarter_check_big", "code", "check('big', quarter(99))", "d8", True, False, 10.0)
FIRST = Graded("first", "markdown", "YOUR ANSWER", "d9", False, True, 5.0)
SECOND = Graded("second", "markdown", "YOUR ANSWER", "d0", False, True, 5.0)
LARGER = [START, RULES, HALF, HALF_CHECK, TABLE, QUARTER, QUARTER_CHECK, QUARTER_BIG, FIRST, SECOND]
IDS = [cell.id for cell in LARGER]
ASKED = {"The first?": "first", "The second?": "second"}
KNOWN = Released(LARGER, ASKED, frozenset({*map(squeezed, (c.source for c in LARGER)), *ASKED, "# Larger", "Go on."}))
H = "def half(x: Tensor):\n    return x / 2"
Q = "def quarter(x: Tensor):\n    return half(half(x))"
DONE = {"half": H, "quarter": Q, "first": "One.", "second": "Two."}


def larger(*order: str | NotebookNode, **changed: str) -> tuple[list[str], list[str]]:
    """What becomes of cells: released ones by their ids, solved; others as they are. Other sources by id."""
    sources = {cell.id: cell.source for cell in LARGER} | DONE | changed
    kinds = {cell.id: (cell.cell_type, cell.metadata()) for cell in LARGER}
    cells = [
        c
        if isinstance(c, NotebookNode)
        else new_cell(kinds[c][0], sources[c], copy.deepcopy(kinds[c][1]))
        if c in kinds
        else text(c)
        for c in order
    ]
    notes: list[str] = []
    made = restored(cells, KNOWN, notes)
    return called(made), notes


def put_in(*cells: str | NotebookNode, before: str = "", after: str = "", without: tuple[str, ...] = ()) -> list[Any]:
    """The larger homework's cells with some more among them."""
    order: list[Any] = []
    for id in IDS:
        order += cells if id == before else []
        order += [id] if id not in without else []
        order += cells if id == after else []
    return order


def stub(cell: Graded) -> NotebookNode:
    return new_cell(cell.cell_type, cell.source, cell.metadata())


def moved(*names: str, to: str) -> list[str]:
    """The ids with some of them right after another."""
    rest = [id for id in IDS if id not in names]
    place = rest.index(to) + 1
    return [*rest[:place], *names, *rest[place:]]


PLACES: dict[str, tuple[list[Any], list[str], list[str]]] = {
    "nothing": (IDS, IDS, []),
    "both in the first": (
        put_in(without=("quarter",), before=""),
        [id for id in IDS if id != "quarter"],
        [],
    ),
    "a gone check stands after the last definition": (
        put_in(code("def half(x): return 0"), after="quarter_check_big", without=("half_check",)),
        [*IDS[:3], *IDS[4:8], "def half(x): return 0", "half_check", *IDS[8:]],
        ["put back: half_check"],
    ),
    "gone checks stand in their order": (
        put_in(without=("quarter_check", "quarter_check_big")),
        IDS,
        ["put back: quarter_check, quarter_check_big"],
    ),
    "a gone check stands after those of its function that are there": (
        put_in(without=("quarter_check_big",)),
        IDS,
        ["put back: quarter_check_big"],
    ),
    "a gone check stands after what is given that it needs": (
        ["setup", "rules", "quarter", "half", "half_check", "table", "quarter_check_big", "first", "second"],
        ["setup", "rules", "quarter", "half", "half_check", "table", "quarter_check", "quarter_check_big", "first", "second"],
        ["put back: quarter_check"],
    ),
    "and after what that needs in turn": (
        ["setup", "rules", "table", "half_check", "quarter_check_big", "first", "second", code("def quarter(x): return helper(x)"),
         code("def half(x): return x"), code("def helper(x): return x")],
        ["setup", "rules", "table", "first", "second", "quarter", "quarter_check_big", "half", "half_check",
         "def helper(x): return x", "quarter_check"],
        ["half_check stood before half and was moved after it", "quarter_check_big stood before quarter and was moved after it",
         "put back: quarter_check"],
    ),
    "a check above what it needs is moved, the given one's need too": (
        moved("quarter_check", to="half_check"),
        ["setup", "rules", "half", "half_check", "table", "quarter", "quarter_check", "quarter_check_big", "first", "second"],
        ["quarter_check stood before quarter and was moved after it"],
    ),
    "a check after it stays": (moved("half_check", to="second"), moved("half_check", to="second"), []),
    "a lost given cell stands before who needs it": (
        put_in(code("x = WIDTH"), before="rules", without=("table",)),
        ["setup", "table", "x = WIDTH", *[id for id in IDS[1:] if id != "table"]],
        ["put back: table"],
    ),
    "and before who binds its names": (
        put_in(code("WIDTH = 6"), before="half", without=("table",)),
        ["setup", "rules", "table", "WIDTH = 6", *[id for id in IDS[2:] if id != "table"]],
        ["put back: table"],
    ),
    "and else in its place": (put_in(without=("table",)), IDS, ["put back: table"]),
    "a given cell stands above who can't run without it": (
        moved("table", to="second")[:-1] + [code("mine = [WIDTH]"), "table"],
        [*[id for id in IDS if id not in ("table", "quarter_check")], "table", "quarter_check", "mine = [WIDTH]"],
        ["quarter_check stood before table and was moved after it"],
    ),
    "a stub that nobody touched goes where its function is in another's cell": (
        put_in(),
        [id for id in IDS if id != "quarter"],
        ["untouched copies left out: quarter"],
    ),
    "a stub that is put back stands before an answer": (
        put_in(without=("quarter",)),
        ["setup", "rules", "quarter", *[id for id in IDS[2:] if id != "quarter"]],
        ["put back: quarter"],
    ),
    "what is given stands after what is given before it": (
        [code("x = WIDTH"), *put_in(without=("table",))],
        ["x = WIDTH", "setup", "table", *[id for id in IDS[1:] if id != "table"]],
        ["put back: table"],
    ),
    "given prose is put back in its place": (put_in(without=("rules",)), IDS, ["put back: rules"]),
    "an essay is put back after its question": (
        ["The first?", *put_in("The first?", "Go on.", before="half", without=("first",))],
        ["The first?", "setup", "rules", "The first?", "first", "Go on.", *[id for id in IDS[2:] if id != "first"]],
        ["put back: first"],
    ),
    "a function in its check's cell": (
        put_in(stub(HALF), without=("half",), after="rules"),
        ["setup", "rules", H, "half_check", *IDS[4:]],
        ["half_check was changed, or is of another version, and is restored; what was added to it runs beside it",
         "untouched copies left out: half"],
    ),
    "a stub is no answer where it was put back": (
        put_in(without=("half", "half_check")),
        ["setup", "rules", "half", "half_check", *IDS[4:]],
        ["put back: half, half_check"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_where_cells_stand(name: str) -> None:
    order, expected, notes = PLACES[name]
    changed = {
        "both in the first": {"half": f"{H}\n\n\n{Q}"},
        "a stub that nobody touched goes where its function is in another's cell": {
            "half": f"{H}\n\n\n{Q}",
            "quarter": QUARTER.source,
        },
        "a function in its check's cell": {"half_check": f"{H}\n{HALF_CHECK.source}"},
    }.get(name, {})
    assert larger(*order, **changed) == (expected, notes)


COPIES: dict[str, tuple[list[Any], list[str], list[str]]] = {
    "a stub beside its answer": (put_in(stub(HALF), after="half"), IDS, ["untouched copies left out: half"]),
    "two stubs, one note": (
        [*put_in(stub(HALF), after="half"), stub(HALF)],
        IDS,
        ["untouched copies left out: half"],
    ),
    "a stub of two functions is somebody's own": (
        put_in(code(f"{HALF.source}\n{QUARTER.source}"), before="half"),
        put_in(f"{HALF.source}\n{QUARTER.source}", before="half"),
        [],
    ),
    "a stub without id": (put_in(code(HALF.source), before="half"), IDS, ["untouched copies left out: half"]),
    "a check twice: the first after the answer": (
        [*IDS, stub(HALF_CHECK), "Go on."],
        [*IDS, "Go on."],
        ["untouched copies left out: half_check"],
    ),
    "a check above its function and below": (
        put_in(stub(HALF_CHECK), before="half"),
        IDS,
        ["untouched copies left out: half_check"],
    ),
    "a check twice above its function": (
        put_in(stub(HALF_CHECK), "half_check", before="half", without=("half_check",)),
        IDS,
        ["half_check stood before half and was moved after it"],
    ),
    "a check twice and nothing that it checks: the last": (
        ["setup", "rules", stub(HALF), "half_check", "Go on.", *IDS[4:8], "half_check", "first", "second"],
        ["setup", "rules", "half", "Go on.", *IDS[4:8], "half_check", "first", "second"],
        ["untouched copies left out: half_check"],
    ),
    "a check twice after a function that stands first": (
        ["half", "half_check", "setup", "rules", *IDS[4:8], "half_check", "first", "second"],
        ["setup", "half", "half_check", "rules", *IDS[4:8], "first", "second"],
        ["untouched copies left out: half_check"],
    ),
    "a check after the first of two definitions, and after the last": (
        [
            "setup",
            "rules",
            "half",
            "half_check",
            code("def half(x): return x"),
            "half_check",
            "Go on.",
            "half_check",
            *IDS[4:],
        ],
        ["setup", "rules", "half", "def half(x): return x", "half_check", "Go on.", *IDS[4:]],
        ["untouched copies left out: half_check"],
    ),
    "what is given twice: the first": (
        [*IDS, stub(TABLE), text("end")],
        [*IDS, "end"],
        ["untouched copies left out: table"],
    ),
    "a changed check beside the released one is the student's own": (
        put_in(new_cell("code", "check('half', half(9))", HALF_CHECK.metadata()), before="half_check"),
        put_in("check('half', half(9))", before="half_check"),
        [],
    ),
    "an essay's copy": ([*IDS, stub(FIRST)], IDS, ["untouched copies left out: second"]),
    "four of five names": (
        [*IDS, *map(stub, (START, HALF, HALF_CHECK, TABLE, QUARTER))],
        IDS,
        ["untouched copies left out: setup, half, half_check, table and 1 more"],
    ),
}


@pytest.mark.parametrize("name", COPIES)
def test_which_copies_are_left_out(name: str) -> None:
    order, expected, notes = COPIES[name]
    if name == "a check twice above its function":
        made, said = larger(*order)
        assert made == IDS and notes[0] in said and "untouched copies left out: half_check" in said
        return
    assert larger(*order) == (expected, notes)


@pytest.mark.parametrize(
    ("theirs", "before", "after"),
    [
        ("import numpy\n" + START.source, ["import numpy"], []),
        (START.source + "\nmine = Tensor()", [], ["mine = Tensor()"]),
        ("a = 1\n" + START.source + "\nb = torch.ones(a)", ["a = 1"], ["b = torch.ones(a)"]),
        (START.source.replace("hw01", "hw02"), [], []),
    ],
)
def test_what_was_added_to_a_given_cell_runs_beside_it(theirs: str, before: list[str], after: list[str]) -> None:
    beside = "; what was added to it runs beside it" if before or after else ""
    expected = [*before, "setup", *after, *IDS[1:]]
    cells = [new_cell("code", theirs, START.metadata())]
    assert {cell.cell_type for cell in restored(cells, KNOWN, []) if cell.source in (*before, *after)} <= {"code"}
    made, notes = larger(*IDS, setup=theirs)
    assert (made, notes[-1]) == (expected, f"setup was changed, or is of another version, and is restored{beside}")


def test_what_was_added_to_prose_that_is_given_is_no_code() -> None:
    assert larger(*IDS, rules="x = 1") == (IDS, ["rules was changed, or is of another version, and is restored"])


ESSAYS: dict[str, tuple[list[Any], dict[str, str], str]] = {
    "below": ([*IDS[:9], text("Mine."), "The second?", "second"], {"first": FIRST.source}, "Mine."),
    "above": ([*IDS[:8], "The first?", text("Mine."), *IDS[8:]], {"first": FIRST.source}, "Mine."),
    "on both sides, code left where it is": (
        [*IDS[:8], "The first?", text("A."), text("B."), "first", text("C."), code("x = 1"), text("D."), "The second?", "second"],
        {"first": FIRST.source},
        "A.\n\nB.\n\nC.\n\nD.",
    ),
    "in a code cell of words": ([*IDS[:9], code("# Mine."), "The second?", "second"], {"first": FIRST.source}, "# Mine."),
    "in a raw cell": ([*IDS[:9], new_cell("raw", "Mine."), "The second?", "second"], {"first": FIRST.source}, "Mine."),
    "code above left where it is": (
        [*IDS[:8], "The first?", text("A."), code("y = 1"), "first", "The second?", "second"],
        {"first": FIRST.source},
        "A.",
    ),
    "not beyond a released cell": ([*IDS[:9], "Go on.", text("Mine."), "The second?", "second"], {"first": FIRST.source}, FIRST.source),
    "not code": ([*IDS[:9], code("x = 1"), "The second?", "second"], {"first": FIRST.source}, FIRST.source),
    "not blanks": ([*IDS[:9], text("  \n"), "The second?", "second"], {"first": FIRST.source}, FIRST.source),
    "not where it is answered": ([*IDS[:9], text("Mine."), "The second?", "second"], {}, "One."),
}  # fmt: skip


@pytest.mark.parametrize("name", ESSAYS)
def test_prose_beside_an_untouched_essay_is_its_answer(name: str) -> None:
    order, changed, expected = ESSAYS[name]
    sources = {cell.id: cell.source for cell in LARGER} | DONE | changed
    cells = [
        c if isinstance(c, NotebookNode) else new_cell(of_id[c].cell_type, sources[c], of_id[c].metadata()) if c in of_id else text(c)
        for c in order
    ]  # fmt: skip
    notes: list[str] = []
    made = restored(copy.deepcopy(cells), KNOWN, notes)
    essay = of(made, "first")
    assert (essay.cell_type, essay.source) == ("markdown", expected)
    taken = "first was left as released; what was written beside it is taken for the answer"
    assert (taken in notes) == (expected not in (FIRST.source, "One."))
    left = [c.source for c in made if not c.metadata]
    assert left == [
        c.source for c in cells if not c.metadata and not (expected != FIRST.source and c.source and c.source in expected.split("\n\n"))
    ]  # fmt: skip


of_id = {cell.id: cell for cell in LARGER}


def test_a_picture_beside_an_essay_comes_with_its_words() -> None:
    mine = text("![](a.png)")
    mine["attachments"] = {"a.png": {"image/png": PNG}}
    cells = [new_cell("markdown", FIRST.source, FIRST.metadata()), mine, text("And this.")]
    made = restored(cells, Released([FIRST], {}, frozenset()), [])
    assert (made[0].source, made[0].attachments) == (
        f"!{harmless._WORD_JOINER}[](a.png)\n\nAnd this.",
        {"a.png": {"image/png": PNG}},
    )
    bare = restored(
        [new_cell("markdown", FIRST.source, FIRST.metadata()), text("x")], Released([FIRST], {}, frozenset()), []
    )
    assert "attachments" not in bare[0]


@pytest.mark.parametrize(
    ("started", "note"),
    [
        (["hw02"], ["this is the notebook of hw02, not of hw01"]),
        (["hw03", "hw02"], ["this is the notebook of hw03, not of hw01"]),
        (["hw01"], []),
        (["hw02", "hw01"], []),
        ([], []),
        (["h" * 99], [f"this is the notebook of {'h' * 80}, not of hw01"]),
    ],
)
def test_another_homeworks_notebook_is_called_so(started: list[str], note: list[str]) -> None:
    _, notes = larger(*[code(f"import torch\nstart('{name}')") for name in started], *IDS[1:])
    assert [line for line in notes if line.startswith("this is")] == note


def test_what_was_merged_into_colabs_first_cell_stays() -> None:
    bundle = f"{MARK}: unpacks\nimport zipfile\n\nif True:\n    pass\nx = 1  # mine"
    assert larger(code(bundle), *IDS) == (["x = 1  # mine", *IDS], [])
    assert restored([code(bundle)], KNOWN, [])[0].cell_type == "code"


def test_of_answers_the_one_that_defines_the_function_counts() -> None:
    notes_only = new_cell("code", "y = 1", HALF.metadata())
    made, notes = larger(*put_in(notes_only, after="half"))
    assert made == put_in("y = 1", after="half") and notes == ["2 cells are called half; the last one counts"]


def test_an_answer_without_an_id_counts_where_the_cell_of_that_id_is_a_stub() -> None:
    made, notes = larger(*put_in(stub(HALF), code(H + "  # mine"), after="rules", without=("half",)))
    assert made == IDS and notes == ["untouched copies left out: half"]
    both = put_in(stub(HALF), "half", code("def half(x): return 0"), after="rules", without=("half",))
    assert larger(*both)[0] == [*IDS[:3], "def half(x): return 0", *IDS[3:]], "but not where one of that id is answered"


@pytest.mark.parametrize("source", [FIRST.source, "Mine."])
def test_an_essay_in_another_kind_of_cell_is_prose_without_outputs(source: str) -> None:
    for kind in ("code", "raw"):
        given_ = new_cell(kind, source, FIRST.metadata(), [SCRIPT])
        (made,) = restored([given_], Released([FIRST], {}, frozenset()), [])
        assert (made.cell_type, made.source, "outputs" in made) == ("markdown", source, False)
