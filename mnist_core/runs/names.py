"""The names of runs. A name is also a folder's name, so it must be possible on every system.

>>> checked_name("cnn-robust")
'cnn-robust'
>>> checked_address("how-wide/mlp-width-64-seed-1")  # a run of a sweep
'how-wide/mlp-width-64-seed-1'
>>> made_valid("Anna's 2nd try!")
'anna-s-2nd-try'
>>> from itertools import islice
>>> list(islice(numbered("mine"), 3))
['mine', 'mine-2', 'mine-3']
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import count

from mnist_core.errors import RunError

SHIPPED = ("mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust")
"""The runs that are part of the project. They can be trained anew, but neither renamed nor deleted."""

LONGEST_NAME = 60

NAME = re.compile(rf"[a-z0-9]([a-z0-9._-]{{0,{LONGEST_NAME - 2}}}[a-z0-9])?")


def checked_name(name: str) -> str:
    """The name as it is. Raises RunError if it cannot name a run."""
    if not NAME.fullmatch(name):
        raise RunError(
            f"{name[:80]!r} cannot name a run: expected 1 to {LONGEST_NAME} of a-z, 0-9, '.', '_' and '-', beginning "
            "and ending with a letter or digit."
        )
    return name


def checked_address(name: str) -> str:
    """The name of a run as it is: its own, or SWEEP/RUN for a run of a sweep. Raises RunError for any other text."""
    sweep, slash, run = name.rpartition("/")
    if slash:
        checked_name(sweep)
    checked_name(run)
    return name


def sweep_of(name: str) -> str:
    """The sweep that a run belongs to; empty for a run of its own.

    >>> sweep_of("how-wide/mlp-width-64-seed-1"), sweep_of("cnn-robust")
    ('how-wide', '')
    """
    return name.rpartition("/")[0]


def made_valid(name: str) -> str:
    """The nearest name that a run can have: small letters without accents, and '-' in place of anything else.

    It is empty if no letter or digit is left.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9._-]+", "-", plain).lstrip("._-")[:LONGEST_NAME].rstrip("._-")


def numbered(stem: str) -> Iterator[str]:
    """The stem, stem-2, stem-3 and so on. A long stem is cut so that each can name a run."""
    yield stem
    for number in count(2):
        ending = f"-{number}"
        yield stem[: LONGEST_NAME - len(ending)].rstrip("._-") + ending
