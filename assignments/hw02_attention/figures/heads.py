"""How D channels become h heads, and the reshape that mixes positions instead."""

from autograder.building.picture import Picture

TOKENS = [[0, 1, 2, 3], [4, 5, 6, 7]]


def draw(lang: str) -> Picture:
    """Two tokens of four channels cut into two heads of two."""
    p = Picture(760, 360, lang)
    say = p.say
    two = [["data", "data", "weights", "weights"]] * 2
    p.text(90, 32, "(B, L, D)", 14, bold=True)
    p.cells(26, 92, TOKENS, 32, kinds=two)
    p.text(90, 182, say("L = 2 tokens,\nD = 4 channels", "L = 2 توکن،\nD = 4 کانال"), 12, quiet=True)
    p.arrow((160, 124), (256, 124), words=say("cut", "بریدن"))
    p.text(208, 143, "reshape", 11, quiet=True)

    p.text(336, 32, "(B, L, h, d)", 14, bold=True)
    for t in range(2):
        p.cells(262, 92 + 40 * t - 4, [TOKENS[t][:2]], 32, "data")
        p.cells(346, 92 + 40 * t - 4, [TOKENS[t][2:]], 32, "weights")
    p.text(294, 74, say("head 1", "سر ۱"), 12, quiet=True)
    p.text(378, 74, say("head 2", "سر ۲"), 12, quiet=True)
    p.text(336, 184, say("the axis L is still outside", "محور L هنوز بیرون است"), 12, quiet=True)
    p.arrow((418, 124), (520, 124), words=say("swap", "جابه‌جایی"))
    p.text(469, 143, "transpose(1, 2)", 11, quiet=True)

    p.text(640, 32, "(B, h, L, d)", 14, bold=True)
    p.cells(536, 92, [row[:2] for row in TOKENS], 32, "data")
    p.cells(650, 92, [row[2:] for row in TOKENS], 32, "weights")
    p.text(568, 74, say("head 1", "سر ۱"), 12, quiet=True)
    p.text(682, 74, say("head 2", "سر ۲"), 12, quiet=True)
    p.text(
        636, 182, say("each head: every token,\nits own channels", "هر سر: همهٔ توکن‌ها،\nکانال‌های خودش"), 12, quiet=True
    )

    p.arrow((90, 210), (90, 284), (520, 284), dashed=True)
    p.text(306, 262, say("one reshape straight to (B, h, L, d)", "یک reshape یک‌راست به (B, h, L, d)"), 12, quiet=True)
    p.cells(536, 252, [[0, 1], [2, 3]], 32, kinds=[["data", "data"], ["weights", "weights"]])
    p.cells(650, 252, [[4, 5], [6, 7]], 32, kinds=[["data", "data"], ["weights", "weights"]])
    wrong = say(
        "wrong: “head 1” has all of token 1 and nothing of token 2", "نادرست: «سر ۱» همهٔ توکن ۱ را دارد و هیچ از توکن ۲"
    )
    p.text(740, 336, wrong, 12, anchor="end", quiet=True)
    return p
