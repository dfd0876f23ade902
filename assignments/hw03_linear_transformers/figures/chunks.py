"""The causal triangle in chunks: small triangles by the quadratic form, all that is left of them by the state."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    made = Picture(760, 330, lang)
    side, x, y = 32, 62, 64
    kinds = [["off" if j > i else "weights" if j // 2 == i // 2 else "data" for j in range(6)] for i in range(6)]
    made.cells(x, y, [["" if j > i else "•" for j in range(6)] for i in range(6)], side, kinds=kinds)
    for number in range(6):
        made.text(x - 14, y + side * (number + 0.5), str(number + 1), 12, quiet=True)
        made.text(x + side * (number + 0.5), y - 13, str(number + 1), 12, quiet=True)
    made.text(x + 96, 24, made.say("keys: N = 6", "کلیدها: N = 6"), 13, quiet=True)
    made.text(
        x + 96,
        y + 214,
        made.say("rows: queries · dashed: the future", "سطرها: پرس‌وجوها · خط‌چین: آینده"),
        12,
        quiet=True,
    )
    for chunk in range(3):
        top = 40 + 82 * chunk
        made.box(
            380,
            top,
            150,
            54,
            made.say("triangle 2 × 2\n(q k^{⊤}).tril() v", "مثلث ۲ × ۲\n(q k^{⊤}).tril() v"),
            "weights",
            13,
        )
        a, b = 2 * chunk + 1, 2 * chunk + 2
        made.text(312, top + 27, made.say(f"rows {a}, {b}", f"سطرهای {'۰۱۲۳۴۵۶'[a]} و {'۰۱۲۳۴۵۶'[b]}"), 13)
        made.box(
            598,
            top,
            138,
            54,
            "S = 0" if not chunk else made.say(f"S of 1 … {2 * chunk}", f"S از ۱ تا {'۰۱۲۳۴۵۶'[2 * chunk]}"),
            "off" if not chunk else "data",
        )
        made.text(564, top + 27, "+ q S", 13)
        if chunk:
            made.arrow((667, top - 27), (667, top - 2), words="+ k^{⊤} v", offset=(36, 0))
    made.text(
        380,
        306,
        made.say(
            "orange is computed as a table, B × B; blue is never computed: the state S has it already",
            "نارنجی به شکل جدول B × B حساب می‌شود؛ آبی هرگز حساب نمی‌شود: حالت S آن را از پیش دارد",
        ),
        13,
    )
    return made
