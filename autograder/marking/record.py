"""Who marked what and when, and who has which answer open: two tables in the gradebook's own database.

There they are committed together with the scores, wherever that database lives, and are backed up with it. The record is only
ever added to. nbgrader knows nothing of either table and leaves them alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

CLAIM_SECONDS = 60.0  # that an answer stays claimed without a sign of life
FIRST, SECOND = 1, 2  # readers

_tables = MetaData()
_record = Table(
    "autograder_marking",
    _tables,
    Column("id", Integer, primary_key=True),
    Column("homework", String(128), nullable=False),
    Column("essay", String(128), nullable=False),
    Column("student", String(128), nullable=False),
    Column("reader", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("change", String(40), nullable=False, index=True),
    Column("undoes", String(40)),
    Column("marker", String(80), nullable=False),
    Column("doer", String(80), nullable=False),
    Column("at", String(40), nullable=False),
    Column("lines", Text, nullable=False),
    Column("points", Float),
    Column("comment", Text, nullable=False),
    Column("before", Text, nullable=False),
    UniqueConstraint("homework", "essay", "student", "reader", "version"),
)
_claims = Table(
    "autograder_marking_claim",
    _tables,
    Column("homework", String(128), primary_key=True),
    Column("essay", String(128), primary_key=True),
    Column("reader", Integer, primary_key=True),
    Column("answer", String(40), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("marker", String(80), nullable=False),
    Column("until", Float, nullable=False),
)


@dataclass(frozen=True)
class Entry:
    """One change of one student's mark.

    Attributes:
        marker: whose mark it is; ``doer`` is who made the change, which is another where a change was taken back.
        change: shared by all whose equal answers were marked at once; ``undoes`` is the change that this one takes back.
        lines: the numbers of the scheme's lines that the answer earned.
        points: None while nobody has given any.
        before: what the gradebook held before.
    """

    student: str
    version: int
    change: str
    undoes: str | None
    marker: str
    doer: str
    at: str
    lines: tuple[int, ...]
    points: float | None
    comment: str
    before: dict[str, Any]


@dataclass(frozen=True)
class Place:
    """An essay of a homework, as one reader sees it."""

    homework: str
    essay: str
    reader: int = FIRST


def prepare(engine: Any) -> None:
    """Make the tables where they are missing."""
    _tables.create_all(engine, checkfirst=True)


def entries(db: Any, place: Place) -> list[Entry]:
    """Every change of an essay's marks, oldest first."""
    rows = db.execute(select(_record).where(*_here(_record, place)).order_by(_record.c.id)).mappings()
    return [
        Entry(
            row["student"],
            row["version"],
            row["change"],
            row["undoes"],
            row["marker"],
            row["doer"],
            row["at"],
            tuple(json.loads(row["lines"])),
            row["points"],
            row["comment"],
            json.loads(row["before"]),
        )
        for row in rows
    ]


def latest(changes: list[Entry]) -> dict[str, Entry]:
    """Each student's last change."""
    return {entry.student: entry for entry in changes}


_PLAIN = ("student", "version", "change", "undoes", "marker", "doer", "at", "points", "comment")


def add(db: Any, place: Place, entry: Entry) -> None:
    """Add a change.

    Raises:
        sqlalchemy.exc.IntegrityError: somebody else has added the same version.
    """
    values = {
        "homework": place.homework,
        "essay": place.essay,
        "reader": place.reader,
        **{name: getattr(entry, name) for name in _PLAIN},
        "lines": json.dumps(entry.lines),
        "before": json.dumps(entry.before),
    }
    db.execute(insert(_record).values(values))


def claim(db: Any, place: Place, answer: str, holder: str, marker: str, now: float) -> str | None:
    """Claim an answer, which keeps others from writing to it until the transaction ends; the name of who has it otherwise.

    It is the transaction's first statement: what is read after it is what the last writer left.
    """
    for _ in range(2):  # a claim that appears between the two statements is seen by the second round
        mine = or_(_claims.c.holder == holder, _claims.c.until < now)
        changed = {"holder": holder, "marker": marker, "until": now + CLAIM_SECONDS}
        where = (*_here(_claims, place), _claims.c.answer == answer)
        if db.execute(update(_claims).where(*where, mine).values(changed)).rowcount:
            return None
        key = {"homework": place.homework, "essay": place.essay, "reader": place.reader, "answer": answer}
        try:
            db.execute(insert(_claims).values(key | changed))
            return None
        except IntegrityError:
            db.rollback()
            other = db.execute(select(_claims.c.marker, _claims.c.until).where(*where)).first()
            db.rollback()
            if other and other.until >= now:
                return str(other.marker)
    return ""


def release(db: Any, place: Place, answer: str, holder: str) -> None:
    """Let go of an answer."""
    where = (*_here(_claims, place), _claims.c.answer == answer, _claims.c.holder == holder)
    db.execute(update(_claims).where(*where).values(holder="", until=0.0))


def extend(db: Any, place: Place, answer: str, holder: str, now: float) -> bool:
    """Keep a claim that one has; never make one, as a sign of life may arrive after the answer was left."""
    where = (*_here(_claims, place), _claims.c.answer == answer, _claims.c.holder == holder)
    return bool(db.execute(update(_claims).where(*where).values(until=now + CLAIM_SECONDS)).rowcount)


def claimed(db: Any, place: Place, now: float) -> dict[str, tuple[str, str]]:
    """Who has which answer open: the holder and the name."""
    rows = db.execute(select(_claims).where(*_here(_claims, place), _claims.c.until >= now)).mappings()
    return {row["answer"]: (row["holder"], row["marker"]) for row in rows}


def _here(table: Table, place: Place) -> tuple[Any, ...]:
    columns = table.c
    return (columns.homework == place.homework, columns.essay == place.essay, columns.reader == place.reader)
