"""Encoder and decoder layer side by side: who asks whom, and what a position may see."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    """The three sub-layers of the decoder, with the causal mask."""
    p = Picture(760, 410, lang)
    say = p.say
    norm = "+ , LN"
    p.text(120, 28, say("encoder layer", "لایهٔ کدگذار"), 14, bold=True)
    p.text(400, 28, say("decoder layer", "لایهٔ کدگشا"), 14, bold=True)
    _stack(
        p,
        50,
        [
            (330, say("x  (B, S, D)", "x  (B, S, D)"), "data"),
            (258, say("self-attention", "توجه به خود"), "weights"),
            (158, say("feed-forward", "شبکهٔ پیش‌خور"), "weights"),
        ],
        norm,
    )
    _stack(
        p,
        330,
        [
            (344, "y  (B, L, D)", "data"),
            (278, say("causal\nself-attention", "توجه به خود، علّی"), "weights"),
            (188, say("cross-attention", "توجه متقاطع"), "weights"),
            (98, say("feed-forward", "شبکهٔ پیش‌خور"), "weights"),
        ],
        norm,
    )
    p.arrow((120, 158), (120, 96))
    p.box(50, 58, 140, 36, say("memory", "حافظه"), "result")
    p.arrow((400, 98), (400, 62))
    p.text(400, 52, "(B, L, D)", 12, quiet=True)
    p.arrow((190, 76), (262, 76), (262, 207), (326, 207))
    p.text(256, 122, say("keys and\nvalues", "کلیدها و\nمقدارها"), 12, quiet=True, anchor="end")
    p.text(410, 254, say("queries", "پرس‌وجوها"), 12, quiet=True, anchor="start")

    p.text(630, 188, say("what position t may see", "جایگاه t چه می‌بیند"), 13, bold=True)
    kinds = [["result" if s <= t else "off" for s in range(4)] for t in range(4)]
    p.cells(576, 232, [["✓" if s <= t else "" for s in range(4)] for t in range(4)], 30, kinds=kinds)
    for t in range(4):
        p.text(591 + 30 * t, 218, str(t), 12, quiet=True)
        p.text(560, 247 + 30 * t, f"t = {t}", 12, anchor="end", quiet=True)
    p.text(636, 372, say("rows ask, columns answer", "سطرها می‌پرسند، ستون‌ها پاسخ می‌دهند"), 12, quiet=True)
    return p


def _stack(p: Picture, x: float, parts: list[tuple[float, str, str]], norm: str) -> None:
    for number, (y, words, kind) in enumerate(parts):
        if kind == "data":
            p.box(x, y, 140, 36, words, kind, 13)
            continue
        p.arrow((x + 70, parts[number - 1][0]), (x + 70, y + 62 if number < 0 else y + 38))
        p.box(x, y, 140, 38, words, kind, 13)
        p.text(x + 150, y + 19, norm, 12, anchor="start", quiet=True)
