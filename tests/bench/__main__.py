"""``make bench``: a class graded by nbgrader as it comes and by this package, in turns; ratios within one run.

Environment: ONLY (some of "imports hw02 dask class follow", or "loop": what proving a change costs), SUBMISSIONS (100), CLASS (2000).
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.grading.grade import Course, Grading
from autograder.running.cluster import Cluster
from tests.bench import course
from tests.bench.loop import loop
from tests.bench.measure import MB, Cost, Watch, cores, cost
from tests.conftest import HOMEWORK
from tests.end_to_end.room import Desk, Notebook
from tests.exploits.submissions import Class

SUBMISSIONS = int(os.environ.get("SUBMISSIONS", "100"))
CLASS = int(os.environ.get("CLASS", "2000"))
TURNS, SLEEPERS = 2, 84
console = Console(width=110)


def main() -> None:
    console.print(f"{cores()} cores, Python {sys.version.split()[0]}")
    parts: dict[str, Callable[[Path], None]] = {
        "imports": imports,
        "hw02": hw02,
        "dask": dask,
        "class": big_class,
        "follow": follow,
    }
    for name in os.environ.get("ONLY", " ".join(parts)).split():
        with tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp") as folder:
            (parts | {"loop": loop})[name](Path(folder))


def imports(folder: Path) -> None:
    """Notebooks whose cells cost nothing."""
    made = course.toy(folder / "ours", itertools.cycle([Class.solved]), SUBMISSIONS)
    compared("Notebooks whose cells cost nothing", made, HOMEWORK)


def hw02(folder: Path) -> None:
    """hw02 as a real class hands it in."""
    compared("hw02_attention", course.attention(folder / "ours", SUBMISSIONS), "hw02_attention")


def compared(title: str, ours: Path, name: str) -> None:
    """Both in turns, a part of the class each time; one submission by itself each time tells what a command's start costs."""
    stock = course.stock(ours, ours.with_name("stock"), name)
    students = sorted(path.name for path in (ours / "submitted").iterdir())
    cost("autograder", ours, "grade", name, *chosen(students[:1]))  # records the references, once a homework
    starts, total = ({"stock nbgrader": Cost(), "ours": Cost()} for _ in range(2))
    for turn in range(TURNS):
        part = students[1 + turn :: TURNS]
        starts["stock nbgrader"] += cost("nbgrader", stock, "autograde", name, "--student", students[0], "--force")
        total["stock nbgrader"] += stock_turn(stock, name, part)
        starts["ours"] += cost("autograder", ours, "grade", name, *chosen(students[:1]), "--force")
        total["ours"] += cost("autograder", ours, "grade", name, *chosen(part))
    report(title, len(students) - 1, starts, total)


def stock_turn(stock: Path, name: str, part: list[str]) -> Cost:
    """nbgrader's own command on some students: it takes one or everybody, so all others are elsewhere meanwhile."""
    away = stock / "away"
    away.mkdir(exist_ok=True)
    others = [path for path in (stock / "submitted").iterdir() if path.name not in part]
    for path in others:
        path.rename(away / path.name)
    try:
        return cost("nbgrader", stock, "autograde", name)
    finally:
        for path in others:
            (away / path.name).rename(path)


def chosen(students: list[str]) -> list[str]:
    return [word for student in students for word in ("--student", student)]


def report(title: str, count: int, starts: dict[str, Cost], total: dict[str, Cost]) -> None:
    table = Table(title=f"{title}: {count} submissions in {TURNS} turns", title_justify="left")
    for column in (
        "",
        "a minute",
        "wall s each",
        "CPU s each",
        "peak MB",
        "private MB a kernel",
        "a command with one, s",
    ):
        table.add_column(column, justify="right" if column else "left")
    each = {}
    for who, spent in total.items():
        start = starts[who]
        wall, cpu = ((a - b) / (count - TURNS) for a, b in ((spent.wall, start.wall), (spent.cpu, start.cpu)))
        each[who] = wall
        private = f"{spent.private / MB:.0f}" if spent.private else ""
        row = (
            f"{60 / wall:.1f}",
            f"{wall:.2f}",
            f"{cpu:.2f}",
            f"{spent.peak / MB:.0f}",
            private,
            f"{start.wall / TURNS:.1f}",
        )
        table.add_row(who, *row)
    console.print(table)
    ratio = each["stock nbgrader"] / each["ours"]
    whole = total["stock nbgrader"].wall / total["ours"].wall
    console.print(
        f"ours is {ratio:.1f} × as fast a submission; with the {TURNS} starts of each command {whole:.1f} ×\n"
    )


