"""A pre-norm block beside the post-norm layer of homework 2."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 384, lang)
    say = picture.say
    line = 156
    picture.text(380, 22, say("pre-norm: this homework", "پیش‌نرمال: این تمرین"), 14, bold=True)
    picture.text(26, line, "z", 16)
    picture.arrow((40, line), (352, line))
    picture.arrow((384, line), (660, line))
    picture.arrow((692, line), (722, line))
    picture.text(738, line, "z''", 16)
    picture.text(430, line + 18, "z'", 14, quiet=True)
    picture.text(200, line + 18, say("(B, T, D), never normed", "(B, T, D)، هرگز نرمال‌سازی نمی‌شود"), 12, quiet=True)
    for start, norm, inner, plus in ((66, "LN_{1}", "MSA", 368), (446, "LN_{2}", "MLP", 676)):
        wide = 92 if inner == "MSA" else 74
        picture.arrow((start, line), (start, 78), (start + 26, 78))
        picture.box(start + 26, 56, 62, 44, norm, "weights")
        picture.arrow((start + 88, 78), (start + 112, 78))
        picture.box(start + 112, 56, wide, 44, inner, "weights")
        picture.arrow((start + 112 + wide, 78), (plus, 78), (plus, line - 16))
        picture.circle(plus, line, 16, "+", "result", 18)
    picture.text(224, 114, "q, k, v, o", 11, quiet=True)
    picture.text(595, 114, "fc1, GELU, fc2", 11, quiet=True)
    picture.text(380, 212, say("post-norm: homework 2", "پس‌نرمال: تمرین ۲"), 14, bold=True)
    line = 336
    picture.text(26, line, "z", 16)
    picture.arrow((40, line), (224, line))
    picture.arrow((256, line), (284, line))
    picture.arrow((346, line), (528, line))
    picture.arrow((560, line), (588, line))
    picture.arrow((650, line), (722, line))
    picture.text(738, line, "z''", 16)
    for start, inner, plus, norm in ((66, "MSA", 240, 284), (372, "MLP", 544, 588)):
        picture.arrow((start, line), (start, 266), (start + 36, 266))
        picture.box(start + 36, 244, 86, 44, inner, "weights")
        picture.arrow((start + 122, 266), (plus, 266), (plus, line - 16))
        picture.circle(plus, line, 16, "+", "result", 18)
        picture.box(norm, line - 22, 62, 44, "LN", "loss")
    picture.text(
        380, 370, say("here every norm stands on the main road", "این‌جا هر نرمال‌سازی روی راه اصلی ایستاده است"), 12,
        quiet=True,
    )  # fmt: skip
    return picture
