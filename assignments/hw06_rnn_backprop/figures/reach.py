"""Which loss reaches which step: full, reach k = 2, and blocks of two."""

from collections.abc import Callable

from autograder.building.picture import Picture

STEPS = 4


def draw(lang: str) -> Picture:
    picture = Picture(760, 284, lang)
    say = picture.say

    def table(x: float, title: str, reaches: Callable[[int, int], bool]) -> None:
        side = 38
        picture.text(x + 20 + 2.5 * side, 30, title, 14, bold=True)
        for i in range(-1, STEPS):
            picture.text(x + 20 + (i + 1.5) * side, 62, "s_{−1}" if i < 0 else f"{i}", 12, quiet=True)
        for t in range(STEPS):
            picture.text(x + 4, 78 + (t + 0.5) * side, f"E_{{{t}}}", 13)
            for i in range(-1, STEPS):
                kind = "off" if not reaches(t, i) else "result" if i < 0 else "loss"
                words = {"off": "", "loss": "δ", "result": "✓"}[kind]
                picture.cells(x + 20 + (i + 1) * side, 78 + t * side, [[words]], side, kind)

    table(24, say("nothing cut", "هیچ بریده نشده"), lambda t, i: i <= t)
    table(278, say("reach k = 2 (here)", "‏k = 2 (این‌جا)"), lambda t, i: t - 2 < i <= t if i >= 0 else t < 2)
    table(532, say("cut in blocks of 2", "تکه‌های دوتایی"), lambda t, i: t // 2 * 2 <= i <= t if i >= 0 else t < 2)
    picture.text(
        380,
        258,
        say(
            "Rows: whose loss. Columns: the step it reaches; s_{−1} is what hears of it through step 0.",
            "سطرها: زیان کدام گام. ستون‌ها: گامی که به آن می‌رسد؛ s_{−1} از راه گام ۰ خبردار می‌شود.",
        ),
        13,
        quiet=True,
    )
    return picture
