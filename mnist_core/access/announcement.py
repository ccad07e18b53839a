"""What a server says of its mode when it starts.

>>> print(in_words("localhost", {}))
Access: open, everybody who reaches it may do everything. DIGIT_DUEL_ACCESS=public changes that.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from mnist_core.access.modes import ACCESS, Mode, mode_at
from mnist_core.access.quotas import Quotas
from mnist_core.access.roles import Role
from mnist_core.access.sign_in import EMAILS, KEYS, keys
from mnist_core.runs.folders import can_be_written


def in_words(address: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """The mode of a server in a line, and how to sign in. address: on which it listens, None for every one.

    Raises ConfigError if an environment variable about access has an impossible value.
    """
    mode, known = mode_at(address, environment), keys(environment)
    Quotas.from_environment(environment)
    if mode is Mode.OPEN:
        return f"Access: open, everybody who reaches it may do everything. {ACCESS}=public changes that."
    has_owner = Role.OWNER in known or environment.get(EMAILS[Role.OWNER], "").strip()
    how = "Its owner signs in on the page Train." if has_owner else f"To sign in, set {KEYS[Role.OWNER]} and restart."
    return f"Access: public, visitors draw, explore and compare. {how}"


def without_writing(folder: Path) -> str:
    """What a server says of a folder of runs that its user may only read. Empty if it may write there."""
    if can_be_written(folder):
        return ""
    return (
        f"Read only: this user may not write to {folder}. Everybody may draw, explore and compare. Nothing can be "
        "trained, renamed or deleted. Without a database elsewhere, nothing can be put in use either, and the audit "
        "log goes to standard error."
    )
