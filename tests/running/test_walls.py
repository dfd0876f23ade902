"""Attacks that run beside honest submissions, on one fork server: each costs the attacker only, and nothing is left of it."""

import asyncio
import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.checks.draws import Draws
from autograder.checks.session import opened
from autograder.running import kernel, local
from autograder.running.local import Local
from autograder.running.notebook import PATIENCE, CellOutcome, CodeCell, Job
from autograder.running.sandbox import MIB, Limits, SandboxError, changes_user
from autograder.running.server import ForkServer, Warm
from tests.running.attacks import HONEST, LEAVING, LIMITS, ON_THE_MACHINE, ON_THE_RUNNER, SEEN, SETUP, TOO_MUCH, Attack

ROOT = Path(__file__).parents[2]
ATTACKS: dict[str, Attack] = TOO_MUCH | ON_THE_RUNNER | ON_THE_MACHINE
NAMES = frozenset("xy")
AT_A_TIME = 8
SECRET = "in the environment of who grades"


def job(
    *sources: str, seed: str = "seed", limits: Limits = Limits(), warm: Warm = Warm(), sandboxed: bool = True
) -> Job:
    cells = [CodeCell(source, NAMES) for source in sources]
    return Job((CodeCell(SETUP), *cells), seed, limits, warm, sandboxed)


def honest(**options: Any) -> Job:
    return job(SEEN, HONEST, **options)


def is_right(outcomes: list[CellOutcome]) -> bool:
    """Whether an honest submission got what is right."""
    w = Draws(opened("seed"), "w").normal(6, 6).requires_grad_()
    torch.tanh(w @ w.T).sum().backward()
    answer = outcomes[2].handed["x"]
    return [o.state for o in outcomes] == ["ok"] * 3 and bool(torch.allclose(answer[0], w.grad))


async def together(runner: Local, jobs: list[Job]) -> list[Any]:
    """The outcomes of each, or the exception that it caused."""
    return await asyncio.gather(*(runner.run(each) for each in jobs), return_exceptions=True)


@dataclass(frozen=True)
class State:
    """What a fork server holds, its descriptors and mounts if root asks, and how many descriptors the runner holds."""

    processes: list[int]
    descriptors: list[str]
    mounts: str
    threads: int
    files: dict[str, int]
    memory: int
    of_the_runner: int

    @classmethod
    def of(cls, server: ForkServer) -> "State":
        pids = server.processes()
        entry = Path(f"/proc/{pids[1]}")
        resident = re.search(r"RssAnon:\s+(\d+)", (entry / "status").read_text())
        assert resident
        return cls(
            pids,
            sorted(os.readlink(p) for p in (entry / "fd").iterdir()) if os.geteuid() == 0 else [],
            (entry / "mountinfo").read_text() if os.geteuid() == 0 else "",
            len(list((entry / "task").iterdir())),
            {p.name: p.stat().st_size for p in server.folder.iterdir()},
            int(resident[1]) * 1024,
            len(os.listdir("/proc/self/fd")),
        )


async def settled(server: ForkServer, before: State) -> State:
    """The state when a thread of ZeroMQ has closed the last sockets, or half a minute later."""
    for _ in range(300):
        state = State.of(server)
        if state.of_the_runner <= before.of_the_runner:
            break
        await asyncio.sleep(0.1)
    return state


