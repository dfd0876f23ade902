"""Scores, noise, and who wins: the Gumbel-max trick with three keys."""

import math

from autograder.building.picture import Picture

SCORES, UNIFORM = [1.0, 0.5, 0.0], [math.exp(-1), 0.5, 0.9]


def draw(lang: str) -> Picture:
    picture = Picture(760, 318, lang)
    say = picture.say
    noise = [-math.log(-math.log(u)) for u in UNIFORM]
    left, unit = 250, 130
    names = ("e^{−1} ≈ 0.368", "0.5", "0.9")
    picture.text(78, 28, say("uniform u", "یکنواخت u"), 13, bold=True)
    picture.text(186, 28, say("noise g", "نوفه g"), 13, bold=True)
    picture.text(430, 28, say("score (blue) plus noise (orange)", "امتیاز (آبی) به‌علاوهٔ نوفه (نارنجی)"), 13, bold=True)
    picture.text(660, 28, "s + g", 13, bold=True)
    picture.arrow((left, 48), (left, 214), tip=False)
    for i in range(3):
        middle = 76 + 54 * i
        picture.text(78, middle, names[i], 14)
        picture.text(186, middle, f"{abs(noise[i]):.2f}" if abs(noise[i]) > 1e-9 else "0", 14)
        if SCORES[i]:
            picture.box(left, middle - 16, unit * SCORES[i], 32, f"{SCORES[i]:g}", "data", 13)
        if noise[i] > 1e-9:
            picture.box(left + unit * SCORES[i], middle - 16, unit * noise[i], 32, f"{noise[i]:.2f}", "weights", 13)
        picture.text(660, middle, f"{SCORES[i] + noise[i]:.2f}", 15, bold=i == 2)
    picture.text(706, 184, say("wins", "برنده"), 13, anchor="middle", bold=True)
    weights = [math.exp(s + g) for s, g in zip(SCORES, noise)]
    shown = ", ".join(f"{weight / sum(weights):.2f}" for weight in weights)
    picture.text(380, 250, say(f"relaxed at τ = 1: weights {shown}", f"آزادشده با τ = 1: وزن‌های {shown}"), 14)
    plain = [math.exp(s) for s in SCORES]
    fair = ", ".join(f"{weight / sum(plain):.2f}" for weight in plain)
    picture.text(
        380,
        286,
        say(
            f"over many draws of u the keys win in shares {fair}: softmax of the scores",
            f"در قرعه‌های بسیار، سهم برد کلیدها {fair} است: softmax امتیازها",
        ),
        13,
        quiet=True,
    )
    return picture
