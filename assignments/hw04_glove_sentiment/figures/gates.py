"""One step of an LSTM: what is kept, what is written, what is shown, with the numbers of the pencil case."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    made = Picture(760, 400, lang)
    y = 76
    made.box(16, y - 20, 88, 40, "c_{t−1} = 2", "data")
    made.arrow((106, y), (182, y))
    made.circle(198, y, 16, "×")
    made.arrow((214, y), (352, y), words="0.881 · 2 = 1.762")
    made.circle(368, y, 16, "+")
    made.arrow((384, y), (636, y), words=made.say("only × and + touch this belt", "تنها × و + به این نوار دست می‌زنند"))
    made.box(638, y - 20, 106, 40, "c_{t} = 2.142", "result")
    gates = (
        (198, "f = σ(2)", "0.881", made.say("forget gate:\nwhat stays", "دروازهٔ فراموشی:\nچه بماند")),
        (318, "i = σ(0)", "0.5", made.say("input gate:\nhow much", "دروازهٔ ورودی:\nچقدر")),
        (438, "g = tanh(1)", "0.762", made.say("candidate:\nwhat to write", "نامزد:\nچه نوشته شود")),
        (558, "o = σ(0)", "0.5", made.say("output gate:\nwhat is shown", "دروازهٔ خروجی:\nچه دیده شود")),
    )
    for x, formula, value, name in gates:
        made.box(x - 52, 222, 104, 48, f"{formula}\n= {value}", "weights", 13)
        made.text(x, 294, name, 12, quiet=True)
        made.arrow((x, 344), (x, 316))
    made.arrow((198, 222), (198, 94))
    made.circle(368, 150, 16, "×")
    made.arrow((318, 222), (318, 150), (350, 150))
    made.arrow((438, 222), (438, 150), (386, 150))
    made.arrow((368, 134), (368, 94), words="0.381", offset=(26, 0))
    made.box(580, 116, 64, 32, "tanh", "plain", 13)
    made.arrow((612, y), (612, 114))
    made.circle(612, 186, 16, "×")
    made.arrow((612, 148), (612, 168), words="0.973", offset=(26, 0))
    made.arrow((558, 222), (558, 186), (594, 186))
    made.arrow((628, 186), (640, 186))
    made.box(642, 166, 102, 40, "h_{t} = 0.486", "result")
    made.arrow((124, 344), (560, 344), tip=False)
    made.box(16, 324, 108, 40, "x_{t} = 1, h_{t−1} = 0", "data", 12)
    made.text(
        380,
        382,
        made.say(
            "W x_{t} + U h_{t−1} + b: four blocks of H rows, one for each gate, in the order i, f, g, o",
            "W x + U h + b: چهار بلوک H سطری، برای هر دروازه یکی، به ترتیب i, f, g, o",
        ),
        13,
    )
    return made
