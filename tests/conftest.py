"""A small course for tests: one homework that builds and runs in seconds."""

import os

# Read when torch is imported: two tests at a time with two threads each would mostly wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import contextlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path

import pytest
from hypothesis import settings

from autograder.building import build, cache, release, trials
from autograder.checks import session
from tests.programs import Programs

settings.register_profile("here", deadline=None, derandomize=True)
settings.load_profile("here")
release.find_alembic()

ROOT = Path(__file__).parents[1]
TOY = Path(__file__).parent / "toy"
HOMEWORK = "hw00_toy"


FOLDERS = {"running": "sandbox", "exploits": "sandbox", "end_to_end": "sandbox"}
FILES = {"grading/test_gradebook.py": "database"}
FIXTURES = {"command": "sandbox"}
LONGEST_FIRST = (
    "grading/test_grade.py",
    "running/test_cluster.py",
    "exploits/test_exploits.py",
    "grading/test_void_and_replay.py",
    "end_to_end/test_regrading.py",
    "grading/test_gradebook.py",
    "running/test_walls.py",
    "homeworks/test_hw05_bert_spam.py",
    "grading/test_trouble.py",
    "end_to_end/test_notebook_in_browser.py",
    "homeworks/test_hw03_linear_transformers.py",
    "homeworks/test_hw06_rnn_backprop.py",
    "homeworks/test_hw04_glove_sentiment.py",
    "building/test_audit.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what each test needs, as its folder and its fixtures tell, and start the files that take longest first."""
    here = Path(__file__).parent
    names = {item: str(item.path.relative_to(here)) for item in items if item.path.is_relative_to(here)}
    for item, name in names.items():
        needs = {
            FOLDERS.get(name.partition("/")[0]),
            FILES.get(name),
            *(FIXTURES.get(f) for f in getattr(item, "fixturenames", ())),
        }
        for mark in needs - {None}:
            item.add_marker(str(mark))
    order = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: order.get(names.get(item, ""), len(order)))


class Here(Executor):
    """Does at once and in this process what trials give to processes of their own: the same results, without their start."""

    def submit(self, function: Callable[..., object], *arguments: object, **keywords: object) -> Future[object]:  # type: ignore[override]
        done: Future[object] = Future()
        try:
            done.set_result(function(*arguments, **keywords))
        except Exception as error:
            done.set_exception(error)
        return done


@contextlib.contextmanager
def _here(_folders: object) -> Iterator[Executor]:
    yield Here()


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the results of this session's trials are kept."""
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="session")
def built_toy(tmp_path_factory: pytest.TempPathFactory, results: Path) -> Path:
    """The toy course, built. Not to be written to: copy it."""
    course = tmp_path_factory.mktemp("toy") / "course"
    shutil.copytree(TOY, course)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    with _trials_here(results):
        build.build(course, [HOMEWORK])
    return course


@contextlib.contextmanager
def _trials_here(results: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trials, "workers", _here)
        patch.setattr(cache, "folder", lambda: results)
        yield


@pytest.fixture(scope="module")
def here(results: Path) -> Iterator[None]:
    """Try solutions and variants in this process, one after another; what was tried in this session is kept."""
    with _trials_here(results):
        yield


@pytest.fixture
def toy(built_toy: Path, tmp_path: Path) -> Path:
    """A course of one's own."""
    return Path(shutil.copytree(built_toy, tmp_path / "course"))


@pytest.fixture
def student(built_toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A student's folder with the toy's public references, as the current folder, before the first cell."""
    folder = tmp_path / "student"
    shutil.copytree(built_toy / "release" / "en" / HOMEWORK, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(session, "current", session.Session())
    yield folder


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def programs() -> Iterator[Programs]:
    warm = Programs()
    yield warm
    warm.close()


@pytest.fixture(scope="session")
def command(programs: Programs) -> Command:
    """Run one of the environment's programs in a course's folder, without the environment being activated."""

    def run(course: Path, program: str, *arguments: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
        done = programs.run(course, program, *arguments)
        assert not ok or done.returncode == 0, done.stdout + done.stderr
        return done

    return run
