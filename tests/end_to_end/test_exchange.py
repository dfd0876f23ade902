"""nbgrader's exchange, the whole circle: released, fetched, handed in, collected, graded, and feedback handed back."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HOMEWORK, Command
from tests.exploits.submissions import Class, dumped

STUDENT = pwd.getpwnam("nobody")
NBGRADER = [str(Path(sys.executable).parent / "python"), "-m", "nbgrader"]


@pytest.fixture
def exchange(toy: Path, tmp_path: Path) -> Path:
    """The folder that instructor and students share."""
    folder = tmp_path / "exchange"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    with (toy / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(folder)!r}\n")
    return folder


def as_student(home: Path, exchange: Path, *arguments: str) -> str:
    """Run nbgrader as a user who has nothing to do with the course, where this one may become another."""
    whom = (
        ["setpriv", f"--reuid={STUDENT.pw_uid}", f"--regid={STUDENT.pw_gid}", "--clear-groups"]
        if os.geteuid() == 0
        else []
    )
    options = ["--course", "deep-learning", f"--Exchange.root={exchange}"]
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "USER": "student",
        "LOGNAME": "student",
        "TMPDIR": str(home),
    }
    done = subprocess.run(
        [*whom, *NBGRADER, *arguments, *options], cwd=home, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


def test_a_homework_goes_out_and_comes_back(toy: Path, exchange: Path, tmp_path: Path, command: Command) -> None:
    home = tmp_path / "student"
    home.mkdir()
    if os.geteuid() == 0:
        os.chown(home, STUDENT.pw_uid, STUDENT.pw_gid)
        for folder in (tmp_path, *list(tmp_path.parents)[:-2]):  # else another user can't get here
            folder.chmod(folder.stat().st_mode | 0o055)

    command(toy, "nbgrader", "generate_assignment", HOMEWORK, "--force")
    command(toy, "nbgrader", "release_assignment", HOMEWORK)
    as_student(home, exchange, "fetch_assignment", HOMEWORK)
    fetched = home / HOMEWORK
    assert {path.name for path in fetched.iterdir()} == {
        f"{HOMEWORK}{end}" for end in (".ipynb", ".references.safetensors", ".stand-ins.safetensors")
    }
    (fetched / f"{HOMEWORK}.ipynb").write_bytes(dumped(Class(toy).solved()))
    as_student(home, exchange, "submit", HOMEWORK)

    command(toy, "nbgrader", "collect", HOMEWORK)
    (handed_in,) = (toy / "submitted").iterdir()
    command(toy, "autograder", "grade", HOMEWORK)
    assert f"{handed_in.name}" in command(toy, "autograder", "summary").stdout

    zipped = toy / "submitted" / "by-zip" / HOMEWORK  # who handed in another way keeps nobody from feedback
    zipped.mkdir(parents=True)
    (zipped / f"{HOMEWORK}.ipynb").write_bytes(dumped(Class(toy).empty()))
    (zipped / "timestamp.txt").write_text("2026-10-01 00:00:00 UTC")
    command(toy, "nbgrader", "autograde", HOMEWORK)
    command(toy, "nbgrader", "generate_feedback", HOMEWORK)
    command(toy, "nbgrader", "release_feedback", HOMEWORK)
    as_student(home, exchange, "fetch_feedback", HOMEWORK)
    (page,) = fetched.rglob("*.html")
    assert "✓ double" in page.read_text(encoding="utf-8")
