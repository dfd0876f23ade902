"""What students do to a notebook that is right: one habit each, and none of them may cost a point.

A habit changes a solved notebook of any homework with two functions that have checks; ``untouched`` is the released one.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

Notebook = dict[str, Any]
Cell = dict[str, Any]
Habit = Callable[["Desk"], None]
HABITS: dict[str, Habit] = {}


def habit(change: Habit) -> Habit:
    HABITS[change.__name__.replace("_", " ")] = change
    return change


class Desk:
    """A solved notebook on a student's desk, and the released one beside it."""

    def __init__(self, solved: Notebook, untouched: Notebook) -> None:
        self.notebook, self.untouched = copy.deepcopy(solved), copy.deepcopy(untouched)
        self.functions = [name for name in self.ids() if f"{name}_check" in self.ids()]

    @property
    def cells(self) -> list[Cell]:
        cells: list[Cell] = self.notebook["cells"]
        return cells

    def ids(self) -> list[str]:
        return [grade_id(cell) for cell in self.cells]

    def of(self, name: str) -> Cell:
        return next(cell for cell in self.cells if grade_id(cell) == name)

    def stub(self, name: str) -> Cell:
        return copy.deepcopy(next(cell for cell in self.untouched["cells"] if grade_id(cell) == name))

    def place(self, name: str) -> int:
        return next(i for i, cell in enumerate(self.cells) if grade_id(cell) == name)

    def remove(self, *names: str) -> list[Cell]:
        gone = [cell for cell in self.cells if grade_id(cell) in names]
        self.cells[:] = [cell for cell in self.cells if cell not in gone]
        return gone

    def code(self) -> list[Cell]:
        return [cell for cell in self.cells if cell["cell_type"] == "code"]

    def wrong(self, name: str) -> str:
        """An old attempt at a function."""
        return f"def {name}(*arguments, **options):\n    return 'an old attempt'"


def grade_id(cell: Cell) -> str:
    found: str = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
    return found


def code(source: str, **metadata: Any) -> Cell:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": "mine",
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }


def prose(source: str, **metadata: Any) -> Cell:
    return {"cell_type": "markdown", "id": "mine", "metadata": metadata, "source": source}


def text(cell: Cell) -> str:
    return "".join(cell["source"])


# Where the functions are written


@habit
def everything_in_one_cell_and_no_stubs(desk: Desk) -> None:
    place = desk.place(desk.functions[0])
    answers = desk.remove(*desk.functions)
    desk.cells.insert(place, code("\n\n".join(map(text, answers))))


@habit
def everything_in_one_cell_above_what_is_given(desk: Desk) -> None:
    answers = desk.remove(*desk.functions)
    desk.cells.insert(0, code("\n\n".join(map(text, answers))))


@habit
def everything_in_one_cell_above_untouched_stubs(desk: Desk) -> None:
    answers = [text(desk.of(name)) for name in desk.functions]
    for name in desk.functions:
        desk.cells[desk.place(name)] = desk.stub(name)
    desk.cells.insert(desk.place(desk.functions[0]), code("\n\n".join(answers)))


@habit
def everything_in_one_cell_at_the_end(desk: Desk) -> None:
    desk.cells.append(code("\n\n".join(map(text, desk.remove(*desk.functions)))))


@habit
def everything_and_the_checks_in_one_cell(desk: Desk) -> None:
    gone = desk.remove(*[name for name in desk.ids() if name.removesuffix("_check") in desk.functions])
    desk.cells.append(code("\n\n".join(map(text, gone))))


@habit
def two_functions_in_the_first_ones_cell(desk: Desk) -> None:
    first, second = desk.functions[:2]
    desk.of(first)["source"] = text(desk.of(first)) + "\n\n\n" + text(desk.remove(second)[0])


@habit
def two_functions_in_the_first_ones_cell_and_a_stub_left(desk: Desk) -> None:
    first, second = desk.functions[:2]
    desk.of(first)["source"] = text(desk.of(first)) + "\n\n\n" + text(desk.of(second))
    desk.cells[desk.place(second)] = desk.stub(second)


@habit
def two_functions_in_the_later_cell(desk: Desk) -> None:
    first, second = desk.functions[:2]
    desk.of(second)["source"] = text(desk.remove(first)[0]) + "\n\n\n" + text(desk.of(second))


