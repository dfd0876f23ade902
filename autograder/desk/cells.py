"""The cells that run in a student's notebook, and when each ran."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any

ran: deque[tuple[float, str]] = deque(maxlen=1000)


def watch(after: Callable[[Any], None]) -> None:
    """Begin to note them in the Jupyter kernel that this runs in, if it is one; after each, call this with its result."""
    shell = _shell()
    if shell is not None and not hasattr(shell, "_autograder_desk"):
        shell._autograder_desk = True
        shell.events.register("pre_run_cell", _before)
        shell.events.register("post_run_cell", after)


def names() -> dict[str, Any]:
    """The names of the notebook; none outside Jupyter."""
    return getattr(_shell(), "user_ns", {})


def given() -> dict[str, Any]:
    """What the homework's first cell imported, by name."""
    return getattr(getattr(_shell(), "_autograder_names", None), "given", {})


def _shell() -> Any:
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return get_ipython()


def _before(info: Any) -> None:
    ran.append((time.time(), str(info.raw_cell).strip()))
