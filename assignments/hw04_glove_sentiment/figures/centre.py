"""The odd one out: a mean of unit vectors beside a mean of raw ones."""

import math

from autograder.building.picture import Picture

CAT, DOG, PIANO = (1.0, 0.0), (0.8, 0.6), (-0.6, 0.8)
NAMES = ("cat", "dog", "piano")


def cosine(a: tuple[float, float], b: tuple[float, float]) -> float:
    return (a[0] * b[0] + a[1] * b[1]) / math.hypot(*a) / math.hypot(*b)


def draw(lang: str) -> Picture:
    made = Picture(760, 330, lang)
    panels = (
        (150, 96, (CAT, DOG, PIANO), made.say("unit vectors: piano is odd", "بردارهای یکه: piano ناجور است")),
        (545, 19.5, (CAT, DOG, (-6.0, 8.0)), made.say("raw vectors: cat seems odd", "خود بردارها: cat ناجور می‌نماید")),
    )
    for x0, unit, rows, title in panels:
        y0 = 216
        centre = (sum(x for x, _ in rows) / 3, sum(y for _, y in rows) / 3)
        cosines = [cosine(row, centre) for row in rows]
        odd = cosines.index(min(cosines))
        made.text(x0 + 20, 26, title, 15, bold=True)
        for number, (name, row) in enumerate(zip(NAMES, rows)):
            end = (x0 + unit * row[0], y0 - unit * row[1])
            made.arrow((x0, y0), end)
            size = math.hypot(*row) * unit
            shift = 1 + 20 / size if name == "dog" else 1
            x, y = x0 + unit * row[0] * shift, y0 - unit * row[1] * shift
            side = {"cat": (24, 4), "dog": (14, -4), "piano": (-6, -14)}[name]
            made.text(x + side[0], y + side[1], name, 14, bold=number == odd)
        made.circle(x0 + unit * centre[0], y0 - unit * centre[1], 6, kind="loss")
        made.text(
            x0 + unit * centre[0] - 12, y0 - unit * centre[1] + 2, made.say("mean", "میانگین"), 12, "end", quiet=True
        )
        for number, (name, value) in enumerate(zip(NAMES, cosines)):
            kind = "loss" if number == odd else "result"
            made.box(x0 - 125 + 98 * number, 246, 90, 46, f"{name}\n{value:.2f}".replace("-", "−"), kind, 13)
        made.text(x0 + 20, 309, made.say("cosine with the mean", "کسینوس با میانگین"), 12, quiet=True)
    made.arrow((380, 20), (380, 310), tip=False, dashed=True)
    return made
