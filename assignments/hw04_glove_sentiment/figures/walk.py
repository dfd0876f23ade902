"""An analogy as a walk on the unit circle: the step from a to b, taken from c."""

import math

from autograder.building.picture import Picture

WORDS = {"a": (1, 0), "b": (0.6, 0.8), "c": (0.8, -0.6), "d": (0.8, 0.6), "e": (0, 1)}
ARRIVED = (0.4, 0.2)


def draw(lang: str) -> Picture:
    made = Picture(760, 390, lang)
    x0, y0, unit = 90, 215, 165

    def at(point: tuple[float, float], times: float = 1) -> tuple[float, float]:
        return x0 + times * unit * point[0], y0 - times * unit * point[1]

    made.arrow((x0 - 40, y0), (x0 + 235, y0), tip=False)
    made.arrow((x0, y0 + 155), (x0, y0 - 190), tip=False)
    arc = [math.radians(angle) for angle in range(-62, 101, 2)]
    made.curve([at((math.cos(t), math.sin(t))) for t in arc], "plain")
    made.arrow(at(WORDS["a"]), at(WORDS["b"]))
    made.arrow(at(WORDS["c"]), at(ARRIVED))
    made.arrow(at((0, 0)), at((0.97, 0.485)), dashed=True)
    made.circle(*at(ARRIVED), 5, kind="loss")
    for name, point in WORDS.items():
        made.circle(*at(point), 6, kind="result" if name == "d" else "data")
        x, y = at(point, 1.14)
        made.text(*((x + 16, y + 10) if name == "e" else (x, y - 14) if name == "a" else (x, y)), name, 16, bold=True)
    made.text(x0 + 8, y0 - 56, "u_{b} − u_{a} + u_{c}", 12, "start", quiet=True)
    made.text(x0 + 108, y0 - 94, made.say("step", "گام"), 12, "end", quiet=True)
    lines = [
        ("u_{a} = (1, 0)   u_{b} = (0.6, 0.8)   u_{c} = (0.8, −0.6)", "data"),
        ("u_{b} − u_{a} = (−0.4, 0.8)", "plain"),
        ("u_{b} − u_{a} + u_{c} = (0.4, 0.2)", "loss"),
    ]
    for row, (words, kind) in enumerate(lines):
        made.box(390, 30 + 44 * row, 346, 34, words, kind, 14)
    made.text(
        563,
        184,
        made.say("cosine with the place where the walk ends", "کسینوس با جایی که راه به آن می‌رسد"),
        13,
        quiet=True,
    )
    for column, (name, cosine) in enumerate(
        (("a", "0.89"), ("b", "0.89"), ("c", "0.45"), ("d", "0.98"), ("e", "0.45"))
    ):
        kind = "off" if name in "abc" else "result" if name == "d" else "data"
        made.box(390 + 70 * column, 204, 66, 52, f"{name}\n{cosine}", kind, 15)
    made.brace(390, 264, 206, made.say("given: they may not win", "داده‌شده: حق بردن ندارند"))
    made.text(635, 284, made.say("d wins", "d برنده است"), 12, quiet=True)
    made.text(
        563,
        338,
        made.say(
            "lengths are gone before the walk begins:\nonly directions are added",
            "پیش از آغاز راه، طول‌ها کنار رفته‌اند:\nتنها راستاها جمع می‌شوند",
        ),
        13,
    )
    return made
