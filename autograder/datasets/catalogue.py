"""All datasets by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from autograder.datasets import sources
from autograder.datasets.cifar import CIFAR10
from autograder.datasets.images import FASHION_MNIST
from autograder.datasets.labelled_texts import MOVIE_REVIEWS, SMS_SPAM
from autograder.datasets.pretrained import BERT
from autograder.datasets.sources import DataMissing
from autograder.datasets.text import HAFEZ, LEE
from autograder.datasets.time_series import WEATHER
from autograder.datasets.word_relations import WORD_RELATIONS
from autograder.datasets.word_vectors import GLOVE

_EMBEDDED = (BERT, FASHION_MNIST, GLOVE, HAFEZ, LEE, MOVIE_REVIEWS, SMS_SPAM, WEATHER, WORD_RELATIONS)
DEFAULT = [dataset.name for dataset in _EMBEDDED]
CATALOGUE = {dataset.name: dataset for dataset in (*_EMBEDDED, CIFAR10)}


def fill_all(names: Iterable[str], say: Callable[[str], None]) -> int:
    """Put datasets into the cache, by default all that homeworks need; returns how many could not be had, each of them said."""
    missing = 0
    for name in names or DEFAULT:
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
