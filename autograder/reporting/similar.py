"""``autograder similar``: pairs of submissions whose own code is alike, by winnowed fingerprints (Schleimer et al. 2003).

It accuses nobody. What the homework gives away, the model solutions and all right variants count as common and aren't compared;
short solutions look alike by themselves, so each pair is shown against the class's own distribution.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jinja2
import nbformat
import numpy as np
from copydetect.utils import filter_code, get_document_fingerprints
from nbformat import NotebookNode

from autograder.building import text, variants
from autograder.cleaned import cleaned
from autograder.problem import Problem
from autograder.reporting import similar_essays

GRAM = 25  # characters of normalised code that one fingerprint covers
WINDOW = 10  # of so many fingerprints in a row one is kept
USUAL, SOME = 0.1, 3  # what more of the class have than this share, and than so many, is usual too
FEWEST = 15  # fingerprints of one's own, below which there is nothing to compare
SHOWN, LONGEST = 30, 20_000  # pairs on the page, characters of each code
_TEMPLATE = Path(__file__).with_name("similar.html.jinja")


@dataclass(frozen=True)
class Pair:
    """Two students' code; ``similarity`` is the share of the smaller one's fingerprints that the other has too, 0 to 1."""

    a: str
    b: str
    similarity: float
    shared: int


def pairs(course: Path, homework: str, tell: Callable[[int, int], None] = lambda done, total: None) -> list[Pair]:
    """Every pair of graded submissions, most alike first; ``tell`` hears how many submissions were read of how many.

    Raises:
        Problem: fewer than two are graded.
        BuildError: the homework's text is inconsistent.
    """
    codes = own_code(course, homework)
    if len(codes) < 2:
        raise Problem(f"fewer than two submissions of {homework} are in autograded/: grade some first.")
    common = _common(course / "assignments" / homework)
    prints: dict[str, set[int]] = {}
    for student, code in codes.items():
        prints[student] = _fingerprints(code) - common
        tell(len(prints), len(codes))
    held = Counter(itertools.chain.from_iterable(prints.values()))
    usual = {print_ for print_, count in held.items() if count > max(SOME, USUAL * len(codes))}
    prints = {student: own - usual for student, own in prints.items()}
    found = [_pair(a, b, prints[a], prints[b]) for a, b in itertools.combinations(sorted(prints), 2)]
    return sorted(found, key=lambda pair: (-pair.similarity, -pair.shared, pair.a, pair.b))


def own_code(course: Path, homework: str) -> dict[str, str]:
    """What each student wrote: the cells of solutions, and those that the homework doesn't have."""
    given = {cell.source.strip() for cell in _cells(course, homework) if cell.is_code}
    codes = {}
    for path in sorted(course.glob(f"autograded/*/{homework}/{homework}.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        parts = [cell.source for cell in notebook.cells if cell.cell_type == "code" and _is_own(cell, given)]
        codes[path.parents[1].name] = "\n\n".join(parts)
    return codes


def _is_own(cell: NotebookNode, given: set[str]) -> bool:
    about = cell.metadata.get("nbgrader", {})
    if about.get("solution"):
        return True
    return not about.get("grade") and not about.get("locked") and cell.source.strip() not in given


def _cells(course: Path, homework: str) -> list[text.Cell]:
    return text.read(course / "assignments" / homework / f"{homework}.py")


def _common(folder: Path) -> set[int]:
    """Fingerprints of what everybody may have: all that stands in the homework, and each right way that is known."""
    sources = [cell.source for cell in text.read(folder / f"{folder.name}.py") if cell.is_code]
    sources += [variant.source for variant in variants.read(folder / "variants.py") if not variant.is_wrong]
    return set().union(*(_fingerprints(source, window=1) for source in sources))


def _fingerprints(source: str, window: int = WINDOW) -> set[int]:
    found, _ = get_document_fingerprints(_normal(source), GRAM, window)
    return {int(print_) for print_ in found}


def _normal(source: str) -> str:
    """Code without comments and blanks, its names alike."""
    return str(filter_code(source, "code.py", "python")[0])


def _pair(a: str, b: str, of_a: set[int], of_b: set[int]) -> Pair:
    shared, smaller = len(of_a & of_b), min(len(of_a), len(of_b))
    return Pair(a, b, round(shared / smaller, 4) if smaller >= FEWEST else 0.0, shared)


def as_json(found: list[Pair]) -> str:
    """A list of pairs, most alike first."""
    told = [{"a": pair.a, "b": pair.b, "similarity": pair.similarity} for pair in found]
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def page(course: Path, homework: str, found: list[Pair]) -> str:
    """The pairs that stand out, side by side, then essays that share words; names show when they are asked for."""
    codes = own_code(course, homework)
    values = [pair.similarity for pair in found]
    low, middle, high = (float(q) for q in np.percentile(values, [50, 90, 99]))
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    shown = [
        {"pair": pair, "a": codes[pair.a][:LONGEST], "b": codes[pair.b][:LONGEST], "names": _names(pair.a, pair.b)}
        for pair in found[:SHOWN]
        if pair.similarity > 0
    ]
    essays = similar_essays.shared(course, homework)
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        homework=homework,
        pairs=shown,
        students=len(codes),
        count=len(found),
        quantiles=(low, middle, high),
        run=similar_essays.RUN,
        essays=[vars(one) | {"names": _names(one.a, one.b)} for one in essays[:SHOWN]],
        essays_pairs=len({(one.a, one.b) for one in essays}),
    )


def _names(a: str, b: str) -> str:
    return cleaned(f"{a} · {b}", 130)
