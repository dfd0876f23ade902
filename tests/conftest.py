"""A small course for tests: one homework that builds and runs in seconds."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from autograder.building import audit, build, release
from autograder.checks import session

settings.register_profile("here", deadline=None, derandomize=True)
settings.load_profile("here")
release.find_alembic()

ROOT = Path(__file__).parents[1]
TOY = Path(__file__).parent / "toy"
HOMEWORK = "hw00_toy"


@pytest.fixture(scope="session")
def built_toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy course, built. Not to be written to: copy it."""
    course = tmp_path_factory.mktemp("toy") / "course"
    shutil.copytree(TOY, course)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    build.build(course, HOMEWORK)
    return course


@pytest.fixture
def toy(built_toy: Path, tmp_path: Path) -> Path:
    """A course of one's own."""
    return Path(shutil.copytree(built_toy, tmp_path / "course"))


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Record here, one after another, instead of in processes of their own: the same results, without their start."""
    one_at_a_time = threading.Lock()

    def call(function: Callable[..., object], *arguments: object, **keywords: object) -> object:
        with one_at_a_time:
            return function(*arguments, **keywords)

    for module in (build, audit):
        monkeypatch.setattr(module, "isolated", call)


@pytest.fixture
def student(built_toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A student's folder with the toy's public references, as the current folder, before the first cell."""
    folder = tmp_path / "student"
    shutil.copytree(built_toy / "release" / "en" / HOMEWORK, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(session, "current", session.Session())
    yield folder


Command = Callable[..., subprocess.CompletedProcess[str]]


def _run(course: Path, program: str, *arguments: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
    path = str(Path(sys.executable).parent / program)
    environment = {k: v for k, v in os.environ.items() if k != "AUTOGRADER_SEED"} | {"COLUMNS": "200"}
    done = subprocess.run([path, *arguments], cwd=course, capture_output=True, text=True, env=environment, check=False)
    assert not ok or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture
def command() -> Command:
    """Run one of the environment's programs in a course's folder, without the environment being activated."""
    return _run


@pytest.fixture(scope="module")
def module_command() -> Command:
    """The same for fixtures that serve a module."""
    return _run
