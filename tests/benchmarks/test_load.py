"""The load test understands the draw page: its drawers find the canvas, get answers and read the digits."""

import asyncio

import pytest

from tests.benchmarks import load
from tests.browser import harness

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_a_drawer_draws_and_reads_the_right_digits() -> None:
    drawn = load.drawings(1)
    with harness.served() as (address, _):

        async def draw() -> list[tuple[str, ...]]:
            drawer = load.Drawer(address)
            await drawer.open()
            shown = [(await drawer.draw(objects))[1] for objects in drawn[0].states]
            await drawer.clear()
            await drawer.close()
            return shown

        shown = asyncio.run(draw())
    assert shown == list(drawn[0].digits)
    assert len(set(drawn[0].digits)) > 1
