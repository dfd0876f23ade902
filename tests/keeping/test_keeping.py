"""A course's private data into one file and back: all of it, or nothing changed, whoever is killed and whatever the file holds."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import stat
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.keeping.backup import backup
from autograder.keeping.places import Places
from autograder.keeping.restore import JOURNAL, STAGE, finish, restore
from autograder.problem import Problem

DATA = ("gradebook.db", "gradebook.seeds", "receipts", "submitted", "students.csv", "term.csv")


def written(course: Path, word: str) -> Places:
    """A course whose every file says a word."""
    for name in ("gradebook.seeds/hw1.json", "receipts/99/hw1/1.json", "submitted/99/hw1/hw1.ipynb", "submitted/99/hw1/timestamp.txt", "students.csv"):  # fmt: skip
        path = course / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(word * 50)
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE IF NOT EXISTS grade (word)")
        database.execute("DELETE FROM grade")
        database.execute("INSERT INTO grade VALUES (?)", (word,))
        database.commit()
    return Places(course, "sqlite:///gradebook.db")


def state(course: Path) -> dict[str, str]:
    """What a course says: of each file its content, of the gradebook its word."""
    files = [p for name in DATA if (course / name).exists() for p in ((course / name).rglob("*") if (course / name).is_dir() else [course / name])]  # fmt: skip
    said = {str(p.relative_to(course)): p.read_text() for p in files if p.is_file() and p.name != "gradebook.db"}
    if (course / "gradebook.db").exists():
        with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as database:
            said["gradebook.db"] = database.execute("SELECT word FROM grade").fetchone()[0]
    return said


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "course").mkdir()
    return tmp_path / "course"


@pytest.fixture
def kept(course: Path, tmp_path: Path) -> Path:
    backup(written(course, "first"), tmp_path / "backup.zip")
    return tmp_path / "backup.zip"


def test_all_comes_back_with_its_times_and_what_was_there_is_kept(course: Path, kept: Path) -> None:
    before, notebook = state(course), course / "submitted/99/hw1/hw1.ipynb"
    handed_in = notebook.stat().st_mtime_ns
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    time.sleep(0.01)
    places = written(course, "second")
    (course / "receipts/99/hw1/2.json").write_text("later")
    (course / "term.csv").write_text("later")
    second = state(course)
    count, former = restore(places, kept, force=True)
    assert state(course) == before and count == 6 and notebook.stat().st_mtime_ns == handed_in
    assert state(former) == second and not (course / STAGE).exists()
    assert stat.S_IMODE(former.stat().st_mode) == 0o700


def test_an_empty_course_takes_it(kept: Path, course: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    _, former = restore(Places(other, "sqlite:///gradebook.db"), kept, force=False)
    assert state(other) == state(course) and not former.exists()


def test_what_is_newer_is_not_replaced_unless_asked(course: Path, kept: Path) -> None:
    restore(Places(course, "sqlite:///gradebook.db"), kept, force=False)
    written(course, "second")
    after = state(course)
    with pytest.raises(Problem, match="is newer than the backup"):
        restore(Places(course, "sqlite:///gradebook.db"), kept, force=False)
    assert state(course) == after and not (course / STAGE / "new").exists()


def test_a_gradebook_that_is_being_written_to_is_copied_as_it_is_at_one_moment(course: Path, tmp_path: Path) -> None:
    places = written(course, "first")
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as writer:
        writer.execute("INSERT INTO grade VALUES ('committed')")
        writer.commit()
        writer.execute("INSERT INTO grade VALUES ('not yet')")
        backup(places, tmp_path / "backup.zip")
        writer.commit()
    restore(places, tmp_path / "backup.zip", force=True)
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as database:
        assert database.execute("SELECT word FROM grade").fetchall() == [("first",), ("committed",)]


def test_neither_is_done_while_somebody_grades(course: Path, kept: Path) -> None:
    places = Places(course, "sqlite:///gradebook.db")
    with (course / "gradebook.seeds/hw1.grading").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Problem, match="hw1 is being graded"):
            backup(places, kept)
        with pytest.raises(Problem, match="hw1 is being graded"):
            restore(places, kept, force=True)


def test_no_link_is_followed_into_a_backup(course: Path, tmp_path: Path) -> None:
    places = written(course, "first")
    (tmp_path / "secret").write_text("of somebody else")
    (course / "submitted/99/hw1/link.txt").symlink_to(tmp_path / "secret")
    (course / "submitted/linked").symlink_to(tmp_path)
    assert not any("link" in name for name in backup(places, tmp_path / "backup.zip"))


def test_a_backup_that_cannot_be_written_leaves_the_one_before(course: Path, kept: Path) -> None:
    before = kept.read_bytes()
    (course / "receipts/99/hw1/1.json").chmod(0)
    shutil.rmtree(course / "gradebook.seeds")
    os.mkfifo(course / "receipts/99/pipe")
    (course / "gradebook.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        backup(Places(course, "sqlite:///gradebook.db"), kept)
    assert kept.read_bytes() == before and [p.name for p in kept.parent.glob(".*partial")] == []


def entry(name: str, kind: int = stat.S_IFREG) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = (kind | 0o600) << 16
    made.compress_type = zipfile.ZIP_DEFLATED
    return made


def repacked(kept: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None], entries: list[tuple[zipfile.ZipInfo, bytes]] = []) -> Path:  # noqa: B006  # fmt: skip
    """A backup that somebody changed: its files, its manifest, further entries."""
    with zipfile.ZipFile(kept) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    change(files, manifest)
    with zipfile.ZipFile(kept, "w") as archive:
        for made, content in [*((entry(name), content) for name, content in files.items()), *entries]:
            archive.writestr(made, content)
        archive.writestr("manifest.json", json.dumps(manifest))
    return kept


def listed(manifest: dict[str, Any], name: str, content: bytes, size: int | None = None) -> None:
    about = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content) if size is None else size}
    manifest["files"][name] = about | {"mtime_ns": 0, "mode": 0o644}


def other_name(name: str) -> Callable[[dict[str, bytes], dict[str, Any]], None]:
    def change(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        files[name] = b"x"
        listed(manifest, name, b"x")

    return change


def changed_file(files: dict[str, bytes], _manifest: dict[str, Any]) -> None:
    files["receipts/99/hw1/1.json"] = files["receipts/99/hw1/1.json"].replace(b"first", b"other", 1)


def missing_file(files: dict[str, bytes], _manifest: dict[str, Any]) -> None:
    del files["receipts/99/hw1/1.json"]


def unlisted(files: dict[str, bytes], _manifest: dict[str, Any]) -> None:
    files["receipts/99/hw1/7.json"] = b"x"


def bomb(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    files["submitted/99/hw1/hw1.ipynb"] = b"\0" * (80 * 2**20)
    listed(manifest, "submitted/99/hw1/hw1.ipynb", files["submitted/99/hw1/hw1.ipynb"])


def broken_gradebook(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    files["gradebook.db"] = b"no database"
    listed(manifest, "gradebook.db", b"no database")


def another_database(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    del manifest["files"]["gradebook.db"]
    files["gradebook.dump"] = files.pop("gradebook.db")
    listed(manifest, "gradebook.dump", files["gradebook.dump"])


def another_format(_files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["format"] = 99


def no_manifest(_files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["files"] = {"receipts/1": {"sha256": 3}}


def file_as_folder(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    other_name("receipts/99/hw1/1.json/2.json")(files, manifest)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (other_name("../outside"), "no place in a course"),
        (other_name("submitted/../../outside"), "no place in a course"),
        (other_name("/etc/cron.d/x"), "no place in a course"),
        (other_name("submitted//x"), "no place in a course"),
        (other_name("submitted/a\\b"), "no place in a course"),
        (other_name("nbgrader_config.py"), "no place in a course"),
        (other_name("assignments/hw1/hw1.py"), "no place in a course"),
        (other_name("receipts"), "no place in a course"),
        (changed_file, "isn't what its manifest says"),
        (missing_file, "is missing, too many, or there twice"),
        (unlisted, "is missing, too many, or there twice"),
        (bomb, "unpacks to 80 MB, which no course does"),
        (broken_gradebook, "its gradebook is damaged"),
        (another_database, "names another kind of database"),
        (another_format, "is of format 99"),
        (no_manifest, "its manifest.json is none"),
        (file_as_folder, "is a file and a folder"),
    ],
)
def test_a_hostile_or_damaged_backup_changes_nothing(change: Callable[..., None], said: str, course: Path, kept: Path, tmp_path: Path) -> None:  # fmt: skip
    places = written(course, "second")
    before = state(course)
    with pytest.raises(Problem, match=said):
        restore(places, repacked(kept, change), force=True)
    assert state(course) == before and not (course / STAGE / "new").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["backup.zip", "course"]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFDIR])
def test_a_link_in_a_backup_is_refused(kind: int, course: Path, kept: Path) -> None:
    def change(_files: dict[str, bytes], manifest: dict[str, Any]) -> None:
        listed(manifest, "submitted/99/hw1/x", b"/etc/passwd")

    with pytest.raises(Problem, match="is no plain file"):
        restore(written(course, "second"), repacked(kept, change, [(entry("submitted/99/hw1/x", kind), b"/etc/passwd")]), force=True)  # fmt: skip


def test_a_file_that_is_there_twice_is_refused(course: Path, kept: Path) -> None:
    again = [(entry("receipts/99/hw1/1.json"), b"first" * 50)]
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = repacked(kept, lambda files, manifest: None, again)
    with pytest.raises(Problem, match="there twice"):
        restore(written(course, "second"), twice, force=True)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"text"])
def test_another_file_is_no_backup(content: bytes, course: Path, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(Problem, match="is no backup, or a damaged one"):
        restore(written(course, "second"), tmp_path / "x.zip", force=True)


def test_a_cut_backup_changes_nothing(course: Path, kept: Path) -> None:
    kept.write_bytes(kept.read_bytes()[:-200])
    with pytest.raises(Problem, match="no backup, or a damaged one"):
        restore(written(course, "second"), kept, force=True)


def killed_at(step: int, course: Path, kept: Path) -> int:
    """Restore in a process that is killed before its so-manieth change of a file; its exit status."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = step

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return function(*arguments, **keywords)

        return call

    for name in ("fsync", "utime", "unlink", "rename", "chmod"):
        setattr(os, name, counted(getattr(os, name)))
    shutil.move = counted(shutil.move)
    restore(Places(course, "sqlite:///gradebook.db"), kept, force=True)
    os._exit(0)


