"""``autograder mark``: the page's server on this machine, for whoever has its address."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from nbgrader.apps import NbGrader

from autograder.grading import gradebook
from autograder.grading.late import LateDays
from autograder.marking.app import create
from autograder.marking.marks import Marking
from autograder.problem import Problem

PORT = 8765  # another one where it is taken and none was asked for
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,200}")


def marking_of(course: Path, homework: str) -> Marking:
    """A homework's marks, in the gradebook that the course's configuration names.

    Raises:
        Problem: there is no gradebook, or the homework isn't built or has no essay.
    """
    nbgrader = NbGrader()
    with contextlib.chdir(course):  # where nbgrader looks for its configuration
        nbgrader.initialize([], root=str(course.resolve()))
    directory = nbgrader.coursedir
    path = re.fullmatch(r"sqlite:///(.+)", directory.db_url)
    if path and not (course / path[1]).exists():
        raise Problem(f"no gradebook at {directory.db_url}: run this in the course's folder, or grade something first.")
    gradebook.protect()
    policy = LateDays(config=nbgrader.config).policy(course)

    def folder(student: str) -> Path:
        return Path(directory.format_path(directory.autograded_directory, student, homework))

    return Marking(course, homework, directory.db_url, policy, folder)


def serve(
    course: Path, homework: str, port: int | None, token: str | None, lang: str, say: Callable[[str], None]
) -> None:
    """Serve the page until Ctrl-C; ``say`` gets its address once it answers.

    Raises:
        Problem: the port is taken, or the token can't stand in an address.
    """
    token = secrets.token_urlsafe(24) if token is None else token
    if not _TOKEN.fullmatch(token):
        raise Problem("--token is up to 200 letters, digits and the characters . _ ~ -, which an address can hold.")
    app = create(marking_of(course, homework), token, lang)
    logging.getLogger("autograder").setLevel(logging.WARNING)
    with _listening(port) as listening:
        say(f"http://127.0.0.1:{listening.getsockname()[1]}/?token={token}")
        settings = uvicorn.Config(
            app, log_level="warning", access_log=False, lifespan="off", server_header=False, proxy_headers=False
        )
        asyncio.run(uvicorn.Server(settings).serve(sockets=[listening]))


def _listening(port: int | None) -> socket.socket:
    for wanted in (PORT, 0) if port is None else (port,):
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind(("127.0.0.1", wanted))
        except OSError:
            made.close()
            continue
        made.listen()
        return made
    raise Problem(f"port {port} is taken by another program: give another one with --port, or none.")
