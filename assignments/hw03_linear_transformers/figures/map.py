"""The homework's tasks and what builds on what."""

from autograder.building.picture import Picture

WIDTH, HEIGHT, LEFT, STEP = 122, 46, 62, 139
TOPS = (24, 92, 156, 224, 288, 352)
TASKS = {  # row, column, kind, words
    "1.1": (0, 0, "data", "1.1\nsoftmax attention", "۱٫۱\nتوجه softmax"),
    "1.2": (0, 1, "plain", "1.2\ncount", "۱٫۲\nشمردن"),
    "E1": (0, 4, "result", "Essay 1\noperations", "پرسش ۱\nعمل‌ها"),
    "2.1": (1, 0, "data", "2.1\na similarity", "۲٫۱\nیک شباهت"),
    "2.2": (1, 1, "data", "2.2\nany similarity", "۲٫۲\nهر شباهتی"),
    "2.3": (1, 2, "data", "2.3\nits features", "۲٫۳\nویژگی‌هایش"),
    "2.4": (2, 2, "data", "2.4\nelu features", "۲٫۴\nویژگی‌های elu"),
    "E2": (1, 4, "result", "Essay 2\nthe brackets", "پرسش ۲\nپرانتزها"),
    "3.1": (3, 2, "weights", "3.1\nlinear attention", "۳٫۱\nتوجه خطی"),
    "3.2": (3, 3, "plain", "3.2\ncrossover", "۳٫۲\nنقطهٔ گذر"),
    "E3": (3, 4, "result", "Essay 3\nwhen linear", "پرسش ۳\nخطی کِی"),
    "4.1": (4, 2, "weights", "4.1\ncausal", "۴٫۱\nعلّی"),
    "4.2": (4, 3, "weights", "4.2\ntoken by token", "۴٫۲\nتوکن به توکن"),
    "5.1": (5, 2, "weights", "5.1\nheads", "۵٫۱\nسرها"),
    "5.2": (5, 3, "weights", "5.2\ntrain two twins", "۵٫۲\nآموزش دو قلو"),
    "E4": (5, 4, "result", "Essay 4\nforgetting", "پرسش ۴\nفراموشی"),
}


def draw(lang: str) -> Picture:
    made = Picture(760, 420, lang)

    def spot(name: str, x: float, y: float) -> tuple[float, float]:
        row, column, *_ = TASKS[name]
        return LEFT + column * STEP + x * WIDTH, TOPS[row] + y * HEIGHT

    for row, number in ((0, 1), (1, 2), (3, 3), (4, 4), (5, 5)):
        made.text(32, TOPS[row] + HEIGHT / 2, made.say(f"Part\n{number}", f"بخش\n{'۰۱۲۳۴۵'[number]}"), 12, quiet=True)
    for a, b in (
        ("1.1", "1.2"),
        ("1.2", "E1"),
        ("2.1", "2.2"),
        ("2.2", "2.3"),
        ("2.3", "E2"),
        ("3.1", "3.2"),
        ("3.2", "E3"),
        ("4.1", "4.2"),
        ("5.1", "5.2"),
        ("5.2", "E4"),
    ):
        made.arrow(spot(a, 1, 0.5), spot(b, 0, 0.5))
    for a, b in (("2.4", "3.1"), ("3.1", "4.1"), ("4.1", "5.1")):
        made.arrow(spot(a, 0.5, 1), spot(b, 0.5, 0))
    made.arrow(spot("2.2", 0.5, 1), (spot("2.2", 0.5, 0)[0], spot("3.1", 0, 0.5)[1]), spot("3.1", 0, 0.5))
    made.arrow(
        spot("1.2", 0.9, 1), (spot("1.2", 0.9, 0)[0], 81), (550, 81), (550, spot("3.2", 0, 0)[1] - 1), dashed=True
    )
    made.arrow(spot("4.2", 1, 0.5), (spot("E4", 0.5, 0)[0], spot("4.2", 0, 0.5)[1]), spot("E4", 0.5, 0), dashed=True)
    for row, column, kind, en, fa in TASKS.values():
        made.box(LEFT + column * STEP, TOPS[row], WIDTH, HEIGHT, made.say(en, fa), kind, 12.5)
    made.text(
        194,
        372,
        made.say(
            "blue: quadratic, and features\norange: linear in N · grey: counting\ngreen: essays",
            "آبی: شکل مربعی و ویژگی‌ها\nنارنجی: خطی در N · خاکستری: شمردن\nسبز: پرسش تشریحی",
        ),
        12,
        quiet=True,
    )
    return made
