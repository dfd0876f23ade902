"""Four patches, their nine offsets, and the table of 5 × 5 that your function returns."""

from autograder.building.picture import Kind, Picture

INDEX = [[11, 9, 9, 9, 9], [10, 4, 3, 1, 0], [10, 5, 4, 2, 1], [10, 7, 6, 4, 3], [10, 8, 7, 5, 4]]


def draw(lang: str) -> Picture:
    picture = Picture(760, 336, lang)
    say = picture.say
    picture.text(96, 26, say("h = w = 2", "h = w = 2"), 14, bold=True)
    picture.text(96, 48, say("four patches", "چهار تکه"), 12, quiet=True)
    picture.cells(40, 76, [[0, 1], [2, 3]], 56, kinds=[["plain", "result"], ["data", "plain"]], size=16)
    picture.arrow((86, 164), (132, 118), dashed=True)
    picture.text(96, 212, say("query 1, key 2:", "پرس‌وجوی ۱، کلید ۲:"), 13)
    picture.text(96, 236, "Δ = (0, 1) − (1, 0) = (−1, 1)", 12)
    picture.text(96, 260, "(−1 + 1) · 3 + (1 + 1) = 2", 12, bold=True)
    picture.text(316, 26, say("nine offsets", "نه جابه‌جایی"), 14, bold=True)
    picture.text(316, 48, "(2h − 1)(2w − 1) = 9", 12, quiet=True)
    left, top, side = 256, 106, 42
    marks: list[list[Kind]] = [["plain", "plain", "weights"], ["plain"] * 3, ["plain"] * 3]
    picture.cells(left, top, [[0, 1, 2], [3, 4, 5], [6, 7, 8]], side, kinds=marks, size=15)
    for k, name in enumerate(("−1", "0", "1")):
        picture.text(left - 18, top + side * (k + 0.5), name, 12, quiet=True)
        picture.text(left + side * (k + 0.5), top - 12, name, 12, quiet=True)
    picture.text(left + 1.5 * side, 70, "Δ_{column}", 12, quiet=True)
    picture.text(left - 46, top + 1.5 * side, "Δ_{row}", 12, quiet=True)
    picture.arrow((396, 169), (452, 169), words=say("look up", "خواندن"))
    left, top, side = 520, 80, 40
    picture.text(left + 2.5 * side, 26, say("index, (h·w + 1, h·w + 1)", "نمایه، (h·w + 1, h·w + 1)"), 14, bold=True)
    kinds: list[list[Kind]] = [
        ["loss" if 0 in (m, n) else "weights" if INDEX[m][n] == 2 else "plain" for n in range(5)] for m in range(5)
    ]
    picture.cells(left, top, INDEX, side, kinds=kinds, size=14)
    for k, name in enumerate(("cls", "0", "1", "2", "3")):
        picture.text(left - 20, top + side * (k + 0.5), name, 12, quiet=True)
        picture.text(left + side * (k + 0.5), top - 12, name, 12, quiet=True)
    picture.text(left + 2.5 * side, 52, say("keys", "کلیدها"), 12, quiet=True)
    picture.text(
        380,
        312,
        say(
            "pairs of patches that lie alike share a number; red: the class token's M, M + 1 and M + 2",
            "برای جفت‌هایی که یک‌جور کنار هم‌اند عدد یکی است؛ سرخ: عددهای توکن رده، M و M + 1 و M + 2",
        ),
        12,
        quiet=True,
    )
    return picture
