"""A 1 and a 7 in place of the UCI pen strokes, in the format of the repository's zip file."""

import zipfile
from pathlib import Path

from mnist_core.data.pen_sources import UCI_MEMBER

TEXT = """
.INCLUDE pen.doc
.LEXICON "0" "1" "2" "3" "4" "5" "6" "7" "8" "9"
.HIERARCHY DIGIT
.SEGMENT DIGIT 0 ? "1"
.COMMENT 1 12 1
.PEN_DOWN
  200  400
  200  400
  190  300
.PEN_UP
.DT 100

.SEGMENT DIGIT 1-2 ? "7"
.COMMENT 7 3 41
.PEN_DOWN
  100  300
  200  300
  150  100
.PEN_UP
.DT 100
.PEN_DOWN
  120  200
  180  200
.PEN_UP
.DT 100
"""


def write_zip(path: Path, content: bytes, member: str = UCI_MEMBER) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pendigits-orig.names", "about the digits")
        archive.writestr(member, content)
