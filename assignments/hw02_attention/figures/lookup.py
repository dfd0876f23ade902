"""Two queries, three keys, three values: attention as a soft look-up, with its shapes."""

import math

from autograder.building.picture import Picture

QUERIES = [[1, 1, 1, 1], [1, -1, 1, -1]]
KEYS = [[1, 1, 1, 1], [1, -1, 1, -1], [0, 0, 1, 1]]
VALUES = [[1, 0], [0, 1], [1, 1]]


def draw(lang: str) -> Picture:
    """From Q and K to scores, weights and the mixed values."""
    p = Picture(760, 340, lang)
    say = p.say
    scores = [[sum(a * b for a, b in zip(q, k)) / 2 for k in KEYS] for q in QUERIES]
    weights = [[math.exp(s) / sum(map(math.exp, row)) for s in row] for row in scores]
    out = [[sum(w * v[m] for w, v in zip(row, VALUES)) for m in range(2)] for row in weights]
    minus = (
        [[str(x).replace("-", "−") for x in row] for row in QUERIES],
        [[str(x).replace("-", "−") for x in row] for row in KEYS],
    )

    p.text(88, 30, say("queries Q", "پرس‌وجوها Q"), 13, bold=True)
    p.cells(32, 46, minus[0], 28)
    p.text(88, 116, "(L, d)", 12, quiet=True)
    p.text(88, 160, say("keys K", "کلیدها K"), 13, bold=True)
    p.cells(32, 176, minus[1], 28)
    p.text(88, 274, "(S, d)", 12, quiet=True)

    p.arrow((150, 74), (236, 120))
    p.arrow((150, 218), (236, 156))
    p.text(250, 196, "Q K^{⊤} / √d,  √d = 2", 12, quiet=True, anchor="start")
    p.text(296, 92, say("scores", "امتیازها"), 13, bold=True)
    p.cells(242, 108, [[f"{s:g}" for s in row] for row in scores], 36, "plain")
    p.arrow((356, 144), (440, 144), words="softmax")
    p.text(503, 92, say("weights", "وزن‌ها"), 13, bold=True)
    p.cells(446, 108, [[f"{w:.2f}" for w in row] for row in weights], 38, "weights")
    p.text(503, 200, "(L, S)", 12, quiet=True)
    p.text(503, 66, say("a row adds up to 1", "مجموع هر سطر ۱"), 11, quiet=True)

    p.text(503, 236, say("values V", "مقدارها V"), 13, bold=True)
    p.cells(476, 250, VALUES, 27)
    p.text(562, 298, "(S, m)", 12, quiet=True)
    p.arrow((564, 144), (650, 144), words=say("mix", "آمیزه"))
    p.arrow((534, 262), (604, 262), (604, 150), tip=False)
    p.text(696, 92, say("output", "خروجی"), 13, bold=True)
    p.cells(656, 106, [[f"{o:.2f}" for o in row] for row in out], 40, "result")
    p.text(696, 204, "(L, m)", 12, quiet=True)
    return p
