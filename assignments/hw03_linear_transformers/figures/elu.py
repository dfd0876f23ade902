"""elu + 1 beside the exponential: equal below zero, a straight line above it."""

import math

from autograder.building.picture import Picture

POINTS = ((-math.log(2), 0.5, "(−ln 2, 0.5)"), (0, 1, "(0, 1)"), (3, 4, "(3, 4)"))


def draw(lang: str) -> Picture:
    made = Picture(760, 320, lang)
    x0, y0, unit = 330, 262, 44

    def at(x: float, y: float) -> tuple[float, float]:
        return x0 + unit * x, y0 - unit * y

    made.arrow((40, y0), (620, y0))
    made.arrow((x0, y0 + 20), (x0, 24))
    made.text(626, y0 + 16, "x", 13, quiet=True)
    steps = [number / 10 for number in range(-60, 17)]
    made.curve([at(x, math.exp(x)) for x in steps], "plain", dashed=True)
    made.curve([at(x, math.exp(x) if x <= 0 else x + 1) for x in [*steps, 2, 3, 4, 4.4]], "weights")
    for x, y, words in POINTS:
        made.circle(*at(x, y), 5, kind="weights")
        left = x < 3
        made.text(
            at(x, y)[0] + (-12 if left else 14),
            at(x, y)[1] + (-10 if left else 10),
            words,
            13,
            "end" if left else "start",
        )
    made.text(*at(1.75, 5.2), "e^{x}", 14, "start", quiet=True)
    made.text(*at(4.5, 5.2), "φ(x) = elu(x) + 1", 14, "start")
    made.text(150, 90, made.say("always positive:\nno weight is negative", "همیشه مثبت:\nهیچ وزنی منفی نیست"), 13)
    made.text(600, 150, made.say("slope 1 for x > 0:\nnever infinite", "شیب ۱ برای x > 0:\nهرگز بی‌نهایت نمی‌شود"), 13)
    made.text(150, 290, made.say("slope e^{x} for x ≤ 0", "شیب e^{x} برای x ≤ 0"), 12, quiet=True)
    return made
