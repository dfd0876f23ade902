"""Nine and six tokens, room for nine: who loses a token at each turn."""

from autograder.building.picture import Picture

TURNS = ((9, 6, ""), (8, 6, "a"), (7, 6, "a"), (6, 6, "a"), (6, 5, "b"), (5, 5, "a"), (5, 4, "b"))


def draw(lang: str) -> Picture:
    picture = Picture(760, 300, lang)
    say = picture.say
    side = 24
    picture.text(180, 22, say("text a", "متن a"), 13, bold=True)
    picture.text(420, 22, say("text b", "متن b"), 13, bold=True)
    for turn, (a, b, loser) in enumerate(TURNS):
        y = 42 + turn * 34
        for count, before, left, name in ((a, 9, 60, "a"), (b, 6, 340, "b")):
            for token in range(before):
                lost = loser == name and token == count
                kind = ("data" if name == "a" else "weights") if token < count else "loss" if lost else "off"
                picture.cells(left + token * side, y, [["✕" if lost else ""]], side, kind)
        picture.text(322, y + 12, str(a), 13)
        picture.text(502, y + 12, str(b), 13)
        words = {
            0: say("15 tokens, room for 9", "۱۵ توکن، جا برای ۹ تا"),
            1: say("a is longer", "‏a درازتر است"),
            4: say("equal: b was shorter at first", "برابر: b از آغاز کوتاه‌تر بود"),
            5: say("a is longer", "‏a درازتر است"),
            6: say("equal again: b; done", "باز برابر: b؛ تمام"),
        }.get(turn, "")
        picture.text(536, y + 12, words, 12, anchor="start", quiet=True) if lang == "en" else picture.text(
            744, y + 12, words, 12, anchor="end", quiet=True
        )
    return picture
