"""One picture of how a digit was found: the photograph, the ink on it, and the 28 x 28 pixels that the models get."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mnist_core.data import pictures
from mnist_core.data.datasets import as_bytes
from mnist_core.data.pictures import Found
from mnist_core.data.preprocessing import Digit, digit_count

SHEET_COLOUR, DIGIT_COLOUR = (255, 193, 7), (41, 182, 246)
"""Yellow around the sheet of paper, blue around the digit."""

GROUND, WORDS_COLOUR = (24, 29, 38), (214, 219, 226)
GAP = 8
CAPTION = 20
SMALL = 104
"""Side of the pictures of the ink and of the digit, in pixels."""


def picture_steps(
    image: Image.Image, found: Found, side: int, *, outlines: Sequence[NDArray[np.float64]] = ()
) -> Image.Image:
    """The photograph with outlines around what was found, and beside or below it the ink and the digit.

    outlines: of each digit of a number, whose digits lie side by side in `found.digit`; none for a single digit.

    Returns a picture of side x side pixels, at least 300. The two small pictures take the room that the
    photograph leaves.
    """
    steps = Image.new("RGB", (side, side), GROUND)
    draw, font = ImageDraw.Draw(steps), ImageFont.load_default(15)
    is_upright = image.height > image.width
    room = (side - SMALL - 2 * GAP, side) if is_upright else (side, side - SMALL - 2 * GAP - CAPTION)
    shown = image.convert("RGB") if found.is_photograph else pictures.shown(image, side).convert("RGB")
    scale = min(room[0] / image.width, room[1] / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    shown = shown.resize(size, Image.Resampling.LANCZOS)
    left, top = (room[0] - size[0]) // 2, (room[1] - size[1]) // 2
    steps.paste(shown, (left, top))
    digits = [(each, DIGIT_COLOUR) for each in outlines or [found.outline]]
    for corners, colour in [(found.sheet, SHEET_COLOUR), *digits]:
        if corners is not None:
            points = [(left + float(x) * size[0], top + float(y) * size[1]) for x, y in [*corners, corners[0]]]
            draw.line(points, fill=colour, width=3, joint="curve")
    small = ((_ink(found.ink), "Ink"), (_digits(found.digit), "Digits" if outlines else "Digit"))
    for number, (picture, caption) in enumerate(small):
        if is_upright:
            place = (side - SMALL, (side - 2 * (SMALL + CAPTION) - GAP) // 2 + number * (SMALL + CAPTION + GAP))
        else:
            place = (side // 2 - SMALL - GAP + number * (SMALL + 2 * GAP), side - SMALL - CAPTION)
        steps.paste(picture, place)
        draw.text((place[0] + SMALL // 2, place[1] + SMALL + 3), caption, fill=WORDS_COLOUR, font=font, anchor="mt")
    return steps


def in_words(found: Found, *, digits: int = 1) -> str:
    """What the outlines are, for a sentence: 'the sheet (yellow) and the digit (blue) that were found'.

    digits: how many there are.
    """
    if digits > 1:
        what = f"{digits} digits (blue) that were found"
        return f"the {what}" if found.sheet is None else f"the sheet (yellow) and the {what}"
    return (
        "the digit that was found (blue)"
        if found.sheet is None
        else "the sheet (yellow) and the digit (blue) that were found"
    )


def _digits(pixels: Digit) -> Image.Image:
    """The digit in a small square, or the digits of a number side by side in as few rows as columns."""
    count = digit_count(pixels)
    columns = next(columns for columns in range(1, count + 1) if columns**2 >= count)
    cell = SMALL // columns
    square = Image.new("L", (SMALL, SMALL), 0)
    for place, digit in enumerate(np.hsplit(pixels, count)):
        picture = Image.fromarray(as_bytes(digit)).resize((cell, cell), Image.Resampling.NEAREST)
        square.paste(picture, (place % columns * cell, place // columns * cell))
    return square


def _ink(ink: NDArray[np.float32]) -> Image.Image:
    """The ink in the middle of a small square, dark on white."""
    square = Image.new("L", (SMALL, SMALL), 255)
    picture = Image.fromarray(255 - as_bytes(ink))
    picture.thumbnail((SMALL, SMALL), Image.Resampling.BOX)
    square.paste(picture, ((SMALL - picture.width) // 2, (SMALL - picture.height) // 2))
    return square
