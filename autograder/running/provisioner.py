"""Forked kernels for every program that starts its kernels with jupyter_client: nbclient, nbconvert, nbgrader's own Execute.

The entry point ``autograder-forked``. A kernel runs behind the walls of a submission, with a copy of the notebook's folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import tarfile
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.provisioning import KernelProvisionerBase

from autograder.running.hidden import of_course
from autograder.running.local import here
from autograder.running.notebook import Job
from autograder.running.sandbox import SandboxError
from autograder.running.server import START_SECONDS, Child, ForkServer

POLL_SECONDS = 0.1
PASSED_ON = ("NBGRADER_EXECUTION",)
_FIRST = """
import os, socket, tarfile
with socket.socket(fileno=int(os.environ.pop("AUTOGRADER_SOCKET"))) as channel:
    tarfile.open(fileobj=channel.makefile("rb"), mode="r|").extractall(filter="data")
"""


class ForkedKernel(KernelProvisionerBase):  # type: ignore[misc]
    """A kernel of this process's fork server; started again, it has a new address, and its clients connect anew."""

    _child: Child | None = None
    _server: ForkServer | None = None

    @property
    def has_process(self) -> bool:
        return self._child is not None

    async def poll(self) -> int | None:
        if self._child is None:
            return 0
        if self._child.alive():
            return None
        return -signal.SIGKILL if self._child.ended is None else self._child.ended

    async def wait(self) -> int | None:
        while (status := await self.poll()) is None:
            await asyncio.sleep(POLL_SECONDS)
        await self.cleanup()
        return status

    async def send_signal(self, signum: int) -> None:
        if self._child is not None:
            self._child.signal(signum)

    async def terminate(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGTERM)

    async def kill(self, restart: bool = False) -> None:
        if self._child is not None:
            await asyncio.to_thread(self._child.kill)

    async def cleanup(self, restart: bool = False) -> None:
        await self.kill()
        if self._server is not None and not self._server.shared:
            self._server.close()
        self._child = self._server = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        return {"cmd": [], **await super().pre_launch(**kwargs)}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
        """Fork a kernel; of the environment it gets what the kernelspec names, and what nbgrader says of the occasion.

        Raises:
            SandboxError: it can't be walled off, or the notebook's folder doesn't fit into it.
        """
        names = [name for name in (*self.kernel_spec.env, *PASSED_ON) if name in kwargs["env"]]
        folder = Path(kwargs["cwd"]) if kwargs.get("cwd") else None
        job = Job((), "", hidden=of_course(Path.cwd()))  # nbgrader runs in the course's folder
        self._server = await asyncio.to_thread(here().server, job)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self._child = await self._server.fork({n: kwargs["env"][n] for n in names}, job.limits, theirs, quiet=False)
            theirs.close()
            try:
                await _prepare(self._child, ours, folder, job.limits.disk)
            except BaseException:
                await self.cleanup()
                raise
        self.connection_info = self._child.connection | {"key": self._child.connection["key"].encode()}
        return self.connection_info


async def _prepare(child: Child, channel: socket.socket, folder: Path | None, room: int) -> None:
    """Before any cell: copy the folder's files to where the kernel starts."""
    size = sum(path.lstat().st_size for path in folder.rglob("*")) if folder else 0
    if size > room:
        raise SandboxError(
            f"{folder} holds {size:,} bytes, and of its notebook's folder a kernel gets a copy of at most {room:,}: "
            "move the notebook to a folder of its own."
        )
    client = AsyncKernelClient()
    client.load_connection_info(child.connection)
    client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False)
    try:
        client.execute(f"exec({_FIRST!r}, {{}})", silent=True, store_history=False, allow_stdin=False)
        with contextlib.suppress(BrokenPipeError):  # the reply says why
            await asyncio.to_thread(_send, folder, channel)
        reply = (await client.get_shell_msg(timeout=START_SECONDS))["content"]
    except Empty:
        reply = {"status": "error", "ename": "Timeout", "evalue": f"nothing for {START_SECONDS} seconds"}
    finally:
        client.stop_channels()
    if reply["status"] != "ok":
        raise SandboxError(f"{folder} can't be copied to its kernel: {reply.get('ename')}: {reply.get('evalue')}")


def _send(folder: Path | None, channel: socket.socket) -> None:
    """Regular files only: no link is followed."""
    with channel.makefile("wb") as file, tarfile.open(fileobj=file, mode="w|") as tar:
        if folder:
            tar.add(folder, arcname=".", filter=lambda member: member if member.isreg() or member.isdir() else None)
    channel.shutdown(socket.SHUT_WR)
