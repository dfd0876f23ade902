"""Whatever lies in a notebook, it is read, put in order, looked at and saved, or refused in a line; nothing is raised.

Here a hundred are made; ``NOTEBOOKS=2000 pytest tests/grading/test_any_notebook.py`` makes more.
"""

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode

from autograder.checks.compare import Options
from autograder.checks.references import Reference, References
from autograder.grading import receipts, rescue, sanitize, scores, steps
from autograder.grading.homework import Homework
from autograder.grading.judge import judge
from autograder.grading.late import Policy
from autograder.grading.released import Released, squeezed
from autograder.grading.save import save
from autograder.running.notebook import CellOutcome
from tests.grading.made import gradebook, receipt
from tests.grading.test_sanitize import HOMEWORK, QUESTION, release

RELEASED = Released(HOMEWORK, {QUESTION: "why"}, frozenset(squeezed(cell.source) for cell in release()))
REFERENCES = References(
    "hw", "5eed", [Reference("double", "double_check", 2), Reference("net", "Net_check", 1, Options())]
)

HALF = [json.loads(f'"\\u{code}"') for code in ("d83d", "dfff", "0000", "202e", "001b")]
words = st.sampled_from(
    ["def double(x):\n    return 2 * x", "class Net: 1", "raise NotImplementedError()", "start('hw')", "start('other')", QUESTION,
     "YOUR ANSWER\nHERE", "check('double', double(x))", "import torch", "%%time", "%%bash\nls", "!ls", "exit()", "x = !ls", "?x",
     "if True:", "    ", "\t", "\r\n", "(" * 300, "-" * 3000 + "1", "x" + ".a" * 3000, "[" * 90, "'''", "\\", "# autograder bundle",
     "global double", "double = 1", "exec('x')", "![x](http://x)", "<script>", "```mermaid", "سلام", *HALF]
)  # fmt: skip
text = st.lists(words | st.text(max_size=20), max_size=5).map("".join) | st.lists(words, max_size=4)
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5) | st.sampled_from(HALF),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
ids = st.sampled_from([cell.id for cell in HOMEWORK]) | odd
metadata = odd | st.fixed_dictionaries(
    {"nbgrader": odd | st.fixed_dictionaries({"grade_id": ids, "checksum": odd, "points": odd})}
)
outputs = odd | st.lists(
    odd
    | st.fixed_dictionaries(
        {"output_type": st.sampled_from(["stream", "display_data", "execute_result", "error", "x"])},
        optional={
            "text": text | odd,
            "name": odd,
            "data": odd | st.dictionaries(st.sampled_from(["text/plain", "image/png", "text/html", "x"]), text | odd),
            "ename": odd,
            "evalue": odd,
            "traceback": odd | st.lists(text),
        },
    ),
    max_size=3,
)
one_cell = odd | st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading", 5]),
        "source": text | odd,
        "metadata": metadata,
    },
    optional={
        "outputs": outputs,
        "attachments": odd | st.dictionaries(st.text(max_size=9), odd),
        "id": odd,
        "input": text,
    },
)
of_the_release = st.sampled_from(release()).map(lambda cell: json.loads(json.dumps(cell)))
cells = st.lists(of_the_release | one_cell, max_size=12)
files = (
    st.fixed_dictionaries({"cells": cells | odd}, optional={"worksheets": odd, "metadata": odd, "nbformat": odd}) | odd
)


@pytest.fixture(scope="module")
def homework() -> Homework:
    return Homework("hw", ())


@settings(
    max_examples=int(os.environ.get("NOTEBOOKS", "100")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(content=files, encoding=st.sampled_from(["utf-8", "utf-8", "utf-16", "cp1256"]))
def test_any_notebook_is_graded(content: Any, encoding: str, tmp_path: Path, homework: Homework) -> None:
    path = tmp_path / "s" / "hw" / "hw.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(json.dumps(content, ensure_ascii=encoding != "utf-8").encode(encoding, errors="surrogatepass"))
    made = steps._looked_at(sanitize.sanitized(rescue.read(path), RELEASED), homework)
    nbformat.validate(made)
    found = judge(REFERENCES, {"double_check": CellOutcome(handed={"double": 2})})
    made_receipt = receipt(
        *found,
        essays=scores.essays(made),
        scores=scores.automatic(made, found),
        notes=tuple(made.metadata[rescue.KEY]["notes"]),
        flags=tuple(made.metadata[rescue.KEY]["flags"]),
    )
    steps.show(made, made_receipt)
    nbformat.writes(made).encode()
    assert receipts._JSON.validate_json(receipts.dumped(made_receipt)) == made_receipt
    assert all(isinstance(note, str) and len(note) < 2000 for note in made_receipt.notes)
    _saved(made, made_receipt, tmp_path)


def _saved(made: NotebookNode, given_: Any, course: Path) -> None:
    with gradebook() as book:
        book.add_assignment("hw")
        book.add_notebook("hw", "hw")
        for cell in HOMEWORK:
            if cell.points is not None:
                book.add_grade_cell(cell.id, "hw", "hw", max_score=cell.points, cell_type=cell.cell_type)
            if cell.solution:
                book.add_solution_cell(cell.id, "hw", "hw")
        book.add_student("9901")
        book.add_submission("hw", "9901")
        save(book, course, made, given_, Policy())
