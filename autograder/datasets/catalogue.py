"""All datasets by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from autograder.datasets import sources
from autograder.datasets.images import FASHION_MNIST
from autograder.datasets.sources import DataMissing
from autograder.datasets.text import HAFEZ, LEE
from autograder.datasets.time_series import WEATHER
from autograder.datasets.word_vectors import GLOVE

CATALOGUE = {dataset.name: dataset for dataset in (FASHION_MNIST, GLOVE, HAFEZ, LEE, WEATHER)}


def fill_all(names: Iterable[str], say: Callable[[str], None]) -> int:
    """Put datasets into the cache, all of them by default; returns how many could not be had, each of them said."""
    missing = 0
    for name in names or CATALOGUE:
        if name not in CATALOGUE:
            say(f"no dataset called {name!r}; there are {', '.join(CATALOGUE)}")
            missing += 1
            continue
        try:
            news = sources.fill(CATALOGUE[name], say)
            say(f"{name}: {'ready' if news else 'was ready'} in {sources.cache()}")
        except DataMissing as error:
            say(str(error))
            missing += 1
    return missing
