"""The names a homework's notebook imports, loaded when one is asked for; everything else is the instructor's side."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.checks.check import check, check_predictions
    from autograder.checks.draws import seeded
    from autograder.checks.exams import exam
    from autograder.checks.session import start
    from autograder.desk.handin import handin
    from autograder.desk.hints import hint
    from autograder.desk.progress import progress
    from autograder.desk.stand_in import stand_in

__version__ = "1.2.0"

__all__ = [
    "__version__",
    "check",
    "check_predictions",
    "exam",
    "handin",
    "hint",
    "progress",
    "seeded",
    "stand_in",
    "start",
]

_HOMES = {
    "check": "checks.check",
    "check_predictions": "checks.check",
    "exam": "checks.exams",
    "handin": "desk.handin",
    "hint": "desk.hints",
    "progress": "desk.progress",
    "seeded": "checks.draws",
    "stand_in": "desk.stand_in",
    "start": "checks.session",
}


def __getattr__(name: str) -> Any:
    """torch takes a second to load, which a command that computes nothing needn't wait for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import_module("autograder.desk.progress").watch()
    globals()[name] = found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
