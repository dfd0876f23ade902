"""The weights of scores 2, 1, 0 at three temperatures, between a choice and a mean."""

import math

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 306, lang)
    say = picture.say
    bottom, high = 228, 150
    panels = [
        ("τ → 0", [1.0, 0.0, 0.0]),
        ("τ = ½", None),
        ("τ = 1", None),
        ("τ = 4", None),
        ("τ → ∞", [1 / 3] * 3),
    ]
    for number, (name, weights) in enumerate(panels):
        left = 26 + 146 * number
        if weights is None:
            heat = {"τ = ½": 0.5, "τ = 1": 1.0, "τ = 4": 4.0}[name]
            parts = [math.exp(score / heat) for score in (2, 1, 0)]
            weights = [part / sum(parts) for part in parts]
        picture.text(left + 62, 32, name, 15, bold=True)
        picture.arrow((left, bottom), (left + 124, bottom), tip=False)
        for i, weight in enumerate(weights):
            kind = "result" if 0 < number < 4 else "plain"
            if weight:
                picture.box(left + 8 + 38 * i, bottom - high * weight, 32, high * weight, kind=kind)
            said = f"{weight:.2f}" if 0 < weight < 1 else f"{weight:.0f}"
            picture.text(left + 24 + 38 * i, bottom - high * weight - 11, said, 12)
            picture.text(left + 24 + 38 * i, bottom + 15, str(2 - i), 12, quiet=True)
    picture.text(88, 266, "argmax", 14, code=True)
    picture.text(672, 266, say("plain mean", "میانگین ساده"), 14)
    picture.arrow((140, 266), (596, 266), words="")
    picture.text(
        368, 286, say("scores 2, 1, 0; rising temperature", "امتیازهای ۲ و ۱ و ۰؛ دمای رو به بالا"), 12, quiet=True
    )
    return picture
