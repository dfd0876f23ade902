"""A 4 × 4 picture, its four patches as rows, and where they lie in memory."""

from autograder.building.picture import Kind, Picture

KINDS: list[Kind] = ["data", "weights", "result", "loss"]


def draw(lang: str) -> Picture:
    picture = Picture(760, 326, lang)
    say = picture.say
    of = [[KINDS[i // 2 * 2 + j // 2] for j in range(4)] for i in range(4)]
    picture.text(112, 26, say("picture", "تصویر"), 14, bold=True)
    picture.text(112, 46, "(B, C, H, W) = (1, 1, 4, 4)", 12, quiet=True)
    picture.cells(40, 62, [[4 * i + j for j in range(4)] for i in range(4)], 36, kinds=of, size=14)
    picture.arrow((196, 134), (270, 134), words="reshape")
    picture.box(276, 92, 150, 84)
    picture.text(351, 110, say("axes", "محورها"), 12, quiet=True)
    picture.text(351, 132, "i r j s", 15, code=True)
    picture.text(351, 158, "i j r s", 15, code=True)
    picture.arrow((390, 135), (412, 145), (390, 157), curved=True)
    picture.text(351, 190, "permute", 12, quiet=True)
    picture.arrow((432, 134), (506, 134), words="reshape")
    picture.text(632, 26, say("sentence", "جمله"), 14, bold=True)
    picture.text(632, 46, "(B, N, P·P·C) = (1, 4, 4)", 12, quiet=True)
    for n in range(4):
        i, j = divmod(n, 2)
        numbers = [4 * (2 * i + r) + 2 * j + s for r in range(2) for s in range(2)]
        picture.text(552, 80 + 37 * n, f"n = {n}", 12, quiet=True)
        picture.cells(584, 62 + 37 * n, [numbers], 36, KINDS[n], size=14)
    picture.text(
        380,
        240,
        say("in memory the rows lie one behind the other:", "در حافظه سطرها پشت سر هم‌اند:"),
        13,
    )
    picture.cells(124, 256, [list(range(16))], 32, kinds=[[of[m // 4][m % 4] for m in range(16)]])
    picture.text(
        380,
        306,
        say(
            "patch 0 holds 0 1 and 4 5: not neighbours, so one reshape alone cuts strips",
            "تکهٔ ۰ از ۰ و ۱ و ۴ و ۵ است که کنار هم نیستند؛ reshape تنها، نوار می‌بُرد",
        ),
        12,
        quiet=True,
    )
    return picture
