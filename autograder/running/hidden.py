"""What a course has that no submission may see, wherever it lies."""

from __future__ import annotations

import contextlib
import os
import sys
from functools import cache
from pathlib import Path

import autograder

_FOLDERS = (
    "source_directory",
    "release_directory",
    "submitted_directory",
    "autograded_directory",
    "feedback_directory",
)
_BESIDE = ("assignments", "receipts")


@cache
def of_course(course: Path) -> tuple[str, ...]:
    """The course's folder and what its configuration puts elsewhere: its folders, the gradebook's, the exchange."""
    from nbgrader.apps import NbGrader
    from nbgrader.exchange.default import Exchange

    nbgrader = NbGrader()
    with contextlib.chdir(course):  # where nbgrader looks for its configuration
        nbgrader.initialize([], root=str(course.resolve()))
    root, exchange = course.resolve(), Exchange(config=nbgrader.config)
    folders = [
        root,
        *(root / getattr(nbgrader.coursedir, name) for name in _FOLDERS),
        *(root / name for name in _BESIDE),
    ]
    kind, _, path = nbgrader.coursedir.db_url.partition(":///")
    if kind == "sqlite" and path:
        gradebook = root / path
        folders += [gradebook.parent, gradebook.resolve().parent, gradebook.with_suffix(".seeds")]
    return tuple(dict.fromkeys(map(os.path.realpath, [*folders, exchange.root, exchange.cache])))


def files(hidden: tuple[str, ...], at_most: int = 1000) -> list[str]:
    """Files in what is hidden, but for the Python environment and this package, which submissions need."""
    needed = {os.path.realpath(folder) for folder in (sys.prefix, sys.base_prefix, Path(autograder.__file__).parent)}
    found: list[str] = []
    for folder in hidden:
        for place, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if os.path.join(place, name) not in needed]
            found += [os.path.join(place, name) for name in names]
            if len(found) > at_most:
                break
    return found[:at_most]
