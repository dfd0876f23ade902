"""A page of three entries: the query says a word of the page in the other language, a rotation away."""

import math

from autograder.building.picture import Picture

ANGLES = (20.0, 140.0, 255.0)
MARKS = ("7", "2", "5")


def draw(lang: str) -> Picture:
    picture = Picture(760, 320, lang)
    say = picture.say

    def wheel(x: float, y: float, words: str) -> None:
        picture.text(x, 30, words, 13, bold=True)
        picture.circle(x, y, 82, kind="off")

    def spoke(x: float, y: float, angle: float, name: str, length: float = 82) -> None:
        ends = (x + length * math.cos(math.radians(angle)), y - length * math.sin(math.radians(angle)))
        picture.arrow((x, y), ends)
        out = (x + 106 * math.cos(math.radians(angle)), y - 106 * math.sin(math.radians(angle)))
        picture.text(*out, name, 14)

    wheel(140, 158, say("a page: words and marks", "یک صفحه: واژه‌ها و نشان‌ها"))
    for number, (angle, mark) in enumerate(zip(ANGLES, MARKS)):
        spoke(140, 158, angle, f"k_{{{number}}}: {mark}")
    picture.arrow((256, 158), (332, 158), words=say("R, secret", "R، پنهان"))
    picture.text(294, 178, say("90° here", "این‌جا 90°"), 12, quiet=True)
    wheel(440, 158, say("the query: word 1, abroad", "پرس‌وجو: واژهٔ ۱ به زبان دیگر"))
    spoke(440, 158, ANGLES[1] + 90 + 9, "q")
    far = math.radians(ANGLES[1] + 90)
    picture.arrow((440, 158), (440 + 82 * math.cos(far), 158 - 82 * math.sin(far)), dashed=True, tip=False)
    picture.text(440, 262, say("and badly pronounced", "با تلفظ بد"), 12, quiet=True)
    picture.arrow((548, 158), (604, 158))
    picture.box(608, 110, 132, 96, kind="result")
    picture.text(674, 134, say("translate,", "ترجمه کن،"), 13)
    picture.text(674, 158, say("find the nearest,", "نزدیک‌ترین را بیاب،"), 13)
    picture.text(674, 182, say("say its mark: 2", "نشانش را بگو: ۲"), 13)
    picture.text(
        380,
        302,
        say(
            "W_{q} and W_{k} have to learn R; the table has to learn the marks",
            "W_{q} و W_{k} باید R را یاد بگیرند و جدول باید نشان‌ها را",
        ),
        12,
        quiet=True,
    )
    return picture
