"""Three steps on two words: what has been covered before, and what the loss counts."""

from autograder.building.picture import Picture

WEIGHTS = [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]


def draw(lang: str) -> Picture:
    """Weights, their sum over earlier steps, and the smaller of the two, entry by entry."""
    p = Picture(760, 262, lang)
    say = p.say
    before = [[sum(row[s] for row in WEIGHTS[:t]) for s in range(2)] for t in range(3)]
    smaller = [[min(a, b) for a, b in zip(*rows)] for rows in zip(WEIGHTS, before)]
    for x, rows, kind, title, below in (
        (
            120,
            WEIGHTS,
            "weights",
            say("attention a_{t}(s)", "توجه a_{t}(s)"),
            say("each row adds up to 1", "مجموع هر سطر ۱ است"),
        ),
        (
            350,
            before,
            "data",
            say("covered before t", "پوشش پیش از t"),
            say("sum of the rows above", "مجموع سطرهای بالاتر"),
        ),
        (
            580,
            smaller,
            "loss",
            say("the smaller one", "کوچک‌ترِ دو تا"),
            say("added up: the loss, 1.0", "مجموعشان زیان است: 1.0"),
        ),
    ):
        p.text(x + 44, 36, title, 14, bold=True)
        p.text(x + 22, 62, "s = 1", 12, quiet=True)
        p.text(x + 66, 62, "s = 2", 12, quiet=True)
        p.cells(x, 76, [[f"{v:.1f}" for v in row] for row in rows], 44, kind)
        p.text(x + 44, 230, below, 12, quiet=True)
    for t in range(3):
        p.text(96, 98 + 44 * t, say(f"t = {t + 1}", f"t = {t + 1}"), 12, quiet=True)
    p.arrow((216, 142), (342, 142), words=say("add up", "جمع"))
    p.arrow((446, 142), (572, 142), words="min")
    return p
