"""Files that are there whole or not at all."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder import whole

MACHINE = os.uname().nodename


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_text_and_bytes_are_written_with_their_rights_and_nothing_is_left_beside_them(tmp_path: Path) -> None:
    whole.write(tmp_path / "new" / "text", "سلام", 0o600)
    whole.write(tmp_path / "new" / "bytes", b"\xff\x00")
    assert (tmp_path / "new" / "text").read_text(encoding="utf-8") == "سلام"
    assert (tmp_path / "new" / "bytes").read_bytes() == b"\xff\x00"
    assert [stat.S_IMODE((tmp_path / "new" / name).stat().st_mode) for name in ("text", "bytes")] == [0o600, 0o644]
    assert names(tmp_path / "new") == ["bytes", "text"]


def test_what_a_function_writes_can_be_read_by_everybody_and_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, seen = tmp_path / "new" / "folder" / "file", list[tuple[int, bool]]()
    monkeypatch.setattr(os, "fsync", lambda descriptor: seen.append((os.fstat(descriptor).st_size, place.exists())))
    opened = len(os.listdir("/proc/self/fd"))
    whole.make(place, lambda partial: partial.write_text("content"))
    assert seen == [(7, False)] and stat.S_IMODE(place.stat().st_mode) == 0o644
    assert len(os.listdir("/proc/self/fd")) == opened


def test_nobody_else_can_read_a_secret_while_it_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(whole, "_to_the_disk", lambda partial: seen.append(stat.S_IMODE(partial.stat().st_mode)))
    whole.write(tmp_path / "secret", "words", 0o644)
    assert seen == [0o600]


def test_what_fails_in_its_middle_leaves_the_former_content_and_no_half(tmp_path: Path) -> None:
    def fill(partial: Path) -> None:
        partial.write_text("half")
        raise OSError(28, "No space left on device")

    whole.write(tmp_path / "file", "before")
    with pytest.raises(OSError, match="No space left"):
        whole.make(tmp_path / "file", fill)
    assert (tmp_path / "file").read_text() == "before" and names(tmp_path) == ["file"]


def ended() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_was_killed_half_written_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / f".file.{MACHINE}-{ended()}.partial").write_text("half")
    (tmp_path / f".file.{MACHINE}-{os.getpid()}.partial").write_text("half, of a process of the same number")
    old = tmp_path / ".file.elsewhere-1.partial"
    old.write_text("half")
    os.utime(old, (time.time() - 24.5 * 3600,) * 2)
    whole.write(tmp_path / "file", "all of it")
    assert names(tmp_path) == ["file"]


def test_what_another_process_is_writing_just_now_is_left_alone(tmp_path: Path) -> None:
    others = [f".file.{MACHINE}-{os.getppid()}.partial", ".file.elsewhere-1.partial", ".other.elsewhere-1.partial"]
    for name in others:
        (tmp_path / name).write_text("half")
    os.utime(tmp_path / others[2], (0, 0))
    os.utime(tmp_path / others[1], (time.time() - 23.5 * 3600,) * 2)
    whole.write(tmp_path / "file", "mine")
    assert names(tmp_path) == sorted([*others, "file"])
