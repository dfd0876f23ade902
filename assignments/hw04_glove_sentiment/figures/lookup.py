"""A one-hot vector times a table is a row of it; nobody multiplies."""

from autograder.building.picture import Picture

TABLE = [[1, 0], [0, 2], [3, 1]]
IDS = [2, 0, 2]


def draw(lang: str) -> Picture:
    made = Picture(760, 250, lang)
    made.text(190, 28, made.say("multiplying …", "ضرب کردن …"), 15, bold=True)
    made.cells(30, 84, [[int(v == i) for v in range(3)] for i in IDS], 34, "plain")
    made.text(146, 135, "×", 20)
    made.cells(164, 84, TABLE, 34, "weights")
    made.text(248, 135, "=", 20)
    rows = [TABLE[i] for i in IDS]
    made.cells(268, 84, rows, 34, "result")
    made.brace(30, 190, 102, "(T, V) = (3, 3)")
    made.brace(164, 190, 68, "W (V, D)")
    made.brace(268, 190, 68, "(T, D)")
    made.text(81, 66, made.say("one-hot rows", "سطرهای تک‌یک"), 12, quiet=True)
    made.arrow((378, 30), (378, 220), tip=False, dashed=True)
    made.text(575, 28, made.say("… and looking up", "… و نگاه در جدول"), 15, bold=True)
    made.cells(418, 84, [[i] for i in IDS], 34, "data")
    made.text(435, 66, "ids", 12, quiet=True, code=True)
    made.cells(530, 84, TABLE, 34, "weights")
    for row in range(3):
        made.text(519, 101 + 34 * row, str(row), 12, quiet=True)
    made.cells(676, 84, rows, 34, "result")
    for row, i in enumerate(IDS):
        y = 101 + 34 * row
        made.arrow((453, y), (508, 101 + 34 * i), dashed=row == 2)
        made.arrow((600, 101 + 34 * i), (674, y), dashed=row == 2)
    made.brace(418, 190, 34, "(T,)")
    made.brace(530, 190, 68, "W (V, D)")
    made.brace(676, 190, 68, "(T, D)")
    return made
