"""Receipts, verdicts and graded cells, made by hand."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from nbformat import NotebookNode, from_dict
from nbgrader import utils
from nbgrader.api import Gradebook
from sqlalchemy.exc import SAWarning

from autograder.grading.receipts import Receipt
from autograder.grading.verdict import PASSED, Verdict
from autograder.running.sandbox import Limits


def verdict(check: str = "double", cell: str = "double_check", state: str = PASSED, **more: Any) -> Verdict:
    earned = more.pop("earned", 1.0 if state == PASSED else 0.0)
    return Verdict(check, cell, state, earned, more.pop("weight", 1.0), **more)


PLAIN = Receipt(
    student="9901",
    homework="hw",
    attempt=1,
    round=1,
    submission="ab" * 32,
    seed_id="5eed",
    references_id="4ef5",
    versions={"torch": "2.13.0"},
    device="CPU (x86_64)",
    commit="c0ffee",
    limits=Limits(),
    notes=(),
    flags=(),
    essays={},
    scores={},
    checks=(),
)


def receipt(*checks: Verdict, **changes: Any) -> Receipt:
    return replace(PLAIN, checks=checks, **changes)


def cell(kind: str, source: str, id: str = "", points: float | None = None, solution: bool = False) -> NotebookNode:
    """A cell as it is released; with an id, with nbgrader's metadata."""
    about: dict[str, Any] = {"grade": points is not None, "solution": solution, "locked": not solution, "grade_id": id}
    about |= {"schema_version": 3, "task": False} | ({} if points is None else {"points": points})
    made = from_dict(
        {"cell_type": kind, "source": source, "metadata": {"nbgrader": about} if id else {}, "id": id or "plain"}
    )
    if kind == "code":
        made.update(outputs=[], execution_count=None)
    if id:
        about["checksum"] = made.metadata.nbgrader["checksum"] = utils.compute_checksum(made)
    return made


def changed(given: NotebookNode, **changes: Any) -> NotebookNode:
    """A cell as somebody changed it; its metadata stay."""
    return from_dict({**given, **changes})


def notebook(*cells: NotebookNode, **metadata: Any) -> NotebookNode:
    return from_dict({"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@contextmanager
def gradebook(url: str = "sqlite:///:memory:") -> Iterator[Gradebook]:
    """A gradebook of our own, without asking another program for the number of its form."""
    with warnings.catch_warnings(), patch("nbgrader.api.get_alembic_version", lambda: "made by hand"):
        warnings.simplefilter("ignore", SAWarning)  # nbgrader's own models make them at every submission
        with Gradebook(url) as made:
            yield made
