"""Which of a homework's functions a check needs besides its own, and which of them alone could answer it.

Follow-through stands on both: a check is tried again with the model's version of functions that it needs, and never where one of
these would answer it in place of the function that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.building import slicing, text
from autograder.building.recording import Program
from autograder.building.text import Cell
from autograder.building.trials import _result
from autograder.checks.references import Reference
from autograder.checks.session import public_seed

# The function that a check is about, written as one call of another: with all its arguments, or as many as that one takes.
_ALONE = """
def {target}(*arguments, **named):
    try:
        made = {function}(*arguments, **named)
    except TypeError:
        import inspect

        made = {function}(*arguments[: len(inspect.signature({function}).parameters)])
    return {part}
"""
_PARTS = ("made", "made[0]", "made[1]", "made[-1]")


def targets(cells: Iterable[Cell]) -> dict[str, str]:
    """The solution that each check cell is about."""
    cells = list(cells)
    solutions = [cell.id for cell in cells if cell.kind == "solution"]
    return {check: name for name in solutions for check in text.checks_of(name, cells)}


def needs(program: Program) -> dict[str, list[str]]:
    """For each check cell the solutions that it needs besides the one it is about, in the order of the notebook."""
    about = targets(program.cells)
    return {
        check: [cell.id for cell, _ in program.plan([check]) if cell.kind == "solution" and cell.id != about.get(check)]
        for check in program.checks()
    }


def answers_alone(folder: Path, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """For pairs of a check cell and a function: (cell, check, function) for each check of the cell where the function, called in
    place of the one that the check is about, earns something.

    Those that train a model aren't tried: a function that trains is answered by none that doesn't.
    """
    cells = text.read(folder / f"{folder.name}.py")
    program = Program(folder.name, cells, public_seed(folder.name))
    about, trains = targets(cells), program.training_checks()
    found = []
    for check in dict.fromkeys(check for check, _ in pairs):
        functions = [function for of, function in pairs if of == check]
        if check in trains or check not in about:
            continue
        ours = program.run([check])[check]
        references = {a.name: Reference(a.name, check, a.reference, a.options) for a in ours.answers}
        for function in functions:
            earned = _earned(program, check, about[check], function, references)
            found += [(check, name, function) for name in references if name in earned]
    return found


def _earned(program: Program, check: str, target: str, function: str, references: dict[str, Reference]) -> set[str]:
    earned = set()
    for part in _PARTS:
        source = _ALONE.format(target=target, function=function, part=part)
        answers = program.run([check], {target: source})[check].answers
        known = [a for a in answers if a.name in references and not a.unsupported]
        earned |= {a.name for a in known if _result(a.value, references[a.name]).earned > 0}
    return earned


def used(names: list[slicing.Names], position: int) -> set[str]:
    """The names that the cell at a position needs, its own and those of the cells it needs."""
    return {name for i in slicing.needed(position, names) for name in names[i].uses}
