"""``nbgrader zip_collect`` for ``DL_Hw<N>_<firstName>_<lastName>_<StudentId>.zip``.

The extractor opens each zip with suspicion, puts the newest notebook of each student into the extracted folder and writes down
beside that folder what it took from where; the collector reads the time of arrival there. A zip that can't be used gets one line
that says why, and stops nobody else.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path, PurePosixPath

import dateutil.parser
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from pydantic import AwareDatetime, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from traitlets import Integer

from autograder import whole

TIMES = "times.csv"
RECORDS = "uploads.json"  # beside the extracted folder: nbgrader takes whatever is in it for a submission
_NAME = re.compile(
    r"DL_Hw(?P<number>\d+)_(?P<who>.+)_(?P<student>[A-Za-z0-9-]{2,32})(?P<again>[ _]?\(\d+\)|-\d)?$", re.IGNORECASE
)


class Refused(Exception):
    """A file that can't be collected; the message says why."""


@dataclass(frozen=True)
class Upload:
    """One file handed in."""

    path: Path
    number: int
    who: str
    student: str
    time: datetime


@dataclass(frozen=True)
class Record:
    """What is written down of an extracted notebook: the upload it came out of, when that arrived, the notebook's SHA-256."""

    upload: str
    arrived: AwareDatetime
    sha256: str


_RECORDS = TypeAdapter(dict[str, Record])


class Extractor(ExtractorPlugin):  # type: ignore[misc]
    """Take the notebook out of each student's newest zip."""

    max_bytes = Integer(100 * 2**20, help="The largest notebook that is taken out of a zip.").tag(config=True)
    max_files = Integer(1000, help="The most files a zip may hold.").tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        archive = Path(archive_path)
        homework, times = archive.parent.name, _times(archive)
        uploads: list[Upload] = []
        refused = 0
        for path in _files(archive):
            try:
                uploads.append(_upload(path, homework, times))
            except Refused as error:
                refused += 1
                self.log.warning("%s: %s", path.name, error)
        extracted = Path(extracted_path)
        newest = {attempts[0].student: self._newest(attempts, homework, extracted) for attempts in _by_student(uploads)}
        records = {student: record for student, record in newest.items() if record}
        whole.write(extracted.with_name(RECORDS), _RECORDS.dump_json(records, indent=1) + b"\n")
        left_out = refused + len(newest) - len(records)
        self.log.info("%s: %d students collected; left out: %d", homework, len(records), left_out)

    def _newest(self, attempts: list[Upload], homework: str, extracted: Path) -> Record | None:
        """Extract the newest upload that can be read; say what happens to the others."""
        if len({_folded(upload.who) for upload in attempts}) > 1:
            names = ", ".join(f"{u.path.name}" for u in attempts)
            self.log.warning("%s: one student number, several names: %s. Ask who is who.", attempts[0].student, names)
        for position, upload in enumerate(attempts):
            try:
                content = _notebook(upload.path, homework, self.max_bytes, self.max_files)
            except Refused as error:
                self.log.warning("%s: %s", upload.path.name, error)
                continue
            for older in attempts[position + 1 :]:
                self.log.warning("%s: older than %s, left aside", older.path.name, upload.path.name)
            place = extracted / upload.student / f"{homework}.ipynb"
            whole.write(place, content)
            return Record(upload.path.name, upload.time, hashlib.sha256(content).hexdigest())
        return None


