"""Two patches become four pixels: where the centres lie, and what each pixel gets."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 304, lang)
    say = picture.say
    left, wide = 210, 480
    at = "start"
    picture.text(24, 84, say("h = 2 patches", "h = 2 تکه"), 13, at)
    picture.text(24, 186, say("H = 4 pixels", "H = 4 پیکسل"), 13, at)
    picture.text(24, 220, "s", 13, "start")
    picture.text(24, 250, say("value", "مقدار"), 13, at)
    for n, value in enumerate((4, 8)):
        centre = left + wide * (n + 0.5) / 2
        picture.box(left + n * wide / 2, 56, wide / 2, 56, kind="data")
        picture.circle(centre, 84, 5, kind="weights")
        picture.text(centre, 66, f"x_{{{n}}} = {value}", 13)
        picture.text(centre, 42, say(f"place {n}", f"جای {'۰۱'[n]}"), 11, quiet=True)
    blend = [
        ("max(0, −¼) = 0", "4"),
        ("¼", "¾·4 + ¼·8 = 5"),
        ("¾", "¼·4 + ¾·8 = 7"),
        ("1¼", "¾·8 + ¼·8 = 8"),
    ]
    for y, (place, value) in enumerate(blend):
        centre = left + wide * (y + 0.5) / 4
        picture.box(left + y * wide / 4, 164, wide / 4, 40, kind="result")
        picture.circle(centre, 184, 4, kind="loss")
        picture.arrow((centre, 180), (centre, 84), dashed=True, tip=False)
        picture.text(centre, 220, place, 13)
        picture.text(centre, 250, value, 13, bold=True)
    picture.text(
        380,
        284,
        say(
            "the first pixel lies before the first centre, the last behind the last: they keep x_{0} and x_{1}",
            "پیکسل اول پیش از مرکز اول است و پیکسل آخر پس از مرکز آخر: مقدارشان همان x_{0} و x_{1} می‌ماند",
        ),
        12,
        quiet=True,
    )
    return picture
