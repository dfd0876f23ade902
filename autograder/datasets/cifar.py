"""Colour images in ten classes, 32 × 32: CIFAR-10 (Krizhevsky 2009), or a folder of one's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.datasets import sources
from autograder.datasets.images import Images
from autograder.datasets.packages import Files
from autograder.datasets.sources import Converted, Dataset, lines

SIDE = 32
_FOLDERS = ("train/*/*", "test/*/*")
_HUB = "uoft-cs/cifar10"


def colour_images(split: str = "train", limit: int | None = None) -> Images:
    """The first ``limit`` pictures of a split, "train" or "test", in random order: shape (N, 3, 32, 32).

    They are those of a folder ``{train,test}/<class>/*`` in ``AUTOGRADER_DATA``, cut square and made 32 × 32, else CIFAR-10's
    50,000 and 10,000, which need an internet connection once.

    Raises:
        DataMissing: there is no such folder, and no connection.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split is {split!r}; there are 'train' and 'test'.")
    reader = sources.load(CIFAR10)
    labels = sources.labels(CIFAR10, reader, f"{split}_labels", limit)
    pixels = reader.first(f"{split}_images", limit).float() / 255
    return Images(pixels, labels, tuple(reader.lines("classes")))


def _convert(files: Files) -> Converted:
    classes = sorted({name.split("/")[1] for name in files})
    pictures: dict[str, list[tuple[Tensor, int]]] = {"train": [], "test": []}
    for name, file in files.items():
        split, class_name, _ = name.split("/")
        pictures[split].append((_opened(file, name), classes.index(class_name)))
    return _converted(pictures["train"], pictures["test"], classes)


def _opened(file: Any, name: str) -> Tensor:
    from PIL import Image, UnidentifiedImageError

    with file() as stream:
        try:
            return _pixels(Image.open(stream))
        except UnidentifiedImageError:
            raise ValueError(f"{name} is not an image: remove it and load again.") from None


def _pixels(image: Any) -> Tensor:
    """A PIL image as (3, 32, 32), uint8: the square in its middle, resized."""
    from PIL import ImageOps

    square = ImageOps.fit(image.convert("RGB"), (SIDE, SIDE))
    return torch.from_numpy(np.array(square)).permute(2, 0, 1)


def _converted(train: list[tuple[Tensor, int]], test: list[tuple[Tensor, int]], classes: Iterable[str]) -> Converted:
    chance = np.random.RandomState(0)
    made = Converted({"classes": lines(list(classes))})
    for split, pictures, answers in (("train", train, made.open), ("test", test, made.held_out)):
        mixed = [pictures[n] for n in chance.permutation(len(pictures))]
        made.open[f"{split}_images"] = torch.stack([pixels for pixels, _ in mixed])
        answers[f"{split}_labels"] = torch.tensor([label for _, label in mixed], dtype=torch.int16)
    return made


def _hub() -> Converted:
    from datasets import load_dataset

    parts = {split: load_dataset(_HUB, split=split) for split in ("train", "test")}
    train, test = ([(_pixels(row["img"]), row["label"]) for row in part] for part in parts.values())
    return _converted(train, test, parts["train"].features["label"].names)


CIFAR10 = Dataset(
    name="cifar10",
    package=None,
    files=_FOLDERS,
    convert=_convert,
    hub=_hub,
    hub_name=f"the Hugging Face Hub's {_HUB}",
    remedy="Run this where there is an internet connection, with `pip install datasets`; or put pictures into a folder as "
    "train/<class>/… and test/<class>/…, and set the environment variable AUTOGRADER_DATA to that folder.",
)
