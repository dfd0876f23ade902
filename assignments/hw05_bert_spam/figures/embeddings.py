"""One token's vector: a row from each of three tables, their sum, and its layer normalisation."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 344, lang)
    say = picture.say
    side = 34
    rows = (
        (say("what: word", "چیست: واژه"), "E_{word}[3103]", ["1", "0", "1", "2"]),
        (say("where: position", "کجاست: جایگاه"), "E_{position}[1]", ["0", "2", "−1", "1"]),
        (say("whose: type", "مال کیست: بخش"), "E_{type}[0]", ["0", "1", "1", "0"]),
    )
    picture.box(20, 142, 84, 44, "sun", "data", 15)
    picture.text(62, 204, say("place 1, text a", "جای ۱، متن a"), 12, quiet=True)
    for row, (question, name, values) in enumerate(rows):
        y = 64 + row * 82
        picture.arrow((104, 164), (166, y + 17))
        picture.cells(172, y, [values], side, "weights")
        picture.text(172 + 2 * side, y - 14, f"{name}", 13)
        picture.text(172 + 2 * side, y + side + 13, question, 12, quiet=True)
        picture.arrow((312, y + 17), (348, 164))
    picture.circle(364, 164, 16, "+", "plain", 18)
    picture.arrow((380, 164), (404, 164))
    picture.cells(408, 147, [["1", "3", "1", "3"]], side, "plain")
    picture.text(476, 126, say("μ = 2, σ² = 1", "‏μ = 2 و σ² = 1"), 13, quiet=True)
    picture.arrow((546, 164), (586, 164))
    picture.cells(592, 147, [["−1", "1", "−1", "3"]], side, "result")
    picture.text(660, 126, "x_{1}", 14)
    picture.text(
        592 + 2 * side,
        204,
        say("γ = (1, 1, 1, 2)\nβ = (0, 0, 0, 1)", "γ = (1, 1, 1, 2)\nβ = (0, 0, 0, 1)"),
        12,
        quiet=True,
    )
    picture.text(
        380,
        318,
        say(
            "Mean and variance are those of the H = 4 numbers of this one token.",
            "میانگین و واریانس از همین H = 4 عددِ همین یک توکن‌اند.",
        ),
        13,
        quiet=True,
    )
    return picture
