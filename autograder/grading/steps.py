"""The way of a submission, step by step.

``autograder grade``, nbgrader's own command and ``autograder replay`` each call these in this order, and decide nothing else:

    ordered → arrived → prepare → graded (while its jobs run), or not_graded → show → save.save

Each step takes what the one before it gave, so that nothing can be judged that wasn't prepared.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_output

from autograder.building.recording import seed_id
from autograder.checks.references import References, is_check_of
from autograder.checks.session import exams_file
from autograder.cleaned import cleaned
from autograder.grading import apart, demonstrations, follow, forbidden, receipts, rescue, sanitize, scores
from autograder.grading import homework as homeworks
from autograder.grading.homework import Homework
from autograder.grading.judge import judge, ungraded, without
from autograder.grading.receipts import Receipt
from autograder.grading.released import Released, of_notebook
from autograder.grading.rescue import KEY
from autograder.grading.seeds import Vault
from autograder.grading.verdict import Verdict
from autograder.running import local
from autograder.running.hidden import of_course
from autograder.running.notebook import CellOutcome, CodeCell, Job
from autograder.running.sandbox import Limits

released = of_notebook
Runs = Generator[Job, list[CellOutcome], Receipt]  # the jobs of a submission, sent what became of each one's cells


@dataclass(frozen=True)
class Submission:
    """A notebook in order, which attempt it is, and what it is to run under.

    Attributes:
        submission: a hash of the file that was handed in.
        notes: what was put right in it.
        flags: what in its text a person should look at.
        idle: which of its cells of code needn't run.
        attempt: which of the student's submissions this is, from 1.
        round: which round of the homework's grading.
        seed: the secret one of this round.
    """

    course: Path
    student: str
    homework: str
    notebook: NotebookNode
    submission: str
    notes: tuple[str, ...]
    flags: tuple[str, ...]
    idle: frozenset[int]
    attempt: int
    round: int
    seed: str
    limits: Limits


@dataclass(frozen=True)
class Prepared:
    """A submission that can be run and judged.

    Attributes:
        job: what runs.
        ids: the id of each of the job's cells; "" for one that isn't graded.
        share: of its points that a check earns followed through.
        alone: see ``follow.through``.
    """

    submission: Submission
    references: References
    references_id: str
    job: Job
    ids: tuple[str, ...]
    share: float
    alone: follow.Alone


def ordered(path: Path, by: Released, homework: Homework) -> NotebookNode:
    """A submitted file as a notebook with every graded cell in its place, and no metadata but ours.

    A process apart does all that looks into what a student wrote, so that whatever it costs, it costs this submission. One of
    which nothing can be read is an empty one, and its notes say why.
    """
    try:
        return from_dict(json.loads(apart.call(_ordered, path, by, homework)))
    except apart.Lost as error:
        return _looked_at(sanitize.sanitized(rescue.unreadable(path, str(error)), by), homework)


def _ordered(path: Path, by: Released, homework: Homework) -> str:
    return json.dumps(_looked_at(sanitize.sanitized(rescue.read(path), by), homework))


def _looked_at(notebook: NotebookNode, homework: Homework) -> NotebookNode:
    """Note in its metadata what a person should look at, and which cells of code needn't run."""
    about = notebook.metadata[KEY]
    about["flags"] = forbidden.flags(notebook, homework)
    about["idle"] = sorted(demonstrations.left_out([cell.source for cell in _code(notebook)], homework))
    return notebook


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def arrived(
    course: Path, vault: Vault, student: str, homework: str, notebook: NotebookNode, limits: Limits
) -> Submission:
    """Which attempt of the student a notebook in order is, and its seed.

    Raises:
        Problem: a receipt of the student's is none.
    """
    submission = notebook.metadata[KEY]["submission"]
    attempt, round_ = receipts.attempt(course, student, homework, submission, vault.round(homework))
    seed = vault.seed(homework, round_)
    return as_attempt(course, student, homework, notebook, attempt, round_, seed, limits)


def as_attempt(
    course: Path,
    student: str,
    homework: str,
    notebook: NotebookNode,
    attempt: int,
    round_: int,
    seed: str,
    limits: Limits,
) -> Submission:
    """A notebook in order as a certain attempt of the student."""
    about = notebook.metadata[KEY]
    said = tuple(about["notes"]), tuple(about["flags"]), frozenset(about["idle"])
    return Submission(course, student, homework, notebook, about["submission"], *said, attempt, round_, seed, limits)


