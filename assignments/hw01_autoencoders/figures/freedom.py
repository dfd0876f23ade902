"""What stays free: without a penalty any invertible matrix, with one a rotation only."""

import math

from autograder.building.picture import Picture

FREE = [((1.5, 0.2), (0.1, 0.5)), ((0.6, -0.5), (0.4, 1.1)), ((0.9, 0.8), (-0.9, 0.4))]
TURNS = (0.4, 2.3, 4.2)
SIZES = (1.25, 0.75)
UNIT = 76


def draw(lang: str) -> Picture:
    """Decoders as ellipses in the plane of the principal directions; a dot is the first column."""
    p = Picture(760, 340, lang)
    say = p.say
    left, right = (205, 180), (565, 180)
    p.text(left[0], 28, say("λ = 0: W_{2} = U G, G invertible", "λ = 0: W_{2} = U G با G وارون‌پذیر"), 14, bold=True)
    p.text(
        right[0],
        28,
        say("λ > 0: W_{2} = U D^{1/2} O, O orthogonal", "λ > 0: W_{2} = U D^{1/2} O با O متعامد"),
        14,
        bold=True,
    )
    for x, y in (left, right):
        p.arrow((x - 130, y), (x + 138, y), words="u_{1}", offset=(142, -2), size=13)
        p.arrow((x, y + 116), (x, y - 122), words="u_{2}", offset=(16, -112), size=13)
    for number, matrix in enumerate(FREE):
        _ellipse(p, left, matrix, ("data", "weights", "result")[number])
    _curve(p, right, ((SIZES[0], 0), (0, SIZES[1])), "result")
    for turn, kind in zip(TURNS, ("data", "weights", "result")):
        _dot(p, right, (SIZES[0] * math.cos(turn), SIZES[1] * math.sin(turn)), kind)
    p.text(
        left[0],
        318,
        say("three decoders, equally good: three ellipses", "سه کدگشا که به یک اندازه خوب‌اند: سه بیضی"),
        12,
        quiet=True,
    )
    p.text(
        right[0],
        318,
        say("three decoders: one ellipse, only the dots differ", "سه کدگشا: یک بیضی، تنها نقطه‌ها فرق دارند"),
        12,
        quiet=True,
    )
    return p


def _ellipse(p: Picture, middle: tuple[float, float], matrix: tuple, kind: str) -> None:
    _curve(p, middle, matrix, kind)
    _dot(p, middle, (matrix[0][0], matrix[1][0]), kind)


def _curve(p: Picture, middle: tuple[float, float], matrix: tuple, kind: str) -> None:
    (a, b), (c, d) = matrix
    turns = [2 * math.pi * i / 48 for i in range(49)]
    seen = [(a * math.cos(t) + b * math.sin(t), c * math.cos(t) + d * math.sin(t)) for t in turns]
    p.curve([(middle[0] + UNIT * x, middle[1] - UNIT * y) for x, y in seen], kind)


def _dot(p: Picture, middle: tuple[float, float], at: tuple[float, float], kind: str) -> None:
    p.circle(middle[0] + UNIT * at[0], middle[1] - UNIT * at[1], 6, "", kind)
