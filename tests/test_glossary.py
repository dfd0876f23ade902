"""docs/glossary.md: one Persian name for each term, and no other in what students read."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = [page for page in sorted((ROOT / "docs").glob("*.md")) if page.name != "glossary.md"]
TEXTS = [path for path in sorted((ROOT / "assignments").glob("hw*/*.py"))]
CELL = re.compile(r'^# %% \[markdown\] lang="fa"\n((?:#.*\n?)+)', re.MULTILINE)
PERSIAN = re.compile(r"[\u0600-\u06ff\u200c]")


@cache
def table() -> list[tuple[str, str, list[str], str]]:
    """English, Persian, the rejected names, a remark."""
    lines = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    rows = [[field.strip() for field in line.strip("|").split("|")] for line in lines if line.startswith("| ")][2:]
    return [
        (english, persian, [w.strip() for w in no.split(",") if w.strip()], remark)
        for english, persian, no, remark in rows
    ]


def persian(path: Path) -> str:
    """What is Persian in a homework's text, its variants or a page; each line of prose, markdown's marks left out."""
    source = path.read_text(encoding="utf-8")
    if path.name == "variants.py":
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.keyword) and node.arg == "fa"]
        said = [ast.literal_eval(call.value) for call in calls]
    elif path.suffix == ".py":
        said = [re.sub("^# ?", "", cell, flags=re.MULTILINE) for cell in CELL.findall(source)]
    else:
        said = [source]
    return re.sub(r"\s+", " ", "\n".join(said).replace("*", ""))


def rejected(text: str) -> list[str]:
    """Rejected names in a text: as whole words, with whatever Persian hangs behind them."""
    return [
        f"{word}: {name} is the name of {english}"
        for english, name, words, _ in table()
        for word in words
        if re.search(rf"(?<!{PERSIAN.pattern}){re.escape(word)}", text)
    ]


def test_there_are_terms_and_each_has_a_name_of_its_own() -> None:
    assert len(table()) >= 60
    assert [english for english, times in Counter(row[0] for row in table()).items() if times > 1] == []
    for name, times in Counter(row[1] for row in table()).items():
        sharing = [(english, remark) for english, persian_name, _, remark in table() if persian_name == name]
        assert times == 1 or all("shared with" in remark for _, remark in sharing), f"{name}: {sharing}"


def test_no_name_is_also_a_rejected_one() -> None:
    assert [(row[1], found) for row in table() for found in rejected(row[1])] == []


@pytest.mark.parametrize("path", [*TEXTS, *PAGES], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_only_the_glossarys_names_are_used(path: Path) -> None:
    assert rejected(persian(path)) == []


def test_a_rejected_name_is_seen_wherever_it_is_put(tmp_path: Path) -> None:
    for name, source in (
        ("hw.py", '# %% [markdown]\n# noise\n# %% [markdown] lang="fa"\n# این **نویزها**\n# را\n'),
        ("variants.py", '@wrong("f", en="", fa="این نویزها " "را")\ndef f(): pass\n'),
        ("page.md", "- این نویزها را\n"),
    ):
        (tmp_path / name).write_text(source, encoding="utf-8")
        assert rejected(persian(tmp_path / name)) == ["نویز: نوفه is the name of noise"]
