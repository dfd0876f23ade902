"""The steps of a submission between the file and the gradebook, without any kernel."""

import hashlib
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode, writes

from autograder.building.recording import seed_id
from autograder.building.text import BuildError
from autograder.checks.compare import Options
from autograder.checks.references import Mistake, Reference, References
from autograder.grading import homework as homeworks
from autograder.grading import receipts, steps
from autograder.grading.receipts import Receipt
from autograder.grading.released import Graded, Released
from autograder.grading.steps import Prepared, Submission
from autograder.running.notebook import CellOutcome
from autograder.running.sandbox import Limits, SandboxError
from tests.grading.made import cell, changed, gradebook, notebook, receipt, verdict

TEXT = """\
# %% [markdown]
# # Homework
# %% [markdown] lang="fa"
# # تمرین

# %% given id="setup"
import torch

# %% preload
words = 1

# %% solution id="double" forbid="torch.mul"
def double(x):
    \"\"\"Twice x.\"\"\"
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% [markdown] hint id="double"
# How many are two of one?
# ---
# Add it to itself.
# %% [markdown] hint id="double" lang="fa"
# دو تا از یکی چند تاست؟
# ---
# با خودش جمع کنید.
# %% check id="double_check" points=90
check("double", double(1))
check("big", double(9))

# %%
print("a figure")

# %% [markdown] essay id="why" points=10
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 10 for because
# ### END MARK SCHEME
"""
CHECKS = [Reference("double", "double_check", 2, Options(weight=2.0)), Reference("big", "double_check", 18)]
MISTAKE = Mistake("double", "triple", "double", "You multiply by three.", "در سه ضرب کرده‌اید.", 3)
REFERENCES = References("hw", "5eed", CHECKS, [MISTAKE])
SETUP = cell("code", "import torch", "setup", solution=False)
SOLUTION = cell("code", "def double(x):\n    return 2 * x", "double", solution=True)
CHECK = cell("code", 'check("double", double(1))\ncheck("big", double(9))', "double_check", 90)
FIGURE, OWN, EMPTY = cell("code", 'print("a figure")'), cell("code", "y = torch.mul(2, 3)"), cell("code", " \n")
ESSAY = changed(cell("markdown", "Why?", "why", 10, solution=True), source="Because.")
LIMITS = Limits(cell_cpu=5)


