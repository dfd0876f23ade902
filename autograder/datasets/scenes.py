"""Scenes to segment: real pictures of clothes put on a canvas, so that every pixel's class is known exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autograder.datasets.images import fashion_mnist

_VISIBLE = 0.1  # a garment's pixels below this are its background


@dataclass(frozen=True)
class Scenes:
    """Composed pictures.

    Attributes:
        pixels: shape (N, 1, H, W), float32 in [0, 1].
        masks: the class of each pixel, shape (N, H, W), int64: 0 is background, 1 + k the k-th class of Fashion-MNIST.
        classes: the names of all 11.
    """

    pixels: Tensor
    masks: Tensor
    classes: tuple[str, ...]


def clothes_scenes(count: int, seed: int = 0, height: int = 56, width: int = 64, garments: int = 3) -> Scenes:
    """Compose scenes of training pictures of Fashion-MNIST, at random places on a dim noisy ground; later ones hide earlier ones.

    Args:
        count: how many scenes.
        seed: of the choice of pictures and places; scenes of different seeds share pictures.
        height: of a scene, at least 28.
        width: of a scene, at least 28.
        garments: pictures in each scene.

    Raises:
        DataMissing: no source has Fashion-MNIST.
    """
    clothes = fashion_mnist("train", limit=10_000)
    assert clothes.labels is not None  # training labels are open
    chance = np.random.RandomState(seed)
    side = clothes.pixels.shape[-1]
    pixels = torch.from_numpy(chance.uniform(0, _VISIBLE, (count, 1, height, width)).astype(np.float32))
    masks = torch.zeros(count, height, width, dtype=torch.int64)
    for scene in range(count):
        for chosen in chance.randint(len(clothes.pixels), size=garments):
            top, left = chance.randint(height - side + 1), chance.randint(width - side + 1)
            garment = clothes.pixels[chosen, 0]
            there = (scene, slice(top, top + side), slice(left, left + side))
            visible = garment > _VISIBLE
            pixels[:, 0][there][visible] = garment[visible]
            masks[there][visible] = 1 + clothes.labels[chosen]
    return Scenes(pixels, masks, ("background", *clothes.classes))
