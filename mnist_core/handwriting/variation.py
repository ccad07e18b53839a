"""Vary a template as the hands of different writers do.

    >>> from mnist_core.handwriting.styles import STYLES
    >>> characters = varied(STYLES["7 crossed"], 1000, np.random.default_rng(1))
    >>> len(characters), len(characters[0]), characters[0][1].shape    # 1,000 sevens; stem and bar; points of the bar
    (1000, 2, (7, 2))

These things vary:

- The masters are mixed: each writer has a form of their own.
- Control points jitter, and a smooth field bends the whole character.
- Parts grow and shrink: a small head, a large tail.
- Strokes shift and their ends drift, so that gaps appear and loops stay open or collapse.
- Strokes end too early or too late, and the pen makes hooks where it lands and leaves.
- Speed rounds corners and leaves few points; hands tremble.
- The whole character is narrow or wide, slanted and turned.

Each writer has one `haste`, 0 to 2.3, which scales the effects of carelessness. Lengths are in hundredths of the
digit's height; 5 of them are one pixel of a digit.
"""

from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_core.data.preprocessing import Stroke
from mnist_core.handwriting.splines import spline, template
from mnist_core.handwriting.styles import Style

WIDENING = (0.25, 0.55)
"""Spread and limit of the logarithm of a character's width.

Half of the writers are between 0.84 and 1.18 times as wide as the template, all between 0.58 and 1.73 times.
"""

WIDENING_OF_ONES = (0.2, 0.4)
"""The same for a 1. It is less, because a wide flag lies flat and turns the 1 into a 7."""

WIDENING_OF_PENS = (0.14, 0.3)
"""The same for real pen strokes. Their writers are narrow and wide already."""

LEAN = 0.1
"""The mean slant of a template, to the right, as a fraction of its height. Templates are upright and most hands are
not."""

LARGEST_HASTE_OF_PENS = 1.0
"""The most `haste` that is added to real pen strokes, which have their own."""

HEIGHT = 100.0
"""The longer side of pen strokes while they are varied."""

Points = NDArray[np.float64]
"""(n, points, 2): the points of n writers, x to the right and y down, in hundredths of the digit's height."""


def varied(style: Style, count: int, random: Generator) -> list[list[Stroke]]:
    """The versions of a style by `count` writers, computed together.

    Each is a list of strokes, (points, 2) in hundredths of the character's height, anywhere in the plane.
    """
    form = template(style)
    haste = random.beta(1.7, 2.8, (count, 1, 1)) * 2.3
    mixture = random.dirichlet(np.full(len(form.masters), 0.8), count)
    controls = np.tensordot(mixture, form.masters, 1)
    controls += random.normal(0, 1.7, controls.shape) * haste
    # A 1 that is bent like a cane would be a 2 or a 7.
    rounding = random.beta(1, 2, (count, 1, 1)) * (0.5 if style.digit == 1 else 1.0)
    points = (1 - rounding) * (form.sharp @ controls) + rounding * (form.rounded @ controls)
    strokes = [_stroke(points[:, part], random, haste) for part in form.strokes]
    ends = np.cumsum([0, *(stroke.shape[1] for stroke in strokes)])
    points = _as_a_whole(
        np.concatenate(strokes, axis=1), random, haste, widening=WIDENING_OF_ONES if style.digit == 1 else WIDENING
    )
    parts = [slice(int(a), int(b)) for a, b in pairwise(ends)]
    return [[character[part] for part in parts] for character in points]


def varied_strokes(strokes: list[Stroke], count: int, random: Generator) -> list[list[Stroke]]:
    """`count` versions of real pen strokes: each shifts a little, and the whole character bends, widens and slants.

    strokes: (points, 2) each, x to the right and y down, in any unit. Returns them in hundredths of their longer side,
    anywhere in the plane.
    """
    lengths = [len(stroke) for stroke in strokes]
    drawn = np.concatenate(strokes)
    drawn = (drawn - drawn.min(axis=0)) * (HEIGHT / max(float(np.ptp(drawn, axis=0).max()), 1e-6))
    haste = random.beta(1.7, 2.8, (count, 1, 1)) * LARGEST_HASTE_OF_PENS
    shifts = random.normal(0, 1.5, (count, len(strokes), 2)) * haste
    points = drawn + np.repeat(shifts, lengths, axis=1)
    points = _as_a_whole(points, random, haste, widening=WIDENING_OF_PENS, lean=0.0)
    ends = np.cumsum(lengths)[:-1]
    return [np.split(character, ends) for character in points]


