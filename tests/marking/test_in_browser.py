"""The marking page in Chromium: by keyboard alone, two people at once, and a server that is killed between two clicks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.browser import browser, chromium
from tests.marking import room
from tests.marking.room import Given, Server, given

pytestmark = [pytest.mark.browser, pytest.mark.slow]
if chromium() is None:
    pytest.skip("no Chromium on this machine: apt install chromium", allow_module_level=True)


expect.set_options(timeout=60_000)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture(autouse=True)
def nobody_stays(chrome: Browser) -> Iterator[None]:
    """A window that stays open finds the next test's server at the same address, and claims its answer there."""
    yield
    for context in chrome.contexts:
        context.close()


@pytest.fixture
def server(course: Path) -> Iterator[Server]:
    with room.server(course) as started:
        yield started


def begin(chrome: Browser, address: str, name: str, **settings: object) -> Page:
    """A window of its own in which somebody begins to mark; whatever it asks of another machine fails the test."""
    context = chrome.new_context(**settings)  # type: ignore[arg-type]
    page = context.new_page()
    page.errors = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]
    page.on("request", lambda r: r.url.startswith(("http://127.0.0.1:", "data:")) or page.errors.append(r.url))  # type: ignore[attr-defined]
    page.goto(address)
    page.fill("#marker", name)
    page.keyboard.press("Enter")
    ready(page)
    return page


def ready(page: Page) -> None:
    expect(page.locator("main")).to_be_visible()
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")


def step(page: Page, key: str) -> None:
    before = page.inner_text("#position")
    page.keyboard.press(key)
    expect(page.locator("#position")).not_to_have_text(before)
    ready(page)


def go_to(page: Page, words: str) -> None:
    """Step through the answers with the keyboard until one has these words."""
    for key in ("j", "k"):
        while words not in page.inner_text("#answer"):
            number, count = re.findall(r"\d+", page.inner_text("#position"))
            if number == (count if key == "j" else "1"):
                break
            step(page, key)
    assert words in page.inner_text("#answer")


def saved(page: Page) -> None:
    expect(page.locator("#state")).to_have_text("Saved.")


def test_the_keyboard_alone_suffices(chrome: Browser, server: Server, course: Path) -> None:
    page = begin(chrome, server.address, "Sara")
    go_to(page, "Answer number 10")
    page.keyboard.press("1")
    page.keyboard.press("2")
    saved(page)
    expect(page.locator("#points")).to_have_value("3")
    page.keyboard.press("c")
    page.keyboard.type("Say 1 why.")
    page.keyboard.press("Escape")
    expect(page.locator("#given")).to_have_text(re.compile("Sara.*3 points"))
    go_to(page, "Answer number 11")
    page.keyboard.press("Alt+1")
    page.keyboard.press("p")
    page.keyboard.type("0.5")
    page.keyboard.press("Enter")
    expect(page.locator("#given")).to_have_text(re.compile("Sara.*0.5 points"))
    saved(page)
    assert given(course, "mean", "9910", "9911") == [Given(3, False, "Say 1 why."), Given(0.5, False, "Say 1 why.")]
    page.keyboard.press("1")
    expect(page.locator("#points")).to_have_value("1")
    saved(page)
    page.keyboard.press("u")
    expect(page.locator("#state")).to_have_text("Taken back.")
    expect(page.locator("#points")).to_have_value("0.5")
    page.keyboard.press("0")
    expect(page.locator("#points")).to_have_value("0")
    saved(page)
    page.keyboard.press("n")
    expect(page.locator("#given")).to_have_text("This answer waits for points.")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator("#people")).to_contain_text("Name99")
    assert given(course, "mean", "9910", "9911") == [Given(3, False, "Say 1 why."), Given(0, False, "Say 1 why.")]
    assert page.errors == []  # type: ignore[attr-defined]


def test_two_people_at_once_meet_on_no_answer_and_lose_nothing(chrome: Browser, server: Server, course: Path) -> None:
    sara, omid = begin(chrome, server.address, "Sara"), begin(chrome, server.address, "Omid")
    assert sara.inner_text("#position") != omid.inner_text("#position"), "the second gets an answer that isn't open"
    go_to(sara, "Answer number 10")
    go_to(omid, "Answer number 10")
    expect(omid.locator("#told-you")).to_contain_text("Sara")
    expect(omid.locator("#points")).to_be_disabled()
    omid.keyboard.press("1")
    sara.keyboard.press("2")
    saved(sara)
    assert given(course, "mean", "9910") == [Given(2, False, None)]
    expect(omid.locator("#points")).to_be_disabled()
    step(sara, "j")
    step(omid, "k")
    go_to(omid, "Answer number 10")
    expect(omid.locator("#given")).to_have_text(re.compile("Sara.*2 points"))
    omid.keyboard.press("1")
    saved(omid)
    expect(omid.locator("#by")).to_contain_text("Omid")
    assert given(course, "mean", "9910") == [Given(3, False, None)]


def test_a_lost_race_is_said_and_shows_what_stands(chrome: Browser, server: Server, course: Path) -> None:
    sara = begin(chrome, server.address, "Sara")
    go_to(sara, "Answer number 10")
    with room.Gradebook(room.url(course)) as book:  # as Formgrader does, which knows nothing of claims
        grade = book.find_grade("mean", room.HOMEWORK, room.HOMEWORK, "9910")
        grade.manual_score, grade.needs_manual_grade = 2.0, False
        book.db.commit()
    sara.keyboard.press("1")
    expect(sara.locator("#told-you")).to_contain_text(re.compile("Not saved: .*Formgrader.* gave this answer 2 points"))
    expect(sara.locator("#points")).to_have_value("2")
    assert given(course, "mean", "9910") == [Given(2, False, None)]
    sara.keyboard.press("1")
    saved(sara)
    assert given(course, "mean", "9910") == [Given(1, False, None)]


