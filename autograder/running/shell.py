"""A kernel's shell channel: code goes in, short replies come out.

It is spoken here without ZeroMQ's own library, which queues a message of endless parts until the memory is full: what comes
from a kernel is what a student's code may have written. A message is read as far as a reply can be long, and no further.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
from typing import Any

from jupyter_client.session import Session

MESSAGE_BYTES = 2**18
CONTENT_BYTES = 2**16
PARTS = 16
_DELIMITER = b"<IDS|MSG>"
_GREETING = b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)  # ZMTP 3.0, no security
_READY = b"\x05READY" + b"\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER"
_MORE, _LONG, _COMMAND = 1, 2, 4


class NoReply(ValueError):
    """What came is no reply of a kernel's."""


class Flooded(NoReply):
    """It is longer than any, and where the next begins nobody will know."""


class Shell:
    """The connection to one kernel."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str) -> None:
        self._reader, self._writer = reader, writer
        self._session = Session(key=key.encode())
        self._coming: asyncio.Task[list[bytes]] | None = None

    @classmethod
    async def connect(cls, path: str, key: str) -> Shell:
        """The channel of a kernel that listens at a path.

        Raises:
            OSError, EOFError: it doesn't.
        """
        shell = cls(*await asyncio.open_unix_connection(path, limit=2**16), key)
        shell._writer.write(_GREETING)
        await shell._reader.readexactly(len(_GREETING))
        shell._writer.write(_frame(_COMMAND, _READY))
        await shell._part()
        return shell

    def send(self, source: str) -> str:
        """Ask for some code to be run; gives the request's id."""
        content = {
            "code": source,
            "silent": False,
            "store_history": False,
            "allow_stdin": False,
            "stop_on_error": False,
        }
        message = self._session.msg("execute_request", content)
        parts = self._session.serialize(message)
        frames = (_frame(_MORE * (number < len(parts)), part) for number, part in enumerate(parts, 1))
        self._writer.write(b"".join(frames))
        return str(message["header"]["msg_id"])

    async def receive(self, seconds: float) -> tuple[str, bytes] | None:
        """The next reply: whose it is, and its content for ``content_of``; None when none has come in that time.

        Raises:
            NoReply: what came is none.
            OSError, EOFError: the kernel has ended.
        """
        self._coming = self._coming or asyncio.ensure_future(self._message())
        if not (await asyncio.wait([self._coming], timeout=seconds))[0]:
            return None
        coming, self._coming = self._coming, None
        return _reply(coming.result())

    async def _message(self) -> list[bytes]:
        parts, size, more = list[bytes](), 0, True
        while more:
            flags, part = await self._part()
            size, more = size + len(part), bool(flags & _MORE)
            if size > MESSAGE_BYTES or len(parts) == PARTS:
                raise Flooded
            if not flags & _COMMAND:
                parts.append(part)
        return parts

    async def _part(self) -> tuple[int, bytes]:
        (flags,) = await self._reader.readexactly(1)
        length = int.from_bytes(await self._reader.readexactly(8 if flags & _LONG else 1))
        if length > MESSAGE_BYTES:
            raise Flooded
        return flags, await self._reader.readexactly(length)

    async def close(self) -> None:
        """Hang up."""
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.gather(self._coming, return_exceptions=True)
        self._writer.transport.abort()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def content_of(text: bytes) -> dict[str, Any]:
    """A reply's content.

    Raises:
        NoReply: it is none.
    """
    try:
        return dict(json.loads(text)) if len(text) <= CONTENT_BYTES else _refuse()
    except (ValueError, TypeError, RecursionError) as error:
        raise NoReply from error


def _reply(parts: list[bytes]) -> tuple[str, bytes]:
    """Whose message it is and its content; the signature tells nothing, as a student's code has the key."""
    try:
        _, _, parent, _, content = parts[parts.index(_DELIMITER) + 1 :][:5]
    except ValueError as error:
        raise NoReply from error
    return str(content_of(parent).get("msg_id")), content


def _refuse() -> dict[str, Any]:
    raise NoReply


def _frame(flags: int, part: bytes) -> bytes:
    if len(part) < 256:
        return bytes([flags, len(part)]) + part
    return bytes([flags | _LONG]) + len(part).to_bytes(8) + part
