"""``autograder new``: a homework that builds, and whose audit says what is missing."""

from pathlib import Path

import pytest

from autograder.building import audit_file, build, text
from autograder.building.scaffold import scaffold
from autograder.building.trials import SECRET_SEEDS
from autograder.problem import Problem
from tests.conftest import Command


def test_it_builds_and_the_audit_says_what_is_missing(tmp_path: Path, here: None) -> None:
    made = scaffold(tmp_path, "hw09_diffusion")
    assert [str(path.relative_to(tmp_path)) for path in made] == [
        "assignments/hw09_diffusion/hw09_diffusion.py",
        "assignments/hw09_diffusion/variants.py",
    ]
    assert sum(cell.points for cell in text.read(made[0])) == 100
    assert build.build(tmp_path, ["hw09_diffusion"]) == []
    (found,) = audit_file.audits(tmp_path, ["hw09_diffusion"], SECRET_SEEDS, False, lambda line: None)
    assert found.faults == ["first_task: 0 wrong and 0 right variants; at least 2 and 1 are needed"]


def test_its_own_example_variants_are_good_ones(tmp_path: Path, here: None) -> None:
    _, variants = scaffold(tmp_path, "hw09_diffusion")
    lines = variants.read_text(encoding="utf-8").replace("# @", "@").replace("# def", "def").replace("#     ", "    ")
    second = '\n\n@wrong("first_task", en="x", fa="x")\ndef no_square(x):\n    return x.sum(dim=-1)\n'
    variants.write_text(lines + second, encoding="utf-8")
    (found,) = audit_file.audits(tmp_path, ["hw09_diffusion"], SECRET_SEEDS, False, lambda line: None)
    assert found.faults == [] and len(found.rows) == 3


@pytest.mark.parametrize("name", ["diffusion", "hw9_x", "hw09", "hw09_Diffusion", "hw09_../x", "hw09_x y"])
def test_what_is_no_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="is no homework's name"):
        scaffold(tmp_path, name)
    assert not (tmp_path / "assignments").exists()


def test_a_number_that_is_taken_is_refused(tmp_path: Path) -> None:
    path, _ = scaffold(tmp_path, "hw09_diffusion")
    before = path.read_text(encoding="utf-8")
    with pytest.raises(Problem, match="hw09_diffusion already: choose another number"):
        scaffold(tmp_path, "hw09_other")
    assert path.read_text(encoding="utf-8") == before


def test_the_command_says_what_to_do_next(tmp_path: Path, command: Command) -> None:
    done = command(tmp_path, "autograder", "new", "hw09_diffusion")
    assert "autograder build hw09_diffusion" in done.stdout
    refused = command(tmp_path, "autograder", "new", "hw09_diffusion", ok=False)
    assert refused.returncode == 2 and "already" in refused.stderr
