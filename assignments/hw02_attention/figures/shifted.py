"""Teacher forcing: the decoder's input is the right answer, one place late."""

from autograder.building.picture import Picture

ANSWER = ["θ", "α", "ζ", "EOS", "PAD"]


def draw(lang: str) -> Picture:
    """The row to predict, and below it the row the decoder is given."""
    p = Picture(760, 262, lang)
    say = p.say
    off = ["off" if token == "PAD" else "result" for token in ANSWER]
    p.text(30, 75, say("target: what has to be predicted", "هدف: آنچه باید پیش‌بینی شود"), 13, anchor="start")
    p.text(30, 200, say("decoder input: what it is given", "ورودی کدگشا: آنچه به آن داده می‌شود"), 13, anchor="start")
    for t, token in enumerate(ANSWER):
        x = 310 + 84 * t
        p.text(x + 28, 32, f"t = {t}", 12, quiet=True)
        p.box(x, 52, 56, 44, token, off[t], 15)
        p.box(x, 178, 56, 44, (["BOS", *ANSWER])[t], "data", 15)
        if token != "PAD":
            p.arrow((x + 28, 178), (x + 28, 98))
        if t + 1 < len(ANSWER):
            p.arrow((x + 46, 98), (x + 94, 176), dashed=True)
    below = say(
        "dashed: the answer moves one place to the right; what is to be predicted is never given at the same place",
        "خط‌چین: پاسخ یک خانه به راست می‌رود؛ آنچه باید پیش‌بینی شود هرگز در همان خانه داده نمی‌شود",
    )
    p.text(380, 244, below, 12, quiet=True)
    return p
