"""Associative recall: announcements with numbers, and questions that look back."""

from autograder.building.picture import Picture

CALLS = (
    ("Mina", "مینا", 4, 0),
    ("Babak", "بابک", 7, 0),
    ("Sara", "سارا", 1, 1),
    ("Reza", "رضا", 9, 0),
    ("Leila", "لیلا", 3, 2),
)


def draw(lang: str) -> Picture:
    made = Picture(760, 290, lang)
    names = [made.say(en, fa) for en, fa, *_ in CALLS]
    digits = "۰۱۲۳۴۵۶۷۸۹"
    for step, (_, _, number, asked) in enumerate(CALLS):
        x = 96 + 132 * step
        said = made.say(str(number), digits[number])
        made.box(x, 40, 108, 44, f"{names[step]}: {said}", "data")
        answer = CALLS[asked][2]
        made.box(x, 150, 108, 44, f"{names[asked]}{made.say('?', '؟')}", "plain")
        made.arrow((x + 54, 196), (x + 54, 216))
        made.circle(x + 54, 233, 16, made.say(str(answer), digits[answer]), "result")
        target = 96 + 132 * asked + 54
        made.arrow((x + 54, 148), (target + (14 if asked < step else 0), 88), dashed=asked < step)
        made.text(x + 54, 22, made.say(f"step {step + 1}", f"گام {digits[step + 1]}"), 12, quiet=True)
    for y, en, fa in ((62, "announced", "اعلام"), (172, "asked", "پرسش"), (233, "answer", "پاسخ")):
        made.text(48, y, made.say(en, fa), 13, quiet=True)
    made.text(
        380,
        270,
        made.say(
            "softmax keeps every announcement; the linear twin keeps their sum S, and must find the number in it",
            "softmax همهٔ اعلام‌ها را نگه می‌دارد؛ قلوی خطی مجموعشان S را دارد و باید شماره را در آن بیابد",
        ),
        13,
    )
    return made
