"""``autograder collect``: a platform's download into ``submitted/``, each student's attempt whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import dateutil.parser
from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from sqlalchemy.exc import SQLAlchemyError

from autograder import whole
from autograder.collecting import archives, choosing, roster, uploads
from autograder.collecting.archives import Bounds, Notebook
from autograder.collecting.choosing import Attempt
from autograder.collecting.layouts import Refused
from autograder.collecting.names import folded
from autograder.collecting.roster import ID, Roster
from autograder.collecting.uploads import Upload
from autograder.grading.late import LateDays
from autograder.problem import Problem

IsLate = Callable[[str, datetime], bool]


@dataclass
class Chosen:
    """What counts of a download: an attempt a student, what needs a person, and what is only worth knowing."""

    attempts: dict[str, list[Attempt]] = field(default_factory=dict)
    counts: dict[str, Attempt] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Collected:
    """How a collection went: how many students, how many of them changed, and what was said."""

    students: int
    new: int
    newer: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    enrolled: int = 0

    def line(self) -> str:
        """The closing count."""
        of = f" of {self.enrolled}" if self.enrolled else ""
        changed = [f"{count} {word}" for count, word in ((self.new, "new"), (self.newer, "newer")) if count]
        open_ = f"; {len(self.problems)} to look at" if self.problems else ""
        return f"{self.students}{of} students collected ({', '.join(changed) or 'nothing new'}){open_}."


def choose(
    download: Path, homework: str, course: Path, known: Roster, work: Path, bounds: Bounds, here: tzinfo | None
) -> Chosen:
    """Everything usable in a download, by student; ``counts`` has each one's newest.

    Raises:
        Problem: the download or its times.csv can't be read.
    """
    chosen = Chosen()
    found = uploads.files(download, homework, known, work, bounds, here)
    times = uploads.Times(found, here)
    handed_in = uploads.grouped(found, homework, known, times, chosen.problems.append)
    chosen.problems += times.unused()
    paths = [file.path for upload in handed_in for file in upload.files]
    opened = iter(archives.open_all(paths, homework, archives.released(course), work / "opened", bounds))
    refused: list[tuple[Upload, Refused]] = []
    for upload in handed_in:
        contents = [next(opened) for _ in upload.files]
        try:
            made = choosing.attempt(upload, contents, homework, known)
            chosen.attempts.setdefault(upload.student, []).append(made)
        except Refused as error:
            refused.append((upload, error))
    chosen.counts = {student: choosing.newest(made) for student, made in sorted(chosen.attempts.items())}
    chosen.problems += [f"{upload.name}: {error}" for upload, error in refused if not _mended(upload, error, chosen)]
    chosen.problems += _namesakes(handed_in)
    return chosen


def collect(course: Path, homework: str, download: Path) -> Collected:
    """Put what counts of a download into ``submitted/``; what is there already counts as well.

    Raises:
        Problem: the course, its roster or the download has to be put right first.
    """
    nbgrader = NbGrader()
    with contextlib.chdir(course):
        nbgrader.initialize([], root=str(course.resolve()))
    directory, policy = nbgrader.coursedir, LateDays(config=nbgrader.config)
    here, known = policy.here(), roster.read(course)
    is_late = _lateness(directory.db_url, course, homework, known, policy)

    def place(student: str) -> Path:
        return Path(directory.format_path(directory.submitted_directory, student, homework))

    with tempfile.TemporaryDirectory(prefix="autograder-collect-") as work:
        chosen = choose(download, homework, course, known, Path(work), Bounds(), here)
        before = _before(list(chosen.counts), place, homework, course, Path(work))
        for student, attempts in chosen.attempts.items():
            chosen.counts[student] = _counts(
                student, attempts, before.get(student), is_late, policy.which, chosen.notes
            )
        earlier = course / "downloaded" / homework / "earlier"
        done = [_put(chosen.counts[s], before.get(s), place(s), homework, earlier / s) for s in sorted(chosen.counts)]
    return Collected(
        len(done),
        done.count("new"),
        done.count("newer"),
        tuple(chosen.problems),
        tuple(chosen.notes),
        len(known.students),
    )


def _mended(upload: Upload, error: Refused, chosen: Chosen) -> bool:
    """Whether a student's own later upload made good what was wrong with this one."""
    counts = chosen.counts.get(upload.student)
    return counts is not None and counts.arrived > upload.time and "ask whose" not in str(error)


def _namesakes(handed_in: list[Upload]) -> list[str]:
    said = []
    for student in sorted({upload.student for upload in handed_in}):
        theirs = [upload for upload in handed_in if upload.student == student and upload.owner.who]
        if len({folded(upload.owner.who) for upload in theirs}) > 1:
            said.append(
                f"{student}: one student number, several names: {', '.join(u.name for u in theirs)}. Ask who is who."
            )
    return said


