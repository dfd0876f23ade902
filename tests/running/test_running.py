"""The kernel in the sandbox: what it can't reach, and what a cell that takes it down costs."""

import sys
import time
from pathlib import Path

import pytest
import torch

import autograder
from autograder.checks.session import opened
from autograder.running.local import here
from autograder.running.local import run as run_job
from autograder.running.notebook import CellOutcome, CodeCell, Execution, Job
from autograder.running.sandbox import MIB, Limits, diagnose

SETUP = "import torch\nfrom autograder import check, seeded, start\nstart('hw00_toy')"


def run(cells: list[CodeCell], seed: str, limits: Limits = Limits()) -> list[CellOutcome]:
    return run_job(Job(tuple(cells), seed, limits))


def answers(*sources: str, limits: Limits = Limits(cell_cpu=10)) -> list[CellOutcome]:
    cells = [CodeCell(source, frozenset({"x", "y"})) for source in sources]
    return run([CodeCell(SETUP), *cells], "secret", limits)[1:]


def test_what_is_handed_over_is_bound_to_its_cell() -> None:
    cells = [
        CodeCell(SETUP),
        CodeCell("check('x', 1); check('y', 2); check('x', 3)", frozenset({"x"})),
        CodeCell("check('y', torch.ones(2, 3).T)", frozenset({"y"})),
    ]
    _, first, second = run(cells, "secret")
    assert first.handed == {"x": 1} and first.ignored == 2
    assert torch.equal(second.handed["y"], torch.ones(3, 2))


def test_the_seed_is_the_secret_one() -> None:
    (outcome,) = answers("check('x', seeded('double').normal(3))")
    from autograder.checks.draws import Draws

    assert torch.equal(outcome.handed["x"], Draws(opened("secret"), "double").normal(3))


def test_a_death_costs_its_own_cell() -> None:
    first, died, after, last = answers(
        "a = 5\ncheck('x', a)", "import os\nos._exit(1)", "check('x', a + 1)", "check('x', a + 2)"
    )
    assert [first.state, died.state, after.state] == ["ok", "died", "ok"]
    assert [first.handed, after.handed, last.handed] == [{"x": 5}, {"x": 6}, {"x": 7}]


def test_a_function_that_many_cells_use_and_that_ends_the_kernel_costs_those_cells_only() -> None:
    *died, last = answers(*["import os\nos._exit(1)"] * 8, "check('x', 1)")
    assert {o.state for o in died} == {"died"} and last.handed == {"x": 1}


def test_a_kernel_that_dies_again_and_again_is_given_up() -> None:
    outcomes = answers(*["import os\nos._exit(1)"] * 4, "check('x', 1)", limits=Limits(restarts=2))
    assert [o.state for o in outcomes] == ["died", "died", "died", "not run", "not run"]
    assert outcomes[-1].reason == "the kernel was stopped too often before"


def test_the_notebooks_time_is_bounded() -> None:
    outcomes = answers("while True: pass", "check('x', 1)", limits=Limits(cell_cpu=100, notebook_cpu=6))
    assert [o.state for o in outcomes] == ["timeout", "not run"]


def test_computing_of_kernels_that_ended_themselves_counts() -> None:
    spend = "import os, time\nwhile time.process_time() - begun < 1.5: pass\nos._exit(1)"
    outcomes = answers(
        "import time\nbegun = time.process_time()",
        *[spend] * 3,
        "check('x', 1)",
        limits=Limits(cell_cpu=10, notebook_cpu=4),
    )
    assert [o.state for o in outcomes] == ["ok", "died", "timeout", "not run", "not run"]
    assert outcomes[-1].reason == "the notebook's time was used up"


def test_an_answer_that_cannot_be_compared_costs_itself_only() -> None:
    many, odd, after = answers("check('x', [1] * 60_000)", "check('x', {(1, 2)})", "check('x', 1)")
    assert many.unsupported == {"x": "an answer with more than 50,000 parts"}
    assert odd.unsupported == {"x": "a set of something else than numbers, strings, True, False and None"}
    assert after.handed == {"x": 1}


def test_all_answers_of_a_submission_together_are_bounded() -> None:
    half = "check('x', torch.zeros(2**17 + 1))"
    first, second = answers(half, f"import os\n{half.replace('x', 'y')}", limits=Limits(hand_over=MIB))
    assert first.handed and not second.handed


class Nowhere:
    def lend(self) -> bool:
        return False

    def take_back(self) -> None: ...


