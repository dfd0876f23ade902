"""Which notebook of an upload counts, and which upload of a student."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from autograder.cleaned import cleaned
from autograder.collecting.archives import Notebook, Opened
from autograder.collecting.layouts import Refused, owner
from autograder.collecting.names import folded, without_habits
from autograder.collecting.roster import Roster
from autograder.collecting.uploads import Upload

RANKS = {"answered": 2, "unknown": 1, "untouched": 0}


@dataclass(frozen=True)
class Attempt:
    """A notebook that a student handed in, with what upload and when."""

    upload: str
    arrived: datetime
    notebook: Notebook

    @property
    def rank(self) -> int:
        return RANKS[self.notebook.looks]


def attempt(upload: Upload, opened: Iterable[Opened], homework: str, roster: Roster) -> Attempt:
    """The notebook of an upload that counts: answered before untouched, and the homework's own name before others.

    Raises:
        Refused: there is none, or it can't be told which, or it bears another student's name.
    """
    opened = list(opened)
    if why := next((one.refused for one in opened if one.refused), ""):
        raise Refused(why)
    _refuse_another(upload, opened, homework, roster)
    notebooks = [notebook for one in opened for notebook in one.notebooks]
    if not notebooks:
        raise Refused("no notebook (.ipynb) in it")
    usable = [notebook for notebook in notebooks if notebook.looks in RANKS]
    if not usable:
        raise Refused(_what_it_is(notebooks[0], homework))
    names = {id(n): n.name or upload.files[0].parts[-1] for n in usable}
    if len(opened) > 1:
        loose = [n for one in opened for n in one.notebooks]
        names = {id(n): file.parts[-1] if not n.name else n.name for n, file in zip(loose, upload.files)}
    best = max((RANKS[n.looks], _named(names[id(n)], homework)) for n in usable)
    chosen = {n.sha256: n for n in usable if (RANKS[n.looks], _named(names[id(n)], homework)) == best}
    if len(chosen) > 1:
        shown = ", ".join(cleaned(names[id(n)], 60) for n in list(chosen.values())[:4])
        raise Refused(f"{len(chosen)} notebooks in it ({shown}): ask the student which one counts")
    return Attempt(upload.name, upload.time, next(iter(chosen.values())))


def newest(attempts: list[Attempt]) -> Attempt:
    """The attempt that counts: the newest, but nothing untouched or strange in place of an answer."""
    return max(attempts, key=lambda a: (a.rank, a.arrived, len(a.upload), a.upload))


def on_time(attempts: list[Attempt], chosen: Attempt, is_late: Callable[[datetime], bool]) -> Attempt | None:
    """The newest attempt in time of the same kind, where the chosen one is late."""
    earlier = [a for a in attempts if a.rank == chosen.rank and not is_late(a.arrived)]
    return newest(earlier) if earlier and is_late(chosen.arrived) else None


def _refuse_another(upload: Upload, opened: list[Opened], homework: str, roster: Roster) -> None:
    """What the platform says of an upload counts, and a name in it that says something else is for a person to look at."""
    within = [part for file in upload.files for part in file.parts]
    within += [part for one in opened for name in one.names for part in PurePosixPath(name).parts]
    for part in dict.fromkeys(within[:2000]):
        try:
            whose = owner(part, homework, roster)
        except Refused:
            continue
        named = part.lower().startswith("dl") or bool(roster)
        if whose and named and whose.student.casefold() != upload.student.casefold():
            raise Refused(
                f"{upload.student}'s, but {cleaned(part, 80)} in it is {whose.student}'s: ask whose work it is"
            )


def _named(name: str, homework: str) -> int:
    stem = PurePosixPath(name).stem
    return 2 if stem == homework else int(folded(without_habits(stem)).endswith(folded(homework)))


def _what_it_is(notebook: Notebook, homework: str) -> str:
    if notebook.looks == "other":
        return f"the notebook of {cleaned(notebook.about, 60)}, not of {homework}: ask the student for the right one"
    return f"{notebook.about}: ask the student to hand in again"
