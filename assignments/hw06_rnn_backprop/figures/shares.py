"""The gradient for the shared matrix: an outer product from each step, added up."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 346, lang)
    say = picture.say
    side = 46

    def share(y: float, step: int, arrives: list[str], read: list[str], product: list[list[str]]) -> None:
        picture.text(62, y + 22 + side, say(f"step {step}", f"گام {'۰۱'[step]}"), 14, bold=True)
        picture.cells(130, y + 46, [[value] for value in arrives], side, "loss")
        picture.text(153, y + 46 + 2 * side + 14, f"∂J_{{1}}/∂z_{{{step}}}", 12, quiet=True)
        picture.cells(190, y, [read], side, "data")
        picture.text(296, y + 23, f"h[{step}]", 12, anchor="start", quiet=True)
        picture.cells(190, y + 46, product, side, "weights")

    share(12, 1, ["2", "½"], ["½", "½"], [["1", "1"], ["¼", "¼"]])
    share(168, 0, ["2", "−5½"], ["1", "2"], [["2", "4"], ["−5½", "−11"]])
    picture.arrow((300, 104), (470, 150), words=say("share of step 1", "سهم گام ۱"), offset=(18, -14))
    picture.arrow((300, 260), (470, 196), words=say("share of step 0", "سهم گام ۰"), offset=(18, 22))
    picture.circle(492, 173, 17, "+", "plain", 18)
    picture.arrow((512, 173), (566, 173))
    picture.cells(576, 173 - 58, [["3", "5"], ["−5¼", "−10¾"]], 58, "result", size=15)
    picture.text(634, 92, "∂J_{1}/∂W_{hh}", 14)
    picture.text(
        634,
        262,
        say("rows: what arrives\ncolumns: what was read", "سطرها: آنچه می‌رسد\nستون‌ها: آنچه خوانده شده"),
        13,
        quiet=True,
    )
    return picture
