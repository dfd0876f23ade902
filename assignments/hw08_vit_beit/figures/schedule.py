"""The learning rate of 20 steps: a tenth of the way up, then half a cosine down."""

import math

from autograder.building.picture import Picture

STEPS = 20


def factor(step: float) -> float:
    return min((step + 1) / (0.1 * STEPS), 0.5 * (1 + math.cos(math.pi * step / STEPS)))


def draw(lang: str) -> Picture:
    picture = Picture(760, 284, lang)
    say = picture.say
    left, bottom, wide, high = 96, 222, 600, 160

    def place(step: float, value: float) -> tuple[float, float]:
        return left + wide * step / STEPS, bottom - high * value

    picture.arrow((left, bottom), (left + wide + 34, bottom))
    picture.arrow((left, bottom), (left, bottom - high - 32))
    picture.text(left + wide + 34, bottom + 20, say("step", "گام"), 13)
    picture.text(left + 14, 32, say("share of rate", "سهمی از rate"), 13, "start", bold=True)
    for value, name in ((1, "1"), (0.5, "½")):
        picture.text(left - 18, bottom - high * value, name, 13)
        picture.arrow((left, bottom - high * value), (left + wide, bottom - high * value), dashed=True, tip=False)
    picture.curve([place(step / 5, factor(step / 5)) for step in range(5 * STEPS + 1)], "weights")
    for step, above in ((0, "0.5"), (1, "0.994"), (10, "0.5"), (19, "0.006")):
        x, y = place(step, factor(step))
        picture.circle(x, y, 5, kind="result")
        picture.text(x + 8, y - 16, above, 13, "start")
        picture.text(x, bottom + 20, str(step), 13)
    picture.text(
        380,
        264,
        say("20 steps: 2 to climb, 18 along half a cosine", "۲۰ گام: ۲ گام بالا رفتن و ۱۸ گام روی نیم‌موج کسینوسی"),
        12,
        quiet=True,
    )
    return picture
