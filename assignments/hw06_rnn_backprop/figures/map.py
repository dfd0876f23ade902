"""The tasks of the homework as a graph: what builds on what."""

from autograder.building.picture import Picture

WIDTH, HEIGHT = 104, 46
COLUMNS, ROWS = (16, 141, 266, 391, 516, 640), (52, 126, 200, 274, 352)


def draw(lang: str) -> Picture:
    picture = Picture(760, 414, lang)
    say = picture.say

    def task(column: int, row: int, number: str, en: str, fa: str, keystone: bool = False) -> None:
        words = say(
            f"{number.replace('E', 'Essay ')}\n{en}", f"{number.replace('E', 'پرسش ').translate(_PERSIAN)}\n{fa}"
        )
        picture.box(COLUMNS[column], ROWS[row], WIDTH, HEIGHT, words, "result" if keystone else "plain", 12)

    def across(row: int, start: int, end: int) -> None:
        middle = ROWS[row] + HEIGHT / 2
        picture.arrow((COLUMNS[start] + WIDTH, middle), (COLUMNS[end], middle))

    def down(column: int, start: int, end: int) -> None:
        middle = COLUMNS[column] + WIDTH / 2
        picture.arrow((middle, ROWS[start] + HEIGHT), (middle, ROWS[end]))

    picture.text(
        380,
        24,
        say("What builds on what. Green: the keystones", "هر کار روی کدام کارها بنا می‌شود. سبز: کارهای کلیدی"),
        14,
        bold=True,
    )
    task(0, 0, "2.3", "∂J/∂o", "∂J/∂o")
    task(1, 0, "2.4", "through states", "از میان حالت‌ها", True)
    task(2, 0, "2.5", "shared matrix", "ماتریس مشترک")
    task(3, 0, "3.2", "three steps", "سه گام")
    task(4, 0, "2.1", "differences", "تفاضل محدود")
    task(0, 1, "1.1", "wirings", "سیم‌کشی‌ها")
    task(3, 1, "3.1", "forward", "رو به جلو")
    task(4, 1, "3.3", "δ and bptt", "‏δ و bptt", True)
    task(5, 1, "3.4", "truncated", "بریده", True)
    task(2, 2, "4.2", "clipping", "برش")
    task(4, 2, "4.1", "norms by lag", "نُرم و فاصله")
    task(5, 2, "E9", "why they vanish", "چرا محو می‌شود")
    task(0, 3, "6.2", "smoothing", "هموارسازی")
    task(1, 3, "6.3", "perplexity", "سرگشتگی")
    task(2, 3, "6.4", "choosing ε", "گزینش ε")
    task(3, 3, "7.1", "many lines", "چندین سطر")
    task(5, 3, "7.2", "letters of Hafez", "حروف حافظ", True)
    task(0, 4, "5.1", "parameters", "پارامترها")
    task(1, 4, "5.2", "windows", "پنجره‌ها")
    task(2, 4, "5.3", "forecaster", "پیش‌بین")
    task(3, 4, "5.4", "the table", "جدول")
    for start, end in ((0, 1), (1, 2), (2, 3)):
        across(0, start, end)
    across(1, 0, 3), across(1, 3, 4), across(1, 4, 5), across(2, 4, 5)
    down(4, 0, 1), down(4, 1, 2), down(3, 1, 3)
    picture.arrow((COLUMNS[3] + WIDTH - 4, ROWS[0] + HEIGHT), (COLUMNS[4] + 6, ROWS[1]))
    for start, end in ((0, 1), (1, 2), (3, 5)):
        across(3, start, end)
    picture.arrow((COLUMNS[2] + WIDTH, ROWS[2] + HEIGHT - 12), (COLUMNS[5] + 8, ROWS[3]))
    middle, low = COLUMNS[1] + WIDTH / 2, ROWS[3] + HEIGHT
    right = COLUMNS[5] + WIDTH / 2
    picture.arrow((middle, low), (middle, low + 16), (right, low + 16), (right, low))
    for start, end in ((0, 1), (1, 2), (2, 3)):
        if start:
            across(4, start, end)
    return picture


_PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")
