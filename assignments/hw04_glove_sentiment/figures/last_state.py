"""Which state answers: the one after the last word, not the one after the padding."""

from autograder.building.picture import Picture

ROWS = (("it", "was", "great", None, None), ("a", "bore", None, None, None))


def draw(lang: str) -> Picture:
    made = Picture(760, 290, lang)
    for row, words in enumerate(ROWS):
        y = 44 + 112 * row
        length = sum(word is not None for word in words)
        for t, word in enumerate(words):
            x = 40 + 106 * t
            asked = t == length - 1
            kind = "off" if word is None else "result" if asked else "plain"
            made.box(x, y, 66, 34, f"h_{{{t + 1}}}", kind)
            made.text(x + 33, y + 64, word or "0", 13, quiet=word is None, code=True)
            made.arrow((x + 33, y + 54), (x + 33, y + 36), dashed=word is None)
            if t:
                made.arrow((x - 38, y + 17), (x - 2, y + 17), dashed=word is None)
            if asked:
                made.arrow((x + 33, y - 1), (x + 33, y - 16), (600, y - 16), (634, y + 4))
        made.box(622, y + 6, 112, 40, f"W h_{{{length}}} + b", "weights")
        made.text(678, y + 64, f"lengths = {length}", 12, quiet=True)
        made.text(20, y + 64, str(row), 12, quiet=True)
    made.text(
        380,
        262,
        made.say(
            "states behind the last word exist, but nobody may ask them: states[row, lengths − 1]",
            "حالت‌های پس از واژهٔ آخر هستند، ولی کسی نباید از آن‌ها بپرسد: states[row, lengths − 1]",
        ),
        13,
    )
    return made
