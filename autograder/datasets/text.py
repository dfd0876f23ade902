"""Texts: the ghazals of Hafez, and news in English."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autograder.datasets import sources
from autograder.datasets.packages import Files, Package, gensim_files
from autograder.datasets.sources import FROM_GENSIM, Converted, Dataset, lines

_JSON, _NEWS = "hafez.json", "lee_background.cor"
_PARTS = {"train": 0.80, "validation": 0.05}  # of the ghazals; the rest is held out


@dataclass(frozen=True)
class Verses:
    """Poems of one part.

    Attributes:
        poems: of each ghazal its hemistichs.
        alphabet: every character that occurs in any of the ghazals, the line's end first: 37 in all.
    """

    poems: list[list[str]]
    alphabet: str


def hafez(part: str = "train") -> Verses:
    """Ghazals of Hafez (14th century): 396 to learn from ("train"), 25 to choose by ("validation").

    Raises:
        DataMissing: no source has them.
    """
    if part not in _PARTS:
        raise ValueError(f"part is {part!r}; there are 'train' and 'validation'. Of the rest, see hafez_held_out.")
    reader = sources.load(HAFEZ)
    poems = "\n".join(reader.lines(part)).split("\n\n")
    return Verses([poem.split("\n") for poem in poems], _alphabet(reader))


def hafez_held_out() -> tuple[list[str], Tensor | None]:
    """Beginnings of the hemistichs of 74 held-out ghazals, and how each of them goes on.

    Returns:
        Beginnings, each cut somewhere between its first character and its end, none longer than 47 characters; and of each
        the number in the alphabet of the character that follows (0, the line's end, where it is whole), shape (N,), int64,
        None where only the judge has it.

    Raises:
        DataMissing: no source has them.
    """
    reader, answers = sources.load(HAFEZ), sources.held_out(HAFEZ)
    return reader.lines("beginnings"), answers["following"].long() if answers else None


def _alphabet(reader: sources.Reader) -> str:
    return "\n" + reader.lines("letters")[0]


def _convert(files: Files) -> Converted:
    with files[_JSON]() as stream:
        poems: list[list[str]] = [entry["poem"] for entry in json.load(stream)]
    letters = "".join(sorted({letter for poem in poems for line in poem for letter in line}))
    chance = np.random.RandomState(0)
    order = chance.permutation(len(poems))
    first, second = (round(sum(list(_PARTS.values())[:n]) * len(poems)) for n in (1, 2))
    parts = {"train": order[:first], "validation": order[first:second]}
    tensors = {name: lines(["\n\n".join("\n".join(poems[n]) for n in sorted(part))]) for name, part in parts.items()}
    held_out = [line for n in sorted(order[second:]) for line in poems[n]]
    cuts = [chance.randint(1, len(line) + 1) for line in held_out]
    tensors["beginnings"] = lines([line[:cut] for line, cut in zip(held_out, cuts)])
    tensors["letters"] = lines([letters])
    following = [("\n" + letters).index((line + "\n")[cut]) for line, cut in zip(held_out, cuts)]
    return Converted(tensors, {"following": torch.tensor(following)})


def lee_news() -> list[str]:
    """300 news items of Australia's public broadcaster, 60,000 words in lower case, as gensim ships them.

    Raises:
        DataMissing: gensim isn't installed.
    """
    return sources.load(LEE).lines("words")


def _convert_news(files: Files) -> Converted:
    from gensim.utils import simple_preprocess

    with files[_NEWS]() as stream:
        words = [word for line in stream for word in simple_preprocess(line.decode(), min_len=1)]
    return Converted({"words": lines(words)})


def _installed_news() -> Converted | None:
    files = gensim_files((_NEWS,))
    return _convert_news(files) if files else None


HAFEZ = Dataset(
    name="hafez",
    package=Package(
        "pip",
        "hafez",
        "0.4.2",
        "hafez-0.4.2-py3-none-any.whl",
        "0b2f82fbdbbdff29564b1a1962d5e4138c0c1004791f259412b8c68af848306c",
    ),
    files=(_JSON,),
    convert=_convert,
)
LEE = Dataset(
    name="lee-news", package=None, files=(_NEWS,), convert=_convert_news, installed=_installed_news, remedy=FROM_GENSIM
)
