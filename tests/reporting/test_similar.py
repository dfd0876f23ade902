"""Whose code is alike: a planted copy comes first, and who only did the same task well doesn't stand out."""

import json
import random
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.building import text, variants
from autograder.problem import Problem
from autograder.reporting import similar, similar_essays
from tests.homeworks.notebook import ROOT

HOMEWORK = "hw02_attention"
COURSE = ROOT
STUDENTS = 60


def solutions() -> dict[str, str]:
    cells = text.read(COURSE / "assignments" / HOMEWORK / f"{HOMEWORK}.py")
    return {cell.id: cell.source for cell in cells if cell.kind == "solution"}


ORIGINAL = """
def softmax_rows(table):
    highest = table.max(dim=-1, keepdim=True).values
    lifted = torch.exp(table - highest)
    total = lifted.sum(dim=-1, keepdim=True)
    return lifted / total


def blend(weights, contents):
    pieces = []
    for row in range(weights.shape[0]):
        piece = torch.zeros(contents.shape[1])
        for column in range(contents.shape[0]):
            piece = piece + weights[row, column] * contents[column]
        pieces.append(piece)
    return torch.stack(pieces)


def count_heads(total, width):
    heads, left = divmod(total, width)
    if left:
        raise ValueError("they don't fit")
    return [slice(i * width, (i + 1) * width) for i in range(heads)]
"""


def disguised(code: str) -> str:
    """The same with other names, another order and other comments."""
    names = {word: f"q{n}" for n, word in enumerate(("softmax_rows", "table", "highest", "lifted", "total", "blend", "weights", "contents", "pieces", "piece", "row", "column", "count_heads", "width", "heads", "left"))}  # fmt: skip
    renamed = re.sub(r"\b\w+\b", lambda match: names.get(match[0], match[0]), code)
    parts = [part for part in renamed.strip().split("\n\n\n")]
    return "\n\n\n".join(f"# my own idea\n{part}" for part in reversed(parts))


def someone(number: int) -> list[str]:
    """One student's cells: of each task the model's solution or one of its variants, and a helper of their own."""
    chance = random.Random(number)
    known = variants.read(COURSE / "assignments" / HOMEWORK / "variants.py")
    cells = []
    for name, source in solutions().items():
        ways = [source, *(variant.source for variant in known if variant.target == name and not variant.is_wrong)]
        cells.append(chance.choice(ways))
    calls = ("clone", "mean", "sum", "exp", "unsqueeze", "flatten", "relu", "square", "sign", "view")
    lines = [
        f"    {chance.choice('abcde')} = {' + '.join(f'x.{chance.choice(calls)}({chance.randint(0, 99)})' for _ in range(chance.randint(1, 5)))}"
        for _ in range(30)
    ]
    return [*cells, "def mine(x):\n" + "\n".join(lines)]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("course")
    shutil.copytree(COURSE / "assignments" / HOMEWORK, made / "assignments" / HOMEWORK)
    for number in range(STUDENTS):
        cells = someone(number)
        if number in (17, 41):
            cells.append(ORIGINAL if number == 17 else disguised(ORIGINAL))
        path = made / "autograded" / f"{9900 + number}" / HOMEWORK / f"{HOMEWORK}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(cells=[new_code_cell(source) for source in cells]), path)
    return made


def test_a_disguised_copy_is_the_most_alike_of_sixty(course: Path) -> None:
    found = similar.pairs(course, HOMEWORK)
    assert len(found) == STUDENTS * (STUDENTS - 1) // 2
    assert (found[0].a, found[0].b) == ("9917", "9941") and found[0].similarity > 0.15
    assert found[1].similarity < found[0].similarity / 2, "nobody else stands out, though all solved the same tasks"


def test_json_is_a_list_most_alike_first(course: Path) -> None:
    told = json.loads(similar.as_json(similar.pairs(course, HOMEWORK)))
    assert told[0].keys() == {"a", "b", "similarity"} and [p["similarity"] for p in told] == sorted(
        (p["similarity"] for p in told), reverse=True
    )


def test_the_page_masks_names_and_runs_nothing(course: Path) -> None:
    path = course / "autograded" / "9917" / HOMEWORK / f"{HOMEWORK}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].source += "\n# <script>alert(1)</script>"
    nbformat.write(notebook, path)
    html = similar.page(course, HOMEWORK, similar.pairs(course, HOMEWORK))
    assert "<script>" not in html and "&lt;script&gt;" in html and "def softmax_rows" in html
    visible = re.sub(r"<details><summary class=\"quiet\">.*?</details>", "", html)
    assert "9917" not in visible and "9917 · 9941" in html


def test_of_one_submission_nothing_is_compared(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="fewer than two submissions"):
        similar.pairs(_alone(tmp_path), HOMEWORK)


def _alone(folder: Path) -> Path:
    shutil.copytree(COURSE / "assignments" / HOMEWORK, folder / "assignments" / HOMEWORK)
    return folder


OWN = "When the scores grow with the width the softmax saturates, so its gradient vanishes and learning stops early on"
PERSIAN = "وقتی امتیازها با پهنا بزرگ می‌شوند بیشینهٔ نرم اشباع می‌شود و گرادیان آن ناپدید می‌گردد و یادگیری می‌ایستد"


def essay(folder: Path, student: str, answer: str) -> None:
    path = folder / "autograded" / student / HOMEWORK / f"{HOMEWORK}.ipynb"
    path.parent.mkdir(parents=True)
    cell = new_markdown_cell(f'<div dir="auto">\n\n{answer}\n\n</div>')
    cell.metadata["nbgrader"] = {"grade": True, "solution": True, "grade_id": "psychology"}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Six answers: two pairs share a sentence, one of them in Persian keyboards' letters, and five the homework's own words."""
    shutil.copytree(COURSE / "assignments" / HOMEWORK, tmp_path / "assignments" / HOMEWORK)
    cells = text.read(COURSE / "assignments" / HOMEWORK / f"{HOMEWORK}.py")
    given = max((cell.source for cell in cells if not cell.is_code and cell.id), key=len)
    for student, answer in (
        ("a", f"I think: {OWN}. That is all."),
        ("b", f"As in the lecture, {OWN.upper().replace(' ', '  ')}! Nothing else <script>x</script>."),
        ("c", PERSIAN),
        ("d", f"به نظر من {PERSIAN.replace('ی', 'ي').replace('ک', 'ك')}."),
        ("e", given),
        ("f", f"{given} And something that nobody else in this whole class has ever thought of"),
    ):
        essay(tmp_path, student, answer)
    return tmp_path


def test_essays_are_alike_by_long_runs_of_words(written: Path) -> None:
    found = similar_essays.shared(written, HOMEWORK)
    assert [(one.a, one.b, one.essay) for one in found] == [("a", "b", "psychology"), ("c", "d", "psychology")]
    assert found[0].words == len(OWN.split()) and found[0].share == pytest.approx(19 / 24)
    assert found[1].share == 1
    assert [piece for piece, is_shared in found[0].of_a if is_shared] == [OWN]
    assert "".join(piece for piece, _ in found[0].of_a).strip().endswith("That is all.")


def test_what_many_write_is_usual(written: Path) -> None:
    for student in ("g", "h"):
        essay(written, student, OWN)
    assert [(one.a, one.b) for one in similar_essays.shared(written, HOMEWORK)] == [("c", "d")]


def test_the_page_shows_what_is_shared(written: Path) -> None:
    html = similar.page(written, HOMEWORK, similar.pairs(written, HOMEWORK))
    assert f"<mark>{OWN}</mark>" in html and "<script>" not in html and "2 share a run" in html
