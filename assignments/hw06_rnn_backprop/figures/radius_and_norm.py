"""Three matrices applied again and again: the radius rules in the long run, the largest singular value each single step."""

import math

from autograder.building.picture import Picture

LAGS = 40


def draw(lang: str) -> Picture:
    picture = Picture(760, 380, lang)
    say = picture.say

    def at(lag: float, norm: float) -> tuple[float, float]:
        return 76 + 10 * lag, 190 - 80 * math.log10(norm)

    picture.arrow((76, 340), (494, 340))
    picture.arrow((76, 345), (76, 30))
    for power in (-1, 0, 1):
        y = at(0, 10**power)[1]
        picture.arrow((70, y), (76, y), tip=False)
        picture.text(62, y, f"{10**power:g}", 12, anchor="end", quiet=True)
    for lag in (10, 20, 30, 40):
        picture.text(at(lag, 1)[0], 356, str(lag), 12, quiet=True)
    picture.text(284, 369, say("lag ℓ", "فاصله (ℓ)"), 12, quiet=True)
    picture.text(284, 22, say("length of (W^{⊤})^{ℓ} g, for g = (1, 0)", "طول (W^{⊤})^{ℓ} g برای g = (1, 0)"), 13)
    for a, b, kind in ((0.9, 0.0, "data"), (0.9, 3.0, "loss"), (1.05, 0.0, "weights")):
        picture.curve([at(lag, _length(a, b, lag)) for lag in range(LAGS + 1)], kind)
    for y, a, b, kind, sigma in (
        (70, "1.05", "0", "weights", "1.05"),
        (170, "0.9", "3", "loss", "3.25"),
        (270, "0.9", "0", "data", "0.9"),
    ):
        picture.curve([(520, y + 30), (548, y + 30)], kind)
        picture.text(574, y + 30, "W =", 13)
        picture.cells(596, y, [[a, b], ["0", a]], 32, kind, size=12)
        picture.text(708, y + 18, f"ρ = {a}", 13)
        picture.text(708, y + 44, f"σ_{{max}} = {sigma}", 13)
    return picture


def _length(a: float, b: float, lag: int) -> float:
    """Of the transposed [[a, b], [0, a]], applied so often to (1, 0)."""
    x, y = 1.0, 0.0
    for _ in range(lag):
        x, y = a * x, b * x + a * y
    return math.hypot(x, y)
