"""Straight through with the pencil's numbers: hard values forward, soft slopes back."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 332, lang)
    say = picture.say
    side = 40
    picture.text(66, 46, say("scores s", "امتیازها s"), 13, bold=True)
    picture.cells(46, 106, [["log 3"], ["0"]], side, "data", size=12)
    picture.arrow((92, 130), (166, 84), words="argmax", offset=(-12, -14))
    picture.arrow((92, 162), (166, 200), words="softmax", offset=(-14, 16))
    picture.text(194, 26, "h", 14, bold=True)
    picture.cells(174, 44, [[1], [0]], side, "plain", size=14)
    picture.text(228, 242, "p", 14, bold=True)
    picture.cells(174, 170, [["¾"], ["¼"]], side, "result", size=14)
    picture.box(292, 104, 190, 84, kind="weights")
    picture.text(387, 132, "w = h + p − [p]", 16)
    picture.text(387, 162, say("[p]: p, detached", "[p]: همان p، جداشده"), 12, quiet=True)
    picture.arrow((218, 84), (288, 124))
    picture.arrow((218, 210), (288, 168))
    picture.arrow((484, 134), (556, 134), words=say("forward", "رفت"))
    picture.text(580, 76, "w", 14, bold=True)
    picture.cells(560, 92, [[1], [0]], side, "plain", size=14)
    picture.arrow((604, 134), (654, 134), words="V")
    picture.box(658, 110, 80, 48, "4", "result", 16)
    picture.text(698, 92, say("output", "خروجی"), 12, quiet=True)
    picture.arrow((698, 162), (698, 268), (66, 268), (66, 190), dashed=True)
    picture.text(470, 252, say("back: as if p had been read", "برگشت: گویی p خوانده شده است"), 13)
    picture.text(470, 290, "∂/∂s = (¾ (4 − 5), ¼ (8 − 5)) = (−¾, ¾)", 13, bold=True)
    picture.text(
        470, 314, say("V = (4, 8); softmax would have read 5", "V = (4, 8)؛ softmax مقدار ۵ را می‌خواند"), 12, quiet=True
    )
    return picture
