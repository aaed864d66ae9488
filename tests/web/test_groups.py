"""Groups grow where many come, and nobody waits for who does not come."""

import asyncio
from collections.abc import Callable

import pytest

from web.groups import Groups

MINUTE = 60.0


def sizes_of(scene: Callable[[Groups[int, int]], object], **options: float) -> list[int]:
    """How large the groups were that a scene led to."""
    sizes: list[int] = []

    def do(group: list[int]) -> list[int]:
        sizes.append(len(group))
        return group

    async def play() -> None:
        groups = Groups(do, name="tests", most=20, **options)  # type: ignore[arg-type] # all by their names
        async with asyncio.timeout(MINUTE / 2):
            await scene(groups)  # type: ignore[misc] # a coroutine

    asyncio.run(play())
    return sizes


def test_senders_that_come_again_at_once_are_all_in_each_group() -> None:
    async def scene(groups: Groups[int, int]) -> None:
        async def sender(first: int) -> None:
            for turn in range(5):
                await asyncio.sleep(0.001 * (first % 3))  # not all at the same moment
                assert await groups.add(first + turn) == first + turn

        await groups.add(0)
        together = [asyncio.ensure_future(groups.add(one)) for one in range(16)]
        await asyncio.gather(*together)
        await asyncio.gather(*(sender(number) for number in range(16)))

    assert sizes_of(scene, rest=MINUTE, come_again=True)[-5:] == [16] * 5


def test_who_does_not_come_again_is_waited_for_no_longer_than_the_rest() -> None:
    async def scene(groups: Groups[int, int]) -> None:
        await asyncio.gather(*(groups.add(number) for number in range(3)))
        await groups.add(3)
        await groups.add(4)

    assert sizes_of(scene, rest=0.01, come_again=True) == [3, 1, 1]


def test_who_comes_alone_after_the_rest_waits_for_nothing() -> None:
    async def scene(groups: Groups[int, int]) -> None:
        await groups.add(1)
        await asyncio.sleep(0.05)
        began = asyncio.get_running_loop().time()
        await groups.add(2)
        assert asyncio.get_running_loop().time() - began < MINUTE / 60

    assert sizes_of(scene, rest=0.01, come_again=True) == [1, 1]


def test_a_rest_ends_when_a_whole_group_waits() -> None:
    async def scene(groups: Groups[int, int]) -> None:
        await groups.add(0)
        await asyncio.gather(*(groups.add(number) for number in range(20)))

    assert sizes_of(scene, rest=MINUTE) == [1, 20]


class _Odd(BaseException):
    """What no work should raise, and what ends a thread."""


def _raising(wrong: BaseException) -> list[int]:
    raise wrong


@pytest.mark.parametrize(
    ("came_of_it", "told"),
    [
        (lambda: _raising(StopIteration()), "RuntimeError"),
        (lambda: [StopIteration(), StopIteration()], "RuntimeError"),
        (lambda: _raising(_Odd()), "RuntimeError"),
        (lambda: [1], "ValueError"),
        (lambda: _raising(KeyError("ours")), "KeyError"),
    ],
)
def test_whatever_came_of_a_group_all_of_it_are_told_and_the_next_is_begun(
    came_of_it: Callable[[], list[int | Exception]], told: str
) -> None:
    def do(group: list[int]) -> list[int | Exception]:
        return came_of_it() if 1 in group else [*group]

    async def scene() -> tuple[list[str], int]:
        groups = Groups(do, name="tests", most=20)
        first = await asyncio.gather(groups.add(1), groups.add(2), return_exceptions=True)
        return [type(one).__name__ for one in first], await groups.add(3, seconds=MINUTE)

    assert asyncio.run(scene()) == ([told, told], 3)
