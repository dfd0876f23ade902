"""Network B unrolled over three steps, and the two messages that meet at each state on the way back."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 392, lang)
    say = picture.say
    columns = (190, 380, 570)
    picture.circle(60, 210, 24, "s_{−1}", "data")
    for t, x in enumerate(columns):
        picture.circle(x, 60, 24, f"E_{{{t}}}", "loss")
        picture.box(x - 34, 176, 68, 68, f"s_{{{t}}}", "data", 17)
        picture.circle(x, 318, 22, f"x_{{{t}}}", "plain")
        start = 84 if t == 0 else columns[t - 1] + 34
        picture.arrow((start, 196), (x - 34, 196), words="W", size=13)
        picture.arrow((x, 296), (x, 246), words="U", size=13, offset=(-14, 0))
        picture.arrow((x - 14, 176), (x - 14, 82), words="V", size=13, offset=(-14, 0))
        _back(picture, (x + 16, 82), (x + 16, 174))
        picture.text(x + 22, 128, f"V^{{⊤}}(ŷ_{{{t}}} − y_{{{t}}})", 12, anchor="start")
        _back(picture, (x - 36, 228), (start + 2, 228))
        picture.text((x - 34 + start) / 2, 245, f"W^{{⊤}}δ_{{{t}}}", 12)
        picture.text(x, 354, say(f"step {t}", f"گام {'۰۱۲'[t]}"), 12, quiet=True)
    picture.text(60, 250, "= s0", 12, quiet=True)
    _back(picture, (690, 228), (606, 228))
    picture.text(654, 245, "W^{⊤}δ_{3} = 0", 12)
    picture.text(
        380,
        378,
        say(
            "dark: computed from left to right; red: what comes back. At each state two messages meet.",
            "تیره: چپ به راست حساب شده؛ قرمز: آنچه برمی‌گردد. در هر حالت دو پیام به هم می‌رسند.",
        ),
        12,
        quiet=True,
    )
    return picture


def _back(picture: Picture, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A straight way back, in the colour of the loss."""
    (x, y), upright = end, start[0] == end[0]
    picture.curve([start, end], "loss")
    picture.curve([(x - 5, y - 8), end, (x + 5, y - 8)] if upright else [(x + 8, y - 5), end, (x + 8, y + 5)], "loss")