@habit
def two_functions_in_the_later_cell_and_a_stub_left(desk: Desk) -> None:
    first, second = desk.functions[:2]
    desk.of(second)["source"] = text(desk.of(first)) + "\n\n\n" + text(desk.of(second))
    desk.cells[desk.place(first)] = desk.stub(first)


@habit
def functions_in_swapped_cells(desk: Desk) -> None:
    first, second = (desk.of(name) for name in desk.functions[:2])
    first["source"], second["source"] = second["source"], first["source"]


@habit
def an_answer_in_a_cell_of_its_own_below_the_stub(desk: Desk) -> None:
    for name in desk.functions:
        answer = code(text(desk.of(name)))
        desk.cells[desk.place(name)] = desk.stub(name)
        desk.cells.insert(desk.place(name) + 1, answer)


@habit
def an_answer_in_a_cell_of_its_own_below_the_check(desk: Desk) -> None:
    for name in desk.functions:
        answer = code(text(desk.of(name)))
        desk.cells[desk.place(name)] = desk.stub(name)
        desk.cells.insert(desk.place(f"{name}_check") + 1, answer)


@habit
def an_answer_at_the_top_of_its_check_and_a_stub_left(desk: Desk) -> None:
    name = desk.functions[0]
    desk.of(f"{name}_check")["source"] = text(desk.of(name)) + "\n\n" + text(desk.of(f"{name}_check"))
    desk.cells[desk.place(name)] = desk.stub(name)


@habit
def every_answer_at_the_top_of_its_check_and_no_stubs(desk: Desk) -> None:
    for name in desk.functions:
        answer = text(desk.remove(name)[0])
        desk.of(f"{name}_check")["source"] = answer + "\n\n" + text(desk.of(f"{name}_check"))


@habit
def an_answer_at_the_bottom_of_the_check_before(desk: Desk) -> None:
    first, second = desk.functions[:2]
    answer = text(desk.remove(second)[0])
    desk.of(f"{first}_check")["source"] = text(desk.of(f"{first}_check")) + "\n\n" + answer


@habit
def an_answer_in_the_setup_cell(desk: Desk) -> None:
    name = desk.functions[0]
    desk.of("setup")["source"] = text(desk.of("setup")) + "\n\n" + text(desk.remove(name)[0])


@habit
def an_alias_of_a_function_written_under_another_name(desk: Desk) -> None:
    name = desk.functions[0]
    mine = text(desk.of(name)).replace(f"def {name}(", f"def my_{name}(")
    desk.of(name)["source"] = f"{mine}\n\n\n{name} = my_{name}"


@habit
def a_function_that_is_defined_in_a_branch(desk: Desk) -> None:
    name = desk.functions[0]
    inner = "\n".join(f"    {line}" for line in text(desk.of(name)).split("\n"))
    desk.remove(name)
    desk.cells.insert(desk.place(f"{name}_check"), code(f"if True:\n{inner}"))


@habit
def a_function_that_is_defined_by_exec(desk: Desk) -> None:
    name = desk.functions[0]
    source = text(desk.remove(name)[0])
    desk.cells.insert(desk.place(f"{name}_check"), code(f"exec({source!r})"))


@habit
def a_decorated_function(desk: Desk) -> None:
    name = desk.functions[0]
    desk.of(name)["source"] = "def plain(function):\n    return function\n\n\n@plain\n" + text(desk.of(name))


@habit
def an_answer_under_a_magic(desk: Desk) -> None:
    desk.of(desk.functions[0])["source"] = "%%time\n" + text(desk.of(desk.functions[0]))


@habit
def an_answer_with_shell_lines(desk: Desk) -> None:
    name = desk.functions[0]
    desk.of(name)["source"] = f"!echo hello\nfiles = !ls\n%matplotlib inline\n{text(desk.of(name))}\n?print"


@habit
def a_solution_cell_split_in_two(desk: Desk) -> None:
    """As Jupyter does it: both halves keep the metadata."""
    name = desk.functions[0]
    cell = desk.of(name)
    half = copy.deepcopy(cell)
    half["source"] = "import math as mathematics  # the first half"
    desk.cells.insert(desk.place(name), half)


# Copies


@habit
def an_untouched_copy_of_a_stub_at_the_end(desk: Desk) -> None:
    desk.cells.append(desk.stub(desk.functions[0]))


