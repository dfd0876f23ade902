"""A fork server, seen from outside: started inside the walls, asked for kernels, ended with all of them."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import json
import os
import secrets
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.datasets.sources import FOLDER_VARIABLE
from autograder.running import processes
from autograder.running.protocol import PORTS, REQUEST
from autograder.running.sandbox import HOME, USERS, WRITABLE, Limits, SandboxError, changes_user, walled

START_SECONDS = 180
_CREDENTIALS = struct.Struct("3i")
_PREFIX = "autograder-"


class ServerDied(Exception):
    """The fork server ended, or a kernel before it began; whoever was to run on it did nothing wrong."""


@dataclass(frozen=True)
class Warm:
    """What a fork server has ready before the first submission: imported modules, and code that was run."""

    imports: tuple[str, ...] = ()
    preload: str = ""


class Child:
    """A forked kernel. ``connection`` is what a Jupyter client needs to reach it."""

    def __init__(self, server: ForkServer, connection: dict[str, Any], life: socket.socket, first: int, kernel: int):
        self.connection = connection
        self.pid = kernel
        self._server, self._life, self._first = server, life, first
        self._handle = os.pidfd_open(first)
        self.ended: int | None = None
        self._cpu = 0.0

    def alive(self) -> bool:
        """Whether it runs; once it doesn't, ``ended`` is its exit status, or None when it was killed from outside."""
        if self._handle < 0:
            return False
        if not select.select([self._handle], [], [], 0)[0]:
            return True
        with contextlib.suppress(OSError):
            said = self._life.recv(100, socket.MSG_DONTWAIT).decode().split()
            if said[:1] == ["ended"]:  # and nothing when it is asked again
                self.ended, self._cpu = int(said[1]), max(self._cpu, float(said[2]))
        return False

    def cpu(self) -> float:
        """CPU seconds that all its processes have used, those that have ended too."""
        if self.alive():
            self._cpu = max(self._cpu, processes.cpu(self._first))
        return self._cpu

    def memory(self, enough: int) -> int:
        """Bytes of memory of all its processes; an overestimate where that is not beyond ``enough``."""
        waiting = processes.sockets(self._first) if self._server.sandboxed else 0
        return processes.memory(self._first, enough - waiting) + waiting

    def signal(self, number: int) -> None:
        """Send a signal to the kernel itself."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it and everything it started."""
        if self._handle < 0:
            return
        if not self._server.has_walls:  # no pid namespace whose first process takes all others with it
            for pid in self._all():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        select.select([self._handle], [], [], 10)
        os.close(self._handle)
        self._handle = -1
        self._life.close()
        _unlink(self.connection["ip"])
        shutil.rmtree(f"{self.connection['ip']}.d", ignore_errors=True)

    def _all(self) -> list[int]:
        """Its processes; on a server of its own, where it could end its first one, whatever there is beside the server."""
        return processes.tree(self._first)[1:] if self._server.shared else self._server.processes()[2:]


