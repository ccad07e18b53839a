"""The names of runs. A name is also a folder's name, so it must be possible on every system.

>>> checked_name("cnn-robust")
'cnn-robust'
>>> from itertools import islice
>>> list(islice(numbered("mine"), 3))
['mine', 'mine-2', 'mine-3']
"""

import re
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


def numbered(stem: str) -> Iterator[str]:
    """The stem, stem-2, stem-3 and so on. A long stem is cut so that each can name a run."""
    yield stem
    for number in count(2):
        ending = f"-{number}"
        yield stem[: LONGEST_NAME - len(ending)].rstrip("._-") + ending