@habit
def an_untouched_copy_of_a_stub_right_before_its_check(desk: Desk) -> None:
    desk.cells.insert(desk.place(f"{desk.functions[0]}_check"), desk.stub(desk.functions[0]))


@habit
def a_copy_of_a_stub_without_metadata(desk: Desk) -> None:
    desk.cells.append(desk.stub(desk.functions[0]) | {"metadata": {}})


@habit
def a_copy_of_a_stub_with_a_remark(desk: Desk) -> None:
    stub = desk.stub(desk.functions[0])
    desk.cells.append(stub | {"source": "# solved above\n" + text(stub)})


@habit
def a_copy_of_a_stub_of_an_earlier_release(desk: Desk) -> None:
    name = desk.functions[0]
    old = f'def {name}(*anything):\n    """As it once was."""\n    # YOUR CODE HERE\n    raise NotImplementedError()'
    desk.cells.insert(desk.place(f"{name}_check"), desk.stub(name) | {"source": old})


@habit
def an_old_wrong_copy_after_the_check(desk: Desk) -> None:
    name = desk.functions[-1]
    old = copy.deepcopy(desk.of(name)) | {"source": desk.wrong(name)}
    desk.cells.insert(desk.place(f"{name}_check") + 1, old)


@habit
def an_old_wrong_copy_before_the_answer(desk: Desk) -> None:
    name = desk.functions[0]
    desk.cells.insert(desk.place(name), copy.deepcopy(desk.of(name)) | {"source": desk.wrong(name)})


@habit
def an_old_attempt_with_its_check_above(desk: Desk) -> None:
    name = desk.functions[0]
    old = [copy.deepcopy(desk.of(name)) | {"source": desk.wrong(name)}, copy.deepcopy(desk.of(f"{name}_check"))]
    place = desk.place(name)
    desk.cells[place:place] = old


@habit
def the_whole_release_pasted_below(desk: Desk) -> None:
    desk.cells.extend(copy.deepcopy(desk.untouched["cells"]))


@habit
def the_whole_release_pasted_above(desk: Desk) -> None:
    desk.cells[:0] = copy.deepcopy(desk.untouched["cells"])


@habit
def the_whole_release_pasted_below_without_metadata(desk: Desk) -> None:
    desk.cells.extend(copy.deepcopy(cell) | {"metadata": {}} for cell in desk.untouched["cells"])


@habit
def the_notebook_twice(desk: Desk) -> None:
    desk.cells.extend(copy.deepcopy(desk.cells))


@habit
def every_cell_twice(desk: Desk) -> None:
    desk.cells[:] = [copied for cell in desk.cells for copied in (cell, copy.deepcopy(cell))]


@habit
def a_check_copied_to_the_top(desk: Desk) -> None:
    desk.cells.insert(0, copy.deepcopy(desk.of(f"{desk.functions[0]}_check")))


@habit
def a_check_copied_and_tried_with_other_numbers(desk: Desk) -> None:
    name = f"{desk.functions[0]}_check"
    mine = copy.deepcopy(desk.of(name))
    mine["source"] = "print('an experiment')\n" + text(mine).replace("seeded(", "seeded('other' + ")
    desk.cells.insert(desk.place(name) + 1, mine)


# Checks and given cells


@habit
def no_checks_at_all(desk: Desk) -> None:
    desk.remove(*[name for name in desk.ids() if "_check" in name])


@habit
def checks_moved_to_the_end(desk: Desk) -> None:
    desk.cells.extend(desk.remove(*[name for name in desk.ids() if "_check" in name]))


@habit
def a_check_above_its_function(desk: Desk) -> None:
    name = desk.functions[0]
    desk.cells.insert(desk.place(name), desk.remove(f"{name}_check")[0])


@habit
def a_check_merged_into_its_function(desk: Desk) -> None:
    name = desk.functions[0]
    desk.of(name)["source"] = text(desk.of(name)) + "\n\n" + text(desk.remove(f"{name}_check")[0])


@habit
def a_check_merged_with_the_next_function(desk: Desk) -> None:
    first, second = desk.functions[:2]
    check = desk.of(f"{first}_check")
    check["source"] = text(check) + "\n\n" + text(desk.remove(second)[0])


