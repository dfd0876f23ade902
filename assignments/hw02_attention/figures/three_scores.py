"""The three score functions as boxes whose sides are the sizes."""

from autograder.building.picture import Picture

A, D, E = 4, 2, 3


def draw(lang: str) -> Picture:
    """One row a score: what is multiplied with what, sizes on the sides."""
    p = Picture(760, 386, lang)
    say = p.say
    for y, name, en, fa in (
        (70, "dot", "no weights, D = E", "بی‌وزن، D = E"),
        (175, "general", "W_{a}: from D to E", "W_{a}: از D به E"),
        (305, "tanh", "a hidden layer of A units", "لایه‌ای پنهان با A واحد"),
    ):
        p.text(24, y - 9, name, 15, anchor="start", bold=True)
        p.text(24, y + 12, say(en, fa), 12, anchor="start", quiet=True)
    # dot
    _row(p, 250, 62, E, "data", "h_{d}^{⊤}", "D")
    _column(p, 345, 40, E, "data", "h_{e}", "E")
    p.arrow((390, 66), (640, 66))
    # general
    _row(p, 235, 165, D, "data", "h_{d}^{⊤}", "D")
    p.box(305, 157, E * 18, D * 18, "W_{a}", "weights", 13)
    p.text(332, 204, "(D, E)", 12, quiet=True)
    _column(p, 392, 150, E, "data", "h_{e}", "E")
    p.arrow((440, 175), (640, 175))
    # tanh
    p.box(235, 265, (D + E) * 18, A * 18, "W_{a}", "weights", 13)
    p.text(280, 350, "(A, D + E)", 12, quiet=True)
    p.box(352, 262, 46, D * 18, "h_{d}", "data", 13)
    p.box(352, 262 + D * 18, 46, E * 18 - 12, "h_{e}", "data", 13)
    p.text(375, 356, say("one above\nthe other", "یکی بالای\nدیگری"), 11, quiet=True)
    p.arrow((402, 301), (440, 301))
    p.box(442, 283, 56, 36, "tanh", "plain", 13)
    p.arrow((498, 301), (536, 301), words="(A,)")
    p.box(538, 283, 58, 36, "v_{a}^{⊤} ·", "weights", 13)
    p.arrow((596, 301), (640, 301))
    for y in (66, 175, 301):
        p.box(644, y - 20, 92, 40, say("a number", "یک عدد"), "result", 13)
    p.text(690, 116, say("S states:\nS numbers, (S,)", "برای S حالت:\nS عدد، (S,)"), 12, quiet=True)
    return p


def _row(p: Picture, x: float, y: float, length: int, kind: str, name: str, size: str) -> None:
    p.cells(x, y, [[""] * length], 20, kind)
    p.text(x + 10 * length, y - 13, name, 13)
    p.text(x + 10 * length, y + 32, f"({size},)", 12, quiet=True)


def _column(p: Picture, x: float, y: float, length: int, kind: str, name: str, size: str) -> None:
    p.cells(x, y, [[""]] * length, 20, kind)
    p.text(x + 10, y - 13, name, 13)
    p.text(x + 10, y + 20 * length + 12, f"({size},)", 12, quiet=True)
