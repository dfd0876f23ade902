"""``autograder site``: release/ and docs/ → a folder of pages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from autograder.problem import Problem
from autograder.site import course_map, dates, documents, generator, homework
from autograder.site.words import WORDS

_FIRST = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Deep learning · یادگیری عمیق</title>
<style>:root{color-scheme:light dark}body{font:1.3rem/2 Vazirmatn,'Segoe UI',Tahoma,sans-serif;text-align:center;
margin:20vh 1rem}</style>
<p><a href="en/index.html">Deep learning: the homeworks</a></p>
<p dir="rtl" lang="fa"><a href="fa/index.html">یادگیری عمیق: تمرین‌ها</a></p></html>
"""


def make(
    course: Path,
    names: list[str],
    folder: Path,
    settings: dates.Site,
    known: dict[str, datetime],
    here: tzinfo | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Write the site and count its pages.

    Args:
        names: the homeworks, in their order.
        folder: it is replaced.
        known: the gradebook's deadlines.
        here: the course's zone; UTC without one.

    Raises:
        Problem: something isn't built, a setting can't be meant, or the folder holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "fa" / "index.html").exists():
        raise Problem(f"{folder} holds something that is no site: name another folder with --to, or empty it.")
    course_map.verify(settings.builds_on, names)
    facts = [homework.facts(course, name) for name in names]
    term = dates.dates(settings, known, facts, here or UTC)
    count = 0
    with tempfile.TemporaryDirectory(prefix="autograder-site-") as name:
        made = Path(name) / "site"
        for lang in WORDS:
            tell(lang)
            front = [course_map.page(facts, settings.builds_on, lang), dates.page(term, here or UTC, lang)]
            link = _links(course / "docs", names, lang)
            back = documents.pages(course / "docs", lang, link)
            texts = [homework.page(course, each.name, lang, link) for each in facts]
            for text, each in zip(texts, facts):
                text.title = each.long(lang)
            generator.write(made / lang, lang, front, texts, back)
            count += len(front) + len(texts) + len(back)
        (made / "index.html").write_text(_FIRST, encoding="utf-8")
        generator.replace(folder, made)
    return count


def _links(docs: Path, names: list[str], lang: str) -> Callable[[str], str | None]:
    """Where a text's links lead: to the web as they are, to pages of the site by their names here, elsewhere nowhere."""
    present = {path.stem for path in docs.glob("*.md")} & {"students", "data", "results", "glossary"} | {*names}

    def link(address: str) -> str | None:
        if address.startswith(("http://", "https://", "#")):
            return address
        path, _, place = address.partition("#")
        name = Path(path).stem
        if name not in present:
            return None
        return (
            f"{name}.html#{place}" if place and lang == "en" else f"{name}.html"
        )  # headings have other names in Persian

    return link
