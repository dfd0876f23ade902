"""A denoising autoencoder: what its encoder sees, and what its drawing is compared with."""

from autograder.building.picture import Picture

CLEAN = ["110011", "111111", "111111", "011110", "011110", "011110"]
RUINED = ["100111", "011010", "110111", "010110", "001011", "011100"]
SIDE = 20


def draw(lang: str) -> Picture:
    """From the clean image over the ruined one and the code to the drawing."""
    p = Picture(760, 300, lang)
    say = p.say
    for x, rows, kind, en, fa in (
        (20, CLEAN, "data", "clean", "سالم"),
        (212, RUINED, "data", "ruined", "خراب‌شده"),
        (494, CLEAN, "result", "drawing", "نقاشی"),
    ):
        p.text(x + 3 * SIDE, 40, say(en, fa), 14, bold=True)
        p.box(x - 4, 56, 6 * SIDE + 8, 6 * SIDE + 8, "", "off")
        for i, row in enumerate(rows):
            for j, pixel in enumerate(row):
                if pixel == "1":
                    p.heat(x + SIDE * j, 60 + SIDE * i, [[1.0]], SIDE, kind)
        p.text(x + 3 * SIDE, 200, "(N, 784)", 12, quiet=True)
    p.text(420, 40, say("code", "کد"), 14, bold=True)
    p.cells(412, 64, [[""]] * 8, 14, "weights")
    p.text(420, 200, "(N, k)", 12, quiet=True)
    p.arrow((146, 120), (204, 120), words=say("ruin", "خراب‌کردن"))
    p.arrow((338, 120), (404, 120), words="encode")
    p.arrow((432, 120), (486, 120), words="decode")
    p.arrow((620, 120), (656, 120))
    p.box(658, 98, 84, 44, say("loss", "زیان"), "loss")
    p.arrow((80, 214), (80, 252), (700, 252), (700, 144), dashed=True)
    below = say(
        "compared with the clean one, which the encoder never sees",
        "با تصویر سالم سنجیده می‌شود که کدگذار هرگز نمی‌بیندش",
    )
    p.text(390, 274, below, 13, quiet=True)
    return p
