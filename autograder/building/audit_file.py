"""``assignments/HW/audit.json``: what an audit found, kept with its homework, to be reviewed and not to be found again.

A line is a variant: what it earns of each check and how far off it is, the worst of all seeds, and the hash of what that
depends on. A line whose hash is still the same still holds. Nobody edits the file: it has a digest of itself, and every day
another homework's lines are tried again.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from autograder import whole
from autograder.building import audit, cache, keys, trials
from autograder.building.audit import MARGIN, Audit, Subject
from autograder.building.drift import drift
from autograder.building.trials import Result, Row, Wanted
from autograder.checks.references import SUFFIX

NAME = "audit.json"
Tell = Callable[[str], None]


@dataclass
class Written:
    """What the file of a homework says, as far as it holds.

    Attributes:
        problem: why it can't be believed at all; "" when it can.
        checks_key: the hash of what the references depend on.
        released: the hash of the released references, which were those of the audit.
        other_faults: robots that earn, and variants that are told another's words, which no line of a variant tells.
    """

    problem: str = ""
    checks_key: str = ""
    released: str = ""
    robots: int = 0
    other_faults: list[str] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)


def write(root: Path, subject: Subject, made: Audit, other_faults: list[str]) -> None:
    """Keep an audit of all variants under the usual seeds."""
    content: dict[str, Any] = {
        "homework": subject.homework,
        "references": {"key": subject.checks_key(), "released": _released(root, subject)},
        "robots": {"answers": made.robots, "faults": other_faults},
        "checks": {m.check: {"right": _rounded(m.right), "wrong": _rounded(m.wrong)} for m in made.margins},
        "variants": [_line(row) for row in made.rows],
    }
    whole.write(subject.folder / NAME, _text({"digest": _digest(content), **content}))


def read(folder: Path) -> Written:
    """What the file in a homework's folder says."""
    path = folder / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        digest = content.pop("digest")
        if digest != _digest(content):
            return Written(f"{path} was edited: only `autograder audit` writes it")
        rows = [_row(line) for line in content["variants"]]
        about, robots = content["references"], content["robots"]
        return Written(
            "", about["key"], about["released"], robots["answers"], robots["faults"], {row.name: row for row in rows}
        )
    except FileNotFoundError:
        return Written(f"{path} is missing")
    except (ValueError, KeyError, TypeError, AttributeError):
        return Written(f"{path} is damaged")


def audits(root: Path, homeworks: Iterable[str], seeds: Iterable[str], afresh: bool, tell: Tell) -> list[Audit]:
    """Try what isn't kept; what was found under the usual seeds goes into each homework's file.

    With ``afresh`` everything is tried, and what trains no model under ``MORE_SEEDS`` too. Where a homework lacks variants,
    only that is said, and nothing is tried.
    """
    cache.sweep()
    seeds = tuple(seeds)
    subjects = [Subject(root / "assignments" / name, seeds) for name in homeworks]
    lacking = [found for subject in subjects if (found := audit.too_few(subject)) is not None]
    if lacking:
        return lacking
    more = [Subject(subject.folder, trials.MORE_SEEDS, trains=False) for subject in subjects if afresh]
    trials.run([wanted for subject in (*subjects, *more) for wanted in subject.everything()], afresh, tell)
    made = []
    for subject in subjects:
        rows = {name: subject.row(name) for name in subject.variants}
        robots, faults = subject.robots()
        faults += subject.false_diagnoses()
        made.append(audit.found(subject, rows, robots, faults))
        if seeds == trials.SECRET_SEEDS:
            write(root, subject, made[-1], faults)
    for found, subject in zip(made, more):
        found.faults += audit.under_more_seeds(subject)
    return made


def checked(root: Path, homeworks: Iterable[str], day: date, tell: Tell) -> list[Audit]:
    """The audits that the files hold, where they still hold; the rest is tried, and so is what has its turn this day.

    A file that isn't what ``audits`` would write now is a fault.
    """
    subjects = [Subject(root / "assignments" / name) for name in homeworks]
    written = {subject.homework: _holding(subject) for subject in subjects}
    missing = [wanted for subject in subjects for wanted in _missing(subject, written[subject.homework])]
    round_, place = divmod(day.toordinal(), len(subjects))
    turn = subjects[place]
    again = _in_turn(turn, round_)
    trials.run(missing, tell=tell)
    trials.run(again, afresh=True, tell=tell)
    made = [_composed(subject, written[subject.homework]) for subject in subjects]
    for subject, found in zip(subjects, made):
        found.faults += _stale(root, subject, written[subject.homework])
    made[subjects.index(turn)].faults += _otherwise(root, turn, again, written[turn.homework])
    return made


def holds(root: Path, folder: Path) -> bool:
    """Whether the file proves that the released references are what the homework makes now."""
    subject = Subject(folder)
    written = _holding(subject)
    return not written.problem and not [*_stale(root, subject, written)]


def _holding(subject: Subject) -> Written:
    """The file without the lines whose hash is another one now."""
    written = read(subject.folder)
    rows = written.rows.items()
    written.rows = {name: row for name, row in rows if name in subject.variants and row.key == subject.row_key(name)}
    return written