@habit
def a_check_split_in_two(desk: Desk) -> None:
    check = desk.of(f"{desk.functions[0]}_check")
    head, *rest = text(check).split("\n")
    desk.cells.insert(desk.place(grade_id(check)), copy.deepcopy(check) | {"source": head})
    check["source"] = "\n".join(rest)


@habit
def an_emptied_check(desk: Desk) -> None:
    desk.of(f"{desk.functions[0]}_check")["source"] = ""


@habit
def a_check_commented_out(desk: Desk) -> None:
    check = desk.of(f"{desk.functions[0]}_check")
    check["source"] = "\n".join(f"# {line}" for line in text(check).split("\n"))


@habit
def a_check_with_prints_in_it(desk: Desk) -> None:
    check = desk.of(f"{desk.functions[0]}_check")
    check["source"] = f"print('mine:')\n{text(check)}\nprint(type(draw) if 'draw' in dir() else '')"


@habit
def a_check_that_calls_a_helper_written_in_it(desk: Desk) -> None:
    name = desk.functions[0]
    check = desk.of(f"{name}_check")
    check["source"] = "def helper(x):\n    return x\n\n\n" + text(check)
    _needs(desk, "helper(0)")


@habit
def an_import_in_the_setup_cell(desk: Desk) -> None:
    setup = desk.of("setup")
    setup["source"] = "import numpy as mynumpy\n" + text(setup)
    _needs(desk, "mynumpy.ones(1)")


@habit
def settings_at_the_end_of_the_setup_cell(desk: Desk) -> None:
    setup = desk.of("setup")
    setup["source"] = text(setup) + "\n\ntorch.set_printoptions(precision=3)\nMY_TYPE = torch.float32\nmine = [MY_TYPE]"
    _needs(desk, "mine[0]")


@habit
def the_setup_cell_deleted_and_written_anew(desk: Desk) -> None:
    setup = text(desk.remove("setup")[0])
    desk.cells.insert(1, code(f"{setup}\nimport numpy as np"))
    _needs(desk, "np.ones(1)")


@habit
def the_setup_cell_in_one_with_the_first_function(desk: Desk) -> None:
    name = desk.functions[0]
    desk.of(name)["source"] = text(desk.remove("setup")[0]) + "\n\n\n" + text(desk.of(name))


@habit
def given_cells_deleted(desk: Desk) -> None:
    desk.remove(*[grade_id(cell) for cell in desk.cells if cell["metadata"].get("nbgrader", {}).get("locked")])


@habit
def a_helper_in_a_cell_above(desk: Desk) -> None:
    desk.cells.insert(desk.place(desk.functions[0]), code("def helper():\n    return 0"))
    _needs(desk, "helper()")


@habit
def a_helper_that_is_called_like_a_checks_variable(desk: Desk) -> None:
    """A check leaves no name behind that a later function takes for its own."""
    desk.cells.insert(desk.place(desk.functions[0]), code("def draw():\n    return 0\n\n\nx = eps = 1e-8"))
    name = desk.functions[-1]
    lines = text(desk.of(name)).rstrip().split("\n")
    lines[-1:] = ["    assert draw() == 0 and eps < 1", lines[-1]]
    desk.of(name)["source"] = "\n".join(lines)


@habit
def a_variable_called_check(desk: Desk) -> None:
    desk.cells.insert(desk.place(desk.functions[0]), code("check = seeded = None"))


def _needs(desk: Desk, expression: str) -> None:
    """Make the first function fail where an expression does."""
    name = desk.functions[0]
    lines = text(desk.of(name)).rstrip().split("\n")
    lines[-1:] = [f"    assert {expression} is not None", lines[-1]]
    desk.of(name)["source"] = "\n".join(lines)


# Other code


@habit
def an_exit(desk: Desk) -> None:
    desk.cells.insert(desk.place(desk.functions[0]), code("exit()"))


@habit
def other_ways_out(desk: Desk) -> None:
    ways = (
        "quit()",
        "import sys\nsys.exit()",
        "raise SystemExit(1)",
        "exit",
        "quit",
        "raise KeyboardInterrupt",
        "sys.exit('done')",
    )
    place = desk.place(desk.functions[-1])
    desk.cells[place:place] = [code(way) for way in ways]


@habit
def an_exit_at_the_end_of_an_answer(desk: Desk) -> None:
    name = desk.functions[0]
    desk.of(name)["source"] = text(desk.of(name)) + "\n\n\nexit()"


