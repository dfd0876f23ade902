"""The answers that come from a kernel: frame by frame, each only as far as it is wanted.

Of a frame the header comes first, and it is short. Whoever doesn't expect an answer of that name has no work with the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Any, Protocol

from autograder.checks import values

FRAMES = 10_000
_LENGTH = struct.Struct(">Q")


class Taker(Protocol):
    """Who gets the answers."""

    def wants(self, header: dict[str, Any], size: int) -> bool:
        """Whether to read the answer of that many bytes that comes with this header."""
        ...

    def take(self, header: dict[str, Any], value: Any) -> None: ...

    def refuse(self, header: dict[str, Any], why: str) -> None:
        """It was wanted, and can't be taken."""
        ...


class HandOvers:
    """Frames from the kernel's socket; ``problem`` says why it stopped listening.

    ``limit`` bounds one frame and all together: who hands over without end would keep everybody else waiting.
    """

    def __init__(self, channel: socket.socket, limit: int, taker: Taker) -> None:
        self.problem = ""
        self._channel, self._limit, self._taker = channel, limit, taker
        self._buffer, self._skip, self._body = bytearray(), 0, 0
        self._header: dict[str, Any] | None = None  # of the wanted answer that is on its way
        self._frames_left, self._bytes_left = FRAMES, limit + _LENGTH.size * FRAMES
        channel.setblocking(False)
        asyncio.get_running_loop().add_reader(channel, self.drain)

    def drain(self) -> None:
        """Take whatever has arrived."""
        if self._channel.fileno() < 0:
            return
        with contextlib.suppress(BlockingIOError, OSError):
            while chunk := self._channel.recv(1 << 20):
                self._bytes_left -= len(chunk)
                skipped = min(self._skip, len(chunk))
                self._skip -= skipped
                self._buffer += memoryview(chunk)[skipped:]
                while not self.problem and not self._skip and self._split():
                    pass
                if self.problem:
                    self._buffer.clear()
                    break
            self.close()

    def _split(self) -> bool:
        """One step through what has come; False when the next needs more of it."""
        try:
            return self._answer(self._header) if self._header is not None else self._begin()
        except (values.Malformed, struct.error) as error:
            self.problem = str(error)
            return False

    def _begin(self) -> bool:
        if len(self._buffer) < _LENGTH.size:
            return False
        (length,) = _LENGTH.unpack_from(self._buffer)
        if length > self._limit:
            self.problem = "an answer larger than allowed was handed over"
            return False
        if self._frames_left == 0 or self._bytes_left < 0:
            self.problem = "more answers than allowed were handed over"
            return False
        start = bytes(self._buffer[_LENGTH.size : _LENGTH.size + min(length, values.HEADER_BYTES)])
        found = values.header(start, whole=len(start) == min(length, values.HEADER_BYTES))
        if found is None:
            return False
        self._frames_left -= 1
        header, taken = found
        self._body = length - taken
        if self._body < 0:
            raise values.Malformed("not a hand-over")
        del self._buffer[: _LENGTH.size + taken]
        if self._taker.wants(header, self._body):
            self._header = header
        else:
            self._pass_over(self._body)
        return True

    def _pass_over(self, count: int) -> None:
        here = min(count, len(self._buffer))
        del self._buffer[:here]
        self._skip = count - here

    def _answer(self, header: dict[str, Any]) -> bool:
        if len(self._buffer) < self._body:
            return False
        body = bytes(memoryview(self._buffer)[: self._body])
        del self._buffer[: self._body]
        self._header = None
        try:
            value = values.body(body)
        except values.TooMuch as error:
            self._taker.refuse(header, str(error))
        except values.Malformed:
            self._taker.refuse(header, "bytes that are no answer")
        else:
            self._taker.take(header, value)
        return True

    def close(self) -> None:
        """Hang up."""
        if self._channel.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._channel)
            self._channel.close()
