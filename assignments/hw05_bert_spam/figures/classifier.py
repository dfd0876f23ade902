"""The classifier on a half-frozen BERT: forward to two logits, and how far back the gradient comes."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 330, lang)
    say = picture.say
    picture.box(8, 110, 96, 70, say("embeddings", "تعبیه‌ها"), "off", 13)
    for layer in range(6):
        x = 116 + layer * 54
        picture.box(x, 96, 44, 98, str(layer + 1), "off" if layer < 3 else "weights", 15)
        picture.arrow((x - 12 if layer == 0 else x - 9, 132), (x, 132), tip=False)
    picture.arrow((434, 132), (468, 132))
    picture.box(470, 110, 74, 70, say("masked\nmean", "میانگین\nنقاب‌دار"), "plain", 13)
    picture.arrow((544, 132), (570, 132))
    picture.box(572, 110, 70, 70, "dropout\np = 0.1", "plain", 13)
    picture.arrow((642, 132), (662, 132))
    picture.box(664, 110, 78, 70, say("linear\nH → 2", "خطی\nH → 2"), "weights", 13)
    picture.arrow((703, 110), (703, 66))
    picture.cells(655, 18, [[say("ham", "عادی"), say("spam", "هرزنامه")]], 48, "result", size=12)
    picture.brace(116, 204, 152, say("frozen: computed once", "منجمد: یک بار حساب می‌شود"))
    picture.brace(278, 204, 152, say("small steps: 5·10^{−4}", "گام‌های کوچک: 5·10^{−4}"))
    picture.brace(664, 204, 78, say("5·10^{−3}", "5·10^{−3}"))
    picture.text(451, 86, "(B, T, H)", 12, quiet=True)
    picture.text(557, 86, "(B, H)", 12, quiet=True)
    picture.curve([(742, 270), (278, 270)], "loss")
    picture.curve([(288, 264), (278, 270), (288, 276)], "loss")
    picture.text(
        500,
        292,
        say("the gradient comes as far as layer 4, and stops", "گرادیان تا لایهٔ ۴ می‌آید و می‌ایستد"),
        13,
        quiet=True,
    )
    return picture
