"""The tasks of homework 7: what builds on what."""

from autograder.building.picture import Picture

WIDE, HIGH = 134, 48


def draw(lang: str) -> Picture:
    picture = Picture(760, 380, lang)
    say = picture.say
    column = [16 + 149 * i for i in range(5)]
    row = [54, 126, 198, 270]
    tasks = {
        "1.1": (0, 0, "1.1", "on paper", "۱٫۱", "روی کاغذ"),
        "2.1": (1, 0, "2.1", "the choice", "۲٫۱", "انتخاب"),
        "3.1": (1, 1, "3.1", "differences", "۳٫۱", "تفاضل محدود"),
        "3.2": (2, 0, "3.2", "argmax's slope", "۳٫۲", "شیب argmax"),
        "4.1": (1, 2, "4.1", "soft attention", "۴٫۱", "توجه نرم"),
        "5.1": (2, 1, "5.1", "straight through", "۵٫۱", "گذر مستقیم"),
        "6.1": (2, 2, "6.1", "Gumbel-softmax", "۶٫۱", "Gumbel-softmax"),
        "7.1": (1, 3, "7.1", "the exact slope", "۷٫۱", "شیب دقیق"),
        "7.2": (2, 3, "7.2", "one sample", "۷٫۲", "یک نمونه"),
        "7.3": (3, 3, "7.3", "the surrogate", "۷٫۳", "جانشین"),
        "8.1": (4, 1, "8.1", "five readers", "۸٫۱", "پنج خواننده"),
        "9": (4, 3, "9", "in your words", "۹", "به زبان شما"),
    }
    place = {name: (column[x], row[y]) for name, (x, y, *_) in tasks.items()}

    def right(name: str, shift: float = 0) -> tuple[float, float]:
        return place[name][0] + WIDE, place[name][1] + HIGH / 2 + shift

    def left(name: str, shift: float = 0) -> tuple[float, float]:
        return place[name][0], place[name][1] + HIGH / 2 + shift

    picture.arrow(right("1.1"), left("2.1"))
    picture.arrow(right("2.1"), left("3.2"))
    picture.arrow((column[0] + WIDE / 2, row[0] + HIGH), (column[0] + WIDE / 2, row[2] + HIGH / 2), left("4.1"))
    picture.arrow(right("3.1", -14), (column[2] + 14, row[0] + HIGH))
    picture.arrow(right("4.1", -14), (column[2] + 14, row[1] + HIGH))
    picture.arrow(right("4.1"), left("6.1"))
    picture.arrow((column[1] + WIDE / 2, row[2] + HIGH), (column[1] + WIDE / 2, row[3]))
    picture.arrow(right("7.1"), left("7.2"))
    picture.arrow(right("7.2"), left("7.3"))
    picture.arrow(right("3.2"), (column[4] + 10, row[1]))
    picture.arrow(right("5.1"), left("8.1"))
    picture.arrow(right("6.1"), (column[4], row[1] + HIGH - 10))
    picture.arrow((column[3] + WIDE / 2, row[3]), (column[3] + WIDE / 2, 232), (column[4] + 40, row[1] + HIGH))
    picture.arrow((column[4] + WIDE / 2 + 20, row[1] + HIGH), (column[4] + WIDE / 2 + 20, row[3]))
    for name, (_, _, *words) in tasks.items():
        number, title = words[2:] if lang == "fa" else words[:2]
        kind = "result" if name == "8.1" else "plain"
        x, y = place[name]
        picture.box(x, y, WIDE, HIGH, kind=kind)
        picture.text(x + WIDE / 2, y + 15, number, 12, bold=True)
        picture.text(x + WIDE / 2, y + 33, title, 13)
    picture.text(
        380, 26, say("An arrow: you need the one for the other", "پیکان: اولی برای دومی لازم است"), 14, bold=True
    )
    picture.text(380, 358, say("green: here something is trained", "سبز: این‌جا چیزی آموزش می‌بیند"), 12, quiet=True)
    return picture
