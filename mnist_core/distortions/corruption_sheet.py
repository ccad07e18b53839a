"""A picture of all corruptions at all strengths, beside the digits as they are.

    python -m mnist_core.distortions.corruption_sheet docs/corruptions.png

writes the picture that the documentation shows. It needs MNIST.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from mnist_core.data.datasets import Split, load_mnist
from mnist_core.data.preprocessing import SIDE
from mnist_core.distortions.corruptions import CORRUPTIONS, STRENGTHS, corrupted

ZOOM = 2
CELL = ZOOM * SIDE + 4
"""Pixels from one digit to the next."""

NAME_WIDTH, HEAD, GAP = 130, 20, 14
"""Pixels for the names at the left, for the strengths above, and between two strengths."""


def contact_sheet(path: Path, test: Split, *, indices: tuple[int, ...] = (3, 18, 61)) -> None:
    """Write the picture as PNG: a row for each corruption, and in it the same digits as they are and at each strength.

    test: MNIST's test digits. indices: the numbers of the digits that are shown.
    """
    images, block = test.images[list(indices)], len(indices) * CELL + GAP
    sheet = Image.new("L", (NAME_WIDTH + (1 + len(STRENGTHS)) * block, HEAD + len(CORRUPTIONS) * CELL), 255)
    draw = ImageDraw.Draw(sheet)
    for column, title in enumerate(("as it is", *(f"strength {strength}" for strength in STRENGTHS))):
        draw.text((NAME_WIDTH + column * block, 4), title, fill=0)
    for row, corruption in enumerate(CORRUPTIONS.values()):
        draw.text((4, HEAD + row * CELL + CELL // 2 - 6), corruption.title, fill=0)
        versions = [images, *(corrupted(images, indices, corruption, strength=strength) for strength in STRENGTHS)]
        for column, version in enumerate(versions):
            for place, picture in enumerate(version):
                shown = Image.fromarray(np.kron(picture, np.ones((ZOOM, ZOOM), np.uint8)))
                sheet.paste(shown, (NAME_WIDTH + column * block + place * CELL, HEAD + row * CELL))
    sheet.quantize(64).save(path, optimize=True)


if __name__ == "__main__":
    contact_sheet(Path(sys.argv[1]), load_mnist().test)
