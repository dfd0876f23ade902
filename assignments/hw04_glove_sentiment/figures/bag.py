"""A review becomes the mean of the vectors of its known words."""

from autograder.building.picture import Picture

TOKENS = (("good", (1, 0)), ("qzx", None), ("good", (1, 0)), ("film", (-2, 3)))


def draw(lang: str) -> Picture:
    made = Picture(760, 260, lang)
    made.text(70, 28, made.say("review", "نقد"), 13, quiet=True)
    made.text(210, 28, made.say("vectors", "بردارها"), 13, quiet=True)
    for row, (word, vector) in enumerate(TOKENS):
        y = 48 + 44 * row
        known = vector is not None
        made.box(20, y, 100, 34, word, "data" if known else "off")
        if vector:
            made.arrow((122, y + 17), (172, y + 17))
            made.cells(176, y, [[str(x).replace("-", "−") for x in vector]], 34, "data")
            made.arrow((246, y + 17), (318, 131))
        else:
            made.text(130, y + 17, made.say("unknown: passed over", "ناآشنا: از آن می‌گذریم"), 12, "start", quiet=True)
    made.box(320, 106, 96, 50, made.say("sum\n÷ 3", "مجموع\n÷ ۳"), "plain")
    made.arrow((418, 131), (470, 131))
    made.cells(474, 114, [[0, 1]], 34, "result")
    made.brace(474, 154, 68, "(D,)")
    made.arrow((546, 131), (596, 131))
    made.box(600, 106, 60, 50, "MLP", "weights")
    made.arrow((662, 131), (690, 131))
    made.cells(694, 97, [["−"], ["+"]], 34, "result")
    made.text(711, 188, made.say("logits\n(2,)", "لاجیت‌ها\n(2,)"), 12, quiet=True)
    made.text(
        380,
        236,
        made.say(
            "“good” counts twice, “qzx” counts neither above nor below the line; who came first is lost",
            "«good» دو بار شمرده می‌شود و «qzx» نه در صورت و نه در مخرج؛ این‌که کدام اول آمد از دست می‌رود",
        ),
        13,
    )
    return made
