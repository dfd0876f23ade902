"""``make demo``: a course from its first build to its feedback, with a class of twelve, in ``demo/``.

Environment: HOMEWORKS, some of them by name or "all"; hw07_argmax_attention and hw02_attention by default.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.end_to_end.room import ARGMAX, ATTENTION, CLASS, DEADLINE, HOMEWORKS, hand_in

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "demo"
WANTED = os.environ.get("HOMEWORKS") or f"{ARGMAX} {ATTENTION}"
CHOSEN = HOMEWORKS if WANTED == "all" else tuple(WANTED.split())
console = Console()


def main() -> None:
    begun = time.monotonic()
    _prepare()
    _introduce()
    for homework in CHOSEN:
        _graded(homework)
    _step("Proving a grade", "autograder", "replay", f"receipts/{CLASS[0].id}/{CHOSEN[0]}/1.json", said="")
    for homework in CHOSEN:
        _step(f"Feedback for {homework}", "nbgrader", "generate_feedback", homework)
    _step("Exporting", "nbgrader", "export")
    for homework in CHOSEN:
        _step(f"The class in {homework}", "autograder", "report", homework)
    _step("The term", "autograder", "report")
    console.print("\nOpen these pages:")
    for page in sorted(COURSE.glob("feedback/*/*/*.html")):
        console.print(f"  {page.relative_to(ROOT)}", highlight=False)
    console.print("  and in demo/: ../.venv/bin/jupyter lab, then the menu Nbgrader → Formgrader")
    console.print(f"\nDone in {time.monotonic() - begun:.0f} seconds. The class and the term, each on a page:")
    for page in sorted(COURSE.glob("report-*.html")):
        console.print(f"  {page.relative_to(ROOT)}", highlight=False)


def _prepare() -> None:
    for homework in CHOSEN:
        if homework not in HOMEWORKS:
            raise SystemExit(f"no homework called {homework!r}; there are {', '.join(HOMEWORKS)}, and all.")
    if COURSE.exists():
        subprocess.run(["chmod", "-R", "u+w", str(COURSE)], check=True)
        shutil.rmtree(COURSE)
    for homework in CHOSEN:
        shutil.copytree(ROOT / "assignments" / homework, COURSE / "assignments" / homework)
    shutil.copy(ROOT / "nbgrader_config.py", COURSE)


def _graded(homework: str) -> None:
    """A homework from its text to the class's grades."""
    due = f"--duedate={DEADLINE:%Y-%m-%d %H:%M:%S} UTC"
    _step(f"Building {homework}", "autograder", "build", homework)
    _step(f"Releasing {homework}", "nbgrader", "generate_assignment", homework, "--force")
    _step(f"Setting its deadline, {DEADLINE:%d %B %H:%M} UTC", "nbgrader", "db", "assignment", "add", homework, due)
    hand_in(COURSE, (homework,))
    _step(f"Collecting {homework}", "nbgrader", "zip_collect", homework, said="WARNING")
    _step(f"Grading {homework}", "autograder", "grade", homework, said="")
    _step(f"The grades of {homework}", "autograder", "summary", homework, said="")


def _introduce() -> None:
    table = Table(title="The class", title_justify="left")
    for column in ("student", "name", "hands in", "what"):
        table.add_column(column)
    for student in CLASS:
        table.add_row(
            student.id, student.name, ", ".join(h[:4] for h in CHOSEN if h in student.hands_in), student.story
        )
    console.print(table)


def _step(what: str, program: str, *arguments: str, said: str | None = None) -> None:
    """Run a command; show its output, or the lines with a word, or nothing."""
    console.print(f"[bold]{what}[/]  [dim]{program} {' '.join(arguments)}[/]", soft_wrap=True, highlight=False)
    begun = time.monotonic()
    command = [str(Path(sys.executable).parent / program), *arguments]
    wide = os.environ | {"COLUMNS": str(max(console.width, 132))}
    done = subprocess.run(command, cwd=COURSE, capture_output=said != "", text=True, check=False, env=wide)
    if done.returncode != 0:
        console.print(done.stdout or "", done.stderr or "", markup=False)
        raise SystemExit(f"{program} {' '.join(arguments)} failed; its messages stand above.")
    if time.monotonic() - begun > 10:
        console.print(f"  [dim]{time.monotonic() - begun:.0f} seconds[/]", highlight=False)
    for line in (done.stderr or "").splitlines():
        if said and said in line and "Directory not found" not in line:
            console.print(f"  {line.split('] ', 1)[-1]}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    main()
