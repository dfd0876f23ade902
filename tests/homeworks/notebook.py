"""A homework's functions, for tests that compare them with implementations that are not ours."""

from functools import cache
from pathlib import Path
from typing import Any

import matplotlib

from autograder.building import text

ROOT = Path(__file__).parents[2]


@cache
def solutions(homework: str) -> dict[str, Any]:
    """The notebook's names after its given and solution cells ran."""
    matplotlib.use("agg")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in text.read(ROOT / "assignments" / homework / f"{homework}.py"):
        if cell.kind in ("given", "solution"):
            exec(compile(cell.source, f"{homework}:{cell.id}", "exec"), namespace)
    return namespace
