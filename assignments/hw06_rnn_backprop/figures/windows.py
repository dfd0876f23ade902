"""Ten hours, windows of four, two hours ahead: five windows have a target."""

from autograder.building.picture import Picture


def draw(lang: str) -> Picture:
    picture = Picture(760, 320, lang)
    say = picture.say
    side, left = 44, 150
    picture.cells(left, 40, [[str(hour) for hour in range(10)]], side, "plain")
    picture.text(left - 14, 62, say("hour", "ساعت"), 13, anchor="end")
    for window in range(5):
        y = 104 + window * 34
        kinds = [
            ["data" if window <= hour < window + 4 else "result" if hour == window + 5 else "off" for hour in range(10)]
        ]
        for hour, kind in enumerate(kinds[0]):
            if kind != "off":
                picture.cells(left + hour * side, y, [[""]], 28, kind)
                picture.text(left + hour * side + 14, y + 14, str(hour), 12)
        picture.arrow((left + (window + 3) * side + 30, y + 14), (left + (window + 5) * side - 2, y + 14))
        picture.text(left - 14, y + 14, f"x[{window}]", 13, anchor="end")
        picture.text(left + 10 * side + 24, y + 14, f"y[{window}] = {window + 5}", 13, anchor="start")
    picture.text(
        380,
        296,
        say(
            "steps = 4, horizon = 2, N = 10:  M = N − steps − horizon + 1 = 5 windows",
            "‏steps = 4 و horizon = 2 و N = 10: ‏M = N − steps − horizon + 1 = 5 پنجره",
        ),
        13,
        quiet=True,
    )
    return picture
