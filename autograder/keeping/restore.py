"""``autograder restore``: a backup back into its course, all of it or nothing.

Everything is taken out and compared with the manifest before anything is replaced. Then a journal says what goes where; who is
killed while files change their places is finished by the next command (``finish``), so that nobody ever works with half of each.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import sqlite3
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import TypeAdapter, ValidationError

from autograder import whole
from autograder.cleaned import cleaned
from autograder.keeping.backup import CHUNK, FORMAT, MANIFEST, Kept
from autograder.keeping.places import DUMP, FOLDERS, GRADEBOOK, TABLES, Places, postgres
from autograder.problem import Problem

STAGE = ".restore"
JOURNAL = "journal.json"
LARGEST_MANIFEST = 256 * 2**20
RATIO, FREE = (
    100,
    64 * 2**20,
)  # a larger share than this of what it holds is no notebook's; a small backup may hold so much
_NAME = re.compile(r"[^\x00-\x1f\\:]+")
_KEPT = TypeAdapter(dict[str, Kept])
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, RuntimeError)


@dataclass(frozen=True)
class Move:
    """Something that changes its place: ``new`` comes to ``place``, and what was there, if something was, goes to ``old``."""

    new: str
    place: str
    old: str
    was: bool


def restore(
    places: Places, backup: Path, force: bool, tell: Callable[[int, int], None] = lambda done, total: None
) -> tuple[int, Path]:
    """Put a backup in the place of what a course has; give the number of its files and where the former ones lie.

    Args:
        force: whether to replace what is newer than the backup, too.

    Raises:
        Problem: the file is no backup, was changed, doesn't fit this course, or the course has something newer.
        OSError: the disk is full or can't be written.
    """
    finish(places.course)
    stage = places.course.resolve() / STAGE
    former = places.course.resolve() / f"replaced-{datetime.now(UTC):%Y-%m-%dT%H%M%S.%f}"
    with _alone(stage), places.at_rest():
        try:
            kept = _staged(places, backup, force, stage / "new", tell)
            whole.write(stage / JOURNAL, _journal(places, stage / "new", former), 0o600)
        except BaseException:
            if not (stage / JOURNAL).exists():
                shutil.rmtree(stage / "new", ignore_errors=True)
            raise
    finish(places.course)
    return len(kept), former


def _staged(places: Places, backup: Path, force: bool, new: Path, tell: Callable[[int, int], None]) -> dict[str, Kept]:
    """Take everything out of a backup, and find it good."""
    shutil.rmtree(new, ignore_errors=True)
    with _opened(backup) as archive:
        made, kept = _manifest(archive, backup)
        _refuse_strange(archive, kept, backup, places)
        if not force:
            _refuse_newer(places, kept, made)
        for number, (name, one) in enumerate(kept.items(), 1):
            _take_out(archive, name, one, new, backup)
            tell(number, len(kept))
    _refuse_broken_gradebook(new / GRADEBOOK, backup)
    return kept


def finish(course: Path) -> None:
    """Do what is left of a restore that was cut off after all was found good; nothing, where none was.

    Raises:
        Problem: PostgreSQL doesn't take its part.
        OSError: it can't be done now; the next call tries again.
    """
    stage = course.resolve() / STAGE
    if not (stage / JOURNAL).exists():
        return
    with _alone(stage):
        if not (stage / JOURNAL).exists():  # somebody else has finished it meanwhile
            return
        journal = json.loads((stage / JOURNAL).read_text(encoding="utf-8"))
        dump = stage / "new" / DUMP
        if dump.exists():
            single = ("--clean", "--if-exists", "--no-owner", "--single-transaction")
            postgres("pg_restore", journal["db_url"], *single, str(dump))
            dump.unlink()
        for move in journal["moves"]:
            _move(Move(**move))
        (stage / JOURNAL).unlink()
        shutil.rmtree(stage, ignore_errors=True)


def _move(move: Move) -> None:
    """Any number of times the same as once."""
    new, place, old = Path(move.new), Path(move.place), Path(move.old)
    if move.was and os.path.lexists(place) and not os.path.lexists(old):
        old.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(place, old)
    if new.exists():
        if os.path.lexists(place):  # half a copy, or what a program made since
            old.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.move(place, old.with_name(f"{old.name}-{time.time_ns()}"))
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(new, place)


def _journal(places: Places, new: Path, former: Path) -> str:
    """What goes where: the gradebook last, so that there is none while the rest is half of each."""
    names = [*FOLDERS, *TABLES]
    if places.gradebook:
        names += [f"{GRADEBOOK}-wal", f"{GRADEBOOK}-shm", GRADEBOOK]
    there = {name: os.path.lexists(_place(places, name)) for name in names}
    moves = [
        Move(str(new / name), str(_place(places, name)), str(former / name), there[name])
        for name in names
        if there[name] or (new / name).exists()
    ]
    return json.dumps({"moves": [asdict(move) for move in moves], "db_url": places.db_url}, indent=1)


def _place(places: Places, name: str) -> Path:
    if name.startswith(f"{GRADEBOOK}-") and places.gradebook:
        return places.gradebook.with_name(places.gradebook.name + name.removeprefix(GRADEBOOK))
    return places.of(name)


@contextlib.contextmanager
def _alone(stage: Path) -> Iterator[None]:
    """While nobody else restores into this course."""
    stage.mkdir(mode=0o700, exist_ok=True)
    with (stage / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _opened(backup: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(backup) as archive:
            yield archive
    except OSError as error:
        if error.filename and Path(error.filename) == backup:
            raise Problem(f"{backup} can't be read ({error.strerror}).") from None
        raise
    except _DAMAGE as error:
        raise Problem(
            f"{backup} is no backup, or a damaged one ({cleaned(str(error), 100)}): nothing was changed."
        ) from None


def _manifest(archive: zipfile.ZipFile, backup: Path) -> tuple[datetime, dict[str, Kept]]:
    """When a backup was made, and what it says that it holds."""
    try:
        entry = archive.getinfo(MANIFEST)
    except KeyError:
        raise Problem(f"{backup} is no backup of a course: it has no {MANIFEST}.") from None
    if entry.file_size > LARGEST_MANIFEST:
        raise Problem(f"{backup}: its {MANIFEST} is too large for one.")
    try:
        told: dict[str, Any] = json.loads(archive.read(entry))
        if told["format"] != FORMAT:
            raise Problem(
                f"{backup} is of format {cleaned(str(told['format']), 20)}: restore it with the version that made it."
            )
        return datetime.fromisoformat(told["made"]).astimezone(UTC), _KEPT.validate_python(told["files"])
    except (ValidationError, KeyError, TypeError, ValueError):
        raise Problem(f"{backup}: its {MANIFEST} is none: nothing was changed.") from None


def _refuse_strange(archive: zipfile.ZipFile, kept: dict[str, Kept], backup: Path, places: Places) -> None:
    """Raise where a backup holds something else than it says, or than a course keeps."""
    entries = [entry for entry in archive.infolist() if entry.filename != MANIFEST]
    for entry in entries:
        kind = entry.external_attr >> 16 & 0o170000
        shown = cleaned(entry.filename, 80)
        if not _is_ours(entry.filename):
            raise Problem(f"{backup} holds {shown!r}, which is no place in a course: nothing was changed.")
        if kind not in (0, 0o100000) or entry.flag_bits & 1:
            raise Problem(f"{backup}: {shown} is no plain file: nothing was changed.")
        if entry.filename in kept and entry.file_size != kept[entry.filename].size:
            raise Problem(f"{backup}: {shown} has another size than its manifest says: nothing was changed.")
    names = [entry.filename for entry in entries]
    if folder := next(
        (parent for name in names for parent in map(str, PurePosixPath(name).parents) if parent in kept), ""
    ):
        raise Problem(f"{backup}: {cleaned(folder, 80)} is a file and a folder: nothing was changed.")
    if len(set(names)) != len(names) or set(names) != kept.keys():
        odd = cleaned(min(set(names) ^ kept.keys(), default="a file"), 80)
        raise Problem(f"{backup}: {odd} is missing, too many, or there twice: nothing was changed.")
    database = GRADEBOOK if places.gradebook else DUMP
    if (GRADEBOOK in kept) + (DUMP in kept) != 1 or database not in kept:
        raise Problem(
            f"{backup} holds no {database}: c.CourseDirectory.db_url in nbgrader_config.py names another kind of database "
            "than it was made of."
        )
    total = sum(one.size for one in kept.values())
    if total > max(FREE, RATIO * backup.stat().st_size):
        raise Problem(
            f"{backup} says that it unpacks to {total / 2**20:,.0f} MB, which no course does: nothing was changed."
        )
    if total > shutil.disk_usage(places.course).free:
        raise Problem(f"the disk is too full for the {total / 2**20:,.0f} MB of {backup}: free some space.")


def _is_ours(name: str) -> bool:
    """Whether a name is one of those that a backup gives."""
    parts = name.split("/")
    if not _NAME.fullmatch(name) or any(part in ("", ".", "..") for part in parts):
        return False
    return name in (GRADEBOOK, DUMP, *TABLES) or len(parts) > 1 and parts[0] in FOLDERS


def _refuse_newer(places: Places, kept: dict[str, Kept], made: datetime) -> None:
    """Raise where the course has something that the backup doesn't, and that came after it."""
    files = [*places.files()]
    if places.gradebook:
        wal = places.gradebook.with_name(f"{places.gradebook.name}-wal")
        files += [(GRADEBOOK, path) for path in (places.gradebook, wal) if path.exists() and path.stat().st_size]
    newer = [
        path
        for name, path in files
        if path.stat().st_mtime > made.timestamp() and not (name in kept and _digest(path) == kept[name].sha256)
    ]
    if newer:
        raise Problem(
            f"{newer[0]} is newer than the backup, of {made:%Y-%m-%d %H:%M} UTC, and {len(newer) - 1} more: what was "
            "graded since would be gone. Back this up too, then say --force."
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _take_out(archive: zipfile.ZipFile, name: str, one: Kept, new: Path, backup: Path) -> None:
    """One file into the staging folder, as its manifest has it."""
    path, digest, left = new / name, hashlib.sha256(), one.size
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        archive.open(name) as source,
        open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as target,
    ):
        while chunk := source.read(min(CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                break
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if left or digest.hexdigest() != one.sha256:
        raise Problem(
            f"{backup}: {cleaned(name, 80)} isn't what its manifest says: the backup is damaged; nothing was changed."
        )
    path.chmod(one.mode & 0o777 | 0o600)
    os.utime(path, ns=(one.mtime_ns, one.mtime_ns))


def _refuse_broken_gradebook(copy: Path, backup: Path) -> None:
    """Raise where SQLite finds a fault in a gradebook."""
    if not copy.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            (found,) = database.execute("PRAGMA quick_check").fetchone()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise Problem(f"{backup}: its gradebook is damaged ({cleaned(found, 100)}): nothing was changed.")
