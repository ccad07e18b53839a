"""How long the abuse suite is: seconds in continuous integration, hours at night.

DIGIT_DUEL_ABUSE=50 python -m pytest tests/abuse
"""

import os

FACTOR = int(os.environ.get("DIGIT_DUEL_ABUSE", "1"))
"""How many times as many cases as by default."""

SEED = int(os.environ.get("DIGIT_DUEL_ABUSE_SEED", "0"))
"""Of all cases. A failure names its case, which comes again with the same seed."""


def cases(count: int) -> range:
    """The numbers of the cases. count: how many by default."""
    return range(count * FACTOR)


def seconds(usual: int) -> int:
    """The limit for a test that usually takes less than so many seconds."""
    return usual * max(1, FACTOR)
