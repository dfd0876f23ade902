"""One kernel of a fork server: spoken to through its shell channel, watched, killed.

Nothing a kernel prints or displays is listened to: answers come through a socket of their own, and what a person sees later
are the outputs that the student submitted.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable
from queue import Empty
from typing import Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient

from autograder.checks import session, values
from autograder.running.sandbox import MIB, Limits
from autograder.running.server import Child, ForkServer, ServerDied

POLL_SECONDS = 0.2
HAND_OVERS = 10_000
REPLY_BYTES = 64 * MIB
STRANGE_REPLIES = 100
_LENGTH = struct.Struct(">Q")


class Died(Exception):
    """The kernel's process ended; the message says how. ``killed`` if by a signal that could be somebody else's."""

    def __init__(self, how: str, killed: bool = False) -> None:
        super().__init__(how)
        self.killed = killed


class HandOvers:
    """Frames from the kernel's socket, given to ``take`` one by one; ``problem`` says why it stopped listening.

    ``limit`` bounds one frame and all together: who hands over without end would keep everybody else waiting.
    """

    def __init__(self, channel: socket.socket, limit: int, take: Callable[[dict[str, Any], Any], None]) -> None:
        self.problem = ""
        self._channel, self._limit, self._take = channel, limit, take
        self._buffer = bytearray()
        self._frames_left, self._bytes_left = HAND_OVERS, limit + _LENGTH.size * HAND_OVERS
        channel.setblocking(False)
        asyncio.get_running_loop().add_reader(channel, self.drain)

    def drain(self) -> None:
        """Take whatever has arrived."""
        if self._channel.fileno() < 0:
            return
        with contextlib.suppress(BlockingIOError, OSError):
            while chunk := self._channel.recv(1 << 20):
                self._buffer += chunk
                self._bytes_left -= len(chunk)
                self._split()
                if self.problem:
                    break
            self.close()

    def _split(self) -> None:
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if length > self._limit:
                self.problem = "an answer larger than allowed was handed over"
                return
            if self._frames_left == 0 or self._bytes_left < 0:
                self.problem = "more answers than allowed were handed over"
                return
            if len(self._buffer) < _LENGTH.size + length:
                return
            self._frames_left -= 1
            payload = bytes(self._buffer[_LENGTH.size : _LENGTH.size + length])
            del self._buffer[: _LENGTH.size + length]
            try:
                self._take(*values.parse(payload))
            except values.Malformed as error:
                self.problem = str(error)
                return

    def close(self) -> None:
        if self._channel.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._channel)
            self._channel.close()


class Kernel:
    """A running kernel; ``hand_overs`` takes its answers."""

    def __init__(self, server: ForkServer, child: Child, client: AsyncKernelClient, hand_overs: HandOvers) -> None:
        self.hand_overs = hand_overs
        self._server, self._child, self._client = server, child, client
        self._memory: asyncio.Future[int] | None = None
        self._memory_seen = 0

    def cpu(self) -> float:
        """CPU seconds used so far by all its processes."""
        return self._child.usage().cpu

    def memory(self, enough: int) -> int:
        """Bytes that all its processes took when last looked up; an overestimate where that is not beyond ``enough``.

        For many processes it takes a good part of a second to find out, so a thread does.
        """
        if self._memory is None or self._memory.done():
            self._memory_seen = self._memory.result() if self._memory else 0
            self._memory = asyncio.get_running_loop().run_in_executor(None, self._child.memory, enough)
        return self._memory_seen

    async def execute(self, source: str, watch: Callable[[], None]) -> dict[str, Any]:
        """Run code and give the reply's content; ``watch`` is called now and then and may raise.

        Raises:
            Died: the kernel ended.
            ServerDied: the fork server ended.
        """
        request = self._client.execute(source, store_history=False, allow_stdin=False, stop_on_error=False)
        content = await self._reply(request, watch)
        self.hand_overs.drain()
        return content

    async def _reply(self, request: str, watch: Callable[[], None]) -> dict[str, Any]:
        watched, strange = time.monotonic(), 0
        while strange < STRANGE_REPLIES:
            try:
                message = await self._client.get_shell_msg(timeout=POLL_SECONDS)
                if message["parent_header"]["msg_id"] == request:
                    return dict(message["content"])
                strange += 1
            except Empty:
                pass
            except Exception:  # a message that is none: students can write to the kernel's own sockets
                strange += 1
            await asyncio.sleep(0)  # a message that is there already is got without a chance for anybody else
            if time.monotonic() - watched > POLL_SECONDS / 2:
                self._check_alive()
                watch()
                watched = time.monotonic()
        raise Died("the code wrote to the kernel's own sockets")

    def _check_alive(self) -> None:
        if self._child.alive():
            return
        if not self._server.alive():
            raise ServerDied("the process that kernels are forked from was ended")
        status = self._child.ended
        if status is None or status == -9:
            raise Died("the kernel was killed, most likely because the machine's memory ran out", killed=True)
        raise Died(f"the kernel crashed (signal {-status})" if status < 0 else "the code ended the kernel")


@contextlib.asynccontextmanager
async def start(
    server: ForkServer, seed: str, limits: Limits, take: Callable[[dict[str, Any], Any], None]
) -> AsyncIterator[Kernel]:
    """A kernel under a seed, killed with everything it started at the end.

    Raises:
        SandboxError: it doesn't come up.
        ServerDied: the fork server is gone.
    """
    ours, theirs = socket.socketpair()
    theirs.bind("")  # to a name of the system's choice: it could still be given one that somebody out here needs
    hand_overs = HandOvers(ours, limits.hand_over, take)
    client = AsyncKernelClient()
    client.context.setsockopt(zmq.MAXMSGSIZE, REPLY_BYTES)
    client.context.setsockopt(zmq.RCVHWM, 2)
    child: Child | None = None
    try:
        child = await server.fork({session.SEED_VARIABLE: seed}, limits, theirs)
        client.load_connection_info(child.connection)
        client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False)
        yield Kernel(server, child, client, hand_overs)
    finally:
        theirs.close()
        client.stop_channels()
        if child is not None:
            child.kill()
        hand_overs.close()
