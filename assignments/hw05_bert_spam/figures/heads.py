"""Two heads of one layer: the split of the columns, scores with a mask, weights, and heads side by side."""

from autograder.building.picture import Picture

SIDE = 36


def draw(lang: str) -> Picture:
    picture = Picture(760, 384, lang)
    say = picture.say
    picture.text(66, 116, "X, (T, H)", 13)
    picture.cells(30, 132, [["1", "0"], ["0", "1"], ["5", "5"]], SIDE, kinds=[["data"] * 2] * 2 + [["off"] * 2])
    picture.text(66, 266, say("the last row\nis padding", "سطر آخر\nپرکننده است"), 12, quiet=True)
    for y, head, scores, weights, values in (
        (50, 1, ["ln 3", "0", "−∞"], ["¾", "¼", "0"], ["4", "0", "·"]),
        (226, 2, ["0", "ln 3", "−∞"], ["¼", "¾", "0"], ["0", "8", "·"]),
    ):
        middle, below = y + 1.5 * SIDE, y + 3 * SIDE + 14
        picture.arrow((104, 186), (176, middle))
        picture.text(236, y - 16, say(f"head {head}, d = 1", f"سر {'۰۱۲'[head]}، ‏d = 1"), 13, bold=True)
        picture.cells(182, y, [scores] * 3, SIDE, kinds=[["plain", "plain", "off"]] * 3, size=12)
        picture.text(236, below, say("scores QK^{⊤}/√d", "امتیازها QK^{⊤}/√d"), 12, quiet=True)
        picture.arrow((294, middle), (370, middle), words="softmax")
        picture.cells(376, y, [weights] * 3, SIDE, kinds=[["result", "result", "off"]] * 3)
        picture.text(430, below, "A, (T, T)", 12, quiet=True)
        picture.text(506, middle, "×", 16)
        picture.cells(526, y, [[value] for value in values], SIDE, kinds=[["data"], ["data"], ["off"]])
        picture.text(544, below, "V, (T, d)", 12, quiet=True)
        picture.arrow((568, middle), (644, 160 if head == 1 else 212))
    picture.cells(650, 132, [["3", "6"]] * 3, SIDE, kinds=[["result"] * 2] * 2 + [["off"] * 2])
    picture.text(686, 116, say("side by side", "کنار هم"), 13)
    picture.text(686, 256, "(T, H)", 12, quiet=True)
    return picture
