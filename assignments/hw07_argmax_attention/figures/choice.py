"""One query, four keys, a tie: scores, the choice, the value behind it."""

from autograder.building.picture import Kind, Picture

KEYS, SCORES, VALUES = [[2, 0], [1, 1], [0, 1], [1, 1]], [2, 3, 2, 3], [[4, 0], [1, 5], [2, 2], [0, 9]]


def draw(lang: str) -> Picture:
    picture = Picture(760, 286, lang)
    say = picture.say
    side, top = 40, 70
    picture.text(64, 26, say("query q", "پرس‌وجو q"), 13, bold=True)
    picture.text(64, 46, "(d,)", 12, quiet=True)
    picture.cells(24, top + 1.5 * side, [[1, 2]], side, "data", size=14)
    picture.text(206, 26, say("keys K", "کلیدها K"), 13, bold=True)
    picture.text(206, 46, "(n, d)", 12, quiet=True)
    picture.cells(166, top, KEYS, side, "weights", size=14)
    picture.arrow((110, top + 2 * side), (160, top + 2 * side))
    picture.arrow((252, top + 2 * side), (312, top + 2 * side), words="K q")
    picture.text(342, 26, say("scores s", "امتیازها s"), 13, bold=True)
    picture.text(342, 46, "(n,)", 12, quiet=True)
    looks: list[list[Kind]] = [["plain"], ["result"], ["plain"], ["off"]]
    picture.cells(322, top, [[score] for score in SCORES], side, kinds=looks, size=14)
    picture.arrow((368, top + 1.5 * side), (442, top + 1.5 * side), words="argmax")
    picture.text(470, 26, say("choice h", "انتخاب h"), 13, bold=True)
    picture.text(470, 46, "(n,)", 12, quiet=True)
    picture.cells(450, top, [[0], [1], [0], [0]], side, kinds=[["plain"], ["result"], ["plain"], ["plain"]], size=14)
    picture.text(578, 26, say("values V", "مقدارها V"), 13, bold=True)
    picture.text(578, 46, "(n, m)", 12, quiet=True)
    rows: list[list[Kind]] = [["plain"] * 2, ["result"] * 2, ["plain"] * 2, ["plain"] * 2]
    picture.cells(538, top, VALUES, side, kinds=rows, size=14)
    picture.arrow((496, top + 1.5 * side), (532, top + 1.5 * side))
    picture.arrow((624, top + 1.5 * side), (654, top + 1.5 * side))
    picture.text(698, 26, say("output", "خروجی"), 13, bold=True)
    picture.text(698, 46, "(m,)", 12, quiet=True)
    picture.cells(658, top + side, [[1, 5]], side, "result", size=14)
    picture.text(
        380,
        262,
        say(
            "rows 1 and 3 tie at 3: the first of them wins, and only its value is read",
            "سطرهای ۱ و ۳ با امتیاز ۳ برابرند: اولی می‌برد و تنها مقدار آن خوانده می‌شود",
        ),
        13,
        quiet=True,
    )
    return picture
