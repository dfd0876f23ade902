"""Three patches in a row: how far each query looks, weighted by its attention."""

from autograder.building.picture import Kind, Picture

ATTENTION = [["½", "½", "0"], ["0", "1", "0"], ["¼", "¼", "½"]]
SHARE = [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.25, 0.25, 0.5]]
SUMS = ["½·0 + ½·1 + 0·2 = 0.5", "0·1 + 1·0 + 0·1 = 0", "¼·2 + ¼·1 + ½·0 = 0.75"]


def draw(lang: str) -> Picture:
    picture = Picture(760, 290, lang)
    say = picture.say
    side = 44
    picture.text(200, 24, say("attention A, (N, N)", "توجه A، به شکل (N, N)"), 13, bold=True)
    picture.text(424, 24, say("distances", "فاصله‌ها"), 13, bold=True)
    picture.text(640, 24, say("weighted sum", "مجموع وزن‌دار"), 13, bold=True)
    for n in range(3):
        top = 66 + n * 56
        picture.text(66, top + side / 2, say(f"query {n}", f"پرس‌وجوی {'۰۱۲'[n]}"), 13)
        picture.heat(134, top, [SHARE[n]], side, "data")
        for j in range(3):
            picture.text(134 + side * (j + 0.5), top + side / 2, ATTENTION[n][j], 15)
        looks: list[list[Kind]] = [["result" if j == n else "plain" for j in range(3)]]
        picture.cells(358, top, [[abs(n - j) for j in range(3)]], side, kinds=looks, size=14)
        picture.text(312, top + side / 2, "·", 22)
        picture.arrow((498, top + side / 2), (536, top + side / 2))
        picture.text(546, top + side / 2, SUMS[n], 13, anchor="start")
    for j in range(3):
        picture.text(134 + side * (j + 0.5), 54, say(f"key {j}", f"کلید {'۰۱۲'[j]}"), 11, quiet=True)
    picture.text(
        380, 262, say("mean over the queries: d = 1.25 / 3 ≈ 0.417", "میانگین روی پرس‌وجوها: d = 1.25 / 3 ≈ 0.417"), 14,
        bold=True,
    )  # fmt: skip
    return picture
