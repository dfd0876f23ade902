"""What a gap in one function costs beyond that function's own points, without follow-through and with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.building import dependence, text
from autograder.building.recording import Program
from autograder.building.trials import Row
from autograder.checks import references
from autograder.checks.references import SUFFIX
from autograder.checks.session import public_seed


@dataclass(frozen=True)
class Loss:
    """One function of a homework; all numbers are points.

    Attributes:
        own: what its own checks are worth.
        left_out: what checks of other functions lose when it isn't written.
        wrong: what they lose by its worst wrong variant, where no model is trained.
        followed: what of ``left_out`` is lost followed through: checks that this function alone would answer.
    """

    function: str
    own: float
    left_out: float
    wrong: float
    followed: float


def losses(folder: Path, released: Path, rows: Iterable[Row]) -> list[Loss]:
    """The functions of a homework that other checks need, in its order.

    Args:
        folder: the homework's in ``assignments/``.
        released: its in ``release/``, for what each check weighs.
        rows: its variants on their checks.
    """
    cells = text.read(folder / f"{folder.name}.py")
    program = Program(folder.name, cells, public_seed(folder.name))
    worth = {cell.id: float(cell.points) for cell in cells if cell.kind == "check"}
    checks = references.read(released / f"{folder.name}{SUFFIX}").checks
    weighs = {cell: sum(r.options.weight for r in checks if r.cell == cell) for cell in worth}
    points = {r.name: worth[r.cell] * r.options.weight / weighs[r.cell] for r in checks}
    cell_of = {r.name: r.cell for r in checks}
    needs, about = dependence.needs(program), dependence.targets(cells)
    pairs = [(check, name) for check, names in needs.items() for name in names]
    alone = dependence.answers_alone(folder, pairs)
    rows = list(rows)
    made = []
    for name in dict.fromkeys(about.values()):
        others = [check for check, names in needs.items() if name in names]
        wrong = [
            sum(
                points[check]
                for check, result in row.results.items()
                if result.earned < 1 and cell_of.get(check) in others
            )
            for row in rows
            if row.wrong and row.target == name
        ]
        followed = sum(points[check] for _, check, function in alone if function == name)
        own = sum(worth[check] for check, of in about.items() if of == name)
        if others:
            made.append(Loss(name, own, sum(worth[check] for check in others), max(wrong, default=0.0), followed))
    return made
