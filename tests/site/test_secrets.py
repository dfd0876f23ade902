"""What students aren't given can't be read on the site: solutions, model answers, mark schemes, hints, explanations of mistakes."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from autograder.site.prose import coloured
from tests.conftest import ROOT
from tests.site.reading import HOMEWORKS, LANGUAGES, cells, everything, words

pytestmark = pytest.mark.slow
SHORT = 12  # characters without blanks: a shorter line, `return x`, tells nothing
HIDDEN = re.compile(r"### BEGIN (SOLUTION|MARK SCHEME)\n(.*?)### END \1", re.DOTALL)
HINT = re.compile(r"^# %% \[markdown\] hint [^\n]*\n((?:#[^\n]*\n)+)", re.MULTILINE)
MARKS = re.compile(r"\$[^$]*\$|[*_`]|^#+ ?|^- ", re.MULTILINE)


def pieces(text: str) -> Iterator[str]:
    """The lines of a secret as a page would show them: what stands between formulas and marks."""
    for line in text.splitlines():
        for piece in re.split("\0+", MARKS.sub("\0", line)):
            yield words(piece)


def solutions(homework: str) -> set[str]:
    """Each line between the marks, of code as it is."""
    found = set()
    for cell in cells("source", homework):
        for block in HIDDEN.findall(cell["source"]):
            lines = map(words, block[1].splitlines()) if cell["cell_type"] == "code" else pieces(block[1])
            found |= {line for line in lines if len(line) >= SHORT}
    return found


def told_later(homework: str) -> set[str]:
    """Hints, and what a known mistake is told."""
    folder = ROOT / "assignments" / homework
    text = (folder / f"{homework}.py").read_text(encoding="utf-8")
    hints = [re.sub("^# ?", "", hint, flags=re.MULTILINE) for hint in HINT.findall(text)]
    tree = ast.parse((folder / "variants.py").read_text(encoding="utf-8"))
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.keyword) and each.arg in ("en", "fa")]
    said = [str(ast.literal_eval(each.value)) for each in calls]
    return {piece for each in (*hints, *said) for piece in pieces(each) if len(piece) >= 2 * SHORT}


@cache
def released() -> str:
    """What students get, in both languages: of another homework too, as `optimiser.step()` is given in one and asked in another."""
    text = "\n".join(c["source"] for name in HOMEWORKS for lang in LANGUAGES for c in cells(f"release/{lang}", name))
    return words(text) + "".join(pieces(text))


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_no_line_of_a_solution_or_a_model_answer_is_in_any_file(pages: Path, homework: str) -> None:
    secret = {line for line in solutions(homework) if line not in released()}
    assert len(secret) > 40
    assert [line for line in secret if line in everything(pages)] == []


@pytest.mark.parametrize("homework", HOMEWORKS)
def test_no_hint_and_no_explanation_of_a_mistake_is_in_any_file(pages: Path, homework: str) -> None:
    secret = {line for line in told_later(homework) if line not in released()}
    assert len(secret) > 20
    assert [line for line in secret if line in everything(pages)] == []


def test_a_solution_that_was_shown_would_be_found() -> None:
    code = 'def f(x: Tensor) -> Tensor:\n    return (x - x.mean(dim=-1, keepdim=True)) / x.std()  # as "usual" <here>\n'
    assert words(code.splitlines()[1]) in words(coloured(code))
    for homework in HOMEWORKS:
        shown = words("\n".join(coloured(cell["source"]) for cell in cells("source", homework)))
        assert all(line in shown for line in solutions(homework) if "/" not in line or "=" in line), homework


def test_each_check_whose_answer_is_hidden_shows_no_answer(pages: Path) -> None:
    """Of those checks the page has the check's own text and a stub; the references are in no file of the site."""
    hidden = [
        (name, line)
        for name in HOMEWORKS
        for cell in cells("release/en", name)
        for line in cell["source"].splitlines()
        if "public=False" in line and line.startswith("check")
    ]
    assert hidden
    for name, line in hidden:
        assert words(line) in words((pages / "en" / f"{name}.html").read_text(encoding="utf-8"))
    assert not [
        path
        for path in pages.rglob("*")
        if path.suffix in (".safetensors", ".ipynb", ".py", ".json") and "search" not in path.parts
    ]
