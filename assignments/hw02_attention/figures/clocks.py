"""The sinusoidal position vectors as clock hands, one for each pair of channels."""

import math

from autograder.building.picture import Picture

POSITIONS, PAIRS, RADIUS = 7, 4, 24
PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")


def draw(lang: str) -> Picture:
    """Eight channels: four hands, each ten times as slow as the one above."""
    p = Picture(760, 360, lang)
    say = p.say
    for t in range(POSITIONS):
        p.text(218 + 84 * t, 28, f"t = {t}", 13, bold=True)
    for i in range(PAIRS):
        y = 78 + 68 * i
        frequency = 10000 ** (-2 * i / (2 * PAIRS))
        p.text(
            20,
            y - 9,
            say(f"channels {2 * i} and {2 * i + 1}", f"کانال‌های {2 * i} و {2 * i + 1}".translate(PERSIAN)),
            13,
            anchor="start",
        )
        p.text(
            20,
            y + 12,
            say(f"radians a step: {frequency:g}", f"گامی {frequency:g} رادیان".translate(PERSIAN)),
            12,
            anchor="start",
            quiet=True,
        )
        for t in range(POSITIONS):
            x, angle = 218 + 84 * t, t * frequency
            p.circle(x, y, RADIUS, "", "data")
            p.arrow((x, y), (x + 21 * math.sin(angle), y - 21 * math.cos(angle)))
    p.text(
        390,
        343,
        say(
            "the tip of a hand: to the right sin, upwards cos; a column is the vector PE(t)",
            "نوک عقربه: به راست sin و به بالا cos؛ هر ستون همان بردار PE(t) است",
        ),
        12,
        quiet=True,
    )
    return p
