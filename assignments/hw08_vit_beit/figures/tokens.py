"""Two patches become three tokens: projection, class token, positions, with the numbers of the pencil case."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 250, lang)
    say = picture.say
    side = 40
    top = 92
    picture.text(64, 24, say("patches", "تکه‌ها"), 13, bold=True)
    picture.text(64, 44, "(N, P·P·C)", 12, quiet=True)
    picture.cells(24, top + side, [[1, 2], [0, 3]], side, "data", size=14)
    picture.text(124, top + 2 * side, "×", 18)
    picture.text(184, 24, "E", 13, bold=True)
    picture.text(184, 44, "(P·P·C, D)", 12, quiet=True)
    picture.cells(144, top + side, [[1, 0], [1, "−1"]], side, "weights", size=14)
    picture.arrow((234, top + 2 * side), (304, top + 2 * side), words=say("project", "نگاشت"))
    picture.text(352, 24, say("with x_{class}", "با x_{class}"), 13, bold=True)
    picture.text(352, 44, "(N + 1, D)", 12, quiet=True)
    picture.cells(312, top, [[5, 5]], side, "weights", size=14)
    picture.cells(312, top + side, [[3, "−2"], [3, "−3"]], side, "plain", size=14)
    picture.arrow((300, 72), (316, 90), words="")
    picture.text(262, 66, say("class token", "توکن رده"), 12, quiet=True)
    picture.text(416, top + 1.5 * side, "+", 20)
    picture.text(486, 24, "E_{pos}", 13, bold=True)
    picture.text(486, 44, "(N + 1, D)", 12, quiet=True)
    picture.cells(446, top, [[0.1, 0], [0.2, 0], [0.3, 0]], side, "weights", size=14)
    picture.arrow((536, top + 1.5 * side), (610, top + 1.5 * side), words="=", tip=True)
    picture.text(664, 24, "z_{0}", 13, bold=True)
    picture.text(664, 44, "(N + 1, D)", 12, quiet=True)
    picture.cells(624, top, [[5.1, 5], [3.2, "−2"], [3.3, "−3"]], side, "result", size=14)
    picture.text(
        380,
        232,
        say(
            "the position is added to the class token too, though it sees no pixel",
            "جایگاه با توکن رده هم جمع می‌شود، هرچند پیکسلی نمی‌بیند",
        ),
        12,
        quiet=True,
    )
    return picture
