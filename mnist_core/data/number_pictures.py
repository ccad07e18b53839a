"""Find the marks of a number on a picture: connected spots of ink, which make up one digit or several.

    >>> picture = Image.new("L", (300, 200), 255)
    >>> picture.paste(20, (60, 40, 70, 160))
    >>> picture.paste(20, (200, 40, 210, 160))              # two strokes far apart: an 11
    >>> found = find_number(picture)
    >>> len(found.boxes), found.digit_of([0]).shape
    (2, (28, 28))

pictures.py finds the ink. Which marks belong together is decided by mnist_core/models/number_reader.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from mnist_core.data.pictures import SMALL_SIDE, Found, SeenInk, see_ink, thick_enough
from mnist_core.data.preprocessing import Digit, from_ink, ink_box
from mnist_core.data.segmentation import Box

MARK_INK = 0.3
"""Ink of a mark's body. Fainter ink around it is its soft edge."""


@dataclass(frozen=True)
class FoundMarks:
    """The marks on a picture.

    seen: the ink and where it is. labels: (height, width) as the ink, the number of the mark that a pixel belongs to,
    from 1 on, and 0 for paper. boxes: around each mark, in pixels of the ink.
    """

    seen: SeenInk
    labels: NDArray[np.int32]
    boxes: tuple[Box, ...]

    def ink_of(self, marks: Sequence[int]) -> NDArray[np.float32]:
        """The ink of some marks, (height, width) float32 in 0..1, as thick as a digit needs. marks: their indices."""
        if len(marks) == len(self.boxes):
            return thick_enough(self.seen.ink)
        # Only what is around them, because a stranger's picture may have dozens of digits.
        places = [self._places[mark] for mark in marks]
        rows, columns = (
            slice(max(0, min(each[axis].start for each in places) - 1), max(each[axis].stop for each in places) + 1)
            for axis in (0, 1)
        )
        own = np.isin(self.labels[rows, columns], np.asarray(marks) + 1)
        return thick_enough(np.where(own, self.seen.ink[rows, columns], 0).astype(np.float32))

    @cached_property
    def _places(self) -> list[tuple[slice, slice]]:
        """The rows and columns of each mark, with its soft edge."""
        found: list[tuple[slice, slice]] = ndimage.find_objects(self.labels, len(self.boxes))
        return found

    def digit_of(self, marks: Sequence[int]) -> Digit:
        """The digit that some marks make, (28, 28) float32 in 0..1. marks: their indices."""
        return from_ink(self.ink_of(marks))

    def as_found(self, digits: Digit) -> Found:
        """What was found, for a display. digits: of the number, side by side."""
        return Found(digits, thick_enough(self.seen.ink), self.seen.sheet, self.seen.outline, self.seen.is_photograph)

    def corners(self, box: Box) -> NDArray[np.float64]:
        """Where a box of the ink lies on the picture: (4, 2), as `Found.outline`."""
        whole = ink_box(self.seen.ink)
        if whole is None:  # there is ink, or this would not have been found
            return np.zeros((4, 2))
        rows, columns = whole
        across = [(x - columns.start) / (columns.stop - columns.start) for x in (box[0], box[2])]
        down = [(y - rows.start) / (rows.stop - rows.start) for y in (box[1], box[3])]
        upper_left, upper_right, lower_right, lower_left = self.seen.outline
        places = [(across[0], down[0]), (across[1], down[0]), (across[1], down[1]), (across[0], down[1])]
        return np.array(
            [
                (1 - v) * ((1 - u) * upper_left + u * upper_right) + v * ((1 - u) * lower_left + u * lower_right)
                for u, v in places
            ]
        )


def find_number(image: Image.Image) -> FoundMarks:
    """The marks on a picture of one digit or several beside each other.

    A picture of at most 64 x 64 pixels is one finished digit, and all of its ink is one mark. Raises PictureError as
    `pictures.find_digit` does, but not for several digits.
    """
    is_small = max(image.size) <= SMALL_SIDE
    seen = see_ink(image, several=not is_small)
    body, count = ndimage.label(seen.ink > MARK_INK, structure=np.ones((3, 3)))
    if is_small or not count:
        body, count = (seen.ink > 0).astype(np.int32), 1
    # A pixel of a soft edge belongs to the mark that is nearest.
    nearest = ndimage.distance_transform_edt(body == 0, return_distances=False, return_indices=True)
    labels = np.where(seen.ink > 0, body[tuple(nearest)], 0).astype(np.int32)
    boxes = tuple(
        (float(columns.start), float(rows.start), float(columns.stop), float(rows.stop))
        for rows, columns in ndimage.find_objects(body, count)
    )
    return FoundMarks(seen, labels, boxes)
