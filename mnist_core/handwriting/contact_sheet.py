"""A picture of all styles of handwriting and of all out-of-distribution marks.

    python -m mnist_core.handwriting.contact_sheet docs/handwriting.png

writes the picture that the documentation shows.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from mnist_core.data.preprocessing import SIDE
from mnist_core.handwriting.generator import SCRAWL, rendered
from mnist_core.handwriting.marks import MARKS
from mnist_core.handwriting.styles import STYLES
from mnist_core.handwriting.variation import scrawl, varied

CELL = SIDE + 4
"""Pixels from one digit to the next."""

NAME_WIDTH, GAP = 150, 8
"""Pixels for the names at the left of each half, and between the two halves."""


def contact_sheet(path: Path, *, seed: int = 1, columns: int = 14) -> None:
    """Write the picture as PNG: two halves of rows, each row with a name and `columns` examples of it."""
    names = [*STYLES, "", *MARKS, SCRAWL]
    rows = -(-len(names) // 2)
    width = NAME_WIDTH + columns * CELL
    sheet = Image.new("L", (2 * width + GAP, rows * CELL), 255)
    draw = ImageDraw.Draw(sheet)
    random = np.random.default_rng(seed)
    for index, name in enumerate(names):
        if not name:
            continue
        left, top = index // rows * (width + GAP), index % rows * CELL
        draw.text((left + 4, top + CELL // 2 - 6), name, fill=0)
        if name == SCRAWL:
            characters = [scrawl(random) for _ in range(columns)]
        else:
            characters = varied((STYLES | MARKS)[name], columns, random)
        for column, picture in enumerate(rendered(characters, random)):
            black_on_white = Image.fromarray((255 - picture * 255).astype(np.uint8))
            sheet.paste(black_on_white, (left + NAME_WIDTH + column * CELL, top + 2))
    sheet.quantize(16).save(path, optimize=True)


if __name__ == "__main__":
    contact_sheet(Path(sys.argv[1]))
