"""How many submissions run at a time: as many as there are places, and places follow computing.

Who computes next to nothing for some seconds lends its place to another, and takes one again when it goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import Protocol

LOOK_SECONDS = 4.0
COMPUTING = 0.05  # of the time; who computes less than that rests
LENT_EACH = 8  # places that each place can be lent for: whoever sleeps keeps its memory


class Place(Protocol):
    """One submission's place."""

    def lend(self) -> bool:
        """Let another start; False where there are too many at rest already."""
        ...

    def take_back(self) -> None:
        """Have a place again, at once: a kernel that goes on can't be made to wait."""
        ...


def rests(cpu: float, wall: float) -> bool:
    """Whether this little computing in that time is resting."""
    return cpu < COMPUTING * wall


class Rest:
    """Watches one submission's computing, for its place."""

    def __init__(self, place: Place) -> None:
        self._place, self._lent = place, False
        self._since, self._cpu = time.monotonic(), 0.0

    def look(self, cpu: float) -> None:
        """Lend or take back the place, by the CPU seconds that its kernel has used so far."""
        wall = time.monotonic() - self._since
        if wall < LOOK_SECONDS and not (self._lent and cpu - self._cpu > COMPUTING * LOOK_SECONDS):
            return
        resting = rests(max(0.0, cpu - self._cpu), wall)
        if resting and not self._lent:
            self._lent = self._place.lend()
        elif self._lent and not resting:
            self._place.take_back()
            self._lent = False
        self._since, self._cpu = time.monotonic(), cpu


class Places:
    """The places of one event loop."""

    def __init__(self, count: int) -> None:
        self._count = self._free = count  # fewer than none are free while more go on than there are places
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.lent = 0

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[Place]:
        """Wait for a place and have it."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self.freed(0)
        place = _Held(self)
        try:
            await turn
            yield place
        finally:
            if turn.done() and not turn.cancelled():
                place.leave()

    def freed(self, count: int) -> None:
        """There are so many places more, or fewer: who waits longest gets one."""
        self._free += count
        while self._free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # by whoever was to have it
                self._free -= 1
                turn.set_result(None)

    def lend(self) -> bool:
        """Another may start in somebody's place."""
        if self.lent >= LENT_EACH * self._count:
            return False
        self.lent += 1
        self.freed(1)
        return True


class _Held:
    """A place of this process's."""

    def __init__(self, places: Places) -> None:
        self._places, self._lent = places, False

    def lend(self) -> bool:
        self._lent = self._places.lend()
        return self._lent

    def take_back(self) -> None:
        self._places.lent -= 1
        self._places.freed(-1)
        self._lent = False

    def leave(self) -> None:
        if self._lent:
            self._places.lent -= 1
        else:
            self._places.freed(1)
