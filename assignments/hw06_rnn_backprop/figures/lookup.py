"""A one-hot vector times U is a column of U: a look-up."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 232, lang)
    say = picture.say
    look = [["plain", "plain", "result", "plain"]] * 2
    picture.text(62, 112, say("token 2", "توکن ۲"), 14, bold=True)
    picture.text(270, 34, say("U, shape (H, C)", "‏U به شکل (H, C)"), 13, quiet=True)
    picture.cells(190, 76, [["1", "2", "3", "4"], ["5", "6", "7", "8"]], 40, kinds=look)
    picture.cells(380, 36, [["0"], ["0"], ["1"], ["0"]], 40, kinds=[["off"], ["off"], ["data"], ["off"]])
    picture.text(400, 208, "x_{t}", 13)
    picture.text(452, 116, "=", 18)
    picture.cells(486, 76, [["3"], ["7"]], 40, "result")
    picture.arrow((530, 116), (580, 116))
    picture.text(590, 104, "U[:, 2]", 14, anchor="start", code=True)
    picture.text(
        590 if lang == "en" else 740,
        130,
        say("no product at all", "هیچ ضربی در کار نیست"),
        13,
        anchor="start" if lang == "en" else "end",
        quiet=True,
    )
    return picture
