"""One line of advice under an error that beginners meet."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

from autograder.checks.references import References
from autograder.desk.stand_in import recorded
from autograder.desk.standing import solutions
from autograder.desk.words import say


def advice(error: BaseException, references: References, names: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """What to do about an error that ended a cell; "" where there is nothing to say that it doesn't say itself.

    Args:
        error: what was raised.
        references: the homework's, with its guide.
        names: the notebook's names.
        given: the names that the homework's first cell imported, as it did.
    """
    guide = references.guide
    known = solutions(guide)
    words = str(error)
    if isinstance(error, KeyboardInterrupt):
        return say(guide.language, "interrupted")
    if isinstance(error, NotImplementedError):
        return unwritten(error, references)
    lost = [name for name, value in given.items() if names.get(name) is not value]
    if lost and any(name in words or name in _lines(error) for name in lost):
        return say(guide.language, "shadowed", name=lost[0])
    if isinstance(error, NameError) and error.name in known:
        return say(guide.language, "unwritten", name=error.name)
    if isinstance(error, RuntimeError) and any(part in words for part in ("scalar type", "same dtype", "dtype")):
        return say(guide.language, "dtype")
    if isinstance(error, RuntimeError) and "same device" in words:
        return say(guide.language, "device")
    return ""


def unwritten(error: BaseException, references: References) -> str:
    """That a solution has to be written first, where an error comes from its stub; else ""."""
    known = solutions(references.guide)
    name = next((f.name for f in reversed(traceback.extract_tb(error.__traceback__)) if f.name in known), "")
    if not name:
        return ""
    text = say(references.guide.language, "stub", name=name)
    return (
        text + say(references.guide.language, "or_stand_in", name=name)
        if recorded(references.homework).get(name)
        else text
    )


def _lines(error: BaseException) -> str:
    """The lines of the student's code that the error went through."""
    return "\n".join(frame.line or "" for frame in traceback.extract_tb(error.__traceback__))
