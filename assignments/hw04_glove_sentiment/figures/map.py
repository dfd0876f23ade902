"""The homework's tasks and what builds on what."""

from autograder.building.picture import Picture

WIDTH, HEIGHT, LEFT, STEP = 122, 46, 62, 139
TOPS = (28, 96, 160, 232, 304)
TASKS = {  # row, column, kind, words
    "1.1": (0, 0, "data", "1.1\nlook up", "۱٫۱\nنگاه در جدول"),
    "1.2": (0, 1, "data", "1.2\nits gradient", "۱٫۲\nگرادیانش"),
    "2.1": (1, 0, "data", "2.1\ncosine", "۲٫۱\nکسینوس"),
    "2.2": (1, 1, "data", "2.2\nneighbours", "۲٫۲\nهمسایه‌ها"),
    "2.3": (1, 2, "data", "2.3\nanalogies", "۲٫۳\nقیاس‌ها"),
    "2.4": (2, 1, "data", "2.4\nodd one out", "۲٫۴\nوصلهٔ ناجور"),
    "2.5": (2, 2, "data", "2.5\na direction", "۲٫۵\nیک راستا"),
    "E1": (1, 4, "result", "Essay 1\ngeometry", "پرسش ۱\nهندسه"),
    "3.1": (3, 0, "data", "3.1\nmean of a review", "۳٫۱\nمیانگین یک نقد"),
    "3.3": (3, 1, "weights", "3.3\nMLP", "۳٫۳\nپرسپترون"),
    "3.4": (3, 2, "weights", "3.4\ntraining loop", "۳٫۴\nحلقهٔ آموزش"),
    "3.5": (3, 3, "plain", "3.5\ncounting words", "۳٫۵\nشمردن واژه‌ها"),
    "4.1": (4, 0, "data", "4.1\na rectangle", "۴٫۱\nمستطیل"),
    "4.2": (4, 1, "weights", "4.2\none LSTM step", "۴٫۲\nیک گام LSTM"),
    "4.3": (4, 2, "weights", "4.3\nLSTM classifier", "۴٫۳\nدسته‌بند LSTM"),
    "4.4": (4, 3, "weights", "4.4 · 4.5\ntrain, compare", "۴٫۴ · ۴٫۵\nآموزش، سنجش"),
    "E2": (4, 4, "result", "Essay 2\nreaders", "پرسش ۲\nخواننده‌ها"),
}


def draw(lang: str) -> Picture:
    made = Picture(760, 388, lang)

    def spot(name: str, x: float, y: float) -> tuple[float, float]:
        row, column, *_ = TASKS[name]
        return LEFT + column * STEP + x * WIDTH, TOPS[row] + y * HEIGHT

    for row, number in ((0, 1), (1.5, 2), (3, 3), (4, 4)):
        y = (TOPS[int(row)] + TOPS[int(row + 0.5)]) / 2 + HEIGHT / 2
        made.text(32, y, made.say(f"Part\n{number}", f"بخش\n{'۰۱۲۳۴'[number]}"), 12, quiet=True)
    for a, b in (
        ("1.1", "1.2"),
        ("2.1", "2.2"),
        ("2.2", "2.3"),
        ("3.1", "3.3"),
        ("3.3", "3.4"),
        ("3.4", "3.5"),
        ("4.1", "4.2"),
        ("4.2", "4.3"),
        ("4.3", "4.4"),
        ("4.4", "E2"),
        ("2.3", "E1"),
    ):
        made.arrow(spot(a, 1, 0.5), spot(b, 0, 0.5))
    made.arrow(spot("2.1", 0.5, 1), (spot("2.1", 0.5, 0)[0], spot("2.4", 0, 0.5)[1]), spot("2.4", 0, 0.5))
    made.arrow(spot("2.5", 1, 0.5), (spot("E1", 0.5, 0)[0], spot("2.5", 0, 0.5)[1]), spot("E1", 0.5, 1))
    made.arrow(spot("3.4", 0.75, 1), spot("4.4", 0.25, 0))
    made.arrow(spot("3.5", 1, 0.5), (spot("E2", 0.5, 0)[0], spot("3.5", 0, 0.5)[1]), spot("E2", 0.5, 0))
    end = spot("4.3", 0, 0.2)
    made.arrow(
        spot("1.2", 1, 0.5), (688 + 56, TOPS[0] + HEIGHT / 2), (744, 222), (332, 222), (332, end[1]), end, dashed=True
    )
    made.text(
        560,
        TOPS[0] + 11,
        made.say(
            "in 4.3 an optimiser carries such gradients into GloVe", "در ۴٫۳ بهینه‌ساز همین گرادیان‌ها را به GloVe می‌برد"
        ),
        12,
        quiet=True,
    )
    for row, column, kind, en, fa in TASKS.values():
        made.box(LEFT + column * STEP, TOPS[row], WIDTH, HEIGHT, made.say(en, fa), kind, 12.5)
    made.text(
        380,
        371,
        made.say(
            "blue: vectors and texts · orange: what is trained · green: essays · grey: no points",
            "آبی: بردارها و متن‌ها · نارنجی: آنچه آموزش می‌بیند · سبز: پرسش تشریحی · خاکستری: بی‌نمره",
        ),
        12,
        quiet=True,
    )
    return made
