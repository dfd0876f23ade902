"""Two examples go through a linear autoencoder with a code of one number."""

from autograder.building.picture import Picture

X, W1, W2 = [[2, 0], [0, 1]], [[1, 1]], [[0.5], [0]]


def draw(lang: str) -> Picture:
    """X, the encoder, the codes, the decoder, the drawings and what is lost, with the numbers of the pencil case."""
    p = Picture(760, 300, lang)
    say = p.say
    code = [[sum(w * row[j] for w, row in zip(W1[0], X)) for j in range(2)]]
    drawn = [[W2[i][0] * code[0][j] for j in range(2)] for i in range(2)]
    lost = [[X[i][j] - drawn[i][j] for j in range(2)] for i in range(2)]
    titles = (
        (30, say("data X", "دادگان X"), X, "data", "(m, n)"),
        (136, say("encoder W_{1}", "کدگذار W_{1}"), W1, "weights", "(k, m)"),
        (264, say("codes", "کدها"), code, "plain", "(k, n)"),
        (392, say("decoder W_{2}", "کدگشا W_{2}"), W2, "weights", "(m, k)"),
        (500, say("drawings", "نقاشی‌ها"), drawn, "result", "(m, n)"),
        (642, say("lost: E", "ازدست‌رفته: E"), lost, "loss", "(m, n)"),
    )
    for x, title, rows, kind, shape in titles:
        width = 40 * len(rows[0])
        p.text(x + width / 2, 66, title, 13, bold=True)
        p.cells(x, 130 - 20 * len(rows), [[f"{v:g}".replace("-", "−") for v in row] for row in rows], 40, kind)
        p.text(x + width / 2, 190, shape, 12, quiet=True)
    p.arrow((112, 130), (134, 130))
    p.arrow((218, 130), (262, 130))
    p.arrow((346, 130), (390, 130))
    p.arrow((434, 130), (498, 130))
    p.arrow((582, 130), (640, 130), words=say("less it", "تفاضل"))
    p.text(
        304, 28, say("the bottleneck: k = 1 number for each example", "تنگنا: برای هر نمونه k = 1 عدد"), 13, quiet=True
    )
    p.arrow((304, 38), (304, 54))
    p.arrow((70, 210), (70, 240), (682, 240), (682, 204), dashed=True)
    p.text(
        380,
        262,
        say(
            "a column is an example; the loss sums the squares of E and divides by n = 2: 1.125",
            "هر ستون یک نمونه است؛ زیان، مربع‌های E را جمع و بر n = 2 تقسیم می‌کند: 1.125",
        ),
        12,
        quiet=True,
    )
    return p