@dataclass
class ForkServer:
    """A running fork server.

    Args:
        warm: what it has ready.
        sandboxed: False for no walls at all.
        shared: whether its children get walls of their own; without, it serves one submission only.
        limits: of its children.
        hidden: what they may not see, wherever it lies.

    Raises:
        SandboxError: it doesn't start; the message has its own words.
    """

    warm: Warm = Warm()
    sandboxed: bool = True
    shared: bool = True
    limits: Limits = field(default_factory=Limits)
    hidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._numbers = itertools.count()
        self._first_user = secrets.randbelow(len(USERS))
        self.folder, self._lock = _own_folder()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "autograder.running.forkserver", str(theirs.fileno())]
        environment = _environment(HOME if self.sandboxed else str(self.folder))
        if self.sandboxed:
            command = walled(command, environment, self.limits, self.hidden)
        with (self.folder / "errors").open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd="/",
                env=None if self.sandboxed else _inherited() | environment,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        theirs.close()
        with contextlib.suppress(BrokenPipeError):  # it has ended already, and is asked below what it said
            self._control.send(json.dumps({"imports": self.warm.imports, "preload": self.warm.preload}).encode())
        self._wait_until_ready()

    @property
    def has_walls(self) -> bool:
        """Whether each child is in namespaces of its own."""
        return self.sandboxed and self.shared

    def _wait_until_ready(self) -> None:
        problem = f"it wasn't ready after {START_SECONDS} seconds"
        if select.select([self._control], [], [], START_SECONDS)[0]:
            said = b""
            with contextlib.suppress(OSError):
                said = self._control.recv(REQUEST)
            last_words = (self.folder / "errors").read_text()[-500:].strip()
            problem = json.loads(said).get("problem", "") if said else last_words or "it said nothing"
        if problem:
            self.close()
            raise SandboxError(f"the process that kernels are forked from doesn't start: {problem}")

    def alive(self) -> bool:
        """Whether it serves; it says nothing after its start, so what can be read is the end."""
        return self._process.poll() is None and not select.select([self._control], [], [], 0)[0]

    def processes(self) -> list[int]:
        """The process ids of bubblewrap, if it is sandboxed, the server, and its children."""
        return processes.tree(self._process.pid)

    async def fork(
        self,
        environment: dict[str, str],
        limits: Limits,
        answers: socket.socket | None,
        exams: bytes = b"",
        quiet: bool = True,
    ) -> Child:
        """A new kernel; its end of ``answers`` and a file of ``exams`` become descriptors named in its environment.

        Raises:
            ServerDied: the server is gone.
            SandboxError: this machine doesn't allow the kernel its walls.
        """
        number = next(self._numbers)
        ip = str(self.folder / str(number))
        key = secrets.token_hex(32)
        life, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        life.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        listeners = [_listener(f"{ip}-{port}") for port in range(1, len(PORTS) + 1)]
        given = [*listeners, answers or theirs.dup(), theirs]
        file = _sealed(exams)
        request = {
            "ip": ip,
            "key": key,
            "quiet": quiet,
            "answers": answers is not None,
            "user": self._user(number),
            "sandboxed": self.sandboxed,
            "walls": self.has_walls,
            "covered": WRITABLE,
            "folder": HOME if self.sandboxed else _made(f"{ip}.d"),
            "disk": limits.disk,
            "output": limits.output,
            "bounds": limits.bounds() if self.sandboxed else {},
            "environment": environment,
        }
        try:
            life.send(json.dumps(request).encode())
            socket.send_fds(self._control, [b"f"], [*(end.fileno() for end in given[:-1]), file, theirs.fileno()])
            theirs.close()
            first, kernel = await _credentials(life, b"first"), await _credentials(life, b"kernel")
        except BaseException as error:
            life.close()  # which ends the child, if there is one
            _unlink(ip)
            if self.alive() and isinstance(error, PermissionError):
                raise SandboxError(f"a submission can't be walled off from the others: {error}") from error
            if isinstance(error, OSError | EOFError):
                raise ServerDied(str(error)) from error
            raise
        finally:
            os.close(file)
            for end in given:
                end.close()
        connection = {"transport": "ipc", "ip": ip, "key": key, "signature_scheme": "hmac-sha256"}
        return Child(self, connection | {name: n for n, name in enumerate(PORTS, 1)}, life, first, kernel)

    def _user(self, number: int) -> int | None:
        """Whom a kernel runs as: what the system counts by user, none shall use up for the others."""
        return USERS[(self._first_user + number) % len(USERS)] if self.sandboxed and changes_user() else None

    def close(self) -> None:
        """End it and all its children, and remove what it left."""
        self._control.close()
        for pid in self.processes() if self._process.poll() is None else []:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _made(folder: str) -> str:
    os.mkdir(folder)
    return folder


def _sealed(content: bytes) -> int:
    """The descriptor of a file in memory that nobody can change any more."""
    descriptor = os.memfd_create("exams", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with os.fdopen(descriptor, "wb", closefd=False) as file:
        file.write(content)
    seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor


def _unlink(ip: str) -> None:
    for port in range(1, len(PORTS) + 1):
        Path(f"{ip}-{port}").unlink(missing_ok=True)


def _listener(path: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.bind(path)
    made.listen(16)
    return made


async def _credentials(life: socket.socket, word: bytes) -> int:
    """The process id, as seen from here, of who sends the word."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(life, readable.set)
    try:
        async with asyncio.timeout(START_SECONDS):
            await readable.wait()
    finally:
        loop.remove_reader(life)
    said, ancillary, _, _ = life.recvmsg(1000, socket.CMSG_SPACE(_CREDENTIALS.size))
    if said.startswith(b"problem"):
        raise PermissionError(said.decode(errors="replace").removeprefix("problem "))
    if said != word:
        raise EOFError("the forked process ended before it began")
    return int(_CREDENTIALS.unpack(ancillary[0][2][: _CREDENTIALS.size])[0])


def _environment(home: str) -> dict[str, str]:
    return {
        "HOME": home,
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "IPYTHONDIR": f"{home}/.ipython",
        "HF_HUB_OFFLINE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
    }


def _inherited() -> dict[str, str]:
    """This process's environment, but the data of the cache: it is what the references were recorded on."""
    return {name: value for name, value in os.environ.items() if name != FOLDER_VARIABLE}


def _own_folder() -> tuple[Path, int]:
    """A new folder, and the lock on it that says, to every process that sees it, that its owner lives."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir="/tmp"))
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():  # nobody swept it before it was locked
            return folder, lock
        os.close(lock)


def sweep() -> None:
    """Remove what runs that were killed left in the system's temporary folder: what nobody holds the lock of.

    Process ids don't tell: an owner may live in another namespace that shares the folder.
    """
    for folder in Path("/tmp").glob(f"{_PREFIX}[0-9]*-*"):
        with contextlib.suppress(OSError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)