def prepare(submission: Submission, vault: Vault, sandboxed: bool, share: float) -> Prepared:
    """What is to run, what its answers are compared with, and the share that a check earns followed through.

    Raises:
        BuildError: the homework can't be recorded under the round's seed.
        OSError: its files can't be read.
    """
    homework = homeworks.read(submission.course, submission.homework)
    references, references_id = vault.references(submission.homework, submission.seed)
    code = [cell for number, cell in enumerate(_code(submission.notebook)) if number not in submission.idle]
    ids = tuple(cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in code)
    expected = [frozenset(reference.name for reference in references.of_cell(cell)) for cell in ids]
    cells = tuple(CodeCell(cell.source, names) for cell, names in zip(code, expected))
    hidden, exams = of_course(submission.course), exams_file(references.exams)
    job = Job(cells, submission.seed, submission.limits, homework.warm, sandboxed, hidden, exams)
    alone = partial(vault.alone, submission.homework)
    return Prepared(submission, references, references_id, job, ids, share, alone)


def graded(prepared: Prepared) -> Runs:
    """What a submission earned: yields the jobs that are to run, its own first, and is sent what became of each job's cells.

    Raises:
        ValueError: these are the outcomes of another job.
    """
    outcomes = yield prepared.job
    submission, ids, references = prepared.submission, prepared.ids, prepared.references
    if prepared.share:
        homework = homeworks.read(submission.course, submission.homework)
        verdicts = yield from follow.through(
            prepared.job, ids, outcomes, references, homework, prepared.alone, prepared.share
        )
    else:
        verdicts = judge(references, dict(zip(ids, outcomes, strict=True)))
    return _receipt(submission, prepared.references_id, verdicts)


def sent(grading: Runs, outcomes: list[CellOutcome]) -> Job | Receipt:
    """The next job of a submission that is being graded, or at its end the receipt."""
    try:
        return grading.send(outcomes)
    except StopIteration as end:
        receipt: Receipt = end.value
        return receipt


def graded_here(prepared: Prepared) -> Receipt:
    """What a submission earned, run on this machine, one job after the other."""
    grading = graded(prepared)
    now: Job | Receipt = next(grading)
    while not isinstance(now, Receipt):
        now = sent(grading, local.run(now))
    return now


def not_graded(submission: Submission, error: Exception, prepared: Prepared | None = None) -> Receipt:
    """Every check left open, because the grader failed; without ``prepared`` it isn't even known which checks there are."""
    noted = replace(submission, notes=(*submission.notes, f"not graded: {cleaned(str(error), 500)}"))
    if prepared is None:
        return _receipt(noted, "", [])
    verdicts = ungraded(prepared.references, "the grader failed, not the submission")
    return _receipt(noted, prepared.references_id, verdicts)


def _receipt(submission: Submission, references_id: str, verdicts: Iterable[Verdict]) -> Receipt:
    counted = without(verdicts, homeworks.voided(submission.course, submission.homework))
    checks = tuple(_flagged(verdict, submission.flags) for verdict in counted)
    environment = receipts.environment(submission.course)
    return Receipt(
        student=submission.student,
        homework=submission.homework,
        attempt=submission.attempt,
        round=submission.round,
        submission=submission.submission,
        seed_id=seed_id(submission.seed),
        references_id=references_id,
        versions=environment.versions,
        device=environment.device,
        commit=environment.commit,
        limits=submission.limits,
        notes=submission.notes,
        flags=tuple(dict.fromkeys((*submission.flags, *(check.flag for check in checks if check.flag)))),
        essays=scores.essays(submission.notebook),
        scores=scores.automatic(submission.notebook, checks),
        checks=checks,
    )


def _flagged(verdict: Verdict, flags: Iterable[str]) -> Verdict:
    """A check that passed with what its solution may not use has the flag of that, for a person to look at it."""
    about = [flag for flag in flags if (of := forbidden.of_solution(flag)) and is_check_of(verdict.cell, of)]
    return replace(verdict, flag=about[0]) if about and verdict.earned and not verdict.flag else verdict


def voided_since(receipt: Receipt, submission: Submission) -> Receipt:
    """A receipt of this submission with what was voided after it taken out of the total; nothing is run or judged again."""
    checks = tuple(without(receipt.checks, homeworks.voided(submission.course, submission.homework)))
    return replace(receipt, checks=checks, scores=scores.automatic(submission.notebook, checks))


def show(notebook: NotebookNode, receipt: Receipt) -> None:
    """Put the judge's words under each check, instead of what the cell printed, and the mark by which grading goes on."""
    for cell in filter(scores.is_check, notebook.cells):
        verdicts = receipt.of_cell(cell.metadata.nbgrader.grade_id)
        text = "\n".join(verdict.line() for verdict in verdicts) or "? not graded: the grader failed"
        cell.outputs = [new_output("stream", name="stdout", text=text + "\n")]
    checks = [cell.metadata.nbgrader.grade_id for cell in filter(scores.is_check, notebook.cells)]
    graded = all(receipt.scores.get(check) is not None for check in checks)
    notebook.metadata[KEY] = {"submission": receipt.submission, "graded": graded}
