"""Colour images from a folder or the hub, and scenes composed of Fashion-MNIST."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from autograder.datasets import DataMissing, cifar, clothes_scenes, colour_images, fashion_mnist, sources
from autograder.datasets.catalogue import DEFAULT

COLOURS = {"red": (255, 0, 0), "blue": (0, 0, 255)}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(sources.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv(sources.FOLDER_VARIABLE, str(tmp_path / "mine"))
    return tmp_path / "mine"


def paint(folder: Path, count: Callable[[str], int]) -> None:
    for split in ("train", "test"):
        for name, colour in COLOURS.items():
            place = folder / split / name
            place.mkdir(parents=True)
            for number in range(count(split)):
                Image.new("RGB", (40 + number, 64), colour).save(place / f"{number}.png")


def test_a_folder_of_images_is_read_by_class_and_split(own: Path) -> None:
    paint(own, lambda split: {"train": 5, "test": 3}[split])
    for split, count in (("train", 10), ("test", 6)):
        images = colour_images(split)
        assert images.pixels.shape == (count, 3, 32, 32) and images.classes == ("blue", "red")
        assert images.labels is not None
        red = images.pixels[:, 0].mean((1, 2))
        assert torch.equal(images.labels, (red > 0.5).long()) and images.labels.sum() == count // 2
    assert colour_images("train", limit=4).pixels.shape[0] == 4
    Image.new("L", (32, 32), 7).save(own / "train" / "red" / "another.png")
    assert colour_images("train").pixels.shape[0] == 11, "a folder that changed is read again"


def test_what_is_no_image_is_named(own: Path) -> None:
    paint(own, lambda split: 1)
    (own / "train" / "red" / "notes.txt").write_text("remember the milk")
    with pytest.raises(ValueError, match=r"train/red/notes.txt is not an image: remove it"):
        colour_images()


def test_without_folder_and_connection_the_error_says_what_to_run(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar, "_HUB", str(own / "nowhere"))
    with pytest.raises(DataMissing, match=r"connection, .*or put pictures into a folder as train/<class>"):
        colour_images()
    assert "cifar10" not in DEFAULT, "it needs a connection that a classroom may not have"


def test_cifar10_comes_from_the_hub(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", own / "hub-cache")
    from datasets import ClassLabel, Dataset, Features
    from datasets import Image as Picture

    columns = Features({"img": Picture(), "label": ClassLabel(names=["cat", "dog"])})
    for split, count in (("train", 4), ("test", 2)):
        pictures = [Image.fromarray(np.full((32, 32, 3), 100 + n, np.uint8)) for n in range(count)]
        rows: Any = Dataset.from_dict({"img": pictures, "label": [n % 2 for n in range(count)]}, features=columns)
        rows.to_parquet(own / "cifar" / f"{split}.parquet")
    monkeypatch.setattr(cifar, "_HUB", str(own / "cifar"))
    train, test = colour_images("train"), colour_images("test")
    assert train.classes == ("cat", "dog") and train.pixels.shape == (4, 3, 32, 32)
    for part in (train, test):
        assert part.labels is not None
        assert torch.equal(((part.pixels[:, 0, 0, 0] * 255).round().long() - 100) % 2, part.labels)


def test_every_pixel_of_a_scene_has_the_class_of_what_is_seen_there() -> None:
    scenes, clothes = clothes_scenes(9, seed=3, garments=1), fashion_mnist("train", limit=10_000)
    assert scenes.pixels.shape == (9, 1, 56, 64) and scenes.masks.shape == (9, 56, 64)
    assert clothes.labels is not None and scenes.classes == ("background", *clothes.classes)
    for pixels, mask in zip(scenes.pixels[:, 0], scenes.masks):
        assert torch.equal(pixels > 0.1, mask > 0)
        (label,) = mask[mask > 0].unique().tolist()
        seen = pixels[pixels > 0.1].sort().values
        candidates = clothes.pixels[clothes.labels == label - 1, 0]
        assert any(torch.equal(c[c > 0.1].sort().values, seen) for c in candidates), "a real picture, of that class"


def test_scenes_follow_their_seed() -> None:
    first, again, other = clothes_scenes(4, seed=1), clothes_scenes(4, seed=1), clothes_scenes(4, seed=2)
    assert torch.equal(first.pixels, again.pixels) and torch.equal(first.masks, again.masks)
    assert not torch.equal(first.masks, other.masks)
    assert first.masks.unique().numel() > 3, "three garments each"
