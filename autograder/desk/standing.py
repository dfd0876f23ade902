"""What a student has done of a homework: by the checks that have run in this kernel, and by the essays in the saved notebook."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.checks.references import Guide, References


@dataclass(frozen=True)
class Task:
    """One check cell.

    Attributes:
        cell: its id.
        state: "right", "wrong", "form" (only grading tells), or "open" where it hasn't run, or not to its end.
        earned: points so far, as the public seed gives them.
        points: what it is worth.
    """

    cell: str
    state: str
    earned: float
    points: float

    @property
    def solution(self) -> str:
        """The solution that it is about."""
        return _solution_of(self.cell)


def solutions(guide: Guide) -> list[str]:
    """The homework's solutions, in the order of their checks."""
    return list(dict.fromkeys(map(_solution_of, guide.points)))


def _solution_of(cell: str) -> str:
    return cell.partition("_check")[0]


def tasks(references: References, earned: dict[str, float | None]) -> list[Task]:
    """Every check cell, in the order of the notebook.

    Args:
        references: the homework's public ones, with its guide.
        earned: by check which share of its points it has; None where only its form is known.
    """
    return [_task(references, cell, points, earned) for cell, points in references.guide.points.items()]


def by_solution(found: list[Task]) -> list[Task]:
    """One task a solution, of all its check cells together."""
    groups: dict[str, list[Task]] = {}
    for task in found:
        groups.setdefault(task.solution, []).append(task)
    return [
        Task(
            name,
            next(state for state in _FROM_WORST if state in {task.state for task in group}),
            sum(task.earned for task in group),
            sum(task.points for task in group),
        )
        for name, group in groups.items()
    ]


_FROM_WORST = ("wrong", "open", "form", "right")


def _task(references: References, cell: str, points: float, earned: dict[str, float | None]) -> Task:
    checks = references.of_cell(cell)
    run = [earned[check.name] for check in checks if check.name in earned]
    whole = sum(check.options.weight for check in checks)
    share = sum(check.options.weight * (earned.get(check.name) or 0.0) for check in checks)
    if any(part is not None and part < 1 for part in run):
        state = "wrong"
    elif len(run) < len(checks):
        state = "open"
    else:
        state = "form" if None in run else "right"
    return Task(cell, state, points * share / whole if whole else 0.0, points)