def follow(folder: Path) -> None:
    """What follow-through costs of computing: hw02 with everything right, with one gap, and as a class hands it in."""
    name, count = "hw02_attention", 6
    works: dict[str, Callable[[Desk], Notebook]] = {
        "everything right": lambda desk: desk.solved(name),
        "attention_weights left out": lambda desk: desk.left_out(name, "attention_weights"),
        "dot_score and multi_head_attention left out": lambda desk: desk.left_out(
            name, "dot_score", "multi_head_attention"
        ),
    }
    table = Table(title="Follow-through, seconds of computing a submission", title_justify="left")
    for column in ("work", "share 0", "share 1", "ratio"):
        table.add_column(column, justify="left" if column == "work" else "right")
    for number, (what, work) in enumerate(works.items()):
        made = course.homework(folder / str(number), name, itertools.repeat(work, count + 1))
        plain = (made / "nbgrader_config.py").read_text()
        cost("autograder", made, "grade", name, "--student", "s0000")  # records the references
        spent = {}
        for share in (0.0, 1.0):
            (made / "nbgrader_config.py").write_text(f"{plain}\nc.FollowThrough.share = {share}\n")
            start = cost("autograder", made, "grade", name, "--student", "s0000", "--force").cpu
            spent[share] = (cost("autograder", made, "grade", name, "--force").cpu - start) / count
        table.add_row(what, f"{spent[0.0]:.1f}", f"{spent[1.0]:.1f}", f"{spent[1.0] / spent[0.0]:.2f}")
    console.print(table)


def dask(folder: Path) -> None:
    """Sleep-bound notebooks on two workers and on four."""

    def sleeper(room: Class) -> Notebook:
        return room.with_double("import time; time.sleep(1); return 2 * x")

    made = course.toy(folder / "course", itertools.cycle([sleeper]), SLEEPERS)
    walls = {}
    for workers in (2, 4):
        shutil.rmtree(made / "autograded", ignore_errors=True)
        walls[workers] = on_cluster(made, workers)
    kept = walls[2] / walls[4] / 2
    console.print(
        f"Dask: {SLEEPERS - 4} sleeping notebooks on 2 workers {walls[2]:.1f} s, on 4 {walls[4]:.1f} s: {kept:.0%} efficiency\n"
    )


def on_cluster(made: Path, workers: int) -> float:
    """Seconds of a class on so many workers, from when they are warm."""
    from distributed import LocalCluster

    async def graded(students: range) -> None:
        await Grading(Course(made), HOMEWORK, runner, lambda line: None).grade([f"s{n:04d}" for n in students])

    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster:
        runner = Cluster(cluster.scheduler_address)
        try:
            asyncio.run(graded(range(workers)))
            begun = time.monotonic()
            asyncio.run(graded(range(4, SLEEPERS)))
            return time.monotonic() - begun
        finally:
            runner.close()


def big_class(folder: Path) -> None:
    """A class of thousands, and what memory the command takes from its first tenth to its end."""
    made = course.toy(folder / "course", itertools.cycle([Class.solved, Class.empty]), CLASS)
    command = [str(Path(sys.executable).parent / "autograder"), "grade", HOMEWORK]
    begun = time.monotonic()
    running = subprocess.Popen(command, cwd=made, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    watch = Watch(running.pid)
    status = running.wait()
    watch.stop()
    graded = len(list(made.glob("autograded/*/*/*.ipynb")))
    first, last = (max(part) / MB for part in (watch.own[: len(watch.own) // 10], watch.own[-len(watch.own) // 10 :]))
    wall = time.monotonic() - begun
    console.print(
        f"A class of {CLASS}: {graded} graded in {wall:.0f} s ({60 * graded / wall:.0f} a minute), status {status};"
    )
    console.print(f"the command takes {first:.0f} MB in the first tenth of the time and {last:.0f} MB in the last\n")


if __name__ == "__main__":
    main()
