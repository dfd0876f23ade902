"""Reviews of any length in one rectangle: last words kept, padding on the right."""

from autograder.building.picture import Picture

REVIEWS = (
    ((("the", 1), ("film", 2), ("was", 3), ("really", None), ("good", 4)), (2, 3, 4), 3),
    ((("good", 4), ("film", 2)), (4, 2, 0), 2),
    ((("wow", None),), (0, 0, 0), 1),
)


def draw(lang: str) -> Picture:
    made = Picture(760, 260, lang)
    made.text(190, 28, made.say("words and their numbers", "واژه‌ها و شماره‌هایشان"), 13, quiet=True)
    made.text(566, 28, "ids (N, length)", 13, quiet=True)
    made.text(694, 28, "lengths (N,)", 13, quiet=True)
    for row, (words, ids, length) in enumerate(REVIEWS):
        y = 48 + 58 * row
        known = [number for _, number in words if number]
        cut = len(known) - 3
        for column, (word, number) in enumerate(words):
            gone = number is None or (cut > 0 and number in known[:cut])
            made.box(20 + 72 * column, y, 66, 42, f"{word}\n{number or '–'}", "off" if gone else "data", 12)
        made.arrow((392, y + 21), (500, y + 21))
        kinds = [["data" if i else "off" for i in ids]]
        made.cells(506, y + 1, [ids], 40, kinds=kinds, size=14)
        made.cells(674, y + 1, [[length]], 40, "result", size=14)
    made.text(446, 54, made.say("last 3", "۳ تای آخر"), 12, quiet=True)
    made.text(446, 170, made.say("nothing left", "چیزی نماند"), 12, quiet=True)
    made.text(
        380,
        236,
        made.say(
            "dashed: passed over, cut off, or padding · length 3 · a review of nothing still has length 1",
            "خط‌چین: گذشته، بریده یا پرکننده · درازای ۳ · نقد تهی هم درازای ۱ دارد",
        ),
        13,
    )
    return made
