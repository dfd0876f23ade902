"""Questions about words with agreed answers, as gensim ships them: analogies, and how alike people find two words."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.datasets import sources
from autograder.datasets.packages import Files, gensim_files
from autograder.datasets.sources import FROM_GENSIM, Converted, Dataset, lines

_ANALOGIES, _SIMILARITIES = "questions-words.txt", "wordsim353.tsv"


def analogies() -> dict[str, list[tuple[str, str, str, str]]]:
    """19,544 analogies (a, b, c, d), "a is to b as c is to d", in lower case, by their 14 kinds (Mikolov et al. 2013).

    Raises:
        DataMissing: gensim isn't installed.
    """
    kinds: dict[str, list[tuple[str, str, str, str]]] = {}
    questions = kinds.setdefault("", [])
    for line in sources.load(WORD_RELATIONS).lines("analogies"):
        if line.startswith(": "):
            questions = kinds.setdefault(line[2:], [])
        else:
            a, b, c, d = line.split()
            questions.append((a, b, c, d))
    return {kind: questions for kind, questions in kinds.items() if questions}


def word_similarities() -> tuple[list[tuple[str, str]], Tensor]:
    """353 pairs of words in lower case, and how alike people find them, 0 to 10, shape (353,) (Finkelstein et al. 2002).

    Raises:
        DataMissing: gensim isn't installed.
    """
    reader = sources.load(WORD_RELATIONS)
    pairs = [line.split("\t") for line in reader.lines("pairs")]
    return [(first, second) for first, second in pairs], reader["similarities"]


def _convert(files: Files) -> Converted:
    with files[_ANALOGIES]() as stream:
        questions = stream.read().decode().lower().strip().splitlines()
    with files[_SIMILARITIES]() as stream:
        rows = [line.split("\t") for line in stream.read().decode().lower().splitlines() if line and line[0] != "#"]
    return Converted(
        {
            "analogies": lines(questions),
            "pairs": lines([f"{first}\t{second}" for first, second, _ in rows]),
            "similarities": torch.tensor([float(number) for _, _, number in rows]),
        }
    )


def _installed() -> Converted | None:
    files = gensim_files((_ANALOGIES, _SIMILARITIES))
    return _convert(files) if files else None


WORD_RELATIONS = Dataset(
    name="word-relations",
    package=None,
    files=(_ANALOGIES, _SIMILARITIES),
    convert=_convert,
    installed=_installed,
    remedy=FROM_GENSIM,
)
