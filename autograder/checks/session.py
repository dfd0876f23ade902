"""What a kernel knows of the homework it runs: its name, its seed, and where answers go.

A student's kernel compares answers with the public references. At grading the environment names a socket, a secret seed and
a file with the questions of exams, and answers go out through the socket. While references are recorded, answers go to a
function.
"""

from __future__ import annotations

import hashlib
import os
import random
import socket
from collections.abc import Callable
from typing import Any

import numpy
import torch

from autograder.checks import values
from autograder.checks.inputs import Inputs
from autograder.checks.names import keep_apart

SEED_VARIABLE = "AUTOGRADER_SEED"
SOCKET_VARIABLE = "AUTOGRADER_SOCKET"
EXAMS_VARIABLE = "AUTOGRADER_EXAMS"

Sink = Callable[[dict[str, Any], Any], None]


class NotReady(RuntimeError):
    """Something is missing that the student can put right; Jupyter shows the message alone.

    Where the notebook's language isn't known, the message says it in both, a line each.
    """

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Session:
    """One kernel's state; ``sink`` takes (header, value) of every check, or is None in a student's notebook.

    ``other_data`` are the datasets that were loaded from elsewhere than the course's files, with other held-out questions.
    ``root_seed`` is what exams are drawn from where references are recorded; no kernel has it. ``exams`` are their questions and
    answers; at grading they come with zeros for answers. ``inputs`` are those of the cell that runs. ``seen`` says of each check
    that has run here whether its answer was right, ``earned`` which share of its points it has, None where only grading tells;
    ``checked`` is the last one of the cell that runs.
    """

    def __init__(self) -> None:
        self.homework: str | None = None
        self.secret_seed: str | None = None
        self.root_seed: str | None = None
        self.exams: dict[str, Any] = {}
        self.sink: Sink | None = None
        self.recording = False
        self.on_draw: Callable[[Any], None] | None = None
        self.other_data: set[str] = set()
        self.inputs = Inputs()
        self.seen: dict[str, bool] = {}
        self.earned: dict[str, float | None] = {}
        self.checked = ""

    def seed(self) -> str:
        return self.secret_seed or public_seed(self.named_homework())

    def root(self) -> str:
        """The seed that exams are drawn from."""
        return self.root_seed or self.seed()

    def drawn(self, value: Any) -> None:
        """Note an input: of what is given to a function, every check of the cell sees whether it is still the same."""
        if self.on_draw is not None:
            self.on_draw(value)
        self.inputs.watch(value)

    def named_homework(self) -> str:
        if self.homework is None:
            raise NotReady(
                "The homework has not started: run the notebook's first code cell (or Run All) first.\n"
                "تمرین هنوز آغاز نشده است: نخست اولین سلول کد دفترچه را اجرا کنید (یا \u2066Run All\u2069 را بزنید)."
            )
        return self.homework


def public_seed(homework: str) -> str:
    """The seed of every student's notebook."""
    return f"public/{homework}"


def opened(seed: str) -> str:
    """The seed that a kernel gets instead of a secret one, which doesn't lead back to it; the public one stays itself."""
    return seed if seed.startswith("public/") else hashlib.sha256(f"open/{seed}".encode()).hexdigest()


current = Session()


def unseeded(seed: str) -> None:
    """Make numbers that are drawn without a seed the same whenever a homework runs under this one."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4])
    random.seed(number)
    numpy.random.seed(number)
    torch.manual_seed(number)
    vars(numpy.random.bit_generator)["randbits"] = random.Random(number).getrandbits  # which default_rng() asks


def start(homework: str) -> None:
    """Begin a homework: fixes its seed and references, and the precision that answers are compared at."""
    current.homework = homework
    keep_apart(current.inputs.forget)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    if current.sink is None and SOCKET_VARIABLE in os.environ:
        current.secret_seed = os.environ[SEED_VARIABLE]
        current.sink = _socket_sink(int(os.environ[SOCKET_VARIABLE]))
        current.exams = _exams(int(os.environ[EXAMS_VARIABLE]))


def _socket_sink(descriptor: int) -> Sink:
    channel = socket.socket(fileno=os.dup(descriptor))

    def send(header: dict[str, Any], value: Any) -> None:
        channel.sendall(values.frame(header, value))

    return send


def exams_file(exams: dict[str, Any]) -> bytes:
    """What a kernel is given of exams: the questions, and zeros for answers."""
    return values.dump({}, exams) if exams else b""


def _exams(descriptor: int) -> dict[str, Any]:
    content = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    exams: dict[str, Any] = values.parse(content)[1] if content else {}
    return exams