def _missing(subject: Subject, written: Written) -> list[Wanted]:
    checks = [] if written.checks_key == subject.checks_key() else subject.public.checks()
    return subject.wanted(checks, [name for name in subject.variants if name not in written.rows])


def _composed(subject: Subject, written: Written) -> Audit:
    rows = {name: written.rows.get(name) or subject.row(name) for name in subject.variants}
    if written.checks_key == subject.checks_key():
        return audit.found(subject, rows, written.robots, written.other_faults)
    return audit.found(subject, rows, *subject.robots())


def _stale(root: Path, subject: Subject, written: Written) -> Iterable[str]:
    remedy = f"run `autograder audit {subject.homework}` and commit what it writes."
    if written.problem:
        yield f"{written.problem}; {remedy}"
        return
    known = {row.name for row in read(subject.folder).rows.values()}
    changed = [name for name in subject.variants if name not in written.rows]
    gone = sorted(known - subject.variants.keys())
    if changed or gone or written.checks_key != subject.checks_key():
        what = ", ".join([*changed, *gone][:4]) or "its checks"
        yield f"{subject.folder / NAME} is older than {what}; {remedy}"
    elif written.released != _hash(_references(root, subject)):
        yield f"the released references of {subject.homework} are others than the audit's: `autograder build`, then {remedy}"


def _in_turn(subject: Subject, round_: int) -> list[Wanted]:
    """What of a homework is tried again at its turn: all that doesn't train, and in each round another one that does."""
    public = subject.public
    cheap = [name for name, variant in subject.variants.items() if not public.training & {*public.checks_of(variant)}]
    wanted = subject.wanted(public.cheap_checks(), cheap)
    trains = [[Wanted(each.folder, each.seed, (check,))] for each in subject.trials for check in sorted(each.training)]
    trains += [subject.wanted((), (name,)) for name in subject.variants if name not in cheap]
    return wanted + (trains[round_ % len(trains)] if trains else [])


def _otherwise(root: Path, subject: Subject, again: list[Wanted], written: Written) -> Iterable[str]:
    """What came out otherwise than the file says."""
    if written.problem:
        return
    where = f"{subject.folder / NAME} says otherwise than what comes out now"
    names = [name for wanted in again if wanted.seed == subject.public.seed for name in wanted.variants]
    for name in names:
        kept, now = written.rows.get(name), subject.row(name)
        if kept is not None and (
            kept.results.keys() != now.results.keys()
            or any(not _alike(kept.results[check], now.results[check]) for check in now.results)
        ):
            yield f"{where}: {name}; run `autograder audit --all {subject.homework}` and see which is right."
    cheap = subject.public.with_mistakes(subject.public.cheap_checks(), names)
    yield from (f"release/en/{subject.homework}: {line}" for line in drift(cheap, _references(root, subject), names))


def _alike(kept: Result, now: Result) -> bool:
    """Whether two machines' results are the same verdict; their roundings differ, and trained models differ more."""
    return (kept.earned >= 1, _side(kept.ratio)) == (now.earned >= 1, _side(now.ratio))


def _side(ratio: float) -> int:
    return (ratio > 1 / MARGIN) + (ratio >= MARGIN)


def _line(row: Row) -> dict[str, Any]:
    results = {
        check: [round(r.earned, 3), _rounded(r.ratio)] + ([r.error] if r.error else [])
        for check, r in row.results.items()
    }
    return {"solution": row.target, "variant": row.name, "wrong": row.wrong, "key": row.key, "results": results}


def _row(line: dict[str, Any]) -> Row:
    results = {
        check: Result(earned, math.inf if ratio is None else ratio, *error)
        for check, (earned, ratio, *error) in line["results"].items()
    }
    return Row(line["variant"], line["solution"], line["wrong"], results, line["key"])


def _rounded(ratio: float) -> float | None:
    """Two digits: more are this machine's alone. None when it is infinite, which JSON can't say."""
    return float(f"{ratio:.2g}") if math.isfinite(ratio) else None


def _text(content: dict[str, Any]) -> str:
    """JSON with a line for each variant and each check."""
    parts = []
    for name, value in content.items():
        if isinstance(value, list):
            lines = ",\n".join(f"  {json.dumps(item, ensure_ascii=False)}" for item in value)
            parts.append(f" {json.dumps(name)}: [\n{lines}\n ]")
        elif name == "checks":
            lines = ",\n".join(f"  {json.dumps(k, ensure_ascii=False)}: {json.dumps(v)}" for k, v in value.items())
            parts.append(f" {json.dumps(name)}: {{\n{lines}\n }}")
        else:
            parts.append(f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _digest(content: dict[str, Any]) -> str:
    return keys.short([json.dumps(content, sort_keys=True)])


def _references(root: Path, subject: Subject) -> Path:
    return root / "release" / "en" / subject.homework / f"{subject.homework}{SUFFIX}"


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _released(root: Path, subject: Subject) -> str:
    """The hash of the released references if they are those of this audit, else ""."""
    path = _references(root, subject)
    made = subject.public.with_mistakes(subject.public.checks(), subject.variants)
    return "" if [*drift(made, path)] else _hash(path)