def _counts(
    student: str, attempts: list[Attempt], before: Attempt | None, is_late: IsLate, which: str, notes: list[str]
) -> Attempt:
    """The attempt that counts, by the course's choice, and a line where that choice made a difference."""
    every = attempts + ([before] if before else [])
    chosen = choosing.newest(every)
    if chosen.notebook.looks == "untouched":
        notes.append(f"{student}: {chosen.upload} is as it was released, nothing filled in")
    in_time = choosing.on_time(every, chosen, lambda time: is_late(student, time))
    if in_time is None:
        return chosen
    times = f"{_told(chosen)} is late, {_told(in_time)} was in time"
    kept = "late" if which == "newest" else "earlier"
    notes.append(f"{student}: {times}; the {kept} one counts (c.LateDays.which = {which!r})")
    return chosen if which == "newest" else in_time


def _told(attempt: Attempt) -> str:
    return f"{attempt.upload} of {attempt.arrived:%Y-%m-%d %H:%M} UTC"


def _before(
    students: list[str], place: Callable[[str], Path], homework: str, course: Path, work: Path
) -> dict[str, Attempt]:
    """What was collected before."""
    there = [s for s in students if (place(s) / f"{homework}.ipynb").is_file()]
    paths = [place(s) / f"{homework}.ipynb" for s in there]
    opened = archives.open_all(paths, homework, archives.released(course), work / "before", Bounds())
    found = {}
    for student, path, one in zip(there, paths, opened):
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        looks = next((n.looks for n in one.notebooks if n.looks in choosing.RANKS), "untouched")
        time = _stamp(path.with_name("timestamp.txt")) or datetime.fromtimestamp(path.stat().st_mtime, UTC)
        found[student] = Attempt("what was collected before", time, Notebook(path.name, path, sha256, looks, ""))
    return found


def _stamp(path: Path) -> datetime | None:
    try:
        time: datetime = dateutil.parser.parse(path.read_text(encoding="utf-8").strip())
    except (OSError, ValueError, OverflowError):
        return None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def _put(attempt: Attempt, before: Attempt | None, folder: Path, homework: str, earlier: Path) -> str:
    """Make a student's folder anew beside its place, and move it there; what lay there is kept."""
    stamp = attempt.arrived.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if before and (
        attempt is before or before.notebook.sha256 == attempt.notebook.sha256 and _whole(before) >= _whole(attempt)
    ):
        return "same"
    made = earlier.with_name(f".{earlier.name}.new")
    for old in made.glob("*") if made.is_dir() else ():
        old.unlink()
    whole.write(made / f"{homework}.ipynb", attempt.notebook.file.read_bytes())
    whole.write(made / "timestamp.txt", stamp)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        aside = earlier / f"{_whole(before or attempt):%Y-%m-%d_%H%M%S}"
        while aside.exists():
            aside = aside.with_name(aside.name + "_")
        aside.parent.mkdir(parents=True, exist_ok=True)
        folder.replace(aside)
    made.replace(folder)
    return "newer" if before else "new"


def _whole(attempt: Attempt) -> datetime:
    return attempt.arrived.replace(microsecond=0)


def _lateness(url: str, course: Path, homework: str, known: Roster, policy: LateDays) -> IsLate:
    """Tell the gradebook of the roster, and whether a time is late by its deadline."""
    late, deadline = policy.policy(course), None
    file = url.removeprefix("sqlite:///")
    if known or not url.startswith("sqlite:///") or (course / file).exists():
        try:
            with Gradebook(url) as gradebook:
                enrol(gradebook, known)
                deadline = next((a.duedate for a in gradebook.assignments if a.name == homework), None)
        except SQLAlchemyError as error:
            raise Problem(
                f"the gradebook {url} can't be used ({str(getattr(error, 'orig', error)).splitlines()[0]})."
            ) from error

    def is_late(student: str, time: datetime) -> bool:
        return deadline is not None and late.is_late(
            student, homework, deadline, time.astimezone(UTC).replace(tzinfo=None)
        )

    return is_late


def enrol(gradebook: Gradebook, known: Roster) -> None:
    """Give the gradebook the roster's students, with their names."""
    there = {student.id: student for student in gradebook.students}
    for student in known.students:
        about = {
            "first_name": student.first_name,
            "last_name": student.last_name,
            "email": student.email,
            "lms_user_id": student.lms_user_id,
        }
        given = {column: value for column, value in about.items() if value}
        old = there.get(student.id)
        if old is None or any(getattr(old, column) != value for column, value in given.items()):
            gradebook.update_or_create_student(student.id, **given)


def is_student(name: str) -> bool:
    """Whether a folder's name can be a student's id, in particular on a command line."""
    return ID.fullmatch(name) is not None
