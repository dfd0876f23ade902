"""What the pages for people say of the program: commands, options, defaults and words that it really has."""

import ast
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import nbgrader
import pytest
import typer
from nbgrader.apps.nbgraderapp import NbGraderApp
from traitlets.config import Config, Configurable

from autograder.building.release import SelectLanguage
from autograder.cli import app
from autograder.grading.autograde import Run
from autograder.grading.export import Export
from autograder.grading.follow import FollowThrough
from autograder.grading.late import LateDays
from autograder.reporting.term import Term
from autograder.running.sandbox import Limits
from autograder.site.dates import Site
from tests.conftest import ROOT

PAGE = "".join((ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("instructors", "reference"))
STUDENTS = (ROOT / "docs" / "students.md").read_text(encoding="utf-8")
OURS: dict[str, type[Configurable]] = {
    kind.__name__: kind for kind in (Run, LateDays, Export, FollowThrough, SelectLanguage, Site, Term)
}


def fences(page: str) -> Iterator[tuple[str, str, str]]:
    """Each fenced block: its language, its text, and what follows it."""
    for block in re.finditer(r"^```(\w*)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        yield block[1], block[2], page[block.end() : block.end() + 200]


def commands(program: str) -> list[str]:
    blocks = [line.partition("  #")[0].strip() for _, text, _ in fences(PAGE) for line in text.splitlines()]
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", PAGE, flags=re.DOTALL | re.MULTILINE))
    return sorted({line for line in (*blocks, *inline) if line.startswith(f"{program} ")})


@pytest.mark.parametrize("line", commands("autograder"))
def test_our_commands_and_their_options_exist(line: str) -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    _, name, *words = shlex.split(line.replace("…", ""))
    assert name in known, line
    command = known[name]
    if hasattr(command, "commands"):
        name, *words = words
        assert name in command.commands, line
        command = command.commands[name]
    options = {option for parameter in command.params for option in parameter.opts}
    for word in words:
        assert not word.startswith("-") or word.partition("=")[0] in options, line


@cache
def _of_nbgrader(name: str) -> tuple[set[str], dict[str, type[Configurable]]]:
    subapp = NbGraderApp.subcommands[name][0]
    made = subapp()
    classes = {kind.__name__: kind for kind in [*made._classes_with_config_traits(), *OURS.values()]}
    return {f"--{flag}" for flag in (*made.flags, *made.aliases)}, classes


@pytest.mark.parametrize("line", commands("nbgrader"))
def test_nbgraders_commands_and_their_options_exist(line: str) -> None:
    _, name, *words = shlex.split(line.replace("…", ""))
    assert name in NbGraderApp.subcommands, line
    flags, classes = _of_nbgrader(name)
    for word in (word.partition("=")[0] for word in words if word.startswith("--") and name != "db"):
        kind, _, trait = word.removeprefix("--").partition(".")
        assert word in flags or trait in getattr(classes.get(kind), "class_traits", dict)(), line


def configured() -> list[tuple[str, str, Any, bool]]:
    """Each setting that a page shows: class, trait, value, and whether it is said to be the default."""
    found = []
    for language, text, after in fences(PAGE):
        if language == "python":
            for line in ast.parse(text).body:
                match line:
                    case ast.Assign(targets=[ast.Attribute(value=ast.Attribute(attr=kind), attr=trait)], value=value):
                        found.append((kind, trait, ast.literal_eval(value), "These are the defaults" in after))
    return found


@pytest.mark.parametrize(("kind", "trait", "value", "default"), configured())
def test_settings_exist_and_are_the_defaults_where_the_page_says_so(
    kind: str, trait: str, value: Any, default: bool
) -> None:
    if kind not in OURS:
        assert kind == "CourseDirectory" and trait in nbgrader.coursedir.CourseDirectory.class_traits()
        return
    made = OURS[kind](config=Config({kind: {trait: value}}))
    assert getattr(made, trait) == value
    assert not default or getattr(OURS[kind](), trait) == value


def test_the_limits_that_the_pages_speak_of_are_the_limits() -> None:
    usual = Limits()
    assert f"up to {usual.restarts} times" in PAGE
    for said in (
        f"{usual.cell_cpu:g} seconds of computing for a cell ({usual.cell_wall:g} on the clock)",
        f"{usual.notebook_cpu:g} for the notebook ({usual.notebook_wall:g} on the clock)",
        f"{usual.memory // 2**30} GB of memory and {usual.disk // 2**20} MB for files",
    ):
        assert said in STUDENTS, said


@cache
def _words() -> str:
    """All that the programs can say, an f-string's holes left out."""
    pieces = []
    for path in [*(ROOT / "autograder").rglob("*.py"), *Path(nbgrader.__file__).parent.rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                pieces.append("…".join(p.value for p in node.values if isinstance(p, ast.Constant)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                pieces.append(node.value)
    return "\n".join(pieces)


NAMES = "|".join(
    [
        r"\d+(?:\.\d+)?",
        "HW",
        r"hw\d+\w*",
        "extracted",
        "assignments",
        "dot_score_scaled",
        "NameError",
        "database is locked",
    ]
)


def quoted() -> list[str]:
    """The program's words on the page: in italics, and in the left column of tables."""
    prose = re.sub(r"^```.*?^```$", "", PAGE, flags=re.DOTALL | re.MULTILINE).replace("\n", " ")
    italics = re.findall(r"(?<!\*)\*(?!\*)([^*`]+?)\*(?!\*)", prose)
    sayings = re.findall(r"^\| (?:line|it says) \|.*\n\|.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    tables = [cell for table in sayings for cell in re.findall(r"^\| (.+?) +\|", table, re.MULTILINE)]
    cells = [part for cell in tables for part in (re.findall(r"`([^`]+)`", cell) or [cell])]
    return sorted(
        {*italics, *cells}
        - {"Restart & Run All", "line", "it says", "file", "column", "what"}
        - {c for c in cells if set(c) <= set("- ")}
    )


@pytest.mark.parametrize("words", quoted())
def test_what_the_page_says_that_the_program_says_it_says(words: str) -> None:
    parts = [part.strip(" :.,()/") for part in re.split(rf"…|[:;] |\b(?:{NAMES})\b|<[^>]*>", words)]
    missing = [part for part in parts if len(part) > 2 and part not in _words()]
    assert not missing, f"{words!r}: the program never says {missing}"


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")
def test_git_ignores_what_a_course_makes() -> None:
    ours = [
        "gradebook.db",
        "gradebook.db-wal",
        "gradebook.seeds/x",
        "receipts/x",
        "submitted/x",
        "autograded/x",
        "feedback/x",
    ]
    ours += ["downloaded/x", "grades.csv", "extensions.csv", "students.csv", "term.csv"]
    done = subprocess.run(["git", "-C", str(ROOT), "check-ignore", *ours], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ours
