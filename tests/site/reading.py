"""What a reader, a search and a browser find in a page."""

import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

LANGUAGES = ("en", "fa")
HOMEWORKS = sorted(path.name for path in (ROOT / "source").iterdir() if path.is_dir())


def cells(folder: str, homework: str) -> list[dict[str, Any]]:
    notebook = json.loads((ROOT / folder / homework / f"{homework}.ipynb").read_text(encoding="utf-8"))
    return [{**cell, "source": "".join(cell["source"])} for cell in notebook["cells"]]


def words(text: str) -> str:
    """Text without tags and blanks, so that no line break or colour of a word hides it."""
    return re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]*>", "", text)))


@cache
def everything(folder: Path) -> str:
    """All that is in a site's files, its index of searches too."""
    for index in folder.rglob("search_index.json"):
        assert (
            index.with_suffix(".js").read_text(encoding="utf-8") == f"var __index = {index.read_text(encoding='utf-8')}"
        )
    files = [path for kind in ("*.html", "*.js", "*.svg") for path in sorted(folder.rglob(kind))]
    ours = [path for path in files if "javascripts" not in path.parts]
    return "\n".join(words(path.read_text(encoding="utf-8").replace("\\n", "\n").replace('\\"', '"')) for path in ours)


def article(page: Path) -> str:
    found = re.search(r"<article.*</article>", page.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, page
    return found[0]
