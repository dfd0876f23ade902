"""The features of the square: all products of two coordinates, laid flat."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    made = Picture(760, 300, lang)
    side = 40
    vectors = ((56, "q", [1, 2], [[1, 2], [2, 4]], [1, 2, 2, 4]), (186, "k", [-2, -1], [[4, 2], [2, 1]], [4, 2, 2, 1]))
    for y, name, vector, table, flat in vectors:
        made.text(26, y + side / 2, name, 16, bold=True)
        signed = [str(value).replace("-", "−") for value in vector]
        made.cells(44, y, [signed], side, "data")
        made.arrow((132, y + side / 2), (196, y + side / 2))
        made.cells(234, y - side / 2 + 4, table, side, "plain")
        for place, value in enumerate(signed):
            made.text(222, y + 4 + side * place, value, 12, quiet=True)
            made.text(254 + side * place, y - side / 2 - 6, value, 12, quiet=True)
        made.arrow((326, y + side / 2), (394, y + side / 2), words="flatten")
        made.cells(404, y, [flat], side, "weights")
        made.text(590, y + side / 2, f"φ({name})", 15, "start", bold=True)
    made.text(164, 34, "x x^{⊤}", 13, quiet=True)
    made.text(484, 34, "C = D^{2} = 4", 13, quiet=True)
    made.arrow((484, 98), (484, 184), tip=False, dashed=True)
    made.text(500, 142, "1·4 + 2·2 + 2·2 + 4·1 = 16", 14, "start")
    made.text(88, 142, "1·(−2) + 2·(−1) = −4", 14)
    made.arrow((88, 98), (88, 128), tip=False, dashed=True)
    made.arrow((88, 156), (88, 184), tip=False, dashed=True)
    made.text(
        380,
        272,
        made.say(
            "the inner product of the features is the square of the inner product: 16 = (−4)^{2}",
            "ضرب داخلی ویژگی‌ها همان مربع ضرب داخلی است: 16 = (−4)^{2}",
        ),
        14,
    )
    return made
