"""The instructor's cells that only show something: at grading nobody sees their figures, so they needn't run.

Left out is only a plain cell that stands word for word in the homework and binds no name that a graded cell, or a cell that
the student wrote or changed, needs.
"""

from __future__ import annotations

from autograder.building import slicing
from autograder.grading.homework import Homework

REACH_EVERYTHING = frozenset({"eval", "exec", "get_ipython", "globals", "locals", "vars"})


def left_out(sources: list[str], homework: Homework) -> frozenset[int]:
    """The positions of the cells of a notebook's code that needn't run."""
    shows = {i for i, source in enumerate(sources) if source in homework.demonstrations}
    try:
        cells = [slicing.names(source) for source in sources]
    except (
        SyntaxError,
        ValueError,
        RecursionError,
        MemoryError,
    ):  # magics, or no Python at all: nothing is known of what it needs
        return frozenset()
    others = [i for i in range(len(sources)) if i not in shows]
    if any(cells[i].uses & REACH_EVERYTHING for i in others):
        return frozenset()
    needed = {position for i in others for position in slicing.needed(i, cells)}
    return frozenset(shows - needed)
