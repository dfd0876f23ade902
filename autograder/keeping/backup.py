"""``autograder backup``: a course's private data in one zip file, with a hash of everything in it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import sqlite3
import time
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from autograder import whole
from autograder.keeping.places import DUMP, GRADEBOOK, Places, postgres
from autograder.problem import Problem

MANIFEST, FORMAT = "manifest.json", 1
CHUNK, ZIP64 = 2**20, 2**30


@dataclass(frozen=True)
class Kept:
    """A file of a backup."""

    sha256: str
    size: int
    mtime_ns: int
    mode: int


def backup(places: Places, to: Path, tell: Callable[[int, int], None] = lambda done, total: None) -> dict[str, Kept]:
    """Write a backup, whole or not at all, that only its owner can read; and give what is in it.

    The gradebook comes first, as it is at one moment: a receipt too many is written again at the next grading, one too few
    makes a second attempt the first.

    Raises:
        Problem: there is no gradebook, somebody grades, or a file changes while it is read.
        OSError: it can't be written.
    """
    if places.gradebook and not places.gradebook.exists():
        raise Problem(f"no gradebook at {places.gradebook}: run this in the course's folder, or grade something first.")
    kept: dict[str, Kept] = {}
    made = datetime.now(UTC)

    def fill(partial: Path) -> None:
        with (
            open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            name, copy = _gradebook(places)
            kept[name] = _add(archive, name, io.BytesIO(copy), len(copy), time.time_ns(), 0o600)
            files = list(places.files())
            for name, path in files:
                kept[name] = _add_file(archive, name, path)
                tell(len(kept) - 1, len(files))
            archive.writestr(MANIFEST, _manifest(kept, made))

    with places.at_rest():
        whole.make(to, fill, 0o600)
    return kept


def _gradebook(places: Places) -> tuple[str, bytes]:
    """A copy of the gradebook as it is now, whoever writes to it."""
    if places.gradebook is None:
        return DUMP, postgres("pg_dump", places.db_url, "--format=custom", "--no-owner")
    with (
        contextlib.closing(sqlite3.connect(f"{places.gradebook.as_uri()}?mode=ro", uri=True, timeout=30)) as source,
        contextlib.closing(sqlite3.connect(":memory:")) as copy,
    ):
        source.backup(copy)
        return GRADEBOOK, copy.serialize()


def _add_file(archive: zipfile.ZipFile, name: str, path: Path) -> Kept:
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as source:
            about = os.fstat(source.fileno())
            kept = _add(archive, name, source, about.st_size, about.st_mtime_ns, about.st_mode & 0o777)
    except OSError as error:
        if error.filename is None:  # of the backup itself, such as a full disk
            raise
        raise Problem(f"{path} can't be read ({error.strerror}): put that right, then make the backup again.") from None
    if kept.size != about.st_size:
        raise Problem(f"{path} changed while it was read: make the backup again when nobody writes to it.")
    return kept


def _add(archive: zipfile.ZipFile, name: str, source: BinaryIO, size: int, mtime_ns: int, mode: int) -> Kept:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100600 << 16
    digest, read = hashlib.sha256(), 0
    with archive.open(entry, "w", force_zip64=size > ZIP64) as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            read += len(chunk)
            target.write(chunk)
    return Kept(digest.hexdigest(), read, mtime_ns, mode)


def _manifest(kept: dict[str, Kept], made: datetime) -> str:
    files = {name: asdict(one) for name, one in kept.items()}
    return json.dumps({"format": FORMAT, "made": made.isoformat(), "files": files}, indent=1)
