"""Fashion-MNIST: 70,000 pictures of clothes, 28 × 28 (Xiao, Rasul and Vollgraf 2017; MIT licence)."""

from __future__ import annotations

import gzip
import hashlib
import urllib.request
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from autograder.datasets import sources
from autograder.datasets.packages import Files, Package, opening
from autograder.datasets.sources import Converted, Dataset

CLASSES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
_HOME = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"
_HALF = 5_000  # of the test pictures are "test", the others "exam"
_INSTALLED = Path("/usr/share/datasets/fashion-mnist")
_SHA256 = {
    "train-images-idx3-ubyte.gz": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte.gz": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte.gz": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte.gz": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


@dataclass(frozen=True)
class Images:
    """Pictures.

    Attributes:
        pixels: shape (N, C, H, W), float32 in [0, 1].
        labels: class numbers, shape (N,), int64; None where only the judge has them.
        classes: the classes' names.
    """

    pixels: Tensor
    labels: Tensor | None
    classes: tuple[str, ...]


def fashion_mnist(split: str = "train", limit: int | None = None) -> Images:
    """The first ``limit`` pictures of a split; about a tenth of each is of one class.

    Args:
        split: "train" (60,000), "test" (5,000) or "exam" (5,000), which code that is graded doesn't see.
        limit: how many; all by default.

    Raises:
        DataMissing: no source has them, or only the judge.
    """
    if split not in ("train", "test", "exam"):
        raise ValueError(f"split is {split!r}; there are 'train', 'test' and 'exam'.")
    reader = sources.of_the_judge(FASHION_MNIST) if split == "exam" else sources.load(FASHION_MNIST)
    pixels = reader.first(f"{split}_images", limit).float()[:, None] / 255
    labels = sources.labels(FASHION_MNIST, reader, f"{split}_labels", limit)
    return Images(pixels, labels, CLASSES)


def _convert(files: Files) -> Converted:
    content = {name: _checked(name, files) for name in _SHA256}
    train_images, train_labels, test_images, test_labels = content.values()
    shown = {"train_images": _pictures(train_images), "train_labels": _idx(train_labels, 8)}
    held_out: dict[str, Tensor] = {}
    shown["test_images"], held_out["exam_images"] = _halves(_pictures(test_images))
    held_out["test_labels"], held_out["exam_labels"] = _halves(_idx(test_labels, 8))
    return Converted(shown, held_out)


def _checked(name: str, files: Files) -> bytes:
    with files[name]() as packed, gzip.open(packed) as stream:
        content = stream.read()
    if hashlib.sha256(content).hexdigest() != _SHA256[name]:
        raise OSError(f"{name} is not the file of Fashion-MNIST that this course was made with.")
    return content


def _pictures(content: bytes) -> Tensor:
    return _idx(content, 16).reshape(-1, 28, 28)


def _halves(of_test: Tensor) -> tuple[Tensor, Tensor]:
    return of_test[:_HALF], of_test[_HALF:]


def _idx(content: bytes, header: int) -> Tensor:
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=header).copy())


def _installed() -> Converted | None:
    found = [_INSTALLED / name for name in _SHA256]
    return _convert(opening(_INSTALLED, found)) if all(path.exists() for path in found) else None


def _hub() -> Converted:
    def opened(name: str) -> BytesIO:
        with urllib.request.urlopen(f"{_HOME}/{name}", timeout=60) as stream:
            return BytesIO(stream.read())

    return _convert({name: partial(opened, name) for name in _SHA256})


FASHION_MNIST = Dataset(
    name="fashion-mnist",
    package=Package(
        "apt",
        "dataset-fashion-mnist",
        "0.0~git20200523.55506a9-1",
        "dataset-fashion-mnist_0.0~git20200523.55506a9-1_all.deb",
        "39e172fe32dd318ebb3e512220c3beea2fa47d7e20bab348fb4e0922d6beefc0",
    ),
    files=tuple(_SHA256),
    convert=_convert,
    installed=_installed,
    hub=_hub,
    hub_name=_HOME,
)