def test_a_server_killed_between_two_clicks_loses_nothing(chrome: Browser, course: Path) -> None:
    first = Server(course)
    sara, omid = begin(chrome, first.address, "Sara"), begin(chrome, first.address, "Omid")
    go_to(sara, "Answer number 10")
    sara.keyboard.press("1")
    saved(sara)
    go_to(omid, "Answer number 12")
    omid.keyboard.press("1")
    saved(omid)
    first.kill()
    sara.keyboard.press("2")
    expect(sara.locator("#told-you")).to_contain_text("the server doesn't answer")
    assert given(course, "mean", "9910", "9912") == [Given(1, False, None), Given(1, False, None)]
    with room.server(course, "--port", first.port):
        saved(sara)
        expect(sara.locator("#told-you")).to_be_hidden()
        assert given(course, "mean", "9910", "9912") == [Given(3, False, None), Given(1, False, None)]
        anew = begin(chrome, first.address, "Third")
        expect(anew.locator("#by")).to_contain_text("Sara")
        expect(anew.locator("#by")).to_contain_text("Omid")
        omid.keyboard.press("2")
        saved(omid)
        omid.keyboard.press("u")
        expect(omid.locator("#points")).to_have_value("1")
    assert given(course, "mean", "9912") == [Given(1, False, None)]


def test_what_students_wrote_does_nothing_and_a_photo_is_seen(chrome: Browser, server: Server) -> None:
    page = begin(chrome, server.address, "Sara")
    title = page.title()
    go_to(page, "onerror")
    assert page.locator("#answer :is(img, script, iframe, svg)").count() == 0 and page.title() == title
    go_to(page, "By hand")
    assert page.evaluate("document.querySelector('#answer img').naturalWidth") == 10
    assert page.errors == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_both_languages_fit_wide_and_narrow_light_and_dark(
    chrome: Browser, server: Server, lang: str, scheme: str, width: int
) -> None:
    address = f"{server.address}&lang={lang}"
    page = begin(chrome, address, "سارا", viewport={"width": width, "height": 900}, color_scheme=scheme)
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.dir]") == [
        width,
        "rtl" if lang == "fa" else "ltr",
    ]
    answer, marks = page.locator("#answer").bounding_box(), page.locator("#marks").bounding_box()
    assert answer and marks
    if width == 400:
        assert marks["y"] >= answer["y"] + answer["height"]
    else:
        assert (marks["x"] > answer["x"]) == (lang == "en")
    for one in page.locator("button:visible, select, #points, #comment").all():
        box = one.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert (sum(map(int, re.findall(r"\d+", paper))) > sum(map(int, re.findall(r"\d+", ink)))) == (scheme == "light")


def test_a_persian_answer_reads_from_the_right_on_an_english_page(chrome: Browser, server: Server) -> None:
    page = begin(chrome, server.address, "Sara")
    for _ in range(30):
        if "میانگین" in page.inner_text("#answer"):
            break
        step(page, "j")
    assert page.evaluate("getComputedStyle(document.querySelector('#answer')).direction") == "rtl"
    sides = page.evaluate(
        """() => { const p = document.querySelector("#answer p"), r = document.createRange(); r.selectNodeContents(p);
        const text = r.getBoundingClientRect(), box = p.getBoundingClientRect(); return [box.right - text.right, text.left - box.left]; }"""
    )
    assert sides[0] < 2 < sides[1]
    assert page.evaluate("getComputedStyle(document.querySelector('#answer math')).direction") == "ltr"


PERSIAN_J = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ت', code: 'KeyJ', bubbles: true}))"


def test_persian_points_are_typed_in_persian_digits_with_a_persian_keyboard(
    chrome: Browser, server: Server, course: Path
) -> None:
    page = begin(chrome, f"{server.address}&lang=fa", "سارا")
    for _ in range(30):
        if "Answer number 10" in page.inner_text("#answer"):
            break
        before = page.inner_text("#position")
        page.evaluate(PERSIAN_J)
        expect(page.locator("#position")).not_to_have_text(before)
        ready(page)
    page.fill("#points", "۲٫۵")
    page.keyboard.press("Enter")
    expect(page.locator("#given")).to_have_text(re.compile("سارا.*۲٫۵ نمره"))
    assert given(course, "mean", "9910") == [Given(2.5, False, None)]


def test_a_second_reader_reads_blind_and_the_page_tells_the_agreement(
    chrome: Browser, server: Server, course: Path
) -> None:
    sara = begin(chrome, server.address, "Sara")
    for number in range(10, 24):
        go_to(sara, f"Answer number {number}:")
        sara.keyboard.press("1" if number % 2 else "2")
        saved(sara)
    omid = begin(chrome, server.address, "Omid")
    omid.keyboard.press("r")
    expect(omid.locator("#reading")).to_be_visible()
    ready(omid)
    expect(omid.locator("#points")).to_have_value("")
    expect(omid.locator("#given")).to_have_text("This answer waits for points.")
    for _ in range(3):
        omid.keyboard.press("2")
        saved(omid)
        omid.keyboard.press("n")
        expect(omid.locator("#points")).to_have_value("")
        ready(omid)
    before = given(course, "mean", *room.answers())
    assert {one.score for one in before} <= {None, 1, 2}
    sara.keyboard.press("j")
    sara.reload()
    sara.keyboard.press("Enter")
    ready(sara)
    expect(sara.locator("#agreement")).to_contain_text("Second readings: 3; weighted kappa")
