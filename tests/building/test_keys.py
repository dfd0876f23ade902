"""What is kept counts no more as soon as anything changes that it depends on."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.building import keys
from autograder.building.trials import Trials
from autograder.checks.session import public_seed
from tests.building.test_build import change
from tests.conftest import HOMEWORK, TOY

MODULES = [str(path.relative_to(keys.PACKAGE)) for path in keys.modules()]
CHANGE_NO_RESULT = {
    "whole.py",  # writes what others found
    "building/cache.py",  # keeps what others found
    "building/preloaded.py",  # imports what the cells import anyway
    *(f"desk/{path.name}" for path in (keys.PACKAGE / "desk").glob("*.py")),  # shows, in students' notebooks alone
}


@pytest.mark.parametrize("module", MODULES)
def test_touching_a_module_changes_the_key(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Path(shutil.copytree(keys.PACKAGE, tmp_path / "autograder", ignore=shutil.ignore_patterns("__pycache__")))
    monkeypatch.setattr(keys, "PACKAGE", package)
    before = keys.machinery.__wrapped__()
    with (package / module).open("a") as file:
        file.write("# touched\n")
    assert keys.machinery.__wrapped__() != before


RUN_A_TRIAL = """
import sys
from pathlib import Path
from autograder.building import keys, trials
folder = Path(sys.argv[1])
trials._done(trials._Task(folder, "seed", ("double_check",)))
trials._done(trials._Task(folder, "seed", ("double_check",), ("triple",)))
files = [getattr(module, "__file__", None) for name, module in sys.modules.items() if name.split(".")[0] == "autograder"]
print(*(Path(file).relative_to(keys.PACKAGE) for file in files if file), sep="\\n")
"""


def test_every_module_that_a_trial_runs_is_in_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_CACHE", str(tmp_path))
    command = [sys.executable, "-c", RUN_A_TRIAL, str(TOY / "assignments" / HOMEWORK)]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "checks/compare.py" in loaded and {*loaded} - CHANGE_NO_RESULT <= {*MODULES}


def every_key(course: Path, seed: str = "") -> dict[str, str]:
    trials = Trials(course / "assignments" / HOMEWORK, seed or public_seed(HOMEWORK))
    checks = {check: trials.check_key(check) for check in trials.checks()}
    return checks | {variant.name: trials.row_key(variant) for variant in trials.variants}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def test_a_solution_changes_what_depends_on_it_and_nothing_else(toy: Path) -> None:
    before = every_key(toy)
    change(toy, "    return 2 * x", "    return x * 2")
    own = {"double_check", "triple", "half", "plus"}
    through_it = {"train_check", "sign", "zeros", "mean"}
    assert changed(before, every_key(toy)) == own | through_it


def test_prose_changes_nothing(toy: Path) -> None:
    before = every_key(toy)
    change(toy, "# Why?", "# Why so?")
    change(toy, 'en="You tripled."', 'en="You tripled it."', "variants.py")
    assert changed(before, every_key(toy)) == set()


def test_a_variant_changes_itself(toy: Path) -> None:
    before = every_key(toy)
    change(toy, "return x / 2", "return 0.5 * x", "variants.py")
    assert changed(before, every_key(toy)) == {"half"}


def test_a_wrong_variant_called_right_is_another_one(toy: Path) -> None:
    before = every_key(toy)
    change(toy, '@wrong("double", en="You halved.", fa="نصف کرده‌اید.")', '@right("double")', "variants.py")
    assert changed(before, every_key(toy)) == {"half"}


def test_another_seed_changes_everything(toy: Path) -> None:
    assert changed(every_key(toy), every_key(toy, "another")) == {*every_key(toy)}


def test_another_version_of_a_library_changes_what_imports_it(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = every_key(toy)
    versions = {"torch": "3.0.0"}
    monkeypatch.setattr(keys, "_version", lambda name: versions.get(name, ""))
    assert changed(before, every_key(toy)) == {*before}
    before = every_key(toy)
    versions["gensim"] = "9"
    assert changed(before, every_key(toy)) == set(), "no cell imports it"
    change(toy, "import torch\n", "import gensim\nimport torch\n")
    before = every_key(toy)
    versions["gensim"] = "10"
    assert changed(before, every_key(toy)) == {*before}, "every check needs the cell that imports it"