@dataclass
class World:
    """What is on the machine beside the submissions; ``given`` is what attackers know of it."""

    given: dict[str, Any]
    listening: list[socket.socket]

    def reached(self) -> list[socket.socket]:
        return [s for s in self.listening if select.select([s], [], [], 0)[0]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    course = tmp_path_factory.mktemp("course")
    files = [course / "gradebook.db", course / "source" / "references.safetensors", course / "seeds.json"]
    files += [course / "submitted" / "another" / "hw" / "hw.ipynb"]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("secret")
    tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(type=socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    named, by_path = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    named.bind(f"\0autograder-test-{os.getpid()}")
    by_path.bind(str(course / "socket"))
    for end in (named, by_path):
        end.listen()
    port = tcp.getsockname()[1]
    given = {
        "files": [str(f) for f in files]
        + [str(ROOT / f) for f in ("source", "release", "assignments", "tests", ".git")],
        "folders": [str(course), str(ROOT), str(ROOT / "autograder")],
        "tcp": [(host, port) for host in ("127.0.0.1", "0.0.0.0", "::1", _own_address())],
        "udp": [udp.getsockname()],
        "unix": [named.getsockname(), by_path.getsockname()],
        "name": f"autograder-test-{os.getpid()}-taken",
        "nothing": SECRET[::-1],
    }
    yield World(given, [tcp, udp, named, by_path])
    for end in (tcp, udp, named, by_path):
        end.close()


def _own_address() -> str:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.2"
        return str(probe.getsockname()[0])


@pytest.fixture(scope="module")
def runner() -> Iterator[Local]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("A_SECRET", SECRET)
        made = Local(AT_A_TIME)
        made.server(honest())
    yield made
    made.close()


@dataclass(frozen=True)
class Battle:
    """Attackers and honest submissions on one server at the same time, and an honest one before and after."""

    attacks: dict[str, list[CellOutcome]]
    neighbours: list[list[CellOutcome]]
    alone: list[CellOutcome]
    before: State
    after: State


@pytest.fixture(scope="module")
def battle(runner: Local, world: World) -> Battle:
    server = runner.server(honest())
    given = world.given | {"pids": [os.getpid(), *server.processes()], "folder": str(server.folder)}
    jobs = {name: job(f"given = {given!r}", a.source, "check('y', 1)", limits=a.limits) for name, a in ATTACKS.items()}
    jobs["leaving"] = job(LEAVING, limits=LIMITS)

    mixed: dict[str | int, Job] = {}
    for number, (name, attack) in enumerate(jobs.items()):
        mixed |= {name: attack} | ({number: honest()} if number % 3 == 0 else {})

    async def fight() -> Battle:
        await runner.run(honest())
        alone, before = await runner.run(honest()), State.of(server)
        became = dict(zip(mixed, await together(runner, list(mixed.values()))))
        neighbours = [became[who] for who in mixed if who not in jobs]
        neighbours.append(await runner.run(honest()))
        after = await settled(server, before)
        return Battle({name: became[name] for name in jobs}, neighbours, alone, before, after)

    fought = asyncio.run(fight())
    assert runner.server(honest()) is server, "the fork server had to be started anew"
    return fought


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_achieves_nothing(battle: Battle, name: str) -> None:
    expected, (_, _, attack, after) = ATTACKS[name], battle.attacks[name]
    assert (attack.state, attack.reason, attack.handed.get("x")) == (expected.state, expected.reason, expected.achieved)
    assert after.handed == {"y": 1} or "answer" in name


def test_the_neighbours_answers_are_right(battle: Battle) -> None:
    assert is_right(battle.alone)
    assert [outcomes for outcomes in battle.neighbours if not is_right(outcomes)] == []


def test_everybody_sees_the_same(battle: Battle) -> None:
    assert battle.attacks["leaving"][1].state == "ok"
    for outcomes in battle.neighbours:
        assert str(outcomes[1].handed) == str(battle.alone[1].handed)
        assert str(outcomes[2].handed) == str(battle.alone[2].handed)


def test_nothing_is_left_over(battle: Battle) -> None:
    assert replace(battle.after, memory=0) == replace(battle.before, memory=0)
    assert list(battle.after.files) == ["errors"] and battle.after.threads == 1
    assert battle.after.memory - battle.before.memory < 4 * MIB


def test_nobody_outside_was_reached(battle: Battle, world: World) -> None:
    assert world.reached() == []


class Submission:
    """A running kernel that a test speaks to cell by cell, so that two can be brought to act at the same time."""

    def __init__(self, running: kernel.Kernel, handed: dict[str, Any]) -> None:
        self.kernel, self._handed = running, handed

    async def answer(self, source: str) -> Any:
        """What the code hands over as ``x``."""
        self._handed.clear()
        reply = await self.kernel.execute(source, lambda: None)
        assert reply["status"] == "ok", reply
        return self._handed.get("x")


@asynccontextmanager
async def submission(runner: Local, seed: str = "seed") -> AsyncIterator[Submission]:
    handed: dict[str, Any] = {}

    class Everything:
        def wants(self, header: dict[str, Any], size: int) -> bool:
            return True

        def take(self, header: dict[str, Any], value: Any) -> None:
            handed[header["name"]] = value

        def refuse(self, header: dict[str, Any], why: str) -> None:
            raise AssertionError(why)

    async with kernel.start(runner.server(honest()), seed, b"", LIMITS, Everything()) as running:
        made = Submission(running, handed)
        await made.answer(SETUP)
        yield made


OPEN = """
def opened():
    links = (os.readlink(p) for p in glob.glob("/proc/self/fd/*") if os.path.islink(p))
    return [link for link in links if link.startswith("socket")]
"""

# What one has, what another does to get at it (``theirs`` is what the first handed over), what it should have got.
SIBLINGS: dict[str, tuple[str, str, object]] = {
    "an abstract socket": (
        "s = socket.socket(socket.AF_UNIX); s.bind('\\0mine'); s.listen()\ncheck('x', '\\0mine')",
        "check('x', successes({'reached': lambda: socket.socket(socket.AF_UNIX).connect(theirs)}))",
        [],
    ),
    "a socket by its path": (
        "s = socket.socket(socket.AF_UNIX); s.bind('/tmp/mine'); s.listen()\ncheck('x', '/tmp/mine')",
        "check('x', successes({'reached': lambda: socket.socket(socket.AF_UNIX).connect(theirs)}))",
        [],
    ),
    "the kernel's own sockets": (
        "check('x', [n for n in (socket.socket(fileno=os.dup(i)).getsockname() for i in (3, 4, 5, 6)) if isinstance(n, str)])",
        "check('x', successes({n: lambda n=n: socket.socket(socket.AF_UNIX).connect(n) for n in theirs}))",
        [],
    ),
    "a port": (
        "s = socket.create_server(('', 0))\ncheck('x', s.getsockname()[1])",
        "check('x', successes({h: lambda h=h: socket.create_connection((h, theirs), 2) for h in ('127.0.0.1', '0.0.0.0')}))",
        [],
    ),
    "files": (
        "for f in ('/tmp/a', '/dev/shm/a', os.path.expanduser('~/a'), 'b'): open(f, 'w').write('mine')\nos.mkfifo('/tmp/f')\ncheck('x', 0)",
        "check('x', os.listdir('/tmp') + os.listdir('/dev/shm') + os.listdir(os.path.expanduser('~')) + os.listdir())",
        [".ipython", ".ipython"],
    ),
    "a terminal": (
        "ends = os.openpty()\ncheck('x', os.ttyname(ends[1]))",
        "check('x', os.listdir('/dev/pts'))",
        ["ptmx"],
    ),
    "sockets of the fork server and others": (
        OPEN + "check('x', opened())",
        OPEN + "check('x', [socket for socket in opened() if socket in theirs])",
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SIBLINGS)
def test_a_sibling_is_out_of_reach(runner: Local, what: str) -> None:
    has, attack, expected = SIBLINGS[what]

    async def meet() -> Any:
        async with submission(runner) as first, submission(runner) as second:
            theirs = await first.answer(has)
            return await second.answer(f"theirs = {theirs!r}\n{attack}")

    assert asyncio.run(meet()) == expected


def test_the_fork_server_keeps_no_seed_for_the_next_to_find(runner: Local) -> None:
    if os.geteuid() != 0:
        pytest.skip("the system shows the fork server's memory to root alone")

    async def look() -> int:
        async with submission(runner, seed := f"seed-{os.getpid()}"):
            return _memory(runner.server(honest()).processes()[1]).count(seed.encode())

    assert asyncio.run(look()) == 0


def _memory(pid: int) -> bytes:
    found = []
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            start, end = (int(n, 16) for n in line.split()[0].split("-"))
            if line.split()[1].startswith("rw"):
                memory.seek(start)
                found.append(memory.read(end - start))
    return b"".join(found)


def test_what_the_system_counts_by_user_is_not_used_up_for_others(runner: Local) -> None:
    if not changes_user():
        pytest.skip("only root can let each submission be a user of its own")
    hoard = """
pairs = []
try:
    while True:
        pairs.append(socket.socketpair())
        for _ in range(20): socket.send_fds(pairs[-1][0], [b"x"], [0] * 10)
except OSError as error: check("x", error.errno == errno.ETOOMANYREFS)"""

    async def meet() -> tuple[Any, Any]:
        async with submission(runner) as first, submission(runner) as second:
            a = await first.answer(hoard)
            return a, await second.answer(
                "ends = socket.socketpair()\ncheck('x', socket.send_fds(ends[0], [b'x'], [0]))"
            )

    assert asyncio.run(meet()) == (True, 1)


def test_nobody_connects_from_outside(runner: Local) -> None:
    listens = "s = socket.create_server(('0.0.0.0', 0)); u = socket.socket(socket.AF_UNIX); u.bind('\\0out'); u.listen()\ncheck('x', s.getsockname()[1])"

    async def try_to() -> list[bool]:
        async with submission(runner) as first:
            port = await first.answer(listens)
            reached = []
            for family, address in ((socket.AF_INET, ("127.0.0.1", port)), (socket.AF_UNIX, "\0out")):
                with socket.socket(family) as probe:
                    reached.append(probe.connect_ex(address) == 0)
            return reached

    assert asyncio.run(try_to()) == [False, False]


def test_short_of_memory_the_system_ends_submissions_first(runner: Local) -> None:
    async def look() -> tuple[str, str]:
        async with submission(runner) as first:
            pid = await first.answer(
                "check('x', 0)\ntry: open('/proc/self/oom_score_adj', 'w').write('0')\nexcept OSError: pass"
            )
            assert pid == 0
            pids = runner.server(honest()).processes()
            return _adjustment(pids[1]), _adjustment(pids[-1])

    assert asyncio.run(look()) == (_adjustment(os.getpid()), "1000")


def _adjustment(pid: int) -> str:
    return Path(f"/proc/{pid}/oom_score_adj").read_text().strip()


def test_a_child_of_the_warm_process_computes() -> None:
    preload = "import torch\nw = torch.randn(300, 300, requires_grad=True)\n(w @ w).sum().backward()"
    compute = """
w = torch.ones(300, 300, requires_grad=True)
torch.nn.functional.conv2d((w @ w)[None, None], torch.ones(1, 1, 3, 3)).sum().backward()
check("x", w.grad.shape[0])"""
    runner = Local()
    try:
        (_, outcome) = asyncio.run(runner.run(job(compute, warm=Warm(preload=preload), limits=Limits(cell_wall=60))))
    finally:
        runner.close()
    assert (outcome.state, outcome.handed) == ("ok", {"x": 300})


def test_a_warm_process_that_never_gets_ready_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    pids: list[int] = []
    close = ForkServer.close

    def watched(self: ForkServer) -> None:
        pids.extend(self.processes())
        close(self)

    monkeypatch.setattr("autograder.running.server.START_SECONDS", 1)
    monkeypatch.setattr(ForkServer, "close", watched)
    with pytest.raises(SandboxError, match="ready after 1 seconds"):
        ForkServer(Warm(preload="while True: pass"))
    assert len(pids) == 2 and [pid for pid in pids if not ends(pid)] == []


ESCAPE = "libc.prctl(1, 0, 0, 0, 0)\nos.kill(os.getppid(), signal.SIGKILL)\nwhile True: time.sleep(1000)"
LEAVES_A_DAEMON = "subprocess.Popen(['sleep', '98763'], start_new_session=True)\nos._exit(3)"


def test_without_inner_walls_the_outcomes_are_the_same(runner: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = (
        "check('x', seeded('w').normal(3))",
        "while True: pass",
        "raise ValueError",
        LEAVES_A_DAEMON,
        "check('x', [p for p in glob.glob('/proc/[0-9]*/cmdline') if b'98763' in open(p, 'rb').read()])",
        "check('x', successes({'memfd': lambda: os.memfd_create('x'), 'userns': lambda: call(libc.unshare, 0x10000000)}))",
        "check('x', successes({w: lambda w=w: open(f'/proc/1/{w}', 'rb').read(1) for w in ('mem', 'environ', 'fd/0')}))",
        "check('x', successes({'ptrace': lambda: call(libc.ptrace, 16, 1, None, None)}))",
        "successes({n: lambda n=n: os.kill(1, n) for n in (15, 9)})\ncheck('x', 1)",
    )
    shared = asyncio.run(runner.run(job(*cells, limits=LIMITS)))
    monkeypatch.setattr(local, "between_submissions", lambda: "this machine has no namespaces to spare")
    jobs = [job(*cells, limits=LIMITS), job(ESCAPE, "check('x', len(glob.glob('/proc/[0-9]*')))", limits=LIMITS)]
    alone, (_, escaped, after) = asyncio.run(together(runner, jobs))
    assert [(o.state, o.reason) for o in alone] == [(o.state, o.reason) for o in shared]
    assert [str(o.handed) for o in alone] == [str(o.handed) for o in shared]
    assert [o.handed.get("x") for o in alone[5:]] == [[], [], [], [], 1]
    assert (escaped.state, after.handed) == ("died", {"x": 3}), "what ended the first process of its tree went on"


@contextmanager
def unsandboxed() -> Iterator[tuple[Local, ForkServer]]:
    runner = Local()
    try:
        yield runner, runner.server(honest(sandboxed=False))
    finally:
        runner.close()


def test_without_any_walls_no_process_and_no_file_is_left() -> None:
    leaves = "open('file', 'w').close()\nsubprocess.Popen(['sleep', '98762'], start_new_session=True)\ncheck('x', 1)"
    with unsandboxed() as (runner, server):
        outcomes = asyncio.run(runner.run(job(leaves, sandboxed=False)))
        assert outcomes[1].handed == {"x": 1}
        assert [pid for pid in server.processes()[1:] if not ends(pid)] == []
        assert not list(server.folder.glob("[0-9]*"))


def test_without_any_walls_the_data_is_the_cache_s_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_DATA", "/somewhere/else")
    with unsandboxed() as (runner, _):
        outcomes = asyncio.run(runner.run(job("check('x', 'AUTOGRADER_DATA' in os.environ)", sandboxed=False)))
    assert outcomes[1].handed == {"x": False}


OWNER = """
import asyncio, sys
from autograder.running import kernel
from autograder.running.sandbox import Limits
from autograder.running.server import ForkServer

class Nobody:
    def wants(self, header, size): return False

async def main():
    server = ForkServer(sandboxed=sys.argv[1] == "sandboxed")
    async with kernel.start(server, "seed", b"", Limits(), Nobody()) as running:
        await running.execute("import os, time\\nif os.fork() == 0: time.sleep(1000)", lambda: None)
        print(*server.processes(), flush=True)
        await running.execute("import time; time.sleep(1000)", lambda: None)

asyncio.run(main())
"""


def test_when_who_started_it_is_killed_all_kernels_end() -> None:
    owners = [
        subprocess.Popen([sys.executable, "-c", OWNER, how], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for how in ("sandboxed", "unsandboxed")
    ]
    for owner in owners:
        assert owner.stdout
        with owner.stdout:
            pids = [int(pid) for pid in owner.stdout.readline().split()]
        assert len(pids) >= 4
        owner.kill()
        owner.wait()
        assert [pid for pid in pids if not ends(pid)] == []


def ends(pid: int) -> bool:
    """Whether a process ends: soon, or it has already."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 30)[0])
    finally:
        os.close(handle)


MARK = "check('x', 41 + 1)"


def kill_when_marked(monkeypatch: pytest.MonkeyPatch, times: int, victims: str) -> list[int]:
    """Kill -9 of the server or the kernel, while the cell that is ``MARK`` runs; returns what will have been killed."""
    killed: list[int] = []
    execute = kernel.Kernel.execute

    async def watched(self: kernel.Kernel, source: str, watch: Any) -> dict[str, Any]:
        if source == MARK and len(killed) < times:
            source = "import time; time.sleep(1000)"
            killed.append(self._server.processes()[1] if victims == "server" else self._child.pid)
            os.kill(killed[-1], signal.SIGKILL)
        return await execute(self, source, watch)

    monkeypatch.setattr(kernel.Kernel, "execute", watched)
    return killed


@pytest.mark.parametrize(
    ("victims", "times", "state"),
    [("server", 1, "ok"), ("kernel", PATIENCE - 1, "ok"), ("kernel", PATIENCE, "died")],
)
def test_a_kill_costs_a_start_or_a_cell(
    runner: Local, monkeypatch: pytest.MonkeyPatch, victims: str, times: int, state: str
) -> None:
    killed = kill_when_marked(monkeypatch, times, victims)
    jobs = [job("check('x', 1)", MARK, "check('x', 3)"), honest()]
    (_, before, marked, after), beside = asyncio.run(together(runner, jobs))
    assert len(killed) == times and is_right(beside)
    assert (marked.state, marked.handed) == (state, {"x": 42} if state == "ok" else {})
    assert (before.handed, after.handed) == ({"x": 1}, {"x": 3})
