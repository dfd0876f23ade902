"""What the fork server loads once is there in every submission, and what can't be forked is refused."""

from pathlib import Path

import pytest

from autograder.building import build
from autograder.grading import homework
from autograder.running.local import run
from autograder.running.notebook import CodeCell, Job
from autograder.running.sandbox import SandboxError
from autograder.running.server import ForkServer, Warm
from tests.building.test_build import change
from tests.conftest import HOMEWORK

SETUP = CodeCell("from autograder import check, start\nstart('hw00_toy')")
VECTORS = "import sys, types, torch\nsys.modules['vectors'] = vectors = types.ModuleType('vectors')\n"


def answer(source: str, warm: Warm) -> object:
    _, outcome = run(Job((SETUP, CodeCell(source, frozenset({"x"}))), "seed", warm=warm))
    return outcome.handed.get("x", outcome.reason)


def test_what_was_loaded_is_shared_and_nobody_changes_it_for_the_next() -> None:
    warm = Warm(("json",), VECTORS + "vectors.table = torch.ones(20, 30) @ torch.ones(30, 4)")
    use = "import vectors\ncheck('x', float((vectors.table @ vectors.table.T).sum()))\nvectors.table.zero_()"
    first = answer(use, warm)
    assert first == 30.0**2 * 4 * 20 * 20 and answer(use, warm) == first


@pytest.mark.parametrize(
    ("preload", "says"),
    [
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()", "without starting any"),
        ("import torch\ntorch.set_num_threads(2)\ntorch.ones(900, 900) @ torch.ones(900, 900)", "threads"),
        ("open('/no/such/vectors')", "/no/such/vectors"),
    ],
    ids=["a thread", "threads of torch", "an error"],
)  # fmt: skip
def test_a_preload_that_cannot_be_forked_is_refused(preload: str, says: str) -> None:
    with pytest.raises(SandboxError, match=says):
        ForkServer(Warm((), preload))


def test_a_preload_cell_is_for_the_fork_server_alone(toy: Path, here: None) -> None:
    change(toy, "# %%\nprint(", '# %% preload\nvectors = "once for all"\n\n# %%\nprint(')
    build.build(toy, [HOMEWORK])
    for made in [*toy.glob("source/*/*.ipynb"), *toy.glob("release/*/*/*.ipynb")]:
        assert "once for all" not in made.read_text(encoding="utf-8")
    warm = homework.read(toy, HOMEWORK).warm
    assert warm.preload == 'vectors = "once for all"' and {"torch", "autograder"} <= set(warm.imports)
