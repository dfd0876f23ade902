"""What keeps a gradebook in SQLite whole when several programs write to it at once, or when one of them is killed."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

from sqlalchemy import Engine, event

BUSY_SECONDS = 30.0


def protect() -> None:
    """Prepare every connection that is made from now on: nbgrader makes engines of its own wherever it needs one."""
    if not event.contains(Engine, "connect", _prepare):
        event.listen(Engine, "connect", _prepare)


def _prepare(connection: Any, _record: Any) -> None:
    """Who reads keeps nobody from writing, who writes waits for others, and what is committed is on the disk."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    connection.execute("PRAGMA synchronous = FULL")
    with contextlib.suppress(sqlite3.OperationalError):  # a file that can only be read stays as it is
        connection.execute("PRAGMA journal_mode = WAL")
