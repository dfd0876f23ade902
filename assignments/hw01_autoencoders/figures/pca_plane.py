"""Two points, the principal direction through the origin, and where a penalty draws them."""

from autograder.building.picture import Picture

UNIT = 88


def draw(lang: str) -> Picture:
    """Left without a penalty, right with λ = ½: the drawings move towards the origin."""
    p = Picture(760, 360, lang)
    say = p.say
    _panel(p, 70, 1.0)
    _panel(p, 450, 8 / 9)
    p.text(190, 26, say("λ = 0: projected", "λ = 0: تصویر می‌شوند"), 14, bold=True)
    p.text(570, 26, say("λ = ½: projected and shrunk", "λ = ½: تصویر و کوچک می‌شوند"), 14, bold=True)
    p.text(190, 342, say("both are drawn at (1.5, 1.5)", "هر دو در (1.5, 1.5) کشیده می‌شوند"), 12, quiet=True)
    p.text(570, 342, say("both at 8/9 of that: (1.33, 1.33)", "هر دو در ۸/۹ آن: (1.33, 1.33)"), 12, quiet=True)
    return p


def _panel(p: Picture, left: float, shrink: float) -> None:
    def place(x: float, y: float) -> tuple[float, float]:
        return left + UNIT * x, 310 - UNIT * y

    p.arrow(place(0, 0), place(2.7, 0))
    p.arrow(place(0, 0), place(0, 2.9))
    p.curve([place(0, 0), place(2.6, 2.6)], "weights", dashed=True)
    p.text(*place(2.78, 2.62), "u_{1}", 14)
    for i in (1, 2):
        p.text(*place(i, -0.16), str(i), 12, quiet=True)
        p.text(*place(-0.16, i), str(i), 12, quiet=True)
    drawn = place(1.5 * shrink, 1.5 * shrink)
    for x, y in ((2, 1), (1, 2)):
        p.curve([place(x, y), drawn], "loss")
        p.circle(*place(x, y), 6, "", "data")
    p.text(*place(2.24, 0.94), "x_{1}", 14)
    p.text(*place(0.8, 2.14), "x_{2}", 14)
    p.circle(*drawn, 7, "", "result")
