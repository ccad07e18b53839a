"""The load test understands the draw page: its drawers find the canvas, get answers and read the digits."""

import asyncio

import pytest

from tests.benchmarks import load
from tests.browser import harness

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

MOST_MESSAGES = 9
"""Messages that the server may send for a stroke. An empty app with a canvas and a line of text sends 7."""


def test_a_drawer_reads_the_right_digits_and_a_stroke_sends_few_messages() -> None:
    drawn = load.drawings(2)

    async def draw(address: str) -> tuple[list[tuple[str, ...]], list[int]]:
        drawer = load.Drawer(address)
        await drawer.open()
        shown, messages = [], []
        for drawing in drawn:
            for objects in drawing.states:
                before = drawer.messages
                shown.append((await drawer.draw(objects))[1])
                messages.append(drawer.messages - before)
            await drawer.clear()
        await drawer.close()
        return shown, messages

    with harness.served() as (address, _):
        shown, messages = asyncio.run(draw(address))
    assert shown == [digits for drawing in drawn for digits in drawing.digits]
    assert len(set(shown)) > 1
    assert max(messages) <= MOST_MESSAGES, "a stroke runs more of the page again than the canvas and the panel"
