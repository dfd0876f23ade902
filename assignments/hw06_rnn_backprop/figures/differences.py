"""Central and one-sided differences of x³ at 2, with a step as wide as ½."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 330, lang)
    say = picture.say

    def at(x: float, y: float) -> tuple[float, float]:
        return 60 + 230 * (x - 0.9), 285 - 13 * y

    picture.text(240, 26, "f(x) = x³,   x = 2,   ε = ½", 15, bold=True)
    picture.arrow(at(0.9, 0), at(2.95, 0))
    for x in (1.5, 2, 2.5):
        picture.arrow(at(x, 0), at(x, x**3), dashed=True, tip=False)
    for x, name in ((1.5, "x − ε"), (2, "x"), (2.5, "x + ε")):
        picture.text(at(x, 0)[0], 302, name, 13)
    picture.curve([at(0.9 + i / 40, (0.9 + i / 40) ** 3) for i in range(70)], "data")
    low, middle, high = at(1.5, 3.375), at(2, 8), at(2.5, 15.625)
    picture.curve([low, high], "result")
    picture.curve([middle, high], "loss", dashed=True)
    for (x, y), words in ((low, "3.375"), (middle, "8"), (high, "15.625")):
        picture.circle(x, y, 4, kind="plain")
        picture.text(x + 10, y + 14, words, 12, anchor="start")
    left = 545
    picture.text(left, 70, say("central", "متقارن"), 14, anchor="start", bold=True)
    picture.text(left, 96, "(15.625 − 3.375) / 1 = 12.25", 13, anchor="start")
    picture.curve([(left - 40, 84), (left - 12, 84)], "result")
    picture.text(left, 140, say("one-sided", "یک‌سویه"), 14, anchor="start", bold=True)
    picture.text(left, 166, "(15.625 − 8) / ½ = 15.25", 13, anchor="start")
    picture.curve([(left - 40, 154), (left - 12, 154)], "loss", dashed=True)
    picture.text(left, 210, say("the truth", "مقدار درست"), 14, anchor="start", bold=True)
    picture.text(left, 236, "3x² = 12", 13, anchor="start")
    picture.text(
        left, 276, say("errors: ε² = 0.25 and 3.25", "خطاها: ε² = 0.25 و 3.25"), 13, anchor="start", quiet=True
    )
    return picture
