"""Softmax attention: scores, weights that add up to 1 in each row, a mixture of values."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    made = Picture(760, 250, lang)
    side, top = 46, 92
    steps = (
        (40, [["0", "ln 3"], ["0", "0"]], "plain", made.say("scores", "امتیازها"), "Q K^{⊤} / √D", "(N, N)"),
        (250, [["1", "3"], ["1", "1"]], "plain", made.say("exponentials", "نماها"), "exp", "(N, N)"),
        (
            460,
            [["1/4", "3/4"], ["1/2", "1/2"]],
            "weights",
            made.say("weights", "وزن‌ها"),
            made.say("rows add up to 1", "مجموع هر سطر ۱"),
            "(N, N)",
        ),
    )
    for x, rows, kind, name, formula, shape in steps:
        made.text(x + side, 30, name, 15, bold=True)
        made.text(x + side, 56, formula, 13, quiet=True)
        made.cells(x, top, rows, side, kind)
        made.brace(x, top + 2 * side + 4, 2 * side, shape)
    made.text(26, top + side / 2, "1", 12, quiet=True)
    made.text(26, top + side * 1.5, "2", 12, quiet=True)
    made.arrow((142, top + side), (240, top + side), words="exp", tip=True)
    made.arrow((352, top + side), (450, top + side), words=made.say("÷ row sum", "÷ مجموع"))
    made.text(566, top + side, "×", 18)
    made.cells(580, top, [[8], [4]], side, "data")
    made.text(603, 30, "V", 15, bold=True)
    made.brace(580, top + 2 * side + 4, side, "(N, M)")
    made.text(643, top + side, "=", 18)
    made.cells(660, top, [[5], [6]], side, "result")
    made.text(683, 30, "V′", 15, bold=True)
    made.brace(660, top + 2 * side + 4, side, "(N, M)")
    made.text(
        380,
        230,
        made.say(
            "a row belongs to a query, a column to a key: query 1 prefers key 2, query 2 has no preference",
            "هر سطر از آنِ یک پرس‌وجو و هر ستون از آنِ یک کلید است: پرس‌وجوی ۱ کلید ۲ را ترجیح می‌دهد، پرس‌وجوی ۲ هیچ‌کدام را",
        ),
        12.5,
    )
    return made
