"""The uploads in a download: which files belong together, whose they are, and when they arrived."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import lru_cache, partial
from pathlib import Path

from autograder import moments, tables
from autograder.cleaned import cleaned
from autograder.collecting import commits
from autograder.collecting.archives import Bounds, File, unpack
from autograder.collecting.layouts import Owner, Refused, owner
from autograder.collecting.opening import is_litter
from autograder.collecting.roster import Roster
from autograder.problem import Problem

TIMES = "times.csv"
_OPENED = (".zip", ".ipynb")
_OTHER_ARCHIVES = (".tar", ".gz", ".tgz", ".7z", ".rar", ".xz", ".bz2")

Tell = Callable[[str], None]


@dataclass
class Upload:
    """What a student handed in at once: a zip, or the loose notebooks of one folder."""

    name: str
    owner: Owner
    files: list[File]
    time: datetime
    others: list[str] = field(default_factory=list)

    @property
    def student(self) -> str:
        return self.owner.student


def files(download: Path, homework: str, roster: Roster, work: Path, bounds: Bounds, here: tzinfo | None) -> list[File]:
    """Every file of a download, however often the platform, or who unpacked it, wrapped it.

    Raises:
        Problem: it can't be read, or is no zip and no folder.
    """
    if download.is_dir():
        found = list(_walk(download))
    elif download.is_file() and download.suffix.lower() not in _OTHER_ARCHIVES:
        found = [File((download.name,), download, _mtime(download))]
    elif download.exists():
        raise Problem(f"{download} is no zip: unpack it and give its folder.")
    else:
        raise Problem(f"there is no {download}.")
    for level in range(4):
        found = [file for file in found if file.parts and not is_litter("/".join(file.parts))]
        within = _within(found, homework, roster, partial(_unpacked, work / f"whole{level}", bounds, here))
        if within is None:
            break
        found = within
    return sorted(found, key=lambda file: file.parts)


def grouped(found: list[File], homework: str, roster: Roster, times: Times, tell: Tell) -> list[Upload]:
    """The files as uploads of students; what belongs to nobody is told."""
    groups: dict[tuple[str, ...], Upload] = {}
    strays: dict[str, str] = {}
    for file in found:
        if file.parts[-1] == TIMES:
            continue
        shown = cleaned("/".join(file.parts))
        try:
            place, whose = _owner(file.parts, homework, roster)
        except Refused as refused:
            strays.setdefault(shown if len(file.parts) == 1 else cleaned(file.parts[0]), str(refused))
            continue
        top = (*file.parts[:place], whose.key or file.parts[place])
        if not file.parts[-1].lower().endswith(_OPENED) or not _is_regular(file.path):
            groups.setdefault(
                top, Upload(cleaned("/".join(top)), whose, [], datetime.min.replace(tzinfo=UTC))
            ).others.append(file.parts[-1])
            continue
        arrived = times.of(file)
        is_zip = file.parts[-1].lower().endswith(".zip")
        upload = groups.setdefault((*file.parts, "") if is_zip else top, Upload(shown, whose, [], arrived))
        upload.name = shown if not upload.files else upload.name
        upload.files.append(file)
        upload.time = max(upload.time, arrived)
    for name, why in strays.items():
        tell(f"{name}: {why}")
    return _with_files(list(groups.values()), tell)


class Times:
    """The times of arrival: from ``times.csv``, from a repository's newest commit, else the files' own.

    Raises:
        Problem: a line of ``times.csv`` is no file and time; the message names file and line.
    """

    def __init__(self, found: list[File], here: tzinfo | None) -> None:
        self._given: dict[str, tuple[datetime, str]] = {}
        self._used: set[str] = set()
        for path in (file.path for file in found if file.parts[-1] == TIMES):
            rows = tables.read(path)
            for number, row in enumerate(rows):
                if number or row.fields[1:2] not in (("time",), ("timestamp",), ("arrived",)):
                    self._add(row, here)

    def of(self, file: File) -> datetime:
        names = [*reversed(file.parts), "/".join(file.parts)]
        given = next((name for name in names if name in self._given), None)
        if given is not None:
            self._used.add(given)
            return self._given[given][0]
        above = tuple(file.path.parents[: len(file.parts) - 1])
        return _committed(above) or file.time or _mtime(file.path)

    def unused(self) -> list[str]:
        return [
            f"{place}: {cleaned(name)} is no file of this download"
            for name, (_, place) in self._given.items()
            if name not in self._used
        ]

    def _add(self, row: tables.Row, here: tzinfo | None) -> None:
        if len(row.fields) < 2 or not row.fields[1]:
            raise Problem(f"{row.place}: expected `file name, time`, got {row.shown()}.")
        name = row.fields[0].replace("\\", "/").strip("/")
        try:
            time = moments.read(row.fields[1], here)
        except ValueError as error:
            raise Problem(f"{row.place}: expected `file name, time`, got {row.shown()}: {error}.") from None
        if name in self._given and self._given[name][0] != time:
            raise Problem(f"{row.place}: {cleaned(name)} has another time in {self._given[name][1]}.")
        self._given[name] = time, row.place


def _owner(parts: tuple[str, ...], homework: str, roster: Roster) -> tuple[int, Owner]:
    """The outermost name that tells of somebody: what the platform wrote stands around what the student wrote."""
    for place, part in enumerate(parts):
        if whose := owner(part, homework, roster):
            return place, whose
    suffix = Path(parts[-1]).suffix
    if suffix.lower() not in _OPENED:
        raise Refused(f"{cleaned(suffix, 20) or 'this'} is no zip: ask the student for one")
    if roster:
        near = next((words for part in parts if (words := roster.nearest(part.rpartition(".")[0] or part))), "")
        raise Refused(f"the name is of nobody on the roster{near}: rename it")
    raise Refused(
        f"the name is not DL_Hw<N>_<firstName>_<lastName>_<StudentId>{suffix}: rename it, or write students.csv"
    )


def _within(
    found: list[File], homework: str, roster: Roster, unpacked: Callable[[File], list[File]]
) -> list[File] | None:
    """What one folder or zip holds that is wrapped around all the rest; None where there is none."""
    tops = {file.parts[0] for file in found if file.parts[-1] != TIMES}
    if len(tops) != 1:
        return None
    (top,) = tops
    try:
        if owner(top, homework, roster):
            return None
        told = False
    except Refused:
        told = True  # such as the platform's DL-Hw2-8812.zip, if it isn't somebody's with a wrong number
    theirs = [file for file in found if file.parts[0] == top]
    rest = [file for file in found if file.parts[0] != top]
    if len(theirs[0].parts) > 1:
        within = [File(file.parts[1:], file.path, file.time) for file in theirs]
    elif top.lower().endswith(".zip"):
        within = unpacked(theirs[0])
    else:
        return None
    return rest + within if not told or len(_owners(within, homework, roster)) > 1 else None


def _owners(found: list[File], homework: str, roster: Roster) -> set[str]:
    owners = set()
    for file in found:
        with contextlib.suppress(Refused):
            if whose := owner(file.parts[0], homework, roster):
                owners.add(whose.student)
    return owners


def _with_files(uploads: list[Upload], tell: Tell) -> list[Upload]:
    usable = {upload.student for upload in uploads if upload.files}
    for upload in uploads:
        if not upload.files and (
            upload.student not in usable or not upload.owner.key and len(upload.others) == 1 and "/" not in upload.name
        ):
            suffix = Path(upload.others[0]).suffix.lower()
            wrong = (
                f"{cleaned(suffix, 20) or 'this'} is no zip" if "/" not in upload.name else "no notebook (.ipynb) in it"
            )
            tell(f"{upload.name}: {wrong}: ask the student for one")
    return [upload for upload in uploads if upload.files]


def _walk(folder: Path) -> Iterator[File]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_litter(name) and not (Path(place) / name).is_symlink())
        for name in names:
            path = Path(place) / name
            if not name.startswith("."):
                yield File(path.relative_to(folder).parts, path, _mtime(path))


def _unpacked(work: Path, bounds: Bounds, here: tzinfo | None, wrapped: File) -> list[File]:
    try:
        return unpack(wrapped.path, work, bounds, here)
    except ValueError as error:
        raise Problem(f"{cleaned('/'.join(wrapped.parts))}: {error}.") from None


def _mtime(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        return datetime.now(UTC)


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


@lru_cache(maxsize=1024)
def _committed(folders: tuple[Path, ...]) -> datetime | None:
    """When the newest commit of the repository was made that a file lies in."""
    repository = next((folder for folder in folders if (folder / ".git").is_dir()), None)
    return commits.time_of(repository) if repository else None
