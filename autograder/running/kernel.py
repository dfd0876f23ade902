"""One kernel in the sandbox: started, spoken to through its shell channel, killed.

Nothing a kernel prints or displays is listened to: answers come through a socket of their own, and what a person sees later
are the outputs that the student submitted.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from queue import Empty
from typing import Any

import psutil
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import write_connection_file

from autograder.checks import session, values
from autograder.running.sandbox import HOME, Limits, SandboxError, walled

START_SECONDS = 120
POLL_SECONDS = 0.2
_LENGTH = struct.Struct(">Q")


class Died(Exception):
    """The kernel's process ended."""


class HandOvers:
    """Frames from the kernel's socket, given to ``take`` one by one; ``problem`` says why it stopped listening."""

    def __init__(self, channel: socket.socket, limit: int, take: Callable[[dict[str, Any], Any], None]) -> None:
        self.problem = ""
        self._channel, self._limit, self._take = channel, limit, take
        self._buffer = bytearray()
        channel.setblocking(False)
        asyncio.get_running_loop().add_reader(channel, self.drain)

    def drain(self) -> None:
        """Take whatever has arrived."""
        with contextlib.suppress(BlockingIOError, OSError):
            while chunk := self._channel.recv(1 << 20):
                self._buffer += chunk
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
            if len(self._buffer) < _LENGTH.size + length:
                return
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
    """A running kernel."""

    def __init__(self, process: subprocess.Popen[bytes], client: AsyncKernelClient, hand_overs: HandOvers) -> None:
        self._process, self._client, self.hand_overs = process, client, hand_overs

    def cpu(self) -> float:
        """CPU seconds used so far by everything in the sandbox."""
        total = 0.0
        with contextlib.suppress(psutil.Error):
            top = psutil.Process(self._process.pid)
            for process in (top, *top.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    times = process.cpu_times()
                    total += times.user + times.system + times.children_user + times.children_system
        return total

    async def ready(self) -> None:
        """Wait until it answers.

        Raises:
            Died: it ended instead.
            TimeoutError: it took more than ``START_SECONDS``.
        """
        self._client.kernel_info()
        async with asyncio.timeout(START_SECONDS):
            await self._reply(None)

    async def execute(self, source: str, watch: Callable[[], None]) -> dict[str, Any]:
        """Run code and give the reply's content; ``watch`` is called now and then and may raise.

        Raises:
            Died: the process ended.
        """
        request = self._client.execute(source, store_history=False, allow_stdin=False, stop_on_error=False)
        content = await self._reply(request, watch)
        self.hand_overs.drain()
        return content

    async def _reply(self, request: str | None, watch: Callable[[], None] = lambda: None) -> dict[str, Any]:
        while True:
            try:
                message = await self._client.get_shell_msg(timeout=POLL_SECONDS)
            except Empty:
                if self._process.poll() is not None:
                    raise Died from None
                watch()
                continue
            except Exception:  # a message that is none: students can write to the kernel's own sockets
                continue
            if request is None or message.get("parent_header", {}).get("msg_id") == request:
                content: dict[str, Any] = message["content"]
                return content


@contextlib.asynccontextmanager
async def start(
    seed: str, limits: Limits, take: Callable[[dict[str, Any], Any], None], sandboxed: bool = True
) -> AsyncIterator[Kernel]:
    """A kernel under a seed, killed with everything it started at the end.

    Raises:
        SandboxError: it doesn't come up.
    """
    folder = Path(tempfile.mkdtemp(prefix="ag-", dir="/tmp"))
    ours, theirs = socket.socketpair()
    process: subprocess.Popen[bytes] | None = None
    client = AsyncKernelClient()
    try:
        connection = folder / "kernel.json"
        write_connection_file(
            str(connection), ip=str(folder / "s"), transport="ipc", key=secrets.token_hex(32).encode()
        )
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", str(connection), *_QUIET]
        environment = _environment(seed, theirs.fileno())
        if sandboxed:
            command = walled(command, folder, environment, limits)
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=None if sandboxed else os.environ | environment | {"HOME": str(folder)},
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        client.load_connection_file(str(connection))
        client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False)
        kernel = Kernel(process, client, HandOvers(ours, limits.hand_over, take))
        try:
            await kernel.ready()
        except (Died, TimeoutError) as error:
            raise SandboxError("a kernel doesn't start: run `autograder doctor` to see why.") from error
        yield kernel
    finally:
        theirs.close()
        client.stop_channels()
        if process is not None:
            _kill(process)
        if ours.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(ours)
            ours.close()
        shutil.rmtree(folder, ignore_errors=True)


_QUIET = ("--HistoryManager.enabled=False", "--IPKernelApp.log_level=50")


def _environment(seed: str, descriptor: int) -> dict[str, str]:
    return {
        session.SEED_VARIABLE: seed,
        session.SOCKET_VARIABLE: str(descriptor),
        "HOME": HOME,
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "IPYTHONDIR": "/tmp/ipython",
        "HF_HUB_OFFLINE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
