"""Reads the pictures in a folder as the server does. Prints how many were read and how many refused, and by how many
megabytes the memory of this process rose at most.

    python -m tests.abuse.picture_check FOLDER
"""

import resource
import sys
from contextlib import suppress
from pathlib import Path

from mnist_core.data.pictures import find_digit, open_picture
from mnist_core.errors import PictureError


def main() -> None:
    """Read them."""
    outcomes = {"read": 0, "refused": 0}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for path in sorted(Path(sys.argv[1]).iterdir()):
        try:
            picture = open_picture(path.read_bytes())
        except PictureError:
            outcomes["refused"] += 1
            continue
        outcomes["read"] += 1
        with suppress(PictureError):  # nothing is drawn on it
            find_digit(picture)
    rise = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024  # Linux counts kilobytes
    print(outcomes["read"], outcomes["refused"], round(rise))


if __name__ == "__main__":
    main()
