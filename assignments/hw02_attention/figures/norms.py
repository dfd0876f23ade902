"""One encoder layer, normalised after adding (the paper) and before (most models since)."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    """Two rows with the same parts in another order."""
    p = Picture(760, 330, lang)
    say = p.say
    _layer(p, 96, ["MHA", "+", "LN", "FFN", "+", "LN"])
    _layer(p, 246, ["LN", "MHA", "+", "LN", "FFN", "+"])
    p.text(
        24,
        30,
        say("post-norm: this homework and the paper", "post-norm: همین تمرین و مقاله"),
        14,
        anchor="start",
        bold=True,
    )
    p.text(
        24,
        180,
        say("pre-norm: homework 8 and most models today", "pre-norm: تمرین ۸ و بیشترِ مدل‌های امروز"),
        14,
        anchor="start",
        bold=True,
    )
    p.text(
        736,
        148,
        say("every path to the output passes both LN", "هر راهی به خروجی از هر دو LN می‌گذرد"),
        12,
        anchor="end",
        quiet=True,
    )
    p.text(
        736,
        298,
        say("the upper path leads from x to the output untouched", "راه بالایی از x تا خروجی دست‌نخورده می‌رود"),
        12,
        anchor="end",
        quiet=True,
    )
    return p


def _layer(p: Picture, y: float, parts: list[str]) -> None:
    p.circle(40, y, 16, "x", "data")
    x, branch = 56.0, 66.0
    for part in parts:
        if part == "+":
            p.arrow((x, y), (x + 26, y))
            p.arrow((branch, y), (branch, y - 38), (x + 40, y - 38), (x + 40, y - 14))
            p.circle(x + 40, y, 14, "+", "plain", 16)
            x, branch = x + 54, x + 64
        else:
            p.arrow((x, y), (x + 36, y))
            width = 50 if part == "LN" else 76
            p.box(x + 36, y - 20, width, 40, part, "plain" if part == "LN" else "weights")
            x += 36 + width
            if part == "LN" and parts[0] != "LN":
                branch = x + 10
    p.arrow((x, y), (736, y), words="(B, L, D)")