def _stroke(points: Points, random: Generator, haste: Points) -> Points:
    """Vary one stroke: shift it, let its ends drift, make it too short or too long, let it tremble, and add hooks.

    The result has two points more.
    """
    count, length, _ = points.shape
    along = np.linspace(0, 1, length)[:, np.newaxis]
    points = points + random.normal(0, 2.0, (count, 1, 2)) * haste
    for near in (along, 1 - along):
        points += np.exp(-near / 0.15) * random.normal(0, 2.2, (count, 1, 2)) * haste

    # A fast pen starts and stops before or after the template's ends, and few of its points are recorded.
    size = np.ptp(points, axis=1).max(axis=1)[:, np.newaxis]
    trim = np.minimum(3.0, 0.06 * size) / np.maximum(size, 1) * haste[:, 0]
    start, stop = random.normal(0, 1, (2, count, 1)) * trim
    place = (start + (1 - start - stop) * along.T) * (length - 1)
    grain = random.choice([1.0, 1.0, 1.0, 2.0, 3.0], (count, 1)) if length > 12 else np.ones((count, 1))
    place = np.where((along.T > 0) & (along.T < 1), np.round(place / grain) * grain, place)
    before = np.clip(place.astype(np.int64), 0, length - 2)
    fraction = (place - before)[..., np.newaxis]
    index = before[..., np.newaxis]
    points = (1 - fraction) * np.take_along_axis(points, index, 1) + fraction * np.take_along_axis(points, index + 1, 1)

    shaky = np.where(random.random((count, 1, 1)) < 0.15, 1.2, 0.4) * haste.clip(0.3, 1.2)
    for waves in random.uniform(2, 8, (2, count, 1, 1)):
        points += (
            shaky
            * random.normal(0, 0.8, (count, 1, 2))
            * np.sin(2 * np.pi * (waves * along + random.random((count, 1, 1))))
        )
    return np.concatenate(
        [_hook(points[:, :2], random, haste), points, _hook(points[:, :-3:-1], random, haste)], axis=1
    )


def _hook(end: Points, random: Generator, haste: Points) -> Points:
    """The start of a hook, (n, 1, 2), before a line from end[:, 0] to end[:, 1]. Without a hook, it is end[:, 0]."""
    count = len(end)
    ahead = end[:, 1] - end[:, 0]
    ahead /= np.maximum(np.hypot(*ahead.T), 1e-6)[:, np.newaxis]
    angle = random.uniform(0.3, 0.8, count) * np.pi * random.choice([-1, 1], count)
    turned = np.stack(
        [
            ahead[:, 0] * np.cos(angle) - ahead[:, 1] * np.sin(angle),
            ahead[:, 0] * np.sin(angle) + ahead[:, 1] * np.cos(angle),
        ],
        axis=1,
    )
    length = np.where(random.random((count, 1)) < 0.12, random.uniform(3, 9, (count, 1)), 0.0) * haste[:, 0].clip(0.5)
    hook: Points = (end[:, 0] + turned * length)[:, np.newaxis]
    return hook


def _as_a_whole(
    points: Points, random: Generator, haste: Points, *, widening: tuple[float, float], lean: float = LEAN
) -> Points:
    """Vary the whole character: bend it, resize its head and tail, make it narrow or wide, slant it and turn it.

    lean: the mean slant to the right, as a fraction of the height.
    """
    count = len(points)

    def normal(spread: float, limit: float, mean: float = 0.0) -> NDArray[np.float64]:
        return np.asarray((mean + random.normal(0, spread, (count, 1))).clip(mean - limit, mean + limit))

    low, high = points.min(axis=1, keepdims=True), points.max(axis=1, keepdims=True)
    points = points - (low + high) / 2
    for _ in range(2):
        wave = random.normal(0, 0.02, (count, 2, 1))
        points += (
            random.normal(0, 2.2, (count, 1, 2))
            * haste
            * np.sin(points @ wave + random.uniform(0, 2 * np.pi, (count, 1, 1)))
        )
    x, y = points[..., 0], points[..., 1]
    height = (high - low)[:, 0, 1:] / 2
    relative = y / np.maximum(height, 1)
    x = x * (1 + normal(0.12, 0.28) * relative)
    y = y + height * normal(0.07, 0.16) * (1 - relative**2)
    x = x * np.exp(normal(*widening))
    x = x - y * normal(0.17, 0.42, mean=lean)
    turn = normal(0.08, 0.2)
    return np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=-1)


def scrawl(random: Generator) -> list[Stroke]:
    """Draw one to three aimless strokes, (points, 2) in hundredths of their height."""
    strokes = []
    count = random.integers(1, 4)
    for _ in range(count):
        # A single short stroke could pass for a digit by chance.
        controls = random.uniform(0, 100, (random.integers(4 if count > 1 else 8, 12), 2)) * random.uniform(0.5, 1, 2)
        corners = tuple(
            int(k) for k in np.flatnonzero(random.random(len(controls) - 2) < random.choice([0.0, 0.5])) + 1
        )
        strokes.append(spline(controls, corners) @ controls)
    return strokes
