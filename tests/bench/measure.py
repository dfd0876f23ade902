"""What a command costs: wall time, CPU time of the whole machine, memory of all its processes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from autograder.running import processes

MB = 2**20


@dataclass
class Cost:
    """Seconds and bytes; ``private`` is the median over kernels of what is no other process's."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: int = 0
    private: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.wall + other.wall,
            self.cpu + other.cpu,
            max(self.peak, other.peak),
            max(self.private, other.private),
        )


def busy() -> float:
    """CPU seconds that the machine has worked since it was started: run on an idle one."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)


def cost(program: str, folder: Path, *arguments: str) -> Cost:
    """Run one of the environment's programs in a course and measure it."""
    command = [str(Path(sys.executable).parent / program), *arguments]
    begun, worked = time.monotonic(), busy()
    running = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    watch = Watch(running.pid)
    said = running.communicate()[1]
    watch.stop()
    if running.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{said}")
    return Cost(time.monotonic() - begun, busy() - worked, watch.peak, watch.private())


class Watch(threading.Thread):
    """Looks at the memory of a process and all below it, once a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak, self.own = 0, list[int]()
        self._kernels: list[int] = []
        self._pid, self._over = pid, threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.wait(1):
            self.peak = max(self.peak, sum(_rollup(pid, ("Pss:",)) for pid in processes.tree(self._pid)))
            self.own.append(psutil.Process(self._pid).memory_info().rss if psutil.pid_exists(self._pid) else 0)
            self._kernels += filter(None, (_rollup(pid, ("Private_",)) for pid in _kernels(self._pid)))

    def stop(self) -> None:
        self._over.set()
        self.join()

    def private(self) -> int:
        ordered = sorted(self._kernels)
        return ordered[len(ordered) // 2] if ordered else 0


def _kernels(pid: int) -> list[int]:
    """The processes that forked kernels are: several threads, below a fork server."""
    found = []
    for below in processes.tree(pid):
        try:
            process = psutil.Process(below)
            if "autograder.running.forkserver" in process.cmdline() and process.num_threads() > 1:
                found.append(below)
        except psutil.Error:
            continue
    return found


def _rollup(pid: int, kinds: tuple[str, ...]) -> int:
    """Bytes of some kinds of a process's memory; none when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(kinds)) * 1024


def cores() -> int:
    return os.cpu_count() or 1
