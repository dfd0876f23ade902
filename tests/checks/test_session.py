"""What a kernel knows of the homework that it runs."""

import os
import random
import socket

import numpy
import pytest
import torch

from autograder.checks import session, values
from autograder.checks.session import NotReady, Session, public_seed, start


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(session, "current", Session())
    monkeypatch.delenv(session.SOCKET_VARIABLE, raising=False)
    return session.current


def test_before_the_start_there_is_no_homework_and_no_seed(fresh: Session) -> None:
    for asked in (fresh.named_homework, fresh.seed):
        with pytest.raises(NotReady, match="has not started"):
            asked()


def test_a_students_seed_is_public_and_each_homeworks_own(fresh: Session) -> None:
    start("hw01")
    assert fresh.seed() == public_seed("hw01") == "public/hw01" != public_seed("hw02")
    assert fresh.named_homework() == "hw01" and fresh.sink is None


def test_a_secret_seed_goes_before_the_public_one(fresh: Session) -> None:
    start("hw01")
    fresh.secret_seed = "secret"
    assert fresh.seed() == "secret"


def test_at_grading_seed_and_socket_come_from_the_environment(fresh: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    monkeypatch.setenv(session.SOCKET_VARIABLE, str(theirs.fileno()))
    monkeypatch.setenv(session.EXAMS_VARIABLE, str(os.open(os.devnull, os.O_RDONLY)))
    monkeypatch.setenv(session.SEED_VARIABLE, "secret")
    start("hw01")
    assert fresh.seed() == "secret" and fresh.sink is not None
    fresh.sink({"name": "x"}, [1])
    assert ours.recv(4096) == values.frame({"name": "x"}, [1])
    theirs.close()
    fresh.sink({"name": "y"}, 2)
    assert ours.recv(4096) == values.frame({"name": "y"}, 2), "the socket is the session's own"


def test_who_records_is_not_sent_to_a_socket(fresh: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(session.SOCKET_VARIABLE, "no descriptor")
    taken: list[object] = []
    fresh.sink = lambda header, value: taken.append(value)
    start("hw01")
    assert fresh.seed() == "public/hw01"


def test_answers_are_compared_in_full_precision() -> None:
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    start("hw01")
    assert not torch.backends.cuda.matmul.allow_tf32 and not torch.backends.cudnn.allow_tf32


def test_numbers_drawn_without_a_seed_are_the_same_under_one_seed() -> None:
    def drawn() -> list[float]:
        return [random.random(), numpy.random.rand(), numpy.random.default_rng().random(), torch.rand(1).item()]

    session.unseeded("a")
    first, after = drawn(), drawn()
    session.unseeded("a")
    assert drawn() == first != after and drawn() == after
    session.unseeded("b")
    assert not set(first) & set(drawn())
    assert numpy.random.default_rng(5).random() == numpy.random.default_rng(5).random()
