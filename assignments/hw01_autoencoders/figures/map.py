"""The tasks of homework 1 and what builds on what."""

from autograder.building.picture import Picture

WIDTH, HEIGHT = 112, 48
COLUMNS = [14 + 124 * i for i in range(6)]
ROWS = [64, 158, 252]
PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")


def draw(lang: str) -> Picture:
    """A box a task, a row a part; an arrow leads from what is used to what uses it."""
    p = Picture(760, 330, lang)
    say = p.say
    p.text(
        380,
        28,
        say(
            "An arrow leads from a task to one that builds on it",
            "هر پیکان از کاری به کار دیگری می‌رود که بر آن بنا می‌شود",
        ),
        14,
        quiet=True,
    )
    tasks = [
        (0, 0, "1.1", "the loss", "زیان", "data"),
        (1, 0, "1.2", "gradients", "گرادیان‌ها", "data"),
        (2, 0, "1.3", "PCA", "PCA", "data"),
        (3, 0, "1.4", "with a penalty", "با جریمه", "data"),
        (4, 0, "1.5", "alignment", "هم‌راستایی", "data"),
        (5, 0, "1.6", "λ → 0^{+} is not 0", "λ → 0^{+} صفر نیست", "result"),
        (0, 1, "2.1", "parent", "والد", "weights"),
        (1, 1, "2.2", "label, loss", "برچسب، زیان", "weights"),
        (2, 1, "2.3", "its size", "اندازه‌اش", "weights"),
        (4, 1, "2.4", "fold a sentence", "تاکردن جمله", "result"),
        (0, 2, "3.1", "two losses", "دو زیان", "loss"),
        (2, 2, "3.2", "train, beat PCA", "بهتر از PCA", "result"),
        (4, 2, "3.3", "strangers", "غریبه‌ها", "result"),
    ]
    for column, row, number, en, fa, kind in tasks:
        x, y = COLUMNS[column], ROWS[row]
        p.box(x, y, WIDTH, HEIGHT, "", kind)
        p.text(x + WIDTH / 2, y + 14, say(number, number.translate(PERSIAN)), 13, bold=True)
        p.text(x + WIDTH / 2, y + 34, say(en, fa), 12)
    for start, end, row in ((0, 1, 0), (2, 3, 0), (3, 4, 0), (4, 5, 0), (0, 1, 1), (1, 2, 1), (0, 2, 2), (2, 4, 2)):
        p.arrow((COLUMNS[start] + WIDTH, ROWS[row] + 24), (COLUMNS[end], ROWS[row] + 24))
    top = ROWS[0] + HEIGHT + 14
    p.arrow(
        (COLUMNS[1] + 56, ROWS[0] + HEIGHT),
        (COLUMNS[1] + 56, top),
        (COLUMNS[5] + 56, top),
        (COLUMNS[5] + 56, ROWS[0] + HEIGHT),
    )
    middle = ROWS[1] + HEIGHT + 14
    p.arrow(
        (COLUMNS[0] + 56, ROWS[1] + HEIGHT),
        (COLUMNS[0] + 56, middle),
        (COLUMNS[4] + 56, middle),
        (COLUMNS[4] + 56, ROWS[1] + HEIGHT),
    )
    x = COLUMNS[2] + WIDTH + 6
    p.arrow(
        (COLUMNS[2] + 100, ROWS[0] + HEIGHT),
        (COLUMNS[2] + 100, 140),
        (x, 140),
        (x, 238),
        (COLUMNS[2] + 90, 238),
        (COLUMNS[2] + 90, ROWS[2]),
        dashed=True,
    )
    return p
