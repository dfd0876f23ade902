"""Two keys fit into two features; the third is heard in every answer."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    made = Picture(760, 330, lang)
    s = 36
    panels = (
        (
            28,
            made.say("two pairs, C = 2: exact", "دو زوج، C = 2: دقیق"),
            [(1, 0, 10), (0, 1, 1)],
            (10, 1),
            (1, 1),
            (("(1, 0)", "10 / 1 = 10", "result"), ("(0, 1)", "1 / 1 = 1", "result")),
        ),
        (
            412,
            made.say("a third pair: everybody hears it", "زوج سوم: همه صدایش را می‌شنوند"),
            [(1, 0, 10), (0, 1, 1), (1, 1, 4)],
            (14, 5),
            (2, 2),
            (("(1, 0)", "14 / 2 = 7", "loss"), ("(0, 1)", "5 / 2 = 2.5", "loss"), ("(1, 1)", "19 / 4 = 4.75", "loss")),
        ),
    )
    for x, title, pairs, S, z, reads in panels:
        made.text(x + 160, 26, title, 15, bold=True)
        made.text(x + 36, 54, "φ(K)", 12, quiet=True)
        made.text(x + 94, 54, "V", 12, quiet=True)
        for row, (a, b, v) in enumerate(pairs):
            made.cells(x, 66 + s * row, [[a, b]], s, "data")
            made.cells(x + 76, 66 + s * row, [[v]], s, "data")
        made.arrow((x + 118, 120), (x + 166, 120), words="Σ")
        made.cells(x + 176, 84, [[S[0]], [S[1]]], s, "weights")
        made.cells(x + 222, 84, [[z[0]], [z[1]]], s, "weights")
        made.text(x + 194, 70, "S", 12, quiet=True)
        made.text(x + 240, 70, "z", 12, quiet=True)
        for row, (key, answer, kind) in enumerate(reads):
            y = 186 + 36 * row
            made.text(x + 78, y + 15, made.say(f"read {key}", "خواندن با"), 13, quiet=True)
            if made.lang == "fa":
                made.text(x + 24, y + 15, key, 13, quiet=True)
            made.box(x + 130, y, 150, 30, answer, kind, 14)
    made.arrow((380, 20), (380, 296), tip=False, dashed=True)
    made.text(
        380,
        314,
        made.say(
            "right were 10, 1 and 4: no third direction of two numbers is orthogonal to both",
            "پاسخ‌های درست ۱۰ و ۱ و ۴ بودند: میان بردارهای دوعددی راستای سومی نیست که بر هر دو عمود باشد",
        ),
        13,
    )
    return made
