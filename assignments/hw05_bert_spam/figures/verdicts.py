"""A hundred messages in four cells: precision looks down a column, recall along a row."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 300, lang)
    say = picture.say
    left, top, side = 190, 84, 80
    picture.text(left + side, 24, say("verdict", "حکم"), 14, bold=True)
    picture.text(96, top + side, say("truth", "حقیقت"), 14, bold=True)
    for place, (en, fa) in enumerate((("ham", "عادی"), ("spam", "هرزنامه"))):
        picture.text(left + (place + 0.5) * side, 62, say(en, fa), 13, quiet=True)
        picture.text(left - 12, top + (place + 0.5) * side, say(en, fa), 13, anchor="end", quiet=True)
    kinds = [["plain", "loss"], ["loss", "result"]]
    picture.cells(left, top, [["85", "2"], ["3", "10"]], side, kinds=kinds, size=20)
    for x, y, name in ((0, 0, "TN"), (1, 0, "FP"), (0, 1, "FN"), (1, 1, "TP")):
        picture.text(left + (x + 0.5) * side, top + y * side + 66, name, 11, quiet=True)
    picture.brace(left + side, top + 2 * side + 4, side, say("called spam: 12", "هرزنامه خوانده‌شده: ۱۲"))
    right = left + 2 * side + 4
    picture.arrow(
        (right, top + side), (right + 6, top + side), (right + 6, top + 2 * side), (right, top + 2 * side), tip=False
    )
    picture.text(right + 12, top + 1.5 * side, say("is spam: 13", "هرزنامه است: ۱۳"), 12, anchor="start", quiet=True)
    for row, words in enumerate(
        (
            "precision = 10/12 = 0.833",
            "recall = 10/13 = 0.769",
            "F_{1} = 20/(20 + 2 + 3) = 0.8",
            "accuracy = 95/100 = 0.95",
        )
    ):
        picture.text(490, 76 + row * 40, words, 14, anchor="start")
    return picture
