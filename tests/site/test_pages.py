"""The site's pages: whole, in both languages, readable from the right, and never in need of the web."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.conftest import ROOT
from tests.site.reading import HOMEWORKS, LANGUAGES, article, cells, words

pytestmark = pytest.mark.slow
LOADED = re.compile(r"<(?:link|script|img|source|iframe|object|embed|video|audio|use)\b[^>]*>")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
EXPECTED = {"index", "calendar", "students", "data", "glossary", *HOMEWORKS}


def every(pages: Path) -> list[Path]:
    return sorted(pages.rglob("*.html"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_is_there(pages: Path, lang: str) -> None:
    assert {path.stem for path in (pages / lang).glob("*.html")} - {"results"} == EXPECTED


def test_nothing_is_loaded_from_the_web(pages: Path) -> None:
    for page in every(pages):
        text = page.read_text(encoding="utf-8")
        assert [tag for tag in LOADED.findall(text) if re.search(r"""["'= ](?:https?:)?//""", tag)] == [], page
    for sheet in pages.rglob("*.css"):
        assert re.findall(r"url\(\s*['\"]?(?:https?:)?//|@import", sheet.read_text(encoding="utf-8")) == [], sheet


def test_every_link_and_every_picture_is_there(pages: Path) -> None:
    broken, seen = [], 0
    for page in every(pages):
        text = page.read_text(encoding="utf-8")
        for address in re.findall(r'(?:href|src)="([^"]*)"', text):
            if re.match(r"https?://|data:|javascript:", address):
                continue
            path, _, place = unquote(address).partition("#")
            to = (page.parent / path.partition("?")[0]).resolve() if path else page
            seen += 1
            target = to.read_text(encoding="utf-8") if to.suffix == ".html" and to.is_file() else ""
            if not to.is_file() or (place and f'id="{place}"' not in target):
                broken.append((page.name, address))
    assert seen > 1000 and broken == []


def headings(text: str) -> list[str]:
    found = re.findall(r"^#{1,4} +(.+)$", FENCE.sub("", text), re.MULTILINE)
    return [words(re.sub(r"\$[^$]*\$", "", each).replace("*", "").replace("`", "")) for each in found]


@pytest.mark.parametrize("homework", HOMEWORKS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_heading_of_the_text_is_on_the_page_and_in_its_contents(pages: Path, homework: str, lang: str) -> None:
    page = (pages / lang / f"{homework}.html").read_text(encoding="utf-8")
    shown = re.sub(r"<math.*?</math>", "", page, flags=re.DOTALL)
    listed = [words(each) for each in re.findall(r"<h[1-4][^>]*>(.*?)</h[1-4]>", shown, re.DOTALL)]
    contents = words(shown.partition("md-nav--secondary")[2].partition("<article")[0])
    wanted = [
        each
        for c in cells(f"release/{lang}", homework)
        if c["cell_type"] == "markdown"
        for each in headings(c["source"])
    ]
    assert len(wanted) > 10
    assert [each for each in wanted if each not in listed] == []
    assert contents.count(wanted[-1]) >= 1


@pytest.mark.parametrize("homework", HOMEWORKS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_picture_of_the_text_is_on_the_page(pages: Path, homework: str, lang: str) -> None:
    alts = re.findall(r'<img alt="([^"]*)"', "".join(cell["source"] for cell in cells(f"release/{lang}", homework)))
    shown = article(pages / lang / f"{homework}.html")
    assert re.findall(r'<img alt="([^"]*)" src="pictures/', shown) == alts


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_formula_is_drawn(pages: Path, lang: str) -> None:
    drawn = 0
    for homework in HOMEWORKS:
        shown = article(pages / lang / f"{homework}.html")
        drawn += shown.count("<math")
        assert 'class="tex"' not in shown, homework
        assert not re.search("[\ue000\ue001]", shown)
        assert re.findall(r"<m[iot][a-z]*>[^<]*\\[^<]*<", shown) == [], homework
        prose = re.sub(r"<(pre|code|math)\b.*?</\1>", "", shown, flags=re.DOTALL)
        assert [each for each in re.findall(r".{0,20}\$.{0,20}", re.sub(r"<[^>]*>", "", prose)) if "\\" in each] == []
    assert drawn > 800


def test_persian_pages_read_from_the_right_and_their_code_from_the_left(pages: Path) -> None:
    for page in (pages / "fa").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert '<html lang="fa"' in text and re.search(r'<body dir="rtl"', text), page
        for block in re.findall(r"<[^>]*class=\"(?:highlight|formula)[^\"]*\"[^>]*>", text):
            assert 'dir="ltr"' in block, page
    assert '<body dir="ltr"' in (pages / "en" / "index.html").read_text(encoding="utf-8")


def test_every_page_leads_to_its_twin(pages: Path) -> None:
    for lang, other in (("en", "fa"), ("fa", "en")):
        for page in (pages / lang).glob("*.html"):
            twin = re.search(
                r'class="md-header__button other-language" href="([^"]*)"', page.read_text(encoding="utf-8")
            )
            assert twin is not None and (page.parent / twin[1]).resolve() == (pages / other / page.name).resolve()


def test_the_map_has_every_homework_with_its_points(pages: Path) -> None:
    shown = article(pages / "en" / "index.html")
    for homework in HOMEWORKS:
        points = sum(cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in cells("release/en", homework))
        row = next(
            each for each in shown.split("<tr>") if f'<td data-label="homework"><div><a href="{homework}.html">' in each
        )
        assert f'<td data-label="points"><div>{points:g}</div>' in row


def test_the_calendar_has_both_calendars(pages: Path) -> None:
    english, persian = (words(article(pages / lang / "calendar.html")) for lang in LANGUAGES)
    assert "Thursday22October202630Mehr140520:29" in english  # in UTC, as no zone was given
    assert "پنجشنبه۳۰مهر۱۴۰۵۲۲اکتبر۲۰۲۶۲۰:۲۹" in persian
    assert english.index("22October") < english.index("5November")


def test_the_students_page_is_in_its_readers_language(pages: Path) -> None:
    english, persian = (article(pages / lang / "students.html") for lang in LANGUAGES)
    assert "Handing in" in english and "تحویل" not in english
    assert "تحویل" in persian and "Handing in" not in persian
    assert (ROOT / "docs" / "students.md").read_text(encoding="utf-8").count("## ") == sum(
        page.count("<h2") for page in (english, persian)
    )
