"""The command line's own options."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from autograder import __version__
from autograder.cli import app
from tests.conftest import ROOT


def test_it_says_its_version() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.stdout) == (0, f"autograder {metadata.version('autograder')}\n")
    assert metadata.version("autograder") == __version__


def test_without_a_command_it_says_what_there_is() -> None:
    said = CliRunner().invoke(app, [])
    assert "grade" in said.output and "replay" in said.output and "homeworks on nbgrader" in said.output


def commands() -> Iterator[tuple[str, Any]]:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for name, command in known.items():
        yield name, command
        yield from ((f"{name} {inner}", below) for inner, below in getattr(command, "commands", {}).items())


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_the_help_of_each_command_has_an_example_of_it(name: str, command: Any) -> None:
    assert f"autograder {name}" in (command.epilog or ""), name


def test_the_command_line_loads_nothing_that_takes_long_before_it_knows_what_is_asked() -> None:
    slow = {"jupytext", "nbformat", "nbgrader", "sqlalchemy", "matplotlib", "pydantic", "jinja2", "copydetect", "dask"}
    said = (
        "import autograder, sys; before = set(sys.modules); import autograder.cli; print(*(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True, cwd=ROOT)
    assert {name.partition(".")[0] for name in done.stdout.split()} & slow == set()
