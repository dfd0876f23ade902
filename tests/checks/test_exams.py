"""Exams: the judge keeps the answers, and what a kernel has doesn't lead to them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from autograder.building.recording import record
from autograder.checks import session
from autograder.checks.draws import Draws
from autograder.checks.exams import exam
from autograder.checks.session import NotReady, Session, exams_file, opened
from tests.conftest import HOMEWORK, TOY


def questions(draw: Draws) -> tuple[dict[str, Tensor], tuple[Tensor, Tensor]]:
    x, secret = draw.normal(5, 3), draw.integers(1, 9, 5)
    return {"x": x, "sums": x.sum(-1) + secret}, (secret, draw.normal(2))


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr(session, "current", Session())
    session.start("hw")
    yield session.current


def as_graded(seed: str, monkeypatch: pytest.MonkeyPatch, exams: dict[str, Any]) -> None:
    current = Session()
    current.homework, current.sink, current.secret_seed = "hw", lambda header, value: None, opened(seed)
    current.exams = exams
    monkeypatch.setattr(session, "current", current)


def test_a_students_notebook_draws_questions_and_answers(fresh: Session) -> None:
    asked, (secret, other) = exam("an exam", questions)
    assert torch.allclose(asked["sums"] - secret, asked["x"].sum(-1), atol=1e-5) and other.shape == (2,)
    again = exam("an exam", questions)[0]
    assert torch.equal(asked["x"], again["x"]) and not torch.equal(asked["x"], exam("another", questions)[0]["x"])


def test_at_grading_it_is_not_drawn(fresh: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(draw: Draws) -> tuple[Tensor, Tensor]:
        raise AssertionError

    as_graded("secret", monkeypatch, {"an exam": [[torch.ones(3)], torch.zeros(2)]})
    asked, answers = exam("an exam", never)
    assert torch.equal(asked[0], torch.ones(3)) and torch.equal(answers, torch.zeros(2))
    with pytest.raises(NotReady, match="no exam called 'other'"):
        exam("other", never)


def test_a_question_changed_in_place_is_noticed(fresh: Session) -> None:
    asked, _ = exam("an exam", questions)
    assert not fresh.inputs.changed()
    asked["x"] *= 2
    assert fresh.inputs.changed()


def test_what_the_caller_does_to_a_question_stays_in_its_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    as_graded("secret", monkeypatch, {"an exam": [torch.ones(3), torch.zeros(2)]})
    exam("an exam", lambda draw: (0, 0))[0].zero_()
    assert torch.equal(exam("an exam", lambda draw: (0, 0))[0], torch.ones(3))


def test_a_kernels_seed_is_another_than_the_secret_it_comes_from() -> None:
    assert opened("public/hw") == "public/hw"
    assert opened("secret") == opened("secret") != opened("other") and "secret" not in opened("secret")


def test_references_hold_the_questions_and_zeros_for_answers(tmp_path: Path) -> None:
    made = record(TOY / "assignments" / HOMEWORK, "a secret", mistakes=False)
    (rows, answers) = made.exams["train"]
    labels = made.named("train")
    assert labels is not None and torch.equal((rows.sum(-1) > 0).long(), labels.value)
    assert not answers.any() and labels.value.any()
    assert made.public().exams == {}, "no exam ships"
    content = session.values.parse(exams_file(made.exams))[1]
    assert torch.equal(content["train"][0], rows) and exams_file({}) == b""


def test_the_questions_are_not_those_of_the_kernels_seed() -> None:
    rows = record(TOY / "assignments" / HOMEWORK, "a secret", mistakes=False).exams["train"][0]
    for seed in (opened("a secret"), "a secret"):
        for name in ("train", "exam/train"):
            drawn = Draws(seed, name).normal(64, 3)
            assert torch.equal(drawn, rows) == ((seed, name) == ("a secret", "exam/train"))
