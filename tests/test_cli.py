"""The command line's own options."""

from importlib import metadata

from typer.testing import CliRunner

from autograder import __version__
from autograder.cli import app


def test_it_says_its_version() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.stdout) == (0, f"autograder {metadata.version('autograder')}\n")
    assert metadata.version("autograder") == __version__


def test_without_a_command_it_says_what_there_is() -> None:
    said = CliRunner().invoke(app, [])
    assert "grade" in said.output and "replay" in said.output and "homeworks on nbgrader" in said.output
