"""The names a homework's notebook imports; everything else is the instructor's side."""

from autograder.checks.check import check, check_predictions
from autograder.checks.draws import seeded
from autograder.checks.exams import exam
from autograder.checks.session import start
from autograder.desk import progress as _progress
from autograder.desk.handin import handin
from autograder.desk.hints import hint
from autograder.desk.progress import progress
from autograder.desk.stand_in import stand_in

_progress.watch()

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
