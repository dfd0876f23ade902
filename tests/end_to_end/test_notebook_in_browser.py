"""A student's first ten minutes: a released notebook in JupyterLab, in both languages, with a right and a wrong answer."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from autograder.building import variants
from autograder.checks import references
from tests.conftest import ROOT
from tests.end_to_end.browser import browser, chromium, jupyter
from tests.exploits.submissions import cell_of

HOMEWORK = "hw02_attention"
RIGHT, WRONG = "dot_score", "general_score"
pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine")]


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with browser() as made:
        yield made


def desk(folder: Path, lang: str) -> Path:
    """A student's folder with the first function solved and the second one wrong."""
    shutil.copytree(ROOT / "release" / lang / HOMEWORK, folder)
    path = folder / f"{HOMEWORK}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    source = json.loads((ROOT / "source" / HOMEWORK / path.name).read_text(encoding="utf-8"))
    cell_of(notebook, RIGHT)["source"] = cell_of(source, RIGHT)["source"]
    known = references.read(folder / f"{HOMEWORK}{references.SUFFIX}")
    first = known.of_cell(f"{WRONG}_check")[0].name
    diagnosed = {mistake.variant for mistake in known.mistakes if mistake.check == first}
    found = variants.read(ROOT / "assignments" / HOMEWORK / "variants.py")
    cell_of(notebook, WRONG)["source"] = next(v.source for v in found if v.target == WRONG and v.name in diagnosed)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return folder


def run_all(page: Page, address: str) -> None:
    page.goto(f"{address}/lab/tree/{HOMEWORK}.ipynb", timeout=90_000)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=90_000)
    page.wait_for_function(
        "() => [...window.jupyterapp.shell.widgets('main')].some(w => w.sessionContext?.session?.kernel?.status === 'idle')",
        timeout=90_000,
    )
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    expect(page.locator(".autograder-panel.wrong")).to_be_visible(timeout=90_000)


def shot(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_a_released_notebook(lang: str, opened: Browser, tmp_path: Path) -> None:
    page = opened.new_page(viewport={"width": 1300, "height": 1000})
    with jupyter(desk(tmp_path / lang, lang)) as address:
        run_all(page, address)
        right, wrong = page.locator(".autograder-panel.right").first, page.locator(".autograder-panel.wrong")
        expect(right).to_have_text("✓ dot score")
        expect(wrong).to_contain_text("✗ general score")
        expect(wrong.locator("svg")).to_have_count(3)
        hint = wrong.locator(".autograder-hint")
        expect(hint.locator('[dir="rtl"]')).to_contain_text(re.compile("[آ-ی]"))
        expect(page.locator(".jp-RenderedMarkdown mjx-container").first).to_be_visible(timeout=60_000)
        assert page.locator(".jp-RenderedMarkdown mjx-merror").count() == 0
        assert "Traceback" not in page.locator(".jp-Notebook").inner_text()
        page.evaluate("document.querySelector('.autograder-panel.wrong').scrollIntoView({block: 'center'})")
        shot(page, f"panel-{lang}")
        prose(page, lang)
        page.evaluate("document.querySelector('.jp-Notebook .jp-Cell').scrollIntoView()")
        shot(page, f"top-{lang}")
    page.close()


def prose(page: Page, lang: str) -> None:
    """Persian prose reads from the right; its code and formulas, and all of the English, from the left."""
    blocks = page.locator('.jp-RenderedMarkdown div[lang="fa"]')
    if lang == "en":
        assert blocks.count() == 0
        return
    first = blocks.first
    direction = "e => getComputedStyle(e).direction"
    assert first.evaluate(direction) == "rtl" and first.locator("h1").evaluate(direction) == "rtl"
    for inside in ('.jp-RenderedMarkdown div[lang="fa"] code', '.jp-RenderedMarkdown div[lang="fa"] mjx-math'):
        assert page.locator(inside).first.evaluate(direction) == "ltr"
    assert first.locator("p").first.evaluate("e => getComputedStyle(e.firstElementChild).textAlign") == "right"
    at_the_right = first.locator("h1").evaluate(
        "e => { const r = document.createRange(); r.selectNode([...e.childNodes].find(n => n.nodeType === 3));"
        " const t = r.getBoundingClientRect();"
        " const box = e.getBoundingClientRect(); return t.right > box.right - 10 && t.left > box.left + 50 }"
    )
    assert at_the_right
