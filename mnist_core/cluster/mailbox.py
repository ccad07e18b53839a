"""Where the workers of a cluster leave the events of their trainings, and the process that uses the cluster takes them.

It is an actor of Ray in a process on that machine, so it lives as long as the one that reads it.
"""

import asyncio

from mnist_core.events import Event

SECONDS_TO_WAIT = 30.0
"""How long `take` waits for an event, at most."""


class Mailbox:
    """Events by the number of a training. Each attempt at a training has a number too, from 1.

    >>> async def a_lost_worker() -> list[tuple[int, Event]]:
    ...     mailbox = Mailbox()
    ...     first, second = await mailbox.begin(7), await mailbox.begin(7)
    ...     await mailbox.tell(7, first, {"event": "measuring", "epoch": 1})      # is not heard any more
    ...     await mailbox.tell(7, second, {"event": "measuring", "epoch": 2})
    ...     return await mailbox.take()
    >>> [(number, event["event"]) for number, event in asyncio.run(a_lost_worker())]
    [(7, 'preparing'), (7, 'measuring')]
    """

    def __init__(self) -> None:
        self._events: list[tuple[int, Event]] = []
        self._attempts: dict[int, int] = {}
        self._to_keep: set[int] = set()
        self._changed = asyncio.Event()

    async def begin(self, number: int) -> int:
        """A worker begins a training. Returns which attempt this is."""
        attempt = self._attempts[number] = self._attempts.get(number, 0) + 1
        if attempt > 1:
            what = "starting again on another worker, because the last one was lost"
            self._add(number, {"event": "preparing", "what": what})
        return attempt

    async def tell(self, number: int, attempt: int, event: Event) -> bool:
        """A worker reports an event. Returns whether it is to end its training now and keep the best epoch."""
        if attempt == self._attempts.get(number):
            self._add(number, event)
        return number in self._to_keep

    async def keep(self, number: int) -> None:
        """The worker is to end that training and keep its best epoch. It is told when it reports its next event."""
        self._to_keep.add(number)

    async def wake(self) -> None:
        """Let `take` return at once, with what there is."""
        self._changed.set()

    async def take(self) -> list[tuple[int, Event]]:
        """The events since the last call, in their order. Waits until there is one."""
        try:
            async with asyncio.timeout(SECONDS_TO_WAIT):
                await self._changed.wait()
        except TimeoutError:
            return []
        self._changed.clear()
        events, self._events = self._events, []
        return events

    def _add(self, number: int, event: Event) -> None:
        self._events.append((number, event))
        self._changed.set()
