"""Network A over two steps with states of two numbers: forward in blue, the gradient's way back in red."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 400, lang)
    say = picture.say
    picture.text(380, 24, say("Forward", "رو به جلو"), 14, bold=True)

    def column(x: float, y: float, name: str, values: list[str], kind: str, width: float = 46) -> None:
        picture.text(x + width / 2, y - 14, name, 13)
        picture.cells(x, y, [[values[0]], [values[1]]], width, kind, size=13)

    for x, name, values, kind in (
        (30, "h[0]", ["1", "2"], "data"),
        (160, "z_{0}", ["1", "−1"], "plain"),
        (290, "h[1]", ["½", "½"], "data"),
        (420, "z_{1}", ["2", "½"], "plain"),
        (550, "h[2]", ["2", "⅛"], "data"),
        (680, "o_{1}", ["·", "·"], "plain"),
    ):
        column(x, 68, name, values, kind)
    for x, words in ((76, "W_{hh}"), (206, "ψ"), (336, "W_{hh}"), (466, "ψ"), (596, "W_{yh}")):
        picture.arrow((x + 3, 114), (x + 81, 114), words=words, size=13, offset=(0, -13))
    picture.text(
        380,
        184,
        say(
            "ψ(z) = z²/2,  ψ′(z) = z;  W_{hx} x_{t} is added to each z_{t}",
            "‏ψ(z) = z²/2 و ψ′(z) = z؛ به هر z_{t} جملهٔ W_{hx} x_{t} هم افزوده شده",
        ),
        13,
        quiet=True,
    )
    picture.text(
        380,
        214,
        say("and back: every factor undoes one arrow", "و به عقب: هر ضریب یک پیکان را باز می‌گردد"),
        14,
        bold=True,
    )
    for x, name, values, kind in (
        (680, "g_{o}", ["1", "−1"], "loss"),
        (550, "∂J_{1}/∂h[2]", ["1", "1"], "loss"),
        (420, "∂J_{1}/∂z_{1}", ["2", "½"], "loss"),
        (290, "∂J_{1}/∂h[1]", ["2", "5½"], "loss"),
        (160, "∂J_{1}/∂z_{0}", ["2", "−5½"], "loss"),
    ):
        column(x, 262, name, values, kind)
    for x, words in ((680, "W_{yh}^{⊤}"), (550, "ψ′(z_{1}) ⊙"), (420, "W_{hh}^{⊤}"), (290, "ψ′(z_{0}) ⊙")):
        picture.arrow((x - 3, 308), (x - 81, 308), words=words, size=13, offset=(0, -13))
    picture.text(83, 300, "ψ′(z_{0}) = (1, −1)\nψ′(z_{1}) = (2, ½)", 12, quiet=True)
    picture.text(
        380,
        378,
        say(
            "First the slope, then the matrix: the other way round than forward.",
            "نخست شیب و سپس ماتریس: وارونهٔ ترتیب رو به جلو.",
        ),
        13,
        quiet=True,
    )
    return picture
