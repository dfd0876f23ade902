"""Counting «abracadabra» with six imaginary tokens beside the eleven real ones."""

from autograder.building.picture import Picture

COUNTS = {"a": 5, "b": 2, "r": 2, "c": 1, "d": 1, "z": 0}


def draw(lang: str) -> Picture:
    picture = Picture(760, 330, lang)
    say = picture.say
    picture.text(
        380,
        26,
        say(
            "abracadabra: 11 real tokens (blue), ε_{1} = 6 imaginary ones (orange), m = 6",
            "‏abracadabra: ۱۱ توکن واقعی (آبی)، ε_{1} = 6 توکن خیالی (نارنجی)، m = 6",
        ),
        14,
        bold=True,
    )
    for place, (letter, count) in enumerate(COUNTS.items()):
        x = 61 + place * 122
        for height in range(count):
            picture.cells(x, 214 - 30 * height, [[letter]], 28, "data")
        picture.cells(x, 214 - 30 * count, [[letter]], 28, "weights")
        picture.text(x + 14, 260, letter, 15, code=True)
        picture.text(x + 14, 284, f"({count} + 1) / 17", 13)
        picture.text(x + 14, 304, f"= {(count + 1) / 17:.3f}", 13, quiet=True)
    return picture
