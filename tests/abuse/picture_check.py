"""Reads the pictures in a folder as the draw page does. Prints how many were read and how many refused, by how many
megabytes the memory of this process rose at most, and the most seconds of processor time that a picture took.

    python -m tests.abuse.picture_check FOLDER
"""

import resource
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from mnist_core.data.number_pictures import find_number
from mnist_core.data.pictures import open_picture
from mnist_core.errors import PictureError
from mnist_core.models.classifier import Classifier
from mnist_core.models.number_reader import read_marks, side_by_side
from mnist_core.reporting.picture_steps import picture_steps
from tests.pages.runs_on_disk import SHIPPED


def main() -> None:
    """Read them."""
    outcomes = {"read": 0, "refused": 0}
    pair = [Classifier(SHIPPED / name / "model.tflite") for name in ("mlp-robust", "cnn-robust")]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    longest = 0.0
    for path in sorted(Path(sys.argv[1]).iterdir()):
        start = time.process_time()
        try:
            picture = open_picture(path.read_bytes())
        except PictureError:
            outcomes["refused"] += 1
            continue
        outcomes["read"] += 1
        with suppress(PictureError):  # nothing is drawn on it
            marks = find_number(picture)
            digits = read_marks(marks, pair)
            assert np.isfinite(side_by_side(digits)).all(), path
            outlines = [marks.corners(each.box) for each in digits]
            picture_steps(picture, marks.as_found(side_by_side(digits)), 448, outlines=outlines)
        longest = max(longest, time.process_time() - start)
    rise = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024  # Linux counts kilobytes
    print(outcomes["read"], outcomes["refused"], round(rise), round(longest, 1))


if __name__ == "__main__":
    main()
