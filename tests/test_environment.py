"""What is installed: the three lists of it agree, and students need the shortest."""

import re

import yaml

from tests.conftest import ROOT


def constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return dict(line.lower().split("==") for line in lines if line and not line.startswith("#"))


def wanted() -> set[str]:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [name for names in project["optional-dependencies"].values() for name in names]
    return {re.split(r"[<>=\[ ]", name)[0].lower() for name in [*project["dependencies"], *extras]}


def test_everything_wanted_is_pinned() -> None:
    assert wanted() <= constraints().keys()
    assert constraints()["torch"] == "2.13.0" and constraints()["nbgrader"] == "0.9.6"


def test_condas_environment_is_in_step() -> None:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    pinned = dict(line.lower().split("==") for line in pip if "==" in line)
    assert pinned.keys() == wanted() and "-e ." in pip
    assert pinned.items() <= constraints().items()


def test_students_need_three_packages() -> None:
    import tomllib

    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"] == [
        "torch",
        "numpy",
        "safetensors",
    ]
