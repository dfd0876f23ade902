"""Files that are there whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from autograder.grading import whole


def test_a_file_is_written_with_the_folders_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    whole.write(path, "متن\n")
    assert path.read_bytes() == "متن\n".encode() and [p.name for p in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_it_has_the_mode_that_is_asked_for_whatever_it_had(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    path.chmod(0o640)
    whole.write(path, "after", mode)
    assert stat.S_IMODE(path.stat().st_mode) == mode and path.read_text() == "after"


def test_unless_it_is_said_everybody_may_read_it(tmp_path: Path) -> None:
    whole.write(tmp_path / "file", "x")
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644


def test_what_a_killed_run_left_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / ".file.partial").write_text("half of a lo")
    whole.write(tmp_path / "file", "whole")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("file", "whole")]


def test_a_link_that_lies_in_the_way_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("theirs")
    (tmp_path / ".file.partial").symlink_to(tmp_path / "elsewhere")
    whole.write(tmp_path / "file", "ours")
    assert (tmp_path / "elsewhere").read_text() == "theirs" and (tmp_path / "file").read_text() == "ours"


def test_when_the_disk_is_full_the_file_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_text("before")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        whole.write(path, "after")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("file", "before")]
