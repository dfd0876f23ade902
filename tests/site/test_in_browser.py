"""The site in Chromium, opened as files: what it asks for, what it finds, and what it looks like on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.browser import browser, chromium
from tests.site.reading import LANGUAGES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
if chromium() is None:
    pytest.skip("no Chromium on this machine: apt install chromium", allow_module_level=True)

expect.set_options(timeout=60_000)
SIDEWAYS = """() => {
  document.querySelectorAll('details').forEach(each => each.open = true);
  const wide = [...document.querySelectorAll('article *')].filter(each => !each.closest('pre') && !each.closest('math *')
    && (each.getBoundingClientRect().right > innerWidth + 1 || each.getBoundingClientRect().left < -1
        || (each.scrollWidth > each.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(each).overflowX))));
  return [document.documentElement.scrollWidth, wide.map(each => each.outerHTML.slice(0, 80))];
}"""


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


def opened(chrome: Browser, page: Path, width: int = 1280, scheme: str = "light") -> Page:
    """A page in a window; whatever it asks of the web, and whatever fails in it, is noted."""
    window = chrome.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    window.faults = []  # type: ignore[attr-defined]
    window.on(
        "request", lambda r: r.url.startswith(("file:", "data:", "about:", "blob:")) or window.faults.append(r.url)
    )  # type: ignore[attr-defined]
    window.on("pageerror", lambda error: window.faults.append(str(error)))  # type: ignore[attr-defined]
    window.goto(page.as_uri())
    return window


@pytest.mark.parametrize(("lang", "word"), [("en", "bottleneck"), ("fa", "هرزنامه")])
def test_a_search_finds_a_word_without_the_web(chrome: Browser, pages: Path, lang: str, word: str) -> None:
    window = opened(chrome, pages / lang / "index.html")
    window.click(".md-search__input")
    window.keyboard.type(word)
    window.keyboard.press("Shift")  # letters that aren't on this keyboard arrive without a key
    expect(window.locator(".md-search-result__item mark").first).to_contain_text(word)
    assert window.faults == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_on_a_phone_nothing_but_code_scrolls_sideways(chrome: Browser, pages: Path, lang: str) -> None:
    window = opened(chrome, pages / lang / "index.html", 400)
    for page in sorted((pages / lang).glob("*.html")):
        window.goto(page.as_uri())
        assert window.evaluate(SIDEWAYS) == [400, []], page.name
        assert window.faults == []  # type: ignore[attr-defined]


def test_dark_and_light_follow_the_system(chrome: Browser, pages: Path) -> None:
    look = "[document.body, document.querySelector('article')].map(e => getComputedStyle(e)).map(s => s.colorScheme + s.color)"
    seen = [opened(chrome, pages / "fa" / "index.html", scheme=scheme).evaluate(look) for scheme in ("light", "dark")]
    assert seen[0][0].startswith("light") and seen[1][0].startswith("dark") and seen[0] != seen[1]


def test_the_other_language_is_a_click_away(chrome: Browser, pages: Path) -> None:
    window = opened(chrome, pages / "en" / "hw02_attention.html")
    window.click(".other-language")
    expect(window.locator("html")).to_have_attribute("lang", "fa")
    assert window.url == (pages / "fa" / "hw02_attention.html").as_uri()
