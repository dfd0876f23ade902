"""What proving a change costs: the tests, the homeworks' proof with nothing kept, with everything kept, and with one homework changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.building.build import homeworks
from autograder.datasets import sources
from tests.bench.measure import busy

ROOT = Path(__file__).parents[2]
AUTOGRADER = str(Path(sys.executable).parent / "autograder")
CHANGED = "hw07_argmax_attention"
FIRST_GRADES = "The grades"
console = Console(width=110)


def loop(folder: Path) -> None:
    """Measure each step by itself; the course is a copy, and results are kept beside it."""
    course, nothing_kept = folder / "course", _cache(folder / "cache")
    for part in ("assignments", "source", "release"):
        shutil.copytree(ROOT / part, course / part)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    table = Table(title="The loop", title_justify="left")
    for column in ("", "wall s", "CPU s"):
        table.add_column(column, justify="right" if column else "left")

    def measured(what: str, *commands: list[str], where: Path = course, cache: Path = nothing_kept) -> None:
        wall, cpu = _timed(lambda: [_run(command, where, cache) for command in commands])
        table.add_row(what, f"{wall:.0f}", f"{cpu:.0f}")
        console.print(f"{what}: {wall:.0f} s")

    check = [[AUTOGRADER, "audit", "--check"], [AUTOGRADER, "build", "--check"]]
    measured("nothing changed, nothing kept here: audit --check, build --check", *check)
    measured("audit --all", [AUTOGRADER, "audit", "--all"])
    for name in homeworks(course):
        shutil.rmtree(nothing_kept / "results")
        measured(f"  of it {name} by itself", [AUTOGRADER, "audit", "--all", name])
    _change(course)
    measured(f"{CHANGED} changed: build, audit", [AUTOGRADER, "build", CHANGED], [AUTOGRADER, "audit", CHANGED])
    for target in ("quick", "test"):
        measured(f"make {target}", ["make", target], where=ROOT, cache=sources.cache())
    table.add_row("make demo, to the first grades", f"{_demo():.0f}", "")
    console.print(table)


def _cache(folder: Path) -> Path:
    """A cache with this machine's data and no results."""
    folder.mkdir()
    for part in (sources.OPEN, sources.HELD_OUT):
        if (sources.cache() / part).exists():
            (folder / part).symlink_to(sources.cache() / part)
    (folder / "results").mkdir()
    return folder


def _change(course: Path) -> None:
    """A comment in a solution that many checks depend on."""
    path = course / "assignments" / CHANGED / f"{CHANGED}.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("### BEGIN SOLUTION\n", "### BEGIN SOLUTION\n    # changed\n", 1), encoding="utf-8")


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of the whole machine."""
    begun, worked = time.monotonic(), busy()
    work()
    return time.monotonic() - begun, busy() - worked


def _run(command: list[str], folder: Path, cache: Path) -> None:
    environment = os.environ | {sources.CACHE_VARIABLE: str(cache)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")


def _demo() -> float:
    """Seconds from the command to the end of the first table of grades."""
    begun = time.monotonic()
    with subprocess.Popen(["make", "demo"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        seen = False
        for line in running.stdout:
            seen = seen or line.startswith(FIRST_GRADES)
            if seen and line.startswith("└"):
                break
        taken = time.monotonic() - begun
        running.terminate()
    return taken