def test_long_sleep_is_told_as_what_it_is() -> None:
    outcomes = answers("import time\ntime.sleep(1000)", limits=Limits(cell_wall=1))
    assert (outcomes[0].state, outcomes[0].reason) == ("timeout", "slept for more than 1 seconds")
    execution = Execution(Job((), "", Limits(notebook_wall=10)), here().server(Job((), "")), Nowhere())
    execution._begun -= 11
    assert execution._spent(0.1) == "the notebook's time was used up: it slept for most of 10 seconds"
    assert execution._spent(9) == "the notebook's time was used up"


def test_an_error_is_told_by_its_class_and_nothing_of_its_words() -> None:
    known, own = answers("raise ValueError('secret words')", "class Leak9f3a(Exception): pass\nraise Leak9f3a")
    assert known.reason == "it raised ValueError" and own.reason == "it raised an error"


def test_an_answer_that_is_too_large_is_refused() -> None:
    big, after = answers("check('x', torch.zeros(2**20))", "check('x', 1)", limits=Limits(hand_over=MIB))
    assert big.handed == {} and after.handed == {}
    assert "larger than allowed" in big.reason


PROBES = {
    "nothing of the course": f"""
import os, glob
hidden = [p for p in {[str(Path(autograder.__file__).parents[1] / name) for name in ("assignments", "source", "release", "tests", ".git")]!r} if os.path.exists(p)]
check('x', hidden)""",
    "no home": f"import os\ncheck('x', [p for p in ['/root/.ssh', '/root/.bash_history', {str(Path.home() / '.cache')!r}] if os.path.exists(p)])",
    "no other submission": f"""
import glob, os
ours = {[str(Path(autograder.__file__).parent), sys.prefix, sys.base_prefix]!r}
seen = [p for p in glob.glob('/tmp/*') if not any(folder.startswith(p + '/') for folder in ours)]
check('x', sorted(os.path.basename(p)[:3] for p in seen if os.path.basename(p) not in ('matplotlib', 'ipython')))""",
    "no network": """
import socket
reached = []
for family, address in ((socket.AF_INET, ('127.0.0.1', 22)), (socket.AF_INET, ('10.0.0.1', 80))):
    try:
        socket.create_connection(address, 1); reached.append(str(address))
    except OSError: pass
check('x', reached)""",
    "no writing outside": f"""
import os
written = []
for folder in ('/', '/usr', '/etc', {str(Path(autograder.__file__).parent)!r}, os.path.dirname(os.__file__)):
    try:
        open(os.path.join(folder, 'mine'), 'w').close(); written.append(folder) if os.path.exists('/usr/mine') or folder != '/' else None
    except OSError: pass
check('x', written)""",
    "no other process": "import os\ncheck('x', [p for p in os.listdir('/proc') if p.isdigit() and b'pytest' in open(f'/proc/{p}/cmdline', 'rb').read()])",
    "no environment of ours": "import os\ncheck('x', [k for k in os.environ if k in ('USER', 'SSH_AUTH_SOCK', 'VIRTUAL_ENV', 'PYTEST_CURRENT_TEST')])",
    "no capabilities": "check('x', [line.strip() for line in open('/proc/self/status') if line.startswith('CapEff') and int(line.split()[1], 16)])",
}  # fmt: skip


def test_what_is_not_in_sight() -> None:
    outcomes = answers(*PROBES.values())
    for name, outcome in zip(PROBES, outcomes):
        assert outcome.handed == {"x": []}, name


@pytest.mark.parametrize(
    ("source", "limits"),
    [
        ("x = torch.ones(300 * 2**20)", Limits(memory=700 * MIB)),
        ("open('big', 'wb').write(b'0' * 20 * 2**20)", Limits(file_size=10 * MIB)),
        ("for i in range(40): open(f'f{i}', 'wb').write(b'0' * 2**20)", Limits(disk=20 * MIB)),
        ("files = [open('/dev/null') for _ in range(400)]", Limits(open_files=200)),
    ],
    ids=["memory", "file size", "disk", "open files"],
)
def test_limits(source: str, limits: Limits) -> None:
    hit, after = answers(f"{source}\ncheck('x', 1)", "check('x', 2)", limits=limits)
    assert hit.handed == {} and hit.state in ("error", "died")
    assert after.handed == {"x": 2}


def test_nothing_is_left_behind() -> None:
    answers("import subprocess\nsubprocess.Popen(['sleep', '98765'], start_new_session=True)\ncheck('x', 1)")
    server = here().server(Job((), ""))
    assert not list(server.folder.glob("[0-9]*"))
    deadline = time.monotonic() + 20  # the system ends a namespace's processes in its own time
    while any(b"98765" in _read(p) for p in Path("/proc").glob("[0-9]*/cmdline")):
        assert time.monotonic() < deadline


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_the_doctor_finds_the_sandbox_in_order() -> None:
    assert [d.name for d in diagnose() if not d.works] == []
