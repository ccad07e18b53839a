"""The events that a training reports while it runs.

Each event is a dictionary of plain JSON values, so it travels through a pipe as one line. `parse_event` reads such a
line:

>>> parse_event('{"event": "measuring", "epoch": 7}')
{'event': 'measuring', 'epoch': 7}

A training sends them in this order: preparing (any number), started, untrained, then for every epoch progress (any
number) and epoch, and at the end measuring and finished. A training that fails sends failed. One that is stopped and
keeps nothing sends no finished event.
"""

import json
from collections.abc import Callable
from typing import Any, Literal, NotRequired, TypedDict, cast, get_args, get_type_hints


class Mistake(TypedDict):
    """A validation digit that the model still classifies incorrectly.

    pixels: 784 bytes, 0 for paper to 255 for ink, in base64.
    """

    index: int
    label: int
    predicted: int
    pixels: str


class Preparing(TypedDict):
    """Work that takes long before the first epoch. what: a phrase for the user."""

    event: Literal["preparing"]
    what: str


class Started(TypedDict):
    """The network is built. digits: training digits in an epoch."""

    event: Literal["started"]
    name: str
    architecture: str
    parameters: int
    epochs: int
    digits: int
    validation_digits: int


class Untrained(TypedDict):
    """How the network predicts some training digits before it has learned anything. loss: nats. accuracy: 0..1."""

    event: Literal["untrained"]
    loss: float
    accuracy: float


class Progress(TypedDict):
    """Some batches are done.

    fraction: how much of the whole training is done, 0..1. loss (nats), accuracy (0..1): means over the batches since
    the last such event.
    """

    event: Literal["progress"]
    epoch: int
    epochs: int
    batch: int
    batches: int
    fraction: float
    loss: float
    accuracy: float
    digits_per_second: int
    seconds_left: float


class EpochEnd(TypedDict):
    """An epoch is done and validated. best: whether no epoch before was better. Losses are in nats, accuracies 0..1."""

    event: Literal["epoch"]
    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float
    seconds: float
    best: bool
    mistakes: list[Mistake]


class Measuring(TypedDict):
    """The best epoch predicts the test digits, and the run is written."""

    event: Literal["measuring"]
    epoch: int


class Finished(TypedDict):
    """The run is on disk.

    accuracy and interval_95: on the test digits, 0..1. stopped: whether the training was ended early. ended_early:
    whether that was because other trainings of its sweep were better.
    """

    event: Literal["finished"]
    name: str
    incorrect: int
    count: int
    accuracy: float
    interval_95: list[float]
    seconds: float
    stopped: bool
    ended_early: NotRequired[bool]


class Failed(TypedDict):
    """The training could not continue. message: why, for the user."""

    event: Literal["failed"]
    message: str


Event = Preparing | Started | Untrained | Progress | EpochEnd | Measuring | Finished | Failed

OnEvent = Callable[[Event], None]
"""A function that listens to a training."""

_FIELDS: dict[Any, frozenset[str]] = {
    get_args(get_type_hints(kind)["event"])[0]: kind.__required_keys__ for kind in get_args(Event)
}
"""The fields that each kind of event must have."""


def parse_event(line: str) -> Event | None:
    """The event in a line of JSON, or None for any other line.

    None stands for text that a library prints, for a kind of event that this version does not know, and for an event
    that lacks a field. Further fields are left in place, and the types of the values are not checked.

    >>> parse_event("2026-11-24 03:00:00 a library says hello") is None
    True
    >>> parse_event('{"event": "measuring"}') is None
    True
    """
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict) or not isinstance(values.get("event"), str):
        return None
    required = _FIELDS.get(values["event"])
    return cast(Event, values) if required is not None and required <= values.keys() else None
