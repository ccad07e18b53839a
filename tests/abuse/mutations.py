"""Damage, from a seed: to bytes, as a disk or a stranger does it, and to JSON, as a hostile browser does it."""

import copy
from typing import Any

import numpy as np

ODD_VALUES: list[Any] = [
    None,
    True,
    -1,
    0,
    1e308,
    -1e-320,
    float("nan"),
    float("inf"),
    10**400,
    "",
    "Path",
    "\u0000",
    "\ud800",
    "<script>alert(1)</script>",
    "![x](http://example.org/x.png)",
    "x" * 10_000,
    [],
    {},
    [[]] * 100,
    ["M", 1],
    ["Q", 1, 2, 3],
    ["Z"],
]
"""What no drawing has in most of its places."""


def damaged(content: bytes, random: np.random.Generator) -> bytes:
    """The bytes cut, overwritten, repeated or emptied."""
    data = bytearray(content)
    match random.integers(6):
        case 0:
            return bytes(data[: random.integers(len(data) + 1)])
        case 1:  # one bit each
            for place in random.integers(0, len(data), random.integers(1, 64)):
                data[place] ^= 1 << int(random.integers(8))
        case 2:  # at the beginning, where formats say what they are
            for place in random.integers(0, min(256, len(data)), random.integers(1, 16)):
                data[place] = int(random.integers(256))
        case 3:  # a sector of nothing
            place = int(random.integers(len(data)))
            data[place : place + 512] = bytes(len(data[place : place + 512]))
        case 4:
            place, length = int(random.integers(len(data))), int(random.integers(1, 4096))
            data[place:place] = data[place : place + length]
        case 5:  # numbers that are lengths and offsets
            place = int(random.integers(max(1, len(data) - 4))) // 4 * 4
            data[place : place + 4] = random.choice([b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"\x00\x00\x00\x80"])
    return bytes(data)


def mutated(value: Any, random: np.random.Generator, *, times: int = 3) -> Any:
    """The JSON value with so many of its parts replaced, repeated or removed."""
    changed = [copy.deepcopy(value)]
    for _ in range(times):
        holder: Any = changed
        key: Any = 0
        while isinstance(holder[key], list | dict) and holder[key] and random.random() < 0.85:
            holder = holder[key]
            keys = list(holder) if isinstance(holder, dict) else range(len(holder))
            key = keys[int(random.integers(len(keys)))]
        if random.random() < 0.2 and isinstance(holder, list):
            holder.extend(copy.deepcopy(holder[key]) for _ in range(int(random.integers(1, 50))))
        elif random.random() < 0.2 and holder is not changed:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(ODD_VALUES[int(random.integers(len(ODD_VALUES)))])
    return changed[0]
