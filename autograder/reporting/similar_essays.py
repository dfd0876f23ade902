"""Essays that share long runs of words; the text of the homework, its model answers and what many write don't count."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.building import text
from autograder.collecting.names import folded

RUN = 8  # words in a row, the same in the same order
USUAL, SOME = 0.1, 3  # a run that more of the class have than this share, and than so many, is usual
_WORD = re.compile("[\\w\u200c]+")
_TAG = re.compile(r"<[^>]{0,200}>")

Run = tuple[str, ...]
Piece = tuple[str, bool]  # of an answer, and whether it is shared


@dataclass(frozen=True)
class Shared:
    """Two answers to one essay: ``words`` of a's stand in runs that b has too, which is ``share`` of the shorter answer."""

    a: str
    b: str
    essay: str
    words: int
    share: float
    of_a: list[Piece]
    of_b: list[Piece]


def shared(course: Path, homework: str) -> list[Shared]:
    """Pairs of answers with a run in common, most words first.

    Raises:
        BuildError: the homework's text is inconsistent.
    """
    cells = text.read(course / "assignments" / homework / f"{homework}.py")
    common = set().union(*(_runs(_words(cell.source)) for cell in cells if not cell.is_code))
    found = []
    for essay, answers in _answers(course, homework).items():
        words = {student: _words(answer) for student, answer in answers.items()}
        runs = {student: _runs(own) - common for student, own in words.items()}
        held = Counter(itertools.chain.from_iterable(runs.values()))
        usual = {run for run, count in held.items() if count > max(SOME, USUAL * len(answers))}
        for a, b in itertools.combinations(sorted(runs), 2):
            both = (runs[a] & runs[b]) - usual
            if both:
                covered = len(_covered(words[a], both))
                share = min(1.0, covered / min(len(words[a]), len(words[b])))
                pieces = (_pieces(answers[one], words[one], both) for one in (a, b))
                found.append(Shared(a, b, essay, covered, share, *pieces))
    return sorted(found, key=lambda one: (-one.words, one.essay, one.a, one.b))


def _answers(course: Path, homework: str) -> dict[str, dict[str, str]]:
    """Each essay's answers, by student."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(course.glob(f"autograded/*/{homework}/{homework}.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            about = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "markdown" and about.get("grade") and about.get("solution"):
                answer = _TAG.sub(" ", cell.source).strip()
                found.setdefault(about["grade_id"], {})[path.parents[1].name] = answer
    return found


def _words(answer: str) -> list[tuple[str, int, int]]:
    """An answer's words as everybody writes them the same, and where each stands."""
    found = ((folded(match[0]), match.start(), match.end()) for match in _WORD.finditer(answer))
    return [word for word in found if word[0]]


def _runs(words: list[tuple[str, int, int]]) -> set[Run]:
    return {tuple(word for word, _, _ in words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def _covered(words: list[tuple[str, int, int]], runs: set[Run]) -> set[int]:
    """The places of the words that stand in one of these runs."""
    starts = (i for i in range(len(words)) if tuple(word for word, _, _ in words[i : i + RUN]) in runs)
    return {place for start in starts for place in range(start, start + RUN)}


def _pieces(answer: str, words: list[tuple[str, int, int]], runs: set[Run]) -> list[Piece]:
    """An answer cut where what is shared begins and ends."""
    covered, cuts, before = _covered(words, runs), [0], False
    for place, (_, start, _) in enumerate(words):
        if (place in covered) != before:
            cuts.append(start if place in covered else words[place - 1][2])
            before = place in covered
    cuts += [words[-1][2]] * before + [len(answer)]
    pieces = [(answer[a:b], bool(i % 2)) for i, (a, b) in enumerate(itertools.pairwise(cuts))]
    return [piece for piece in pieces if piece[0].strip()]
