"""The pages → a static site: MkDocs with the theme Material, once in each language, and nothing that asks the web."""

from __future__ import annotations

import logging
import shutil
import tempfile
from pathlib import Path
from typing import Any

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.plugins import BasePlugin
from mkdocs.structure.toc import AnchorLink, TableOfContents

from autograder.site.prose import Heading, Page
from autograder.site.words import WORDS

_THEME = Path(__file__).parent / "theme"
# A half-space parts a word from its ending, so that either is found.
_SEPARATOR = r"[\s\-\u200c،؛؟«»,.:;!?()\[\]{}=<>/\"'`·…]+"
_PALETTE: list[dict[str, Any]] = [
    {"media": "(prefers-color-scheme)", "toggle": {"icon": "material/brightness-auto"}},
    {"media": "(prefers-color-scheme: light)", "scheme": "default", "toggle": {"icon": "material/brightness-7"}},
    {"media": "(prefers-color-scheme: dark)", "scheme": "slate", "toggle": {"icon": "material/brightness-4"}},
]
_TOGGLES = {
    "en": ("Light or dark as your system; click for light", "Light; click for dark", "Dark; click for your system's"),
    "fa": ("روشن یا تیره مانند سیستم؛ برای روشن بزنید", "روشن؛ برای تیره بزنید", "تیره؛ برای حالت سیستم بزنید"),
}


def write(folder: Path, lang: str, front: list[Page], homeworks: list[Page], back: list[Page]) -> None:
    """Write one language's pages.

    Args:
        front: the pages before the homeworks, the first page first; ``back``: those after them.
    """
    pages = [*front, *homeworks, *back]
    with tempfile.TemporaryDirectory(prefix="autograder-site-") as name:
        texts = Path(name) / "texts"
        texts.mkdir()
        for page in pages:
            (texts / f"{page.name}.md").write_text("", encoding="utf-8")
            for picture, content in page.pictures.items():
                (texts / "pictures").mkdir(exist_ok=True)
                (texts / "pictures" / picture).write_bytes(content)
        nav = [
            *({page.title: f"{page.name}.md"} for page in front),
            {WORDS[lang]["homeworks"]: [{page.title: f"{page.name}.md"} for page in homeworks]},
            *({page.title: f"{page.name}.md"} for page in back),
        ]
        config = _config(texts, folder, lang, nav)
        config.theme.static_templates.clear()  # a page 404 and a sitemap hold absolute addresses, which a folder hasn't
        config.plugins["autograder-pages"] = _Pages({page.name: page for page in pages}, lang)
        logging.getLogger("mkdocs").setLevel(logging.WARNING)
        build(config)


def _config(texts: Path, folder: Path, lang: str, nav: list[Any]) -> Any:
    palette = [
        {**each, "primary": "custom", "accent": "custom", "toggle": {**each["toggle"], "name": name}}
        for each, name in zip(_PALETTE, _TOGGLES[lang])
    ]
    search: dict[str, Any] = {"lang": "en", "separator": _SEPARATOR}
    if lang == "fa":
        search["pipeline"] = []  # the others drop every letter that isn't Latin
    place = texts.parent / "mkdocs.yml"
    place.write_text("", encoding="utf-8")  # MkDocs wants one; everything is said here
    return load_config(
        config_file=str(place),
        site_name=WORDS[lang]["site"],
        site_url="",
        docs_dir=str(texts),
        site_dir=str(folder),
        use_directory_urls=False,
        nav=nav,
        theme={
            "name": "material",
            "custom_dir": str(_THEME),
            "language": lang,
            "direction": "rtl" if lang == "fa" else "ltr",
            "font": False,
            "palette": palette,
            "icon": {"logo": "material/school"},
            "features": [
                "navigation.sections", "navigation.top", "navigation.footer", "toc.follow", "search.highlight",
            ],
        },
        extra={
            "generator": False,
            "alternate": True,  # not the theme's list: its script would ask for a map of each site
            "polyfills": ["assets/iframe-worker.js"],
        },
        extra_css=["assets/site.css"],
        plugins=[{"material/search": search}, "material/offline"],
        markdown_extensions=[],
    )  # fmt: skip


class _Pages(BasePlugin):  # type: ignore[type-arg, no-untyped-call]
    """Gives MkDocs what stands on each page, ready made, and each page its twin."""

    def __init__(self, pages: dict[str, Page], lang: str) -> None:
        super().__init__()
        self._pages, self._lang = pages, lang

    def on_page_content(self, _html: str, /, *, page: Any, **_: Any) -> str:
        ours = self._pages[Path(page.file.src_uri).stem]
        page.toc = TableOfContents(_nested(ours.headings))
        return ours.html

    def on_page_context(self, context: Any, /, *, page: Any, config: Any, **_: Any) -> Any:
        other = "fa" if self._lang == "en" else "en"
        twin = {"lang": other, "name": WORDS[self._lang]["other"], "link": f"../{other}/{page.url}"}
        config.extra["twin"] = twin
        return context


def _nested(headings: list[Heading]) -> list[AnchorLink]:
    """Headings as a tree: each below the nearest one before it that is higher."""
    roots: list[AnchorLink] = []
    above: list[AnchorLink] = []
    for heading in headings:
        link = AnchorLink(heading.title, heading.id, heading.level)
        while above and above[-1].level >= heading.level:
            above.pop()
        (above[-1].children if above else roots).append(link)
        above.append(link)
    return roots


def replace(folder: Path, made: Path) -> None:
    """Put what was made in a folder's place."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(made, folder)
