"""One batch of masked image modelling: what is asked comes from the whole picture, what is shown has holes."""

from autograder.building.picture import Kind, Picture

MASK = [[0, 1, 1], [0, 1, 1], [0, 0, 0]]


def draw(lang: str) -> Picture:
    picture = Picture(760, 330, lang)
    say = picture.say
    picture.text(72, 116, say("pictures", "تصویرها"), 13, bold=True)
    picture.cells(30, 132, [["", "", ""]] * 3, 28, "data")
    picture.text(72, 232, "(B, C, H, W)", 12, quiet=True)
    picture.arrow((72, 104), (72, 62), (206, 62), words=say("whole patches", "تکه‌های کامل"), offset=(2, -12))
    picture.box(206, 38, 112, 48, say("nearest code", "نزدیک‌ترین رمز"), "weights", 13)
    picture.arrow((318, 62), (500, 62), words=say("tokens (B, N)", "توکن‌ها (B, N)"))
    picture.arrow((120, 174), (160, 174))
    picture.box(160, 150, 92, 48, "patchify, E", "weights", 12)
    picture.arrow((252, 174), (292, 174))
    holes: list[list[Kind]] = [["off" if hidden else "data" for hidden in row] for row in MASK]
    picture.cells(292, 132, [["m" if hidden else "" for hidden in row] for row in MASK], 28, kinds=holes)
    picture.text(334, 116, say("with holes", "با جاهای خالی"), 13, bold=True)
    picture.text(334, 232, say("m: one learned vector", "m: یک بردار آموختنی"), 12, quiet=True)
    picture.arrow((382, 174), (426, 174), words="")
    picture.box(426, 150, 76, 48, say("blocks", "بلوک‌ها"), "weights", 13)
    picture.arrow((502, 174), (584, 174), words=say("without cls", "بدون cls"), size=11)
    picture.box(584, 150, 76, 48, "codes", "weights", 13)
    picture.arrow((622, 150), (622, 96), words="(B, N, K)", offset=(44, 0))
    picture.box(500, 36, 244, 52, say("cross entropy where hidden", "آنتروپی متقاطع در جاهای پنهان"), "loss", 13)
    picture.text(
        380, 282,
        say(
            "above: what is asked, from pictures without holes. Below: what is shown.",
            "بالا: آنچه پرسیده می‌شود، از تصویرهای کامل. پایین: آنچه نشان داده می‌شود.",
        ),
        13,
    )  # fmt: skip
    picture.text(
        380, 306,
        say("patches that aren't hidden are seen, and not asked", "تکه‌هایی که پنهان نیستند دیده می‌شوند و پرسیده نمی‌شوند"),
        12, quiet=True,
    )  # fmt: skip
    return picture
