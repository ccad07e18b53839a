"""Read the UNIPEN text of the UCI "Pen-Based Recognition of Handwritten Digits" (E. Alpaydin, F. Alimoglu, 1998).

>>> text = '''.SEGMENT DIGIT 0-1 ? "7"
... .COMMENT 7 12 1
... .PEN_DOWN
...  100 200
...  150 200
... .PEN_UP
... .DT 100
... .PEN_DOWN
...  110 180
...  140 180
... .PEN_UP
... '''
>>> pen = parse_unipen(text)
>>> pen.labels.tolist(), pen.donors.tolist(), pen.strokes(0)[1].tolist()
([7], ['w12'], [[200.0, 400.0], [800.0, 400.0]])

A `.SEGMENT` begins a digit and has its label in quotes. `.COMMENT` repeats the label and adds the writer and a number.
The points between `.PEN_DOWN` and `.PEN_UP` are a stroke, a line each, with y upwards. Other keywords are passed over.
The format: I. Guyon et al., "UNIPEN project of on-line data exchange and recognizer benchmarks", 1994.
"""

import re

import numpy as np

from mnist_core.data.checks import Stroke
from mnist_core.data.pen_files import PenDigits
from mnist_core.errors import DatasetError

SEGMENT = re.compile(r'\.SEGMENT\s+DIGIT\s+\S+\s+\S+\s+"([0-9])"')
COMMENT = re.compile(r"\.COMMENT\s+([0-9])\s+(\d+)\s+\d+")


def parse_unipen(text: str) -> PenDigits:
    """The digits of a UNIPEN text, in its order. Raises DatasetError, with the line, for anything unexpected."""
    digits: list[list[Stroke]] = []
    labels: list[int] = []
    donors: list[str] = []
    stroke: list[tuple[float, float]] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words:
            continue
        if words[0] == ".SEGMENT":
            if (match := SEGMENT.match(line.strip())) is None or stroke is not None or (digits and not digits[-1]):
                raise _unexpected(number, line, 'a digit such as .SEGMENT DIGIT 0 ? "8" after the strokes of another')
            digits.append([])
            labels.append(int(match[1]))
            donors.append("")
        elif words[0] == ".COMMENT":
            if (comment := COMMENT.match(line.strip())) is not None and digits:
                if int(comment[1]) != labels[-1]:
                    raise _unexpected(number, line, f"the label {labels[-1]} of its digit")
                donors[-1] = f"w{comment[2]}"
        elif words[0] == ".PEN_DOWN":
            if stroke is not None or not digits:
                raise _unexpected(number, line, "a stroke within a digit, after the end of another")
            stroke = []
        elif words[0] == ".PEN_UP":
            if not stroke:
                raise _unexpected(number, line, "points before the end of a stroke")
            digits[-1].append(np.array(stroke))
            stroke = None
        elif not words[0].startswith("."):
            stroke = _with_point(stroke, words, number, line)
    if stroke is not None or not digits or not digits[-1]:
        raise DatasetError("The UNIPEN text ends within a digit, or holds none. Download it again.")
    return PenDigits.of(digits, labels=labels, donors=donors, y_up=True)


def _with_point(
    stroke: list[tuple[float, float]] | None, words: list[str], number: int, line: str
) -> list[tuple[float, float]]:
    try:
        if stroke is None or len(words) != 2:
            raise ValueError
        stroke.append((int(words[0]), int(words[1])))
    except ValueError:
        raise _unexpected(number, line, "two whole numbers, x and y, within a stroke") from None
    return stroke


def _unexpected(number: int, line: str, expected: str) -> DatasetError:
    return DatasetError(f"Line {number} of the UNIPEN text is {line.strip()[:60]!r}, expected {expected}.")
