"""The tasks of the homework as a graph: what builds on what."""

from autograder.building.picture import Picture

WIDTH, HEIGHT = 112, 48
COLUMNS, ROWS = (20, 172, 324, 476, 628), (54, 134, 214, 294)


def draw(lang: str) -> Picture:
    picture = Picture(760, 366, lang)
    say = picture.say

    def task(column: int, row: int, number: str, en: str, fa: str, keystone: bool = False) -> None:
        words = say(f"{number}\n{en}", f"{number.translate(_PERSIAN)}\n{fa}")
        picture.box(COLUMNS[column], ROWS[row], WIDTH, HEIGHT, words, "result" if keystone else "plain", 12)

    def link(start: tuple[int, int], end: tuple[int, int]) -> None:
        (a, b), (c, d) = start, end
        if b == d:
            picture.arrow((COLUMNS[a] + WIDTH, ROWS[b] + HEIGHT / 2), (COLUMNS[c], ROWS[d] + HEIGHT / 2))
        elif a == c:
            picture.arrow((COLUMNS[a] + WIDTH / 2, ROWS[b] + HEIGHT), (COLUMNS[c] + WIDTH / 2, ROWS[d]))
        else:
            picture.arrow((COLUMNS[a] + WIDTH, ROWS[b] + HEIGHT - 8), (COLUMNS[c], ROWS[d] + 8))

    title = say("What builds on what. Green: the keystones", "هر کار روی کدام کارها بنا می‌شود. سبز: کارهای کلیدی")
    picture.text(380, 26, title, 14, bold=True)
    task(0, 0, "1.2", "one row or two", "یک متن یا دو متن", True)
    task(1, 0, "2.1", "embeddings", "تعبیه‌ها")
    task(2, 0, "2.2", "all heads", "همهٔ سرها", True)
    task(3, 0, "2.3", "who looks where", "نگاه سرها")
    task(0, 1, "3.1", "masked mean", "میانگین نقاب‌دار")
    task(1, 1, "4.4", "the classifier", "دسته‌بند")
    task(2, 1, "4.5", "fine-tuning", "ریزتنظیم", True)
    task(3, 1, "5.1", "calibration", "کالیبراسیون")
    task(4, 1, "5.2", "what errors cost", "هزینهٔ خطا")
    task(0, 2, "4.2", "class weights", "وزن رده‌ها")
    task(1, 2, "4.3", "two rivals", "دو رقیب")
    task(0, 3, "3.2", "precision, recall", "دقت و بازخوانی")
    task(4, 3, "5.3", "another question", "پرسشی دیگر")
    for start, end in (
        ((0, 0), (1, 0)),
        ((1, 0), (2, 0)),
        ((2, 0), (3, 0)),
        ((0, 1), (1, 1)),
        ((1, 1), (2, 1)),
        ((2, 1), (3, 1)),
        ((3, 1), (4, 1)),
        ((0, 2), (1, 2)),
        ((0, 1), (1, 2)),
        ((2, 0), (2, 1)),
    ):
        link(start, end)
    right, low = COLUMNS[1] + WIDTH, ROWS[2] + HEIGHT / 2
    picture.arrow((right, low), (COLUMNS[2] + 30, low), (COLUMNS[2] + 30, ROWS[1] + HEIGHT))
    low = ROWS[3] + HEIGHT / 2
    picture.arrow((COLUMNS[0] + WIDTH, low), (COLUMNS[2] + 82, low), (COLUMNS[2] + 82, ROWS[1] + HEIGHT))
    picture.arrow((COLUMNS[2] + 82, low), (COLUMNS[4], low))
    return picture


_PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")
