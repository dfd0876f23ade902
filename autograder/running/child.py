"""A forked process becomes a Jupyter kernel: ipykernel, on sockets that it was given, without what grading has no use for."""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import Any

import ipykernel.debugger
import zmq
from ipykernel.control import ControlThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.shellchannel import ShellChannelThread
from matplotlib_inline.backend_inline import configure_inline_support
from traitlets import Dict
from traitlets.config import Config

from autograder.checks.session import SEED_VARIABLE, unseeded
from autograder.running.protocol import PORTS

_IMPORTED_AT_A_KERNELS_START = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "autograder",
    "faulthandler",
    "ipykernel.displayhook",
    "ipykernel.iostream",
    "ipykernel.zmqshell",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "numpy.random",
    "safetensors.torch",
    "tornado.platform.asyncio",
)


WORDS = 500


class OutputTooLong(Exception):
    """A notebook printed more than is allowed."""


class _Counted(io.TextIOBase):
    """Standard output that nobody reads: it counts, and stops who prints without end."""

    def __init__(self, limit: int) -> None:
        self._left = limit

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._left -= len(text)
        if self._left < 0:
            raise OutputTooLong
        return len(text)


class _Kernel(IPythonKernel):  # type: ignore[misc]
    """ipykernel's, which says in its replies only what its listener reads, however much an error's words are."""

    async def do_execute(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        reply = await super().do_execute(*arguments, **options)
        return {name: str(reply[name])[:WORDS] for name in ("status", "ename", "evalue") if name in reply}


class _App(IPKernelApp):  # type: ignore[misc]
    """ipykernel's application whose listening sockets are inherited, without connection file, heartbeat and debugger."""

    listening = Dict()

    def _try_bind_socket(self, s: Any, port: int) -> int:
        s.setsockopt(zmq.USE_FD, self.listening[port])
        s.bind(f"ipc://{self.ip}-{port}")
        return port

    def init_control(self, context: Any) -> None:
        self.control_socket = context.socket(zmq.ROUTER)
        self.control_socket.linger = 1000
        self._bind_socket(self.control_socket, self.control_port)
        self.debugpy_socket = context.socket(zmq.STREAM)
        self.control_thread = ControlThread(daemon=True)
        self.shell_channel_thread = ShellChannelThread(context, daemon=True)

    def init_connection_file(self) -> None:
        pass

    def write_connection_file(self, **kwargs: Any) -> None:
        pass

    def init_heartbeat(self) -> None:
        pass

    def init_crash_handler(self) -> None:
        pass


def prepare() -> None:
    """Import, before the fork, what a kernel imports at its start."""
    for name in _IMPORTED_AT_A_KERNELS_START:
        importlib.import_module(name)


def kernel(request: dict[str, Any], descriptors: list[int]) -> IPKernelApp:
    """A kernel that is ready to start; ``descriptors`` are the listening sockets of ``PORTS`` in order."""
    unseeded(request["environment"].get(SEED_VARIABLE, ""))
    ports = {name: number for number, name in enumerate(PORTS, 1)}
    app = _App.instance(
        config=_config(request),
        transport="ipc",
        ip=request["ip"],
        listening=dict(zip(ports.values(), descriptors)),
        log_level=50,
        **ports,
    )
    app.initialize([])
    _exits_end_a_cell(app.shell)
    configure_inline_support(app.shell, os.environ["MPLBACKEND"])  # pyplot was imported before there was a shell
    return app


def _config(request: dict[str, Any]) -> Config:
    config = Config()
    config.Session.key = request["key"].encode()
    config.HistoryManager.enabled = False
    ipykernel.debugger._is_debugpy_available = False
    if request["quiet"]:  # nobody listens: figures needn't be drawn, and text is only counted
        config.InlineBackend.figure_formats = set()
        config.IPKernelApp.outstream_class = None
        config.IPKernelApp.kernel_class = _Kernel
        sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = _Counted(request["output"])  # type: ignore
    return config


def _exits_end_a_cell(shell: Any) -> None:
    """``exit()`` ends its cell, as ``sys.exit()`` does; the kernel would end some time later, and each time at another cell."""

    def leave(*_status: object) -> None:
        raise SystemExit

    shell.user_ns["exit"] = shell.user_ns["quit"] = leave
    shell.ask_exit = leave
    shell.unobserve_all("exit_now")
