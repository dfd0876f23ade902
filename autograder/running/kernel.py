"""One kernel of a fork server: spoken to through its shell channel, watched, killed.

Nothing a kernel prints or displays is listened to: answers come through a socket of their own, and what a person sees later
are the outputs that the student submitted.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from autograder.checks import session
from autograder.running.answers import HandOvers, Taker
from autograder.running.sandbox import Limits
from autograder.running.server import START_SECONDS, Child, ForkServer, ServerDied
from autograder.running.shell import Flooded, NoReply, Shell, content_of

POLL_SECONDS = 0.2
STRANGE_REPLIES = 100


class Died(Exception):
    """The kernel's process ended; the message says how. ``killed`` if by a signal that could be somebody else's."""

    def __init__(self, how: str, killed: bool = False) -> None:
        super().__init__(how)
        self.killed = killed


class Kernel:
    """A running kernel; ``hand_overs`` takes its answers."""

    def __init__(self, server: ForkServer, child: Child, shell: Shell, hand_overs: HandOvers) -> None:
        self.hand_overs = hand_overs
        self._server, self._child, self._shell = server, child, shell
        self._memory: asyncio.Future[int] | None = None
        self._memory_seen = 0

    def cpu(self) -> float:
        """CPU seconds used so far by all its processes, also when it has ended."""
        return self._child.cpu()

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
        content = await self._reply(self._shell.send(source), watch)
        self.hand_overs.drain()
        return content

    async def _reply(self, request: str, watch: Callable[[], None]) -> dict[str, Any]:
        watched, strange = time.monotonic(), 0
        while strange < STRANGE_REPLIES:
            try:
                message = await self._shell.receive(POLL_SECONDS)
                if message is not None and message[0] == request:
                    return content_of(message[1])
                strange += message is not None
            except Flooded:
                break
            except NoReply:  # students can write to the kernel's own sockets
                strange += 1
            except (OSError, EOFError):  # it hung up: perhaps it has ended
                await asyncio.sleep(POLL_SECONDS / 2)
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
async def start(server: ForkServer, seed: str, exams: bytes, limits: Limits, taker: Taker) -> AsyncIterator[Kernel]:
    """A kernel under what is open of a seed, with the questions of exams, killed with everything it started at the end.

    Raises:
        SandboxError: it doesn't come up.
        ServerDied: the fork server is gone.
    """
    ours, theirs = socket.socketpair()
    theirs.bind("")  # to a name of the system's choice: it could still be given one that somebody out here needs
    hand_overs = HandOvers(ours, limits.hand_over, taker)
    child: Child | None = None
    shell: Shell | None = None
    try:
        child = await server.fork({session.SEED_VARIABLE: session.opened(seed)}, limits, theirs, exams)
        shell = await _connected(child)
        yield Kernel(server, child, shell, hand_overs)
    finally:
        theirs.close()
        if child is not None:
            child.kill()
        if shell is not None:
            await shell.close()
        hand_overs.close()


async def _connected(child: Child) -> Shell:
    try:
        async with asyncio.timeout(START_SECONDS):
            return await Shell.connect(
                f"{child.connection['ip']}-{child.connection['shell_port']}", child.connection["key"]
            )
    except (OSError, EOFError) as error:
        raise ServerDied(f"a kernel ended before it began ({error})") from error