class Collector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Student and time of arrival of an extracted notebook."""

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        path = Path(submitted_file)
        record = self._records(path.parents[1].with_name(RECORDS)).get(path.parent.name)
        if record is None or hashlib.sha256(path.read_bytes()).hexdigest() != record.sha256:
            self.log.warning("%s: not what was extracted from an upload: collect again with --force", path)
            return None
        return {
            "student_id": path.parent.name,
            "file_id": path.stem,
            "timestamp": record.arrived.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        }

    @cache  # noqa: B019 - one collector lives as long as its command
    def _records(self, path: Path) -> dict[str, Record]:
        try:
            return _RECORDS.validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            self.log.warning("%s can't be read (%s)", path, error)
            return {}


def _files(archive: Path) -> list[Path]:
    found = [Path(folder) / name for folder, _, names in os.walk(archive) for name in names]
    return sorted(path for path in found if path.name != TIMES and not path.name.startswith("."))


def _upload(path: Path, homework: str, times: dict[str, datetime]) -> Upload:
    name = unicodedata.normalize("NFKC", path.stem)
    name = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in name).strip()
    match = _NAME.fullmatch(name)
    if match is None:
        raise Refused(f"the name is not DL_Hw<N>_<firstName>_<lastName>_<StudentId>{path.suffix}: rename it")
    if path.suffix.lower() not in (".zip", ".ipynb"):
        raise Refused(f"{path.suffix or 'this'} is no zip: ask the student for one")
    expected = re.match(r"hw0*(\d+)", homework)
    if expected and int(match["number"]) != int(expected[1]):
        raise Refused(f"homework {int(match['number'])} among the uploads of {homework}: move it")
    if path.is_symlink():
        raise Refused("a symbolic link, which is not followed")
    arrived = times.get(path.name) or datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Upload(path, int(match["number"]), match["who"], match["student"], arrived)


def _times(archive: Path) -> dict[str, datetime]:
    """The times of arrival in ``times.csv``: lines ``file name, time``; without a zone the time is UTC.

    Raises:
        ValueError: a line says something else; the message names file and line.
    """
    path = archive / TIMES
    times: dict[str, datetime] = {}
    if not path.exists():
        return times
    for number, row in enumerate(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()), 1):
        if not row or row[0].startswith("#"):
            continue
        try:
            time = dateutil.parser.parse(row[1])
        except (IndexError, ValueError, OverflowError):
            raise ValueError(f"{path}:{number}: expected `file name, time`, got {','.join(row)!r}.") from None
        times[row[0].strip()] = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    return times


def _by_student(uploads: list[Upload]) -> Iterable[list[Upload]]:
    students = sorted({upload.student for upload in uploads})
    for student in students:
        attempts = [upload for upload in uploads if upload.student == student]
        yield sorted(attempts, key=lambda u: (u.time, len(u.path.name), u.path.name), reverse=True)


def _folded(name: str) -> str:
    """A name without what keyboards differ in: case, spaces, and the Arabic forms of Persian letters."""
    plain = name.casefold().replace("ي", "ی").replace("ك", "ک").replace("\u200c", "")
    return re.sub(r"[\s_]+", "", plain)


def _notebook(path: Path, homework: str, max_bytes: int, max_files: int) -> bytes:
    if path.suffix.lower() == ".ipynb":
        if path.stat().st_size > max_bytes:
            raise Refused(_too_large(max_bytes))
        return path.read_bytes()
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive, _choose(archive, homework, max_files), max_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, UnicodeError) as error:
        raise Refused(f"a broken zip ({error}): ask the student to hand in again") from error


def _choose(archive: zipfile.ZipFile, homework: str, max_files: int) -> zipfile.ZipInfo:
    entries = archive.infolist()
    if len(entries) > max_files:
        raise Refused(f"{len(entries)} files, more than the {max_files} allowed")
    for entry in entries:
        parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
        if entry.filename.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", entry.filename):
            raise Refused(f"it holds a path that leads outside ({entry.filename!r})")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise Refused(f"it holds a symbolic link ({entry.filename!r})")
    notebooks = [e for e in entries if e.filename.lower().endswith(".ipynb") and not _is_litter(e.filename)]
    named = [e for e in notebooks if PurePosixPath(e.filename).name == f"{homework}.ipynb"]
    chosen = named or notebooks
    if not chosen:
        raise Refused("no notebook (.ipynb) in it")
    if len(chosen) > 1:
        names = ", ".join(e.filename for e in chosen[:4])
        raise Refused(f"{len(chosen)} notebooks in it ({names}): ask the student which one counts")
    return chosen[0]


def _is_litter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or ".ipynb_checkpoints" in parts or parts[-1].startswith("._")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, max_bytes: int) -> bytes:
    if entry.flag_bits & 0x1:
        raise Refused("it is encrypted: ask the student for one without a password")
    with archive.open(entry) as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise Refused(_too_large(max_bytes))
    return content


def _too_large(max_bytes: int) -> str:
    return f"the notebook is larger than {max_bytes // 2**20} MB unpacked: ask for one without its outputs"
