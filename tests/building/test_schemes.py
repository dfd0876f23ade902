"""The lines of mark schemes: points and words, in both languages, and what the build refuses."""

from pathlib import Path

import pytest

from autograder.building import build, schemes, text
from autograder.building.schemes import Line
from autograder.building.text import BuildError, Cell
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("scheme", "lines"),
    [
        ("- 2 points: the mean.\n- 1 point: the spread.", [Line(2, "the mean."), Line(1, "the spread.")]),
        ("- 1: short\n  and its rest", [Line(1, "short and its rest")]),
        ("2 points: without a list\n1 point: and another", [Line(2, "without a list"), Line(1, "and another")]),
        ("(a) 1.5 points: a part\ngoes on", [Line(1.5, "(a) a part goes on")]),
        ("(c) 0.5 points for the formula", [Line(0.5, "(c) the formula")]),
        ("- ½: half\n- 1½ points: more", [Line(0.5, "half"), Line(1.5, "more")]),
        ("- up to 2 points: a case", [Line(2, "a case", up_to=True)]),
        ("- 1 point each for soft, hard and none: why", [Line(1, "soft: why"), Line(1, "hard: why"), Line(1, "none: why")]),
        ("- ۲ نمره: گرادیانِ ۳ لایه\n- تا ۱٫۵ نمره: نتیجه", [Line(2, "گرادیانِ ۳ لایه"), Line(1.5, "نتیجه", up_to=True)]),
        ("- ۱ نمره برای هر یک از الف، ب و پ: چرا", [Line(1, "الف: چرا"), Line(1, "ب: چرا"), Line(1, "پ: چرا")]),
        ("1 for this; 0.5 for that", []),
        ("(a) 2: one for this", []),
        ("0.5 when only one side is said", []),
        ("- Wrong: 3 points of view", []),
        ("2024: a year", []),
        ("", []),
    ],
)  # fmt: skip
def test_lines_say_their_points(scheme: str, lines: list[Line]) -> None:
    assert schemes.lines(scheme) == lines


def test_the_rest_is_a_note() -> None:
    scheme = '- 1: one\n  thing\n\n"No" earns\nnothing.\n- Wrong: two\n- 1: three'
    assert schemes.notes(scheme) == '"No" earns\nnothing.\n\n- Wrong: two'
    assert [line.words for line in schemes.lines(scheme)] == ["one thing", "three"]


def essay(scheme: str, points: float) -> Cell:
    source = f"### BEGIN SOLUTION\nBecause.\n### END SOLUTION\n### BEGIN MARK SCHEME\n{scheme}\n### END MARK SCHEME"
    return Cell("essay", source, Path("hw.py"), 7, "why", points)


def test_a_part_is_what_stands_between_its_markers() -> None:
    assert schemes.part(essay("- 1: x", 1).source, "SOLUTION") == "Because."
    assert schemes.part(essay("- 1: x", 1).source, "MARK SCHEME") == "- 1: x"


@pytest.mark.parametrize(
    ("scheme", "points", "refused"),
    [
        ("- 1: a\n- 2: b", 3, False),
        ("- 1: a\n- 2: b", 4, True),
        ("- 1: a\n- 2: b", 2, True),
        ("- 1: a\n- up to 2 points: b", 2, False),
        ("- 1: a\n- up to 2 points: b", 4, True),
        ("1 for a; 2 for b", 5, False),
    ],
)
def test_lines_that_do_not_add_up_are_refused(scheme: str, points: float, refused: bool) -> None:
    if not refused:
        schemes.check([essay(scheme, points)])
        return
    with pytest.raises(
        BuildError, match=rf"hw.py:7: the lines of why's mark scheme add up to 3, and .* {points:g} points"
    ):
        schemes.check([essay(scheme, points)])


def test_the_build_asks(tmp_path: Path) -> None:
    given = ROOT / "tests" / "toy" / "assignments" / "hw00_toy" / "hw00_toy.py"
    folder = tmp_path / "assignments" / "hw00_toy"
    folder.mkdir(parents=True)
    (folder / given.name).write_text(given.read_text().replace("10 for because", "- 9 points: because"))
    with pytest.raises(BuildError, match="add up to 9, and the essay is worth 10 points"):
        build.make(folder, tmp_path / "made", proved=True)


@pytest.mark.parametrize("homework", build.homeworks(ROOT))
def test_the_homeworks_own_lines_add_up(homework: str) -> None:
    schemes.check(text.read(ROOT / "assignments" / homework / f"{homework}.py"))
