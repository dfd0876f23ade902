"""Five messages in two bins: what was said against what was so."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 310, lang)
    say = picture.say

    def at(p: float) -> float:
        return 50 + 400 * p

    picture.arrow((50, 130), (470, 130))
    for p in (0.0, 0.5, 1.0):
        picture.arrow((at(p), 124), (at(p), 136), tip=False)
        picture.text(at(p), 150, f"{p:g}", 12, quiet=True)
    picture.text(250, 172, say("P(spam) said", "‏P(spam) گفته‌شده"), 12, quiet=True)
    for p, y in ((0.1, 0), (0.2, 1), (0.6, 1), (0.9, 1), (1.0, 0)):
        picture.circle(at(p), 96, 15, str(y), "loss" if y else "data", 13)
        picture.text(at(p), 66, f"{p:g}", 12)
    picture.text(250, 28, say("1: is spam, 0: is ham", "۱: هرزنامه است، ۰: عادی است"), 13, quiet=True)
    for x, y_mean, p_mean, gap in ((50, "½", "0.15", "0.35"), (250, "⅔", "0.833", "0.167")):
        picture.box(x + 6, 196, 188, 84, "", "plain")
        picture.text(x + 100, 216, say(f"so: {y_mean}", f"بوده: {y_mean}"), 13)
        picture.text(x + 100, 238, say(f"said: {p_mean}", f"گفته: {p_mean}"), 13)
        picture.text(x + 100, 262, say(f"gap {gap}", f"فاصله: {gap}"), 13, bold=True)
    picture.text(610, 90, "ECE", 16, bold=True)
    picture.text(610, 124, "= ⅖ · 0.35 + ⅗ · 0.167", 14)
    picture.text(610, 152, "= 0.14 + 0.10 = 0.24", 14)
    picture.text(
        610,
        214,
        say("|y − p| of each message\nwould give 0.48", "‏|y − p| تک‌تک پیامک‌ها\n0.48 می‌داد"),
        13,
        quiet=True,
    )
    return picture
