"""Two encoder states of three numbers: scores, weights, context."""

import math

from autograder.building.picture import Picture

QUERY, STATES = [1, 2, 0], [[1, 0, 1], [0, 1, 2]]


def draw(lang: str) -> Picture:
    """The three moves of attention with the numbers of the pencil case."""
    p = Picture(760, 300, lang)
    say = p.say
    scores = [sum(a * b for a, b in zip(QUERY, state)) for state in STATES]
    whole = sum(math.exp(score) for score in scores)
    weights = [math.exp(score) / whole for score in scores]
    context = [sum(w * state[i] for w, state in zip(weights, STATES)) for i in range(3)]

    p.text(112, 28, say("decoder state h_{d}", "حالت کدگشا h_{d}"), 13)
    p.cells(61, 44, [QUERY], 34, "plain")
    p.text(112, 122, say("encoder states H_{e}", "حالت‌های کدگذار H_{e}"), 13)
    p.cells(61, 138, STATES, 34)
    p.text(40, 155, "h_{1}", 13)
    p.text(40, 189, "h_{2}", 13)
    p.brace(61, 210, 102, "E = 3")

    p.arrow((167, 61), (216, 61), (216, 150), (262, 150), tip=True)
    p.arrow((167, 172), (262, 172), words="H_{e} h_{d}", offset=(0, 16))
    p.text(285, 122, say("1. score", "۱. امتیاز"), 13, bold=True)
    p.cells(268, 138, [[score] for score in scores], 34, "plain")
    p.text(285, 222, "(S,)", 12, quiet=True)

    p.arrow((306, 172), (420, 172), words="softmax")
    p.text(447, 122, say("2. weigh", "۲. وزن"), 13, bold=True)
    p.cells(428, 138, [[f"{w:.2f}"] for w in weights], 38, "weights")
    p.text(447, 230, "(S,)", 12, quiet=True)

    p.arrow((470, 172), (596, 172), words="a_{1} h_{1} + a_{2} h_{2}")
    p.text(666, 122, say("3. mix: context c", "۳. آمیزه: بردار زمینه c"), 13, bold=True)
    p.cells(604, 152, [[f"{c:.2f}" for c in context]], 42, "result")
    p.text(667, 211, "(E,)", 12, quiet=True)
    p.arrow((112, 244), (112, 268), (534, 268), (534, 186), dashed=True)
    p.text(
        323, 283, say("the states themselves are what is mixed", "آنچه آمیخته می‌شود خود همین حالت‌هاست"), 12, quiet=True
    )
    return p
