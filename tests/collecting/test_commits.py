"""When a cloned repository was last committed to, and that nothing in it is run to know."""

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.collecting.commits import time_of

WHEN = datetime(2026, 9, 20, 15, 30, tzinfo=UTC)
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")


def git(folder: Path, *arguments: str) -> str:
    date = f"{int(WHEN.timestamp())} +0330"
    known = {"GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z", "GIT_COMMITTER_DATE": date, "GIT_CONFIG_GLOBAL": "/dev/null"}
    who = ["-c", "user.name=s", "-c", "user.email=s@x"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, env=os.environ | known, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    made = tmp_path / 'hw02 of "Sara"'
    made.mkdir()
    git(made, "init", "-q", "-b", "my/work")
    (made / "hw02.ipynb").write_text("{}")
    git(made, "add", "-A")
    git(made, "commit", "-q", "-m", "done")
    return made


def test_the_newest_commits_time_is_the_committers(repository: Path) -> None:
    assert time_of(repository) == WHEN


def test_also_in_a_clone_where_everything_is_packed(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--no-local", str(repository), "clone")
    git(tmp_path / "clone", "pack-refs", "--all")
    git(tmp_path / "clone", "gc", "-q")
    assert time_of(tmp_path / "clone") == WHEN


def test_also_when_no_branch_is_checked_out(repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach")
    assert time_of(repository) == WHEN


def test_nothing_that_its_configuration_names_is_run(repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for name in (
        "core.fsmonitor",
        "gpg.program",
        "core.pager",
        "core.sshCommand",
        "remote.origin.uploadpack",
        "core.hooksPath",
    ):
        git(repository, "config", name, str(trap))
    git(repository, "config", "log.showSignature", "true")
    git(repository, "config", "extensions.partialClone", "origin")
    git(repository, "config", "remote.origin.url", f"ext::{trap}")
    assert time_of(repository) == WHEN
    shutil.rmtree(repository / ".git" / "objects")
    (repository / ".git" / "objects").mkdir()
    assert time_of(repository) is None and not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "head",
    ["", "ref: refs/heads/../../../../etc/passwd", "ref: refs/heads/none", "--help", "ab" * 20, "ref: /etc/passwd"],
)
def test_a_head_that_names_no_commit_tells_no_time(repository: Path, head: str) -> None:
    (repository / ".git" / "HEAD").write_text(head)
    assert time_of(repository) is None


def test_no_link_is_followed(repository: Path, tmp_path: Path) -> None:
    head = repository / ".git" / "HEAD"
    head.rename(tmp_path / "head")
    head.symlink_to(tmp_path / "head")
    assert time_of(repository) is None