@pytest.mark.parametrize("empty", [False, True], ids=["over another", "into an empty course"])
def test_whenever_it_is_killed_all_is_old_or_all_is_new(empty: bool, course: Path, kept: Path, tmp_path: Path) -> None:
    first, ends = state(course), set()
    for step in range(200):
        second = tmp_path / f"second{step}"
        second.mkdir()
        before = {} if empty else state(written(second, "second").course)
        status = killed_at(step, second, kept)
        was_cut = (second / STAGE / JOURNAL).exists()
        assert was_cut or state(second) in (before, first), f"killed at step {step}"
        finish(second)
        finish(second)
        now = state(second)
        assert now in (before, first), f"killed at step {step}"
        ends.add((status, was_cut, now == first))
        if status == 0:
            break
    killed = -signal.SIGKILL
    assert {(killed, False, False), (killed, True, True), (0, False, True)} <= ends


def test_a_cut_restore_is_finished_by_the_next_command(course: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from traitlets.config import Config

    from autograder.grading.config import configure

    first, places = state(course), written(course, "second")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("autograder.keeping.restore.finish", lambda course: stop() if (course / STAGE / JOURNAL).exists() else None)  # fmt: skip
        restore(places, kept, force=True)
    monkeypatch.chdir(course)
    configure(Config())
    assert state(course) == first
