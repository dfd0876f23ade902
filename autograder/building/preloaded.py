"""What trials have ready when their process is forked: the homeworks' imports, named by whoever starts the first of them."""

from __future__ import annotations

import contextlib
import importlib
import os

STATEMENTS = "AUTOGRADER_IMPORTS"

if STATEMENTS in os.environ:
    importlib.import_module("autograder.building.trials")
    for statement in os.environ[STATEMENTS].splitlines():
        with contextlib.suppress(Exception):  # the cell that needs it says what is wrong
            exec(statement, {})
