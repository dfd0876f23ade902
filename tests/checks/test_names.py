"""A check's variables and the student's names in one namespace."""

from types import SimpleNamespace
from typing import Any

import pytest

from autograder.checks.names import Apart


class Shell:
    """Runs cells in one namespace, as Jupyter does, with the names kept apart."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"check": print, "seeded": len}
        self.answers: list[Any] = []
        self.apart = Apart(self.names)
        self.apart.given = {"check": lambda name, value: self.answers.append(value), "seeded": len, "torch": "torch"}

    def run(self, *cells: str) -> "Shell":
        for source in cells:
            self.apart.before(SimpleNamespace(raw_cell=source))
            try:
                exec(source, self.names)
            except ZeroDivisionError:
                pass
            finally:
                self.apart.after(SimpleNamespace(info=SimpleNamespace(raw_cell=source)))
        return self


@pytest.mark.parametrize(
    "check",
    [
        "noise = 5\ncheck('x', noise)",
        "for noise in (5,):\n    check(f'x {noise}', noise)",
        "noise, other = 5, 6\ncheck('x', noise)",
        "if True:\n    noise = 5\ncheck_predictions = check\ncheck('x', noise)",
        "with open('/dev/null') as noise:\n    noise = 5\ncheck('x', noise)",
        "print(noise := 5)\ncheck('x', noise)",
        "noise = 5\ncheck('x', noise)\n1 / 0",
    ],
)
def test_a_check_overwrites_no_helper(check: str) -> None:
    shell = Shell().run("def noise(): return 'mine'", check, "kept = noise()")
    assert shell.answers == [5] and shell.names["kept"] == "mine"


def test_nor_any_other_value_of_the_students() -> None:
    shell = Shell().run("eps = 1e-8", "eps = 5\ncheck('x', eps)", "eps = 6\ncheck('x', eps)")
    assert shell.answers == [5, 6] and shell.names["eps"] == 1e-8


def test_what_nobody_had_stays_for_whoever_wants_to_look_at_it_and_for_the_pictures() -> None:
    shell = Shell().run("model = 5\ncheck('x', model)", "seen = model", "model = 6\ncheck('y', model)")
    assert (shell.names["seen"], shell.names["model"]) == (5, 6), "the last check's, as nobody else's is there"


def test_what_the_student_makes_of_it_afterwards_is_the_students() -> None:
    shell = Shell().run("model = 5\ncheck('x', model)", "model = 'mine'", "model = 6\ncheck('y', model)")
    assert shell.names["model"] == "mine"


def test_a_check_runs_with_what_it_is_given_whatever_the_student_calls_so() -> None:
    shell = Shell().run("check = seeded = torch = None", "check('x', (seeded('abc'), torch))")
    assert shell.answers == [(3, "torch")]
    assert shell.names["check"] is shell.names["seeded"] is shell.names["torch"] is None, "and gives it back"


def test_a_cell_of_the_students_keeps_its_names() -> None:
    shell = Shell().run("def check(value): kept.append(value)", "kept = []", "x = 5\ncheck(x)", "x = 6\ncheck(x)")
    assert shell.names["kept"] == [5, 6] and shell.names["x"] == 6 and shell.answers == []


def test_functions_of_a_cell_that_a_check_was_merged_into_stay() -> None:
    merged = "def double(x): return 2 * x\nhelper = lambda: {0}\ncheck('x', double({0}))"
    shell = Shell()
    shell.names["check"] = shell.apart.given["check"]
    shell.run("def double(x): return 0", "helper = None", merged.format(1), merged.format(2))
    assert shell.answers == [2, 4] and shell.names["double"](3) == 6 and shell.names["helper"]() == 2


@pytest.mark.parametrize("source", ["check(", "x = 1\x00 check('x')", "%magic check('x', 1)"])
def test_what_is_no_python_is_left_alone(source: str) -> None:
    shell = Shell()
    shell.apart.before(SimpleNamespace(raw_cell=source))
    shell.apart.after(SimpleNamespace(info=SimpleNamespace(raw_cell=source)))
    assert shell.names["check"] is print
