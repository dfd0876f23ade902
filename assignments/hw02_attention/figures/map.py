"""The tasks of homework 2 and what builds on what."""

from autograder.building.picture import Picture

WIDTH, HEIGHT = 112, 48
COLUMNS = [14 + 124 * i for i in range(6)]
ROWS = [52, 132, 212, 292]
PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")


def draw(lang: str) -> Picture:
    """A box a task; an arrow leads from what is used to what uses it."""
    p = Picture(760, 382, lang)
    say = p.say
    p.text(
        380,
        26,
        say(
            "An arrow leads from a task to one that builds on it",
            "هر پیکان از کاری به کار دیگری می‌رود که بر آن بنا می‌شود",
        ),
        14,
        quiet=True,
    )
    tasks = [
        (0, 1, "1.1", "three scores", "سه امتیاز"),
        (0, 2, "1.4", "their gradients", "گرادیان آن‌ها"),
        (1, 1, "1.2", "weights", "وزن‌ها"),
        (1, 0, "1.3", "context", "بردار زمینه"),
        (1, 2, "1.5", "coverage", "پوشش"),
        (2, 1, "2.1", "attention", "توجه"),
        (2, 2, "2.2", "many heads", "چند سر"),
        (2, 0, "4.4", "what it costs", "بهای لایه"),
        (4, 1, "4.1", "encoder layer", "لایهٔ کدگذار"),
        (4, 2, "4.2", "decoder layer", "لایهٔ کدگشا"),
        (4, 0, "4.3", "parameters", "پارامترها"),
        (3, 3, "3.1", "positions", "جایگاه‌ها"),
        (4, 3, "3.2", "rate and labels", "نرخ و برچسب"),
    ]
    for column, row, number, en, fa in tasks:
        kind = "data" if number in ("1.2", "2.1", "2.2", "4.1", "4.2") else "plain"
        _task(p, COLUMNS[column], ROWS[row], HEIGHT, say(number, number.translate(PERSIAN)), say(en, fa), kind)
    _task(
        p,
        COLUMNS[5],
        ROWS[2],
        ROWS[3] - ROWS[2] + HEIGHT,
        say("5.1", "۵٫۱"),
        say("a translator\nof your own", "مترجمی که\nخودتان ساختید"),
        "result",
    )
    for start, end in (((0, 1), (1, 1)), ((1, 1), (2, 1)), ((4, 2), (5, 2)), ((4, 3), (5, 3))):
        p.arrow((COLUMNS[start[0]] + WIDTH, ROWS[start[1]] + 24), (COLUMNS[end[0]], ROWS[end[1]] + 24))
    for column, start, end in ((0, 1, 2), (1, 1, 2), (2, 1, 2), (4, 1, 2)):
        p.arrow((COLUMNS[column] + 56, ROWS[start] + HEIGHT), (COLUMNS[column] + 56, ROWS[end]))
    for column in (1, 2, 4):
        p.arrow((COLUMNS[column] + 56, ROWS[1]), (COLUMNS[column] + 56, ROWS[0] + HEIGHT), dashed=column != 1)
    p.arrow((COLUMNS[0] + WIDTH, ROWS[1] + 40), (COLUMNS[1], ROWS[2] + 10))
    p.arrow((COLUMNS[2] + WIDTH, ROWS[2] + 24), (COLUMNS[4], ROWS[1] + 34))
    p.arrow((COLUMNS[2] + WIDTH, ROWS[2] + 34), (COLUMNS[4], ROWS[2] + 34))
    below = ROWS[3] + HEIGHT + 20
    p.arrow(
        (COLUMNS[3] + 56, ROWS[3] + HEIGHT),
        (COLUMNS[3] + 56, below),
        (COLUMNS[5] + 56, below),
        (COLUMNS[5] + 56, ROWS[3] + HEIGHT),
    )
    p.text(
        COLUMNS[0],
        ROWS[3] + 14,
        say(
            "blue: the five that carry the rest\ndashed: the same thing, counted",
            "آبی: پنج تابعی که بقیه بر آن‌ها سوارند\nخط‌چین: همان چیز، این بار با شمارش",
        ),
        12,
        anchor="start",
        quiet=True,
    )
    return p


def _task(p: Picture, x: float, y: float, height: float, number: str, words: str, kind: str) -> None:
    p.box(x, y, WIDTH, height, "", kind)
    shift = 10 if "\n" in words else 0
    p.text(x + WIDTH / 2, y + height / 2 - 10 - shift, number, 13, bold=True)
    p.text(x + WIDTH / 2, y + height / 2 + 10 + shift / 2, words, 12)
