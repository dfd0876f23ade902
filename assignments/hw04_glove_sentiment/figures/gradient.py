"""Gradients go back to the rows they came from: what repeats adds up, the padding row is skipped."""

from autograder.building.picture import Picture

IDS, G = [1, 3, 1, 0], [[1, 2], [3, 0], [-1, 1], [5, 5]]
SUMS = [[0, 0], [0, 3], [0, 0], [3, 0]]


def draw(lang: str) -> Picture:
    made = Picture(760, 290, lang)
    top, side = 78, 38
    words = ("the", "cat", "the", "<pad>")
    made.text(92, 54, made.say("sentence", "جمله"), 13, quiet=True)
    made.text(167, 54, "ids", 13, quiet=True, code=True)
    made.text(238, 54, "G (T, D)", 13, quiet=True)
    made.text(570, 54, made.say("gradient of the table (V, D)", "گرادیان جدول (V, D)"), 13, quiet=True)
    for t, (word, i, row) in enumerate(zip(words, IDS, G)):
        off = i == 0
        made.text(92, top + side * (t + 0.5), word, 14, code=True)
        made.cells(148, top + side * t, [[i]], side, "off" if off else "data")
        made.cells(200, top + side * t, [[str(x).replace("-", "−") for x in row]], side, "off" if off else "data")
    for v, row in enumerate(SUMS):
        kind = "off" if v == 0 else "plain" if v == 2 else "result"
        made.cells(532, top + side * v, [row], side, kind)
        made.text(518, top + side * (v + 0.5), str(v), 13, quiet=True)
    for t, v in ((0, 1), (1, 3), (2, 1)):
        made.arrow((280, top + side * (t + 0.5)), (506, top + side * (v + 0.5)))
    made.arrow((280, top + side * 3.5), (390, top + side * 3.5), (432, top + side * 3.95), dashed=True)
    made.text(444, top + side * 4.12, "✕", 16)
    made.text(620, top + side * 0.5, made.say("padding: stays zero", "پرکننده: صفر می‌ماند"), 12, "start", quiet=True)
    made.text(620, top + side * 1.5, "(1, 2) + (−1, 1)", 12, "start", quiet=True)
    made.text(620, top + side * 2.5, made.say("didn’t occur", "نیامده است"), 12, "start", quiet=True)
    made.text(620, top + side * 3.5, "(3, 0)", 12, "start", quiet=True)
    made.text(
        380,
        268,
        made.say(
            "row 1 was used twice, so it learns twice; row 0 only fills up, so it learns nothing",
            "سطر ۱ دو بار به کار رفته، پس دو بار یاد می‌گیرد؛ سطر ۰ فقط پر می‌کند، پس هیچ یاد نمی‌گیرد",
        ),
        13,
    )
    return made