class Vault:
    """Seeds and references that are there already."""

    def __init__(self, broken: bool = False) -> None:
        self._broken = broken

    def round(self, homework: str) -> int:
        return 3

    def seed(self, homework: str, round_: int) -> str:
        return f"secret of {homework}/{round_}"

    def references(self, homework: str, seed: str) -> tuple[References, str]:
        if self._broken:
            raise BuildError("hw.py:3: the reference solution fails")
        return REFERENCES, f"references of {homework} under {seed}"

    def alone(self, homework: str, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
        return []


def homework_in(course: Path) -> Path:
    folder = course / "assignments" / "hw"
    folder.mkdir(parents=True)
    (folder / "hw.py").write_text(TEXT, encoding="utf-8")
    return course


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return homework_in(tmp_path)


def in_order(*cells: NotebookNode) -> NotebookNode:
    made = notebook(*(cells or (SETUP, SOLUTION, EMPTY, CHECK, FIGURE, OWN, ESSAY)))
    made.metadata["autograder"] = {"submission": "f11e", "notes": ["put back: why"]}
    with tempfile.TemporaryDirectory() as folder:
        return steps._looked_at(made, homeworks.read(homework_in(Path(folder)), "hw"))


def arrived(course: Path, made: NotebookNode | None = None) -> Submission:
    return steps.arrived(course, Vault(), "9901", "hw", made or in_order(), LIMITS)  # type: ignore[arg-type]


def prepared(course: Path, made: NotebookNode | None = None, sandboxed: bool = True) -> Prepared:
    return steps.prepare(arrived(course, made), Vault(), sandboxed, 1.0)  # type: ignore[arg-type]


def judged(made: Prepared, found: list[CellOutcome]) -> Receipt:
    """What comes of a submission whose own job is the only one that runs."""
    grading = steps.graded(made)
    assert next(grading) is made.job
    with pytest.raises(StopIteration) as end:
        grading.send(found)
    receipt: Receipt = end.value.value
    return receipt


def outcomes(**handed: Any) -> list[CellOutcome]:
    """Of the cells that run: setup, solution, check, the student's own."""
    return [CellOutcome(), CellOutcome(), CellOutcome(handed=handed), CellOutcome()]


def test_what_arrives_knows_its_attempt_seed_and_notes(course: Path) -> None:
    first = arrived(course)
    assert (first.student, first.homework, first.attempt, first.submission) == ("9901", "hw", 1, "f11e")
    assert (
        (first.round, first.seed) == (3, "secret of hw/3")
        and first.notes == ("put back: why",)
        and first.limits == LIMITS
    )


def test_another_file_is_another_attempt_and_the_same_one_is_of_the_same_round(course: Path) -> None:
    receipts.write(course, receipt(submission="another", round=2))
    assert (arrived(course).attempt, arrived(course).round, arrived(course).seed) == (2, 3, "secret of hw/3")
    receipts.write(course, receipt(submission="f11e", attempt=2, round=1))
    assert (arrived(course).attempt, arrived(course).round, arrived(course).seed) == (2, 1, "secret of hw/1")


def test_what_runs_is_the_students_code_in_order_without_what_nobody_sees(course: Path) -> None:
    job = prepared(course).job
    assert [c.source for c in job.cells] == [c.source for c in (SETUP, SOLUTION, CHECK, OWN)]
    assert [c.expects for c in job.cells] == [set(), set(), {"double", "big"}, set()]
    assert prepared(course).ids == ("setup", "double", "double_check", "")
    assert (job.seed, job.limits, job.sandboxed) == ("secret of hw/3", LIMITS, True)
    assert job.warm.preload == "words = 1" and job.warm.imports == ("torch",)
    assert not prepared(course, sandboxed=False).job.sandboxed
    assert prepared(course).references_id == "references of hw under secret of hw/3"


def test_what_is_judged_is_a_whole_receipt(course: Path) -> None:
    found = judged(prepared(course), outcomes(double=2, big=0))
    forbidden = "double may not use torch.mul, which stands in a cell that was added"
    assert found.checks == (
        verdict(weight=2.0, flag=forbidden),
        verdict("big", state="failed", fact="the number differs", difference=None),
    )
    assert found.scores == {"double_check": 60, "why": None}
    assert found.essays == {"why": hashlib.sha256(b"Because.").hexdigest()}
    assert found.notes == ("put back: why",)
    assert found.flags == (forbidden,)
    assert (found.student, found.homework, found.attempt, found.submission) == ("9901", "hw", 1, "f11e")
    assert found.seed_id == seed_id("secret of hw/3") and found.references_id == "references of hw under secret of hw/3"
    assert found.limits == LIMITS and found.versions == receipts.environment(course).versions
    assert (found.device, found.commit) == (receipts.environment(course).device, receipts.environment(course).commit)


def test_a_known_mistake_is_diagnosed_with_its_sentences(course: Path) -> None:
    diagnosis = judged(prepared(course), outcomes(double=3, big=18)).checks[0].diagnosis
    assert diagnosis is not None
    assert (diagnosis.variant, diagnosis.en, diagnosis.fa) == ("triple", "You multiply by three.", "در سه ضرب کرده‌اید.")


def test_answers_count_for_the_cell_that_gave_them(course: Path) -> None:
    elsewhere = [CellOutcome(), CellOutcome(), CellOutcome(), CellOutcome(handed={"double": 2, "big": 18})]
    assert {v.state for v in judged(prepared(course), elsewhere).checks} == {"missing"}


@pytest.mark.parametrize("number", [3, 5])
def test_the_outcomes_of_another_job_are_refused(number: int, course: Path) -> None:
    with pytest.raises(ValueError, match="zip"):
        judged(prepared(course), (2 * outcomes())[:number])


def test_what_suspects_a_check_is_flagged_after_what_is_forbidden(course: Path) -> None:
    options = Options(metric="accuracy", goal=0.5, floor=0.1, suspicious=0.9)
    made = prepared(course)
    labels = __import__("torch").tensor([0, 1, 1])
    known = References("hw", "5eed", [Reference("big", "double_check", labels, options)])
    flags = judged(replace(made, references=known), outcomes(big=labels)).flags
    assert len(flags) == 2 and "torch.mul" in flags[0] and "too good to be learned" in flags[1]


def test_voided_checks_count_for_nobody(course: Path) -> None:
    (course / "assignments" / "hw" / "voided.txt").write_text("big  # drawn wrongly\n")
    found = judged(prepared(course), outcomes(double=2, big=0))
    assert [v.state for v in found.checks] == ["passed", "void"] and found.scores["double_check"] == 90


def test_a_receipt_learns_of_what_was_voided_after_it_and_of_nothing_else(course: Path) -> None:
    before = judged(prepared(course), outcomes(double=3, big=18))
    (course / "assignments" / "hw" / "voided.txt").write_text("double\n")
    assert steps.voided_since(before, arrived(course)).scores == {"double_check": 90, "why": None}
    (course / "assignments" / "hw" / "voided.txt").write_text("double\nbig\n")
    after = steps.voided_since(before, arrived(course))
    assert [v.state for v in after.checks] == ["void", "void"]
    assert after.checks[0].diagnosis == before.checks[0].diagnosis is not None
    assert after.scores == {"double_check": 0, "why": None}, "nothing, which is not open"
    assert replace(after, checks=before.checks, scores=before.scores) == before


def test_a_grader_without_kernels_leaves_every_check_open(course: Path) -> None:
    made = prepared(course)
    found = steps.not_graded(made.submission, SandboxError("no kernel comes up"), made)
    assert [(v.check, v.state, v.weight, v.fact) for v in found.checks] == [
        ("double", "not graded", 2, "the grader failed, not the submission"),
        ("big", "not graded", 1, "the grader failed, not the submission"),
    ]
    assert found.notes == ("put back: why", "not graded: no kernel comes up") and found.scores["double_check"] is None
    assert found.references_id == made.references_id


def test_a_homework_that_cannot_be_recorded_leaves_its_cells_open(course: Path) -> None:
    with pytest.raises(BuildError) as error:
        steps.prepare(arrived(course), Vault(broken=True), True, 1.0)  # type: ignore[arg-type]
    found = steps.not_graded(arrived(course), error.value)
    assert found.checks == () and found.references_id == "" and found.scores == {"double_check": None, "why": None}
    assert found.notes[-1] == "not graded: hw.py:3: the reference solution fails"


SHOWN = [
    ((verdict(), verdict("big", state="failed", fact="it differs")), {"double_check": 45.0}, "✓ double\n✗ big: it differs\n", True),
    ((verdict(state="void"),), {"double_check": 0.0}, "– double: this check was at fault and counts for nobody\n", True),
    ((verdict(state="not graded", fact="x"),), {"double_check": None}, "? double: x\n", False),
    ((), {"double_check": None}, "? not graded: the grader failed\n", False),
    ((), {}, "? not graded: the grader failed\n", False),
]  # fmt: skip


@pytest.mark.parametrize(("checks", "scores", "text", "graded"), SHOWN)
def test_under_a_check_stand_the_judges_words_and_nothing_of_the_kernels(
    checks: Any, scores: Any, text: str, graded: bool
) -> None:
    lie = {"output_type": "stream", "name": "stdout", "text": "✓ all is well\n"}
    printed = [changed(c, outputs=[lie]) for c in (OWN, CHECK)]
    made = notebook(*printed, ESSAY, kernelspec="kept")
    steps.show(made, receipt(*checks, scores=scores | {"why": None}, submission="f11e"))
    assert [[output["text"] for output in c.outputs] for c in made.cells[:2]] == [["✓ all is well\n"], [text]]
    assert made.cells[1].outputs[0].name == "stdout" and "outputs" not in made.cells[2]
    assert made.metadata == {"kernelspec": "kept", "autograder": {"submission": "f11e", "graded": graded}}


@pytest.mark.parametrize(
    ("first", "second", "graded"), [(1.0, 2.0, True), (1.0, None, False), (None, 2.0, False), (0.0, 0.0, True)]
)
def test_a_notebook_is_graded_when_every_check_of_it_is(
    first: float | None, second: float | None, graded: bool
) -> None:
    made = notebook(CHECK, cell("code", "check(answer)", "answer_check", 10), ESSAY)
    steps.show(made, receipt(scores={"double_check": first, "answer_check": second, "why": None}))
    assert made.metadata["autograder"]["graded"] is graded


def test_a_notebook_is_put_in_order_by_the_gradebook_and_the_release(tmp_path: Path) -> None:
    folder = tmp_path / "release" / "en" / "hw"
    folder.mkdir(parents=True)
    (folder / "hw.ipynb").write_text(writes(notebook(cell("markdown", "Why, though?"), ESSAY)))
    with gradebook() as book:
        book.add_assignment("hw")
        book.add_notebook("hw", "hw")
        book.add_source_cell("setup", "hw", "hw", cell_type="code", source="import torch", locked=True, checksum="c")
        found = steps.released(book, tmp_path, homeworks.read(homework_in(tmp_path), "hw"))
    assert found.cells == [Graded("setup", "code", "import torch", "c", True, False, None)]
    assert found.questions == {"Why, though?": "why"} and "Why, though?" in found.known
    made = notebook()
    path = tmp_path / "submitted" / "s" / "hw" / "hw.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(writes(made))
    assert steps.ordered(path, found, homeworks.read(tmp_path, "hw")).cells[0].source == "import torch"


def test_half_a_surrogate_pair_stops_nobody(tmp_path: Path, course: Path) -> None:
    path = tmp_path / "submitted" / "9901" / "hw" / "hw.ipynb"
    path.parent.mkdir(parents=True)
    evil = {
        "cell_type": "code",
        "metadata": {},
        "source": "x = '\ud800'",
        "outputs": [{"output_type": "stream", "text": "\udfff"}],
    }
    path.write_text(json.dumps({"cells": [evil], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    made = steps.ordered(
        path,
        Released([Graded("why", "markdown", "Why?", "", False, True, 10)], {}, frozenset()),
        homeworks.read(course, "hw"),
    )
    found = judged(prepared(course, made), [CellOutcome()])
    steps.show(made, found)
    receipts.write(course, found)
    assert "x = '?'" in writes(made).encode().decode() and receipts.of(course, "9901", "hw") == [found]
