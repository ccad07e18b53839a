"""Generate handwritten digits: choose a style, vary it as hands vary, and draw it the way a drawing on the canvas is.

    >>> written = write(20, seed=1)
    >>> written.digits.shape, written.digits.dtype, sorted(set(written.labels.tolist()))
    ((20, 28, 28), dtype('float32'), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])

    >>> strokes = pen_strokes("7 crossed", 1, seed=1)[0]        # in the form that a canvas would send
    >>> [stroke.shape[1] for stroke in strokes]
    [2, 2]

The way of a digit: styles.py or marks.py (templates) -> splines.py -> variation.py -> this module, which chooses and
draws. docs/handwriting.png shows every style; contact_sheet.py makes that picture.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnist_core.data.preprocessing import LONGER_SIDE, SIDE, Stroke, from_strokes
from mnist_core.errors import ConfigError
from mnist_core.handwriting.marks import MARKS
from mnist_core.handwriting.styles import STYLES, Style
from mnist_core.handwriting.variation import scrawl, varied

SCRAWL = "scrawl"
"""The name of aimless strokes that follow no template."""

PEN_WIDTHS = (1.6, 2.4, 3.9)
"""Thinnest, most common and thickest pen, in digit pixels."""

PEN_FRACTION = 0.3
"""A pen is at most this fraction of the shorter side of a character. Thicker pens would fill its loops with ink."""

NIB_FRACTION = 0.3
"""Fraction of digits whose line swells and thins along the way."""

SCRAWL_FRACTION = 0.25
"""Fraction of the out-of-distribution marks that are scrawls."""


@dataclass(frozen=True)
class Handwritten:
    """Generated digits.

    digits: (n, 28, 28) float32, 0 paper to 1 ink. labels: (n,) uint8, 0..9. styles: (n,) str, names in STYLES.
    """

    digits: NDArray[np.float32]
    labels: NDArray[np.uint8]
    styles: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class OutOfDistribution:
    """Generated marks that are no digits.

    pictures: (n, 28, 28) float32, 0 paper to 1 ink. names: (n,) str, names in MARKS or 'scrawl'.
    """

    pictures: NDArray[np.float32]
    names: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.names)


def write(count: int, *, seed: int, styles: tuple[str, ...] = tuple(STYLES)) -> Handwritten:
    """Generate `count` digits in random order. Each digit is equally often, its styles have their frequency.

    seed: the same seed gives the same digits.
    styles: names to choose from. Digits that none of them writes do not occur.
    Raises ConfigError for a name that is not in STYLES.
    """
    if unknown := sorted(set(styles) - set(STYLES)):
        raise ConfigError(f"There are no styles {', '.join(unknown)}, expected some of {', '.join(STYLES)}.")
    random = np.random.default_rng(seed)
    chosen = [STYLES[name] for name in styles]
    written_digits = sorted({style.digit for style in chosen if style.digit is not None})
    labels = random.permutation(np.resize(np.array(written_digits, np.uint8), count))
    names = np.empty(count, np.dtype(f"<U{max(map(len, styles))}"))
    digits = np.empty((count, SIDE, SIDE), np.float32)
    for digit in written_digits:
        places = np.flatnonzero(labels == digit)
        alternatives = [style for style in chosen if style.digit == digit]
        for style, part in zip(alternatives, _distributed(places, alternatives, random), strict=True):
            names[part] = style.name
            digits[part] = rendered(varied(style, len(part), random), random)
    return Handwritten(digits, labels, names)


def out_of_distribution(count: int, *, seed: int) -> OutOfDistribution:
    """Generate `count` marks that no person takes for a digit: letters, symbols and scrawls.

    seed: the same seed gives the same marks.
    """
    random = np.random.default_rng(seed)
    order = random.permutation(count)
    free, marked = np.split(order, [round(count * SCRAWL_FRACTION)])
    names = np.full(count, SCRAWL, np.dtype(f"<U{max(8, *map(len, MARKS))}"))
    pictures = np.empty((count, SIDE, SIDE), np.float32)
    marks = list(MARKS.values())
    for mark, part in zip(marks, _distributed(marked, marks, random), strict=True):
        names[part] = mark.name
        pictures[part] = rendered(varied(mark, len(part), random), random)
    for place in free:
        pictures[place] = rendered([scrawl(random)], random)[0]
    return OutOfDistribution(pictures, names)


def pen_strokes(style: str, count: int, *, seed: int) -> list[list[Stroke]]:
    """Generate `count` characters in one style as pen strokes, (points, 2) in hundredths of the character's height.

    style: a name in STYLES or MARKS. Raises ConfigError for another one.
    """
    if style not in (known := STYLES | MARKS):
        raise ConfigError(f"There is no style {style!r}, expected one of {', '.join(known)}.")
    return varied(known[style], count, np.random.default_rng(seed))


def rendered(characters: list[list[Stroke]], random: Generator) -> NDArray[np.float32]:
    """Draw each character with a random pen, as strokes on the canvas are drawn. (n, 28, 28), 0 paper to 1 ink."""
    pictures = np.empty((len(characters), SIDE, SIDE), np.float32)
    pens = random.triangular(*PEN_WIDTHS, len(characters))
    swells = random.random(len(characters)) < NIB_FRACTION
    for place, strokes in enumerate(characters):
        pen_width = min(pens[place], _thickest_pen(strokes))
        if swells[place]:
            strokes = [*strokes, *(_swelling(stroke, random) for stroke in strokes)]
            pen_width = max(pen_width - 0.4, PEN_WIDTHS[0])
        pictures[place] = from_strokes(strokes, pen_width=pen_width)
    return pictures


def _distributed(places: NDArray[np.int64], styles: list[Style], random: Generator) -> list[NDArray[np.int64]]:
    """Divide places among styles by their frequencies, at random."""
    frequencies = np.array([style.frequency for style in styles])
    counts = random.multinomial(len(places), frequencies / frequencies.sum())
    return np.split(random.permutation(places), np.cumsum(counts)[:-1])


def _thickest_pen(strokes: list[Stroke]) -> float:
    """The widest pen for a character, in digit pixels. A bare stem may have any pen."""
    shorter, longer = sorted(np.ptp(np.concatenate(strokes), axis=0))
    side = float(shorter / max(longer, 1e-6)) * (LONGER_SIDE - PEN_WIDTHS[1])
    return PEN_WIDTHS[2] if side < 2 * PEN_WIDTHS[1] else max(PEN_FRACTION * side, PEN_WIDTHS[0])


def _swelling(stroke: Stroke, random: Generator) -> Stroke:
    """A copy of the stroke, moved aside by a varying distance. Together, both make a line whose width varies."""
    along = np.linspace(0, 2 * np.pi * random.uniform(0.5, 2), len(stroke)) + random.uniform(0, 2 * np.pi)
    aside = random.uniform(1, 5) * (0.5 + 0.5 * np.sin(along))
    angle = random.uniform(0, 2 * np.pi)
    swelling: Stroke = stroke + aside[:, np.newaxis] * np.array([np.cos(angle), np.sin(angle)])
    return swelling
