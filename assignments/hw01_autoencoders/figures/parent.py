"""Two children, their parent, what is drawn of it, and its label."""

import math

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    """The recursive autoencoder's one module, with the numbers of the pencil case."""
    p = Picture(760, 356, lang)
    say = p.say
    p.text(76, 34, say("children x", "فرزندان x"), 13, bold=True)
    p.text(34, 92, "x_{1}", 13)
    p.text(34, 170, "x_{2}", 13)
    p.cells(58, 56, [["1"], ["0"]], 36)
    p.cells(58, 134, [["0"], ["2"]], 36)
    p.text(76, 226, "(2 D_{x},)", 12, quiet=True)
    p.arrow((98, 131), (146, 131))
    p.box(148, 103, 104, 56, "W_{1} x + b_{1}", "weights", 13)
    p.text(200, 176, "(D_{p}, 2 D_{x})", 12, quiet=True)
    p.arrow((252, 131), (282, 131))
    p.cells(284, 95, [["3"], ["−1"]], 36, "plain")
    p.arrow((322, 131), (384, 131), words="ReLU")
    p.text(404, 78, say("parent p", "والد p"), 13, bold=True)
    p.cells(386, 95, [["3"], ["0"]], 36, "result")
    p.text(404, 184, "(D_{p},)", 12, quiet=True)
    p.arrow((424, 118), (470, 98))
    p.box(472, 70, 104, 56, "W_{2} p + b_{2}", "weights", 13)
    p.arrow((576, 98), (610, 112))
    p.text(632, 26, say("drawn again: x′", "بازسازی: x′"), 13, bold=True)
    p.cells(614, 42, [["1.5"], ["0"], ["0"], ["1.5"]], 36)
    p.arrow((424, 150), (446, 150), (446, 274), (470, 274))
    p.box(472, 246, 104, 56, "W_{3} p + b_{3}", "weights", 13)
    p.arrow((576, 274), (612, 274))
    p.cells(614, 238, [["3"], ["0"]], 36, "plain")
    p.text(632, 324, say("logits (D_{c},)", "لاجیت‌ها (D_{c},)"), 12, quiet=True)
    p.box(680, 92, 66, 44, "J_{1} = ¼", "loss", 13)
    p.box(674, 252, 76, 44, f"J_{{2}} = {math.log(1 + math.exp(-3)):.3f}", "loss", 12)
    p.arrow((650, 114), (678, 114))
    p.arrow((650, 274), (672, 274))
    p.arrow((54, 74), (16, 74), (16, 14), (713, 14), (713, 90), dashed=True)
    p.text(300, 30, say("compared with the children themselves", "با خود فرزندان سنجیده می‌شود"), 12, quiet=True)
    return p
