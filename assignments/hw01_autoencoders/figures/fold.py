"""A sentence of four words folded from the left, and what is left of each word."""

from autograder.building.picture import Picture

SHARES = ("⅛", "⅛", "¼", "½")


def draw(lang: str) -> Picture:
    """The same module three times; a parent takes the place of its children."""
    p = Picture(760, 388, lang)
    say = p.say
    words = [96 + 150 * i for i in range(4)]
    tops = [(171, 236), (246, 160), (321, 84)]
    for i, x in enumerate(words):
        p.circle(x, 306, 24, f"x_{{{i + 1}}}", "data")
        p.text(x, 346, SHARES[i], 15, bold=True)
    before = (words[0], 306)
    for i, (x, y) in enumerate(tops):
        _branch(p, before, (x, y))
        _branch(p, (words[i + 1], 306), (x, y))
        before = (x, y)
    for i, (x, y) in enumerate(tops):
        p.circle(x, y, 24, f"p_{{{i + 2}}}", "result")
        p.text(x - 36, y - 6, "W_{1}, b_{1}", 12, anchor="end", quiet=True)
    p.arrow((321, 60), (321, 40), (430, 40), words="W_{3}, b_{3}", offset=(4, -12))
    p.box(432, 22, 150, 36, say("label of the sentence", "برچسب جمله"), "loss", 13)
    p.text(
        600, 160, say("every squeeze is done\nby the same module", "همهٔ فشردن‌ها کار\nهمان یک واحد است"), 13, quiet=True
    )
    p.text(
        96 + 225,
        372,
        say(
            "share of each word when a squeeze takes the mean: the first one fades",
            "سهم هر واژه وقتی هر فشردن میانگین بگیرد: واژهٔ نخست رنگ می‌بازد",
        ),
        12,
        quiet=True,
    )
    return p


def _branch(p: Picture, start: tuple[float, float], end: tuple[float, float]) -> None:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5
    ux, uy = dx / length, dy / length
    p.arrow((start[0] + 24 * ux, start[1] + 24 * uy), (end[0] - 24 * ux, end[1] - 24 * uy))