@habit
def numbers_drawn_without_a_seed(desk: Desk) -> None:
    source = "import random\nimport numpy as np\nimport torch\n\n"
    source += "noise = random.random() + np.random.rand() + np.random.default_rng().random() + float(torch.rand(1)) + hash('x')"
    desk.cells.insert(desk.place(desk.functions[0]), code(source))


@habit
def cells_that_fail(desk: Desk) -> None:
    for source in (
        "1 / 0",
        "this is no Python",
        "    indented()",
        "raise Exception",
        "import nothing_like_it",
        "%nomagic",
        "%%writefile x.py\nx = 1",
    ):
        desk.cells.insert(desk.place(desk.functions[0]), code(source))


@habit
def an_installation(desk: Desk) -> None:
    desk.cells.insert(0, code("!pip install torch\n%pip install numpy"))


# Essays


@habit
def an_essay_below_the_one_left_as_released(desk: Desk) -> None:
    answer = text(desk.of("why"))
    desk.cells[desk.place("why")] = desk.stub("why")
    desk.cells.insert(desk.place("why") + 1, prose(answer))


@habit
def an_essay_in_several_cells_and_code_between(desk: Desk) -> None:
    desk.cells[desk.place("why")] = desk.stub("why")
    place = desk.place("why") + 1
    desk.cells[place:place] = [prose("First."), code("x = 1"), prose("Second.")]


@habit
def an_essay_above_the_one_left_as_released(desk: Desk) -> None:
    answer = text(desk.of("why"))
    desk.cells[desk.place("why")] = desk.stub("why")
    desk.cells.insert(desk.place("why"), prose(answer))


@habit
def an_essay_in_its_question(desk: Desk) -> None:
    answer = text(desk.of("why"))
    desk.cells[desk.place("why")] = desk.stub("why")
    question = desk.cells[desk.place("why") - 1]
    question["source"] = text(question) + "\n\n" + answer


@habit
def an_essay_in_a_code_cell(desk: Desk) -> None:
    answer = text(desk.of("why"))
    desk.cells[desk.place("why")] = desk.stub("why")
    desk.cells.insert(desk.place("why") + 1, code(f"# {answer}"))


@habit
def an_essay_whose_cell_was_deleted_and_written_anew(desk: Desk) -> None:
    place = desk.place("why")
    (essay,) = desk.remove("why")
    desk.cells.insert(place, prose(text(essay)))


# How it was saved


@habit
def ids_changed(desk: Desk) -> None:
    for number, cell in enumerate(desk.cells):
        if grade_id(cell):
            cell["metadata"]["nbgrader"]["grade_id"] = f"mine_{number}"


@habit
def no_metadata(desk: Desk) -> None:
    for cell in desk.cells:
        cell["metadata"] = {}


@habit
def cell_ids_missing_or_alike(desk: Desk) -> None:
    for number, cell in enumerate(desk.cells):
        cell["id"] = "the same"
        if number % 2:
            del cell["id"]


@habit
def reformatted(desk: Desk) -> None:
    """By a formatter: other quotes, other line ends, blank lines."""
    for cell in desk.code():
        cell["source"] = "\n" + text(cell).replace('"', "'") + "\n\n" if "'" not in text(cell) else text(cell)


@habit
def tabs_and_windows_line_ends(desk: Desk) -> None:
    for cell in desk.code():
        cell["source"] = text(cell).replace("    ", "\t").replace("\n", "\r\n")


@habit
def half_an_emoji(desk: Desk) -> None:
    half = json.loads('"\\ud83d"')
    desk.cells.insert(1, code("print('x')") | {"outputs": [{"output_type": "stream", "name": "stdout", "text": half}]})
    desk.cells.insert(1, code(f"mood = '{half}'"))
    desk.cells.insert(1, prose(f"{half} \x00 \u202e"))


@habit
def deep_metadata(desk: Desk) -> None:
    deep: dict[str, Any] = {}
    for _ in range(900):
        deep = {"x": deep}
    desk.of(desk.functions[0])["metadata"]["deep"] = deep


@habit
def notes_everywhere(desk: Desk) -> None:
    desk.cells[:] = [made for cell in desk.cells[:-2] for made in (cell, prose("A note of mine."))] + desk.cells[-2:]
