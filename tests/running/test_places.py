"""Places follow computing: who sleeps stops nobody."""

import asyncio
from collections.abc import Callable

import pytest

from autograder.running import places
from autograder.running.local import Local
from autograder.running.notebook import CodeCell, Job
from autograder.running.places import Place, Places, Rest
from autograder.running.sandbox import Limits


async def hold(of: Places, begun: list[Place], leave: asyncio.Event) -> None:
    async with of.one() as place:
        begun.append(place)
        await leave.wait()


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def story(tell: Callable[[Places, list[Place], asyncio.Event], object]) -> list[int]:
    """How many had a place, after each word of a story that five who want one of two are in."""

    async def told() -> list[int]:
        of, begun, leave = Places(2), list[Place](), asyncio.Event()
        tasks = [asyncio.create_task(hold(of, begun, leave)) for _ in range(5)]
        await turns()
        seen = [len(begun)]
        for word in tell(of, begun, leave):  # type: ignore[attr-defined]
            word()
            await turns()
            seen.append(len(begun))
        leave.set()
        await asyncio.gather(*tasks)
        assert of.lent == 0 and of._free == 2
        return seen

    return asyncio.run(told())


def test_a_place_that_is_lent_is_another_s() -> None:
    assert story(lambda of, begun, leave: [begun_0(begun, "lend"), begun_0(begun, "take_back")]) == [2, 3, 3]


def begun_0(begun: list[Place], what: str) -> Callable[[], object]:
    return lambda: getattr(begun[0], what)()


def test_who_goes_on_is_one_too_many_until_one_ends() -> None:
    async def told() -> list[int]:
        of, begun, leaves = Places(1), list[Place](), [asyncio.Event() for _ in range(3)]
        tasks = [asyncio.create_task(hold(of, begun, leave)) for leave in leaves]
        await turns()
        begun[0].lend()
        await turns()
        seen = [len(begun)]
        begun[0].take_back()
        for leave in leaves:
            leave.set()
            await turns()
            seen.append(len(begun))
        await asyncio.gather(*tasks)
        return seen

    assert asyncio.run(told()) == [2, 2, 3, 3]


def test_who_is_stopped_while_it_waits_takes_no_place() -> None:
    async def told() -> int:
        of, begun, leave = Places(1), list[Place](), asyncio.Event()
        first, second, third = (asyncio.create_task(hold(of, begun, leave)) for _ in range(3))
        await turns()
        second.cancel()
        leave.set()
        await asyncio.gather(first, second, third, return_exceptions=True)
        assert of._free == 1
        return len(begun)

    assert asyncio.run(told()) == 2


def test_only_so_many_rest_at_a_time() -> None:
    of = Places(1)
    assert [of.lend() for _ in range(places.LENT_EACH + 1)] == [True] * places.LENT_EACH + [False]


class Noted:
    def __init__(self) -> None:
        self.said: list[str] = []

    def lend(self) -> bool:
        self.said.append("lend")
        return True

    def take_back(self) -> None:
        self.said.append("take back")


@pytest.mark.parametrize(
    ("used", "said"),
    [
        ([0, 0, 0], ["lend"]),
        ([4, 8, 12], []),
        ([0, 4, 8], ["lend", "take back"]),
        ([0.1, 0.2, 4.2, 4.3], ["lend", "take back", "lend"]),
        ([1, 2, 3], []),
    ],
)
def test_rest_is_seen_by_the_computing(used: list[float], said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(places.time, "monotonic", lambda: now[0])
    place = Noted()
    rest = Rest(place)
    for cpu in used:
        now[0] += places.LOOK_SECONDS
        rest.look(cpu)
    assert place.said == said


def test_sleepers_stop_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one place, one who sleeps until another is done, which nobody could be who waits for the place."""
    monkeypatch.setattr(places, "LOOK_SECONDS", 0.3)
    setup = CodeCell("import time\nfrom autograder import check, start\nstart('hw00_toy')")
    sleeper = Job((setup, CodeCell("time.sleep(1000)")), "seed", Limits(cell_wall=240))
    quick = Job((setup, CodeCell("check('x', 1)", frozenset("x"))), "seed")
    runner = Local(1)

    async def told() -> object:
        asleep = [asyncio.create_task(runner.run(sleeper)) for _ in range(2)]
        await turns()
        async with asyncio.timeout(120):
            outcomes = await runner.run(quick)
            assert runner.jobs > 1
        for task in asleep:
            task.cancel()
        await asyncio.gather(*asleep, return_exceptions=True)
        assert runner.jobs == 1
        return outcomes[1].handed

    try:
        assert asyncio.run(told()) == {"x": 1}
    finally:
        runner.close()
