"""Handwritten digits from a generator: templates of styles.py, varied as hands vary, drawn down the road that the canvas takes.

    >>> written = write(20, seed=1)
    >>> written.digits.shape, written.digits.dtype, sorted(set(written.labels.tolist()))
    ((20, 28, 28), dtype('float32'), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])

    >>> strokes = pen_strokes("7 crossed", 1, seed=1)[0]        # what a canvas would send
    >>> [stroke.shape[1] for stroke in strokes]
    [2, 2]

The parts: styles.py and marks.py (templates) -> curves.py -> variation.py -> here, where they are chosen and drawn.
The picture docs/handwriting.png, made by `python -m mnist_core.handwriting docs/handwriting.png`, shows every style.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_core.data.preprocessing import LONGER_SIDE, SIDE, Stroke, from_strokes
from mnist_core.errors import ConfigError
from mnist_core.handwriting.marks import MARKS
from mnist_core.handwriting.styles import STYLES, Style
from mnist_core.handwriting.variation import scrawl, varied

PEN_WIDTHS = (1.6, 2.4, 4.0)
"""In digit pixels: thinnest, most common, thickest."""

PEN_FRACTION = 0.3
"""A pen is at most this share of the shorter side of a character of several pen widths: loops that fill with ink are read by nobody."""

NIB_FRACTION = 0.3
"""Share of digits whose line swells and thins along the way."""

SCRAWL_FRACTION = 0.25
"""Share of the marks that follow no template at all."""


@dataclass(frozen=True)
class Handwritten:
    """digits: (n, 28, 28) float32, 0 paper to 1 ink. labels: (n,) uint8, 0..9. styles: (n,) str, names in STYLES."""

    digits: NDArray[np.float32]
    labels: NDArray[np.uint8]
    styles: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class OutOfDistribution:
    """Marks that are no digits. pictures: (n, 28, 28) float32, 0 paper to 1 ink. names: (n,) str, names in MARKS or 'scribble'."""

    pictures: NDArray[np.float32]
    names: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.names)


def write(count: int, *, seed: int, styles: tuple[str, ...] = tuple(STYLES)) -> Handwritten:
    """`count` handwritten digits in random order: each digit equally often, its styles by their frequency. Same seed, same digits.

    styles: the names to choose from; digits that none of them writes do not occur. Raises ConfigError for one that is not in STYLES.
    """
    if unknown := sorted(set(styles) - set(STYLES)):
        raise ConfigError(f"There are no styles {', '.join(unknown)}; expected some of {', '.join(STYLES)}.")
    random = np.random.default_rng(seed)
    chosen = [STYLES[name] for name in styles]
    written_digits = sorted({style.digit for style in chosen if style.digit is not None})
    labels = random.permutation(np.resize(np.array(written_digits, np.uint8), count))
    names = np.empty(count, np.dtype(f"<U{max(map(len, styles))}"))
    digits = np.empty((count, SIDE, SIDE), np.float32)
    for digit in written_digits:
        places = np.flatnonzero(labels == digit)
        alternatives = [style for style in chosen if style.digit == digit]
        for style, part in zip(alternatives, _shared_out(places, alternatives, random), strict=True):
            names[part] = style.name
            digits[part] = _drawn(varied(style, len(part), random), random)
    return Handwritten(digits, labels, names)


def out_of_distribution(count: int, *, seed: int) -> OutOfDistribution:
    """`count` marks that no person takes for a digit: letters, symbols and mere scribbles, by the same hand. Same seed, same marks."""
    random = np.random.default_rng(seed)
    order = random.permutation(count)
    free, marked = np.split(order, [round(count * SCRAWL_FRACTION)])
    names = np.full(count, "scrawl", np.dtype(f"<U{max(8, *map(len, MARKS))}"))
    pictures = np.empty((count, SIDE, SIDE), np.float32)
    marks = list(MARKS.values())
    for mark, part in zip(marks, _shared_out(marked, marks, random), strict=True):
        names[part] = mark.name
        pictures[part] = _drawn(varied(mark, len(part), random), random)
    for place in free:
        pictures[place] = _drawn([scrawl(random)], random)[0]
    return OutOfDistribution(pictures, names)


def pen_strokes(style: str, count: int, *, seed: int) -> list[list[Stroke]]:
    """`count` characters in one style of STYLES or MARKS, as pen strokes (points, 2) in hundredths of the character's height."""
    return varied((STYLES | MARKS)[style], count, np.random.default_rng(seed))


def contact_sheet(path: Path, *, seed: int = 1, columns: int = 14) -> None:
    """A picture of all styles, one a row with its name, and of the marks that are no digits."""
    cell, label_width, gap = SIDE + 4, 150, 8
    names = [*STYLES, "", *MARKS, "scrawl"]
    half = -(-len(names) // 2)
    width = label_width + columns * cell
    sheet = Image.new("L", (2 * width + gap, half * cell), 255)
    draw = ImageDraw.Draw(sheet)
    random = np.random.default_rng(seed)
    for index, name in enumerate(names):
        if not name:
            continue
        left, top = index // half * (width + gap), index % half * cell
        draw.text((left + 4, top + cell // 2 - 6), name, fill=0)
        characters = (
            [scrawl(random) for _ in range(columns)]
            if name == "scrawl"
            else varied((STYLES | MARKS)[name], columns, random)
        )
        for column, picture in enumerate(_drawn(characters, random)):
            sheet.paste(
                Image.fromarray((255 - picture * 255).astype(np.uint8)), (left + label_width + column * cell, top + 2)
            )
    sheet.quantize(16).save(path, optimize=True)


def _shared_out(places: NDArray[np.int64], styles: list[Style], random: Generator) -> list[NDArray[np.int64]]:
    """The places, already in random order, dealt to the styles by their frequency."""
    frequencies = np.array([style.frequency for style in styles])
    counts = random.multinomial(len(places), frequencies / frequencies.sum())
    return np.split(random.permutation(places), np.cumsum(counts)[:-1])


def _drawn(characters: list[list[Stroke]], random: Generator) -> NDArray[np.float32]:
    """(n, 28, 28): each character drawn by the canvas' road, with a pen of its own."""
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


def _thickest_pen(strokes: list[Stroke]) -> float:
    """In digit pixels. A mere stem may be as thick as any pen."""
    shorter, longer = sorted(np.ptp(np.concatenate(strokes), axis=0))
    side = float(shorter / max(longer, 1e-6)) * (LONGER_SIDE - PEN_WIDTHS[1])
    return PEN_WIDTHS[2] if side < 2 * PEN_WIDTHS[1] else max(PEN_FRACTION * side, PEN_WIDTHS[0])


def _swelling(stroke: Stroke, random: Generator) -> Stroke:
    """The stroke again, a little aside and more so here and there: with the first it makes a line whose width varies."""
    along = np.linspace(0, 2 * np.pi * random.uniform(0.5, 2), len(stroke)) + random.uniform(0, 2 * np.pi)
    aside = random.uniform(1, 5) * (0.5 + 0.5 * np.sin(along))
    angle = random.uniform(0, 2 * np.pi)
    swelling: Stroke = stroke + aside[:, np.newaxis] * np.array([np.cos(angle), np.sin(angle)])
    return swelling


if __name__ == "__main__":
    contact_sheet(Path(sys.argv[1]))
