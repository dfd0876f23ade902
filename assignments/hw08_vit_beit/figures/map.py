"""The tasks of homework 8: what builds on what."""

from autograder.building.picture import Picture

WIDE, HIGH = 130, 48


def draw(lang: str) -> Picture:
    picture = Picture(760, 366, lang)
    say = picture.say
    column = [14 + 150.5 * i for i in range(5)]
    row = [52, 128, 204, 280]
    tasks = {
        "1.1": (0, 0, "1.1", "patches", "۱٫۱", "تکه‌ها"),
        "1.2": (1, 0, "1.2", "tokens", "۱٫۲", "توکن‌ها"),
        "2.2": (2, 0, "2.2", "the whole ViT", "۲٫۲", "ViT کامل"),
        "2.3": (3, 0, "2.3", "training", "۲٫۳", "آموزش"),
        "3": (4, 0, "3.1, 3.2", "looking inside", "۳٫۱ و ۳٫۲", "نگاه به درون"),
        "1.3": (0, 1, "1.3", "convolution", "۱٫۳", "پیچش"),
        "2.1": (1, 1, "2.1", "one block", "۲٫۱", "یک بلوک"),
        "4": (4, 1, "4.1, 4.2", "measuring", "۴٫۱ و ۴٫۲", "سنجیدن"),
        "5.2": (0, 2, "5.2", "offsets", "۵٫۲", "جابه‌جایی‌ها"),
        "5.3": (1, 2, "5.3", "BEiT's attention", "۵٫۳", "توجه BEiT"),
        "5.5": (2, 2, "5.5", "pretraining", "۵٫۵", "پیش‌آموزش"),
        "5.6": (3, 2, "5.6", "few labels", "۵٫۶", "برچسب اندک"),
        "6.3": (4, 2, "6.3", "segmentation", "۶٫۳", "بخش‌بندی"),
        "5.1": (1, 3, "5.1", "what to hide", "۵٫۱", "چه پنهان شود"),
        "5.4": (2, 3, "5.4", "the loss", "۵٫۴", "تابع زیان"),
        "6": (4, 3, "6.1, 6.2", "pixels, IoU", "۶٫۱ و ۶٫۲", "پیکسل‌ها و IoU"),
    }
    trains = {"2.3", "5.5", "5.6", "6.3"}

    def right(name: str) -> tuple[float, float]:
        return column[tasks[name][0]] + WIDE, row[tasks[name][1]] + HIGH / 2

    def left(name: str) -> tuple[float, float]:
        return column[tasks[name][0]], row[tasks[name][1]] + HIGH / 2

    def below(name: str, shift: float = 0) -> tuple[float, float]:
        return column[tasks[name][0]] + WIDE / 2 + shift, row[tasks[name][1]] + HIGH

    def above(name: str, shift: float = 0) -> tuple[float, float]:
        return column[tasks[name][0]] + WIDE / 2 + shift, row[tasks[name][1]]

    for pair in ("1.1 1.2", "1.2 2.2", "2.2 2.3", "2.3 3", "5.2 5.3", "5.3 5.5", "5.5 5.6", "5.6 6.3"):
        start, end = pair.split()
        picture.arrow(right(start), left(end))
    picture.arrow(below("1.1"), above("1.3"))
    picture.arrow(right("2.1"), below("2.2", -30))
    picture.arrow(below("2.1"), above("5.3"))
    picture.arrow(below("2.3", 30), left("4"))
    picture.arrow(below("2.3"), above("5.6"))
    picture.arrow(right("5.1"), (column[2] + 20, row[2] + HIGH))
    picture.arrow(above("5.4", 20), below("5.5", 20))
    picture.arrow(above("6"), below("6.3"))
    for name, (x, y, *words) in tasks.items():
        number, title = words[2:] if lang == "fa" else words[:2]
        kind = "result" if name in trains else "plain"
        picture.box(column[x], row[y], WIDE, HIGH, kind=kind)
        picture.text(column[x] + WIDE / 2, row[y] + 15, number, 12, bold=True)
        picture.text(column[x] + WIDE / 2, row[y] + 33, title, 13)
    picture.text(
        380, 26, say("An arrow: you need the one for the other", "پیکان: اولی برای دومی لازم است"), 14, bold=True
    )
    picture.text(380, 348, say("green: here something is trained", "سبز: این‌جا چیزی آموزش می‌بیند"), 12, quiet=True)
    return picture
