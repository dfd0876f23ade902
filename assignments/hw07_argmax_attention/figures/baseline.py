"""Two keys, two losses: the one-sample estimates without a baseline and with the mean loss."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 300, lang)
    say = picture.say
    left, unit = 330, 72

    def at(value: float) -> float:
        return left + unit * (value + 1.5)

    rows = (
        (92, "b = 0", (3, -1), say("variance 4", "واریانس ۴")),
        (202, "b = 2", (1, 1), say("variance 0", "واریانس ۰")),
    )
    for y, name, (first, second), spread in rows:
        picture.text(64, y - 14, name, 16, bold=True)
        picture.text(64, y + 14, spread, 13)
        picture.arrow((at(-1.5), y), (at(4), y))
        for tick in (-1, 0, 1, 2, 3):
            picture.arrow((at(tick), y - 4), (at(tick), y + 4), tip=False)
            picture.text(at(tick), y + 18, f"{tick}".replace("-", "−"), 12, quiet=True)
        apart = 0 if first != second else 11
        picture.circle(at(first), y - 22 - apart, 10, "0", "loss", 12)
        picture.circle(at(second), y - 22 + apart, 10, "1", "data", 12)
        picture.arrow((at(1), y + 52), (at(1), y + 28))
    picture.text(214, 78, "(3 − 0) · 1 = 3", 13)
    picture.text(214, 104, "(1 − 0) · (−1) = −1", 13)
    picture.text(214, 188, "(3 − 2) · 1 = 1", 13)
    picture.text(214, 214, "(1 − 2) · (−1) = 1", 13)
    picture.text(at(1), 272, say("exact gradient 1, with either b", "گرادیان دقیق ۱، با هر دو b"), 13, bold=True)
    picture.text(214, 28, "(ℓ − b) · ∂ log p", 13, bold=True)
    picture.text(
        at(1.2),
        28,
        say("estimate when key 0 or key 1 is drawn", "برآورد، وقتی کلید ۰ یا ۱ قرعه کشیده شود"),
        13,
        bold=True,
    )
    return picture
