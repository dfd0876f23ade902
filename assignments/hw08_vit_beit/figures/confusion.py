"""Six answers as a matrix; what class 1 reads off it."""

from autograder.building.picture import Kind, Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 300, lang)
    say = picture.say
    side = 46
    picture.text(118, 30, say("six pictures", "شش تصویر"), 13, bold=True)
    picture.text(36, 74, say("truth", "حقیقت"), 12, quiet=True, anchor="start")
    picture.cells(84, 58, [[0, 0, 0, 1, 1, 2]], 30, "data")
    picture.text(36, 114, say("called", "خوانده"), 12, quiet=True, anchor="start")
    picture.cells(84, 98, [[0, 0, 1, 1, 2, 2]], 30, "plain")
    picture.arrow((276, 94), (350, 94), words=say("count", "شمارش"))
    left, top = 396, 58
    look: list[list[Kind]] = [["off", "data", "off"], ["weights", "result", "weights"], ["off", "data", "off"]]
    picture.cells(left, top, [[2, 1, 0], [0, 1, 1], [0, 0, 1]], side, kinds=look, size=16)
    for k in range(3):
        picture.text(left - 16, top + side * (k + 0.5), str(k), 13)
        picture.text(left + side * (k + 0.5), top - 14, str(k), 13)
    picture.text(left + 1.5 * side, 24, say("called", "خوانده‌شده"), 12, quiet=True)
    picture.text(left - 44, top + 1.5 * side, say("truth", "حقیقت"), 12, quiet=True)
    picture.arrow((left + 3 * side + 4, top + 1.5 * side), (left + 3 * side + 46, top + 1.5 * side))
    picture.text(left + 3 * side + 54, top + 1.5 * side - 12, say("row of class 1: 2", "سطر ردهٔ ۱: ۲"), 13, "start")  # fmt: skip
    picture.text(left + 3 * side + 54, top + 1.5 * side + 12, say("recall 1/2", "بازخوانی ۱/۲"), 13, "start", bold=True)
    picture.arrow((left + 1.5 * side, top + 3 * side + 4), (left + 1.5 * side, top + 3 * side + 34))
    picture.text(left + 1.5 * side, top + 3 * side + 48, say("column of class 1: 2", "ستون ردهٔ ۱: ۲"), 13)
    picture.text(left + 1.5 * side, top + 3 * side + 72, say("precision 1/2", "دقت ۱/۲"), 13, bold=True)
    picture.text(160, 190, say("the diagonal is what was right:", "قطر همان پاسخ‌های درست است:"), 13)
    picture.text(160, 214, "2 + 1 + 1 = 4 / 6", 14, bold=True)
    return picture
