"""Two orders of one product: through an N × N table, or through C × M numbers."""

from autograder.building.picture import Picture

Q, K, V = [[1, 1], [2, 0], [0, 1]], [[1, 0], [0, 2], [1, 1]], [[10], [1], [4]]
TABLE = [[1, 2, 2], [2, 0, 2], [0, 2, 1]]


def draw(lang: str) -> Picture:
    made = Picture(760, 420, lang)
    s = 32
    turned = [[row[i] for row in K] for i in range(2)]

    def product(y: float, first: bool) -> None:
        if first:
            made.cells(20, y, Q, s, "data")
        else:
            made.box(20, y, 2 * s, 3 * s, "φ(Q)", "data")
        made.cells(102, y + s / 2, turned, s, "data")
        made.cells(214, y, V, s, "data")
        if first:
            made.text(52, y - 14, "φ(Q)", 13)
        made.text(150, y - 14, "φ(K)^{⊤}", 13)
        made.text(230, y - 14, "V", 13)
        a, b = (16, 202) if first else (98, 250)
        made.brace(a, y + 3 * s + 6, b - a, made.say("first", "نخست"))

    made.text(380, 24, made.say("quadratic: the table first", "مربعی: نخست جدول"), 15, bold=True)
    product(64, True)
    made.arrow((262, 112), (312, 112))
    made.cells(322, 64, TABLE, s, "loss")
    made.text(430, 112, "×", 16)
    made.box(444, 64, s, 3 * s, "V", "data")
    made.text(492, 112, "=", 16)
    made.cells(508, 64, [[20], [28], [6]], s, "plain")
    made.text(554, 112, "÷", 16)
    made.cells(570, 64, [[5], [4], [3]], s, "plain")
    made.text(618, 112, "=", 16)
    made.cells(636, 64, [[4], [7], [2]], s, "result")
    made.brace(322, 166, 96, made.say("(N, N): 9 numbers", "۹ عدد: (N, N)"))
    made.text(586, 46, made.say("row sums", "مجموع سطرها"), 12, quiet=True)
    made.text(652, 46, "V′", 13)
    made.text(694, 112, "(N, M)", 12, "start", quiet=True)
    made.arrow((30, 200), (730, 200), tip=False, dashed=True)
    made.text(380, 222, made.say("linear: keys and values first", "خطی: نخست کلیدها و مقدارها"), 15, bold=True)
    product(262, False)
    made.arrow((262, 310), (312, 310))
    made.box(322, 262, 2 * s, 3 * s, "φ(Q)", "data")
    made.text(400, 310, "×", 16)
    made.cells(414, 278, [[14], [6]], s, "weights")
    made.cells(454, 278, [[2], [3]], s, "weights")
    made.text(430, 264, "S", 13)
    made.text(470, 264, "z", 13)
    made.text(500, 310, "=", 16)
    made.cells(516, 262, [[20], [28], [6]], s, "plain")
    made.text(562, 310, "÷", 16)
    made.cells(578, 262, [[5], [4], [3]], s, "plain")
    made.text(622, 310, "=", 16)
    made.cells(636, 262, [[4], [7], [2]], s, "result")
    made.brace(414, 346, 72, made.say("(C, M) and (C,): 4 numbers", "۴ عدد: (C, M) و (C,)"))
    made.text(532, 246, "φ(Q) S", 12, quiet=True)
    made.text(594, 246, "φ(Q) z", 12, quiet=True)
    made.text(652, 246, "V′", 13)
    made.text(
        380,
        404,
        made.say(
            "the same answer; with N the table grows in both directions, S and z don’t grow at all",
            "پاسخ یکی است؛ با N جدول در هر دو سو بزرگ می‌شود و S و z هیچ",
        ),
        13,
    )
    return made
