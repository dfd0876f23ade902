"""The central difference of a cube at 1: a chord instead of a tangent."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 330, lang)
    say = picture.say
    left, bottom, unit, high = 96, 280, 300, 62

    def place(x: float, y: float) -> tuple[float, float]:
        return left + unit * (x - 0.2), bottom - high * y

    picture.arrow((left - 20, bottom), (left + 470, bottom))
    picture.text(left + 486, bottom, "x", 14)
    picture.curve([place(0.2 + k / 50, (0.2 + k / 50) ** 3) for k in range(69)], "data")
    chord = [place(x, 0.125 + 3.25 * (x - 0.5)) for x in (0.42, 1.58)]
    tangent = [place(x, 1 + 3 * (x - 1)) for x in (0.72, 1.5)]
    picture.curve(chord, "loss")
    picture.curve(tangent, "result", dashed=True)
    for x, name in ((0.5, "x − ε = 0.5"), (1.0, "x = 1"), (1.5, "x + ε = 1.5")):
        at = place(x, x**3)
        picture.arrow((at[0], bottom), at, dashed=True, tip=False)
        picture.circle(*at, 5, kind="plain" if x == 1 else "loss")
        picture.text(at[0], bottom + 20, name, 13)
    picture.text(place(1.5, 3.375)[0] - 14, place(1.5, 3.375)[1] - 4, "3.375", 13, "end")
    picture.text(place(0.5, 0.125)[0] - 14, place(0.5, 0.125)[1] - 14, "0.125", 13, "end")
    picture.text(640, 92, say("chord", "وتر"), 13, bold=True)
    picture.text(640, 118, "(3.375 − 0.125) / (2 · 0.5) = 3.25", 12)
    picture.text(640, 164, say("tangent (dashed)", "مماس (خط‌چین)"), 13, bold=True)
    picture.text(640, 190, "3 x^{2} = 3", 13)
    picture.text(640, 236, say("error", "خطا"), 13, bold=True)
    picture.text(640, 260, "ε^{2} = 0.25", 13)
    picture.text(200, 40, "f(x) = x^{3}", 16)
    return picture
