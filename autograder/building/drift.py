"""What differs between references that were made now and those that are released."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from autograder.checks import references
from autograder.checks.compare import compare
from autograder.checks.references import References


def drift(made: References, path: Path, names: Iterable[str] | None = None) -> Iterable[str]:
    """How a file of released references differs from a fresh recording, a line each; values within their tolerance don't.

    Args:
        made: the fresh references, also of some check cells only.
        path: the file.
        names: the variants whose mistakes were recorded; all of them by default.
    """
    try:
        present = _narrowed(references.read(path), made, names)
    except FileNotFoundError:
        yield "is missing"
        return
    except ValueError as error:
        yield str(error)
        return
    fresh = made.public()
    if [(c.name, c.cell, c.options, c.known) for c in fresh.checks] != [
        (c.name, c.cell, c.options, c.known) for c in present.checks
    ]:
        yield "its checks differ from a fresh build's"
        return
    for a, b in zip(fresh.checks, present.checks):
        if not compare(b.value, a.value, a.options).agrees:
            yield f"the reference of {a.name!r} differs from a fresh build's"
    if [(m.check, m.variant, m.en, m.fa) for m in fresh.mistakes] != [
        (m.check, m.variant, m.en, m.fa) for m in present.mistakes
    ]:
        yield "its known mistakes differ from a fresh build's"


def _narrowed(present: References, made: References, names: Iterable[str] | None) -> References:
    """What of the released references a recording of some check cells, and of some variants, is about."""
    if names is None:
        return present
    cells, variants = set(made.cells()), set(names)
    checks = [check for check in present.checks if check.cell in cells]
    known = {check.name for check in checks}
    mistakes = [m for m in present.mistakes if m.variant in variants and m.check in known]
    return replace(present, checks=checks, mistakes=mistakes)
