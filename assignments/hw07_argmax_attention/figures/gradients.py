"""What is read on the way forward and what the scores hear on the way back, for argmax and its four remedies."""

from autograder.building.picture import Kind, Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 376, lang)
    say = picture.say
    picture.text(250, 28, say("forward: weights on the values", "رفت: وزن مقدارها"), 13, bold=True)
    picture.text(480, 28, say("back to the scores", "برگشت به امتیازها"), 13, bold=True)
    picture.text(668, 28, say("chance", "شانس"), 13, bold=True)
    rows: list[tuple[str, list[float], str, Kind, str]] = [
        ("argmax", [0, 1, 0], say("nothing", "هیچ"), "off", say("none", "ندارد")),
        ("soft", [0.25, 0.5, 0.25], say("softmax's slope", "شیب softmax"), "result", say("none", "ندارد")),
        (
            "straight through",
            [0, 1, 0],
            say("softmax's, borrowed", "شیب عاریتی softmax"),
            "weights",
            say("none", "ندارد"),
        ),
        (
            "Gumbel-softmax",
            [0.1, 0.2, 0.7],
            say("its own slope, with noise", "شیب خودش، با نوفه"),
            "result",
            say("in the noise", "در نوفه"),
        ),
        ("REINFORCE", [0, 0, 1], "(ℓ − b) ∂ log p", "weights", say("in the draw", "در قرعه")),
    ]
    for number, (name, weights, back, kind, chance) in enumerate(rows):
        top = 52 + 60 * number
        picture.text(24, top + 22, name, 14, "start", bold=True)
        picture.heat(196, top, [weights], 44, "data")
        for i, weight in enumerate(weights):
            picture.text(196 + 44 * (i + 0.5), top + 22, f"{weight:g}", 13)
        if kind == "off":
            picture.box(388, top + 2, 190, 40, back, "off", 13)
            picture.arrow((384, top + 22), (342, top + 22), dashed=True, tip=False)
            picture.text(363, top + 22, "×", 20)
        else:
            picture.box(388, top + 2, 190, 40, back, kind, 13)
            picture.arrow((384, top + 22), (338, top + 22))
        picture.text(668, top + 22, chance, 13)
    picture.text(
        380,
        360,
        say(
            "green: the slope of what was read; orange: the slope of something else",
            "سبز: شیب همان که خوانده شد؛ نارنجی: شیب چیزی دیگر",
        ),
        12,
        quiet=True,
    )
    return picture
