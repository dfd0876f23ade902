"""Pictures: drawn from scripts, in two languages, within the notebook; and the frame of a homework."""

import base64
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from autograder.building import build, frame, picture, text
from autograder.building.picture import Picture
from autograder.building.text import BuildError
from tests.building.test_build import change
from tests.conftest import HOMEWORK

SCRIPT = """from autograder.building.picture import Picture


def draw(lang):
    made = Picture(200, 80, lang)
    made.box(10, 10, 180, 60, made.say("twice x_{t}", "دو برابر x_{t} است"), "data")
    return made
"""
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def pictured(toy: Path) -> Path:
    """The toy with a picture in its first cell."""
    folder = toy / "assignments" / HOMEWORK
    (folder / "figures").mkdir()
    (folder / "figures" / "twice.py").write_text(SCRIPT, encoding="utf-8")
    place = folder / f"{HOMEWORK}.py"
    source = place.read_text(encoding="utf-8")
    first = re.search(r"^# %% \[markdown\]\n# # .*\n", source, re.MULTILINE)
    twin = re.search(r'^# %% \[markdown\] lang="fa"\n# # .*\n', source, re.MULTILINE)
    assert first and twin
    for heading, alt in ((twin, "دو برابر"), (first, "Twice <x>")):
        source = source.replace(heading[0], f"{heading[0]}#\n# ![{alt}](figures/twice.svg)\n", 1)
    place.write_text(source, encoding="utf-8")
    return toy


def drawn(course: Path) -> dict[str, str]:
    folder = course / "assignments" / HOMEWORK
    made = picture.drawn(folder, text.read(folder / f"{HOMEWORK}.py"))
    return {place.name: svg for place, svg in made.items()}


def test_a_picture_is_drawn_in_both_languages(pictured: Path) -> None:
    made = drawn(pictured)
    assert made.keys() == {"twice.en.svg", "twice.fa.svg"}
    words = {name: "".join(ElementTree.fromstring(svg).find(f".//{SVG}text").itertext()) for name, svg in made.items()}  # type: ignore[union-attr]
    assert words["twice.en.svg"] == "twice xt" and words["twice.fa.svg"].startswith("دو برابر")
    assert 'direction="rtl"' in made["twice.fa.svg"] and "prefers-color-scheme:dark" in made["twice.fa.svg"]


def test_the_released_notebook_holds_the_picture_itself(pictured: Path, here: None) -> None:
    build.build(pictured, [HOMEWORK])
    for lang in ("en", "fa"):
        released = pictured / "release" / lang / HOMEWORK / f"{HOMEWORK}.ipynb"
        cell = nbformat.read(released, as_version=4).cells[0].source
        found = re.search(r'<img alt="([^"]+)" src="data:image/svg\+xml;base64,([^"]+)">', cell)
        assert found and base64.b64decode(found[2]).decode() == drawn(pictured)[f"twice.{lang}.svg"]
        assert found[1] == ("Twice &lt;x&gt;" if lang == "en" else "دو برابر")
    assert build.build(pictured, [HOMEWORK], check=True) == []


def test_a_picture_that_is_not_its_scripts_is_told(pictured: Path, here: None) -> None:
    build.build(pictured, [HOMEWORK])
    change(pictured, "10, 10, 180", "10, 10, 170", "figures/twice.py")
    (one, other) = build.build(pictured, [HOMEWORK], check=True)
    assert one == f"assignments/{HOMEWORK}/figures/twice.en.svg differs from what its script draws" and "fa" in other


@pytest.mark.parametrize(
    "spoil, told",
    [
        (
            lambda folder: (folder / "figures" / "twice.py").rename(folder / "figures" / "once.py"),
            "twice.py is missing",
        ),
        (
            lambda folder: shutil.copy(folder / "figures" / "twice.py", folder / "figures" / "idle.py"),
            "no prose with lang='en' shows figures/idle.svg",
        ),
        (
            lambda folder: (folder / "figures" / "twice.py").write_text("def draw(lang):\n    return None\n"),
            "has to return a Picture",
        ),
    ],
)
def test_pictures_and_prose_belong_together(pictured: Path, spoil, told: str) -> None:  # type: ignore[no-untyped-def]
    spoil(pictured / "assignments" / HOMEWORK)
    with pytest.raises(BuildError, match=re.escape(told)):
        drawn(pictured)


def test_what_follows_an_index_stands_on_the_line_again() -> None:
    made = Picture(10, 10, "en")
    made.text(0, 0, "W_{a}^{⊤}h + b")
    (line,) = ElementTree.fromstring(made.svg()).iter(f"{SVG}text")
    size, height = {"72%": 0.72, None: 1.0}, 0.0
    heights = []
    for part in line:
        height += float(part.get("dy", "0em")[:-2]) * size[part.get("font-size")]
        heights.append((part.text, round(height, 2)))
    assert heights == [("a", 0.22), ("⊤", -0.36), ("h + b", 0.0)]


FRAME = {
    "en": "# T\n\n**Time.** About {hours} hours.\n\n### 1.1 Twice\n\n●●○ · {minutes} min · {points} points\n",
    "fa": "# T\n\n**زمان.** حدود {hours} ساعت.\n\n### ۱٫۱ دو برابر\n\n●●○ · {minutes} دقیقه · {points} نمره\n",
}


def framed(hours: str = "1.5", minutes: str = "90", points: str = "12", fa_minutes: str = "۹۰") -> list[text.Cell]:
    path = Path("hw.py")
    fa = FRAME["fa"].format(hours="۱٫۵", minutes=fa_minutes, points="۱۲")
    return [
        text.Cell("markdown", FRAME["en"].format(hours=hours, minutes=minutes, points=points), path, 1),
        text.Cell("markdown", fa, path, 9, lang="fa"),
        text.Cell("check", "", path, 20, id="twice_check", points=12.0),
    ]


def test_a_true_frame_is_taken() -> None:
    frame.verify(framed())
    assert [(t.title, t.difficulty, t.minutes, t.worth) for t in frame.tasks(framed(), "fa")] == [
        ("۱٫۱ دو برابر", 2, 90, 12)
    ]


@pytest.mark.parametrize(
    "change_, told",
    [
        ({"points": "11"}, "says 11 points; its checks and essays have 12"),
        ({"hours": "4"}, "its tasks take 1.5 hours together"),
        ({"minutes": "30", "hours": "0.5"}, "an hour is worth 24.0 points"),
        ({"minutes": "95"}, "is as hard and as long as"),
        ({"minutes": "ninety"}, "needs a line of its own under its heading"),
    ],
)
def test_a_frame_that_is_not_true_is_refused(change_: dict[str, str], told: str) -> None:
    with pytest.raises(BuildError, match=told):
        frame.verify(framed(**change_))


def test_a_homework_without_a_frame_needs_none() -> None:
    cells = framed()
    frame.verify([text.Cell("markdown", "### 1.1 Twice", Path("hw.py"), 1), *cells[2:]])


def test_a_tasks_minutes_are_shared_among_its_cells_by_their_points() -> None:
    cells = [*framed(), text.Cell("essay", "", Path("hw.py"), 30, id="why", points=3.0)]
    assert frame.minutes(cells) == {"twice_check": 72.0, "why": 18.0}
    assert frame.minutes(cells[2:]) == {}
