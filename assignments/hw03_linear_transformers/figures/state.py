"""The state as a memory: a token adds an outer product, and a query reads."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    made = Picture(760, 320, lang)
    s, y = 36, 92
    made.text(66, 40, made.say("state so far", "حالت تا این‌جا"), 14, bold=True)
    made.cells(20, y, [[10, 0], [2, 6]], s, "data")
    made.cells(104, y, [[1], [2]], s, "data")
    made.text(56, y - 16, "S (C, M)", 12, quiet=True)
    made.text(122, y - 16, "z (C,)", 12, quiet=True)
    made.text(166, y + s, "+", 20)
    made.text(262, 40, made.say("this token writes", "این توکن می‌نویسد"), 14, bold=True)
    made.cells(190, y, [[1], [1]], s, "weights")
    made.text(208, y - 16, "φ(k)", 12, quiet=True)
    made.cells(234, y - 0, [[4, 3], [4, 3]], s, "plain")
    made.text(270, y - 16, "φ(k) v^{⊤}", 12, quiet=True)
    made.cells(234, y + 2 * s + 14, [[4, 3]], s, "weights")
    made.text(322, y + 2.5 * s + 14, "v (M,)", 12, "start", quiet=True)
    made.cells(318, y, [[1], [1]], s, "plain")
    made.text(336, y - 16, "φ(k)", 12, quiet=True)
    made.arrow((364, y + s), (414, y + s))
    made.text(480, 40, made.say("new state", "حالت تازه"), 14, bold=True)
    made.cells(424, y, [[14, 3], [6, 9]], s, "result")
    made.cells(508, y, [[2], [3]], s, "result")
    made.text(460, y - 16, "S", 12, quiet=True)
    made.text(526, y - 16, "z", 12, quiet=True)
    made.arrow((552, y + s), (602, y + s))
    made.text(676, 40, made.say("it reads", "و می‌خواند"), 14, bold=True)
    made.text(676, y - 24, "φ(q) = (0, 1)", 12, quiet=True)
    made.box(608, y - 6, 136, 40, "φ(q)^{⊤} S = (6, 9)", "plain", 13)
    made.box(608, y + 40, 136, 34, "φ(q)^{⊤} z = 3", "plain", 13)
    made.arrow((676, y + 76), (676, y + 98))
    made.box(620, y + 100, 112, 36, "out = (2, 3)", "result")
    made.arrow((484, y + 80), (484, 262), (70, 262), (70, y + 80), dashed=True)
    made.text(
        276,
        248,
        made.say(
            "next token: the same size, however long the text is", "توکن بعدی: همان اندازه، متن هر قدر هم دراز باشد"
        ),
        12,
        quiet=True,
    )
    made.text(
        380,
        296,
        made.say(
            "write first, then read: a token sees its own key", "نخست بنویس و سپس بخوان: هر توکن کلید خودش را می‌بیند"
        ),
        13,
    )
    return made
