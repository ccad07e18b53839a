"""The two modes of a server. On an open one, everybody may do everything. On a public one, roles decide.

>>> mode_at("localhost", {}), mode_at("0.0.0.0", {}), mode_at("localhost", {"DIGIT_DUEL_ACCESS": "public"})
(<Mode.OPEN: 'open'>, <Mode.PUBLIC: 'public'>, <Mode.PUBLIC: 'public'>)
"""

import ipaddress
import os
from collections.abc import Mapping
from enum import StrEnum

from mnist_core.errors import ConfigError

ACCESS = "DIGIT_DUEL_ACCESS"
"""The environment variable that states the mode: open or public."""


class Mode(StrEnum):
    """Who may do what on a server."""

    OPEN = "open"
    PUBLIC = "public"


def mode_at(address: str | None, environment: Mapping[str, str] = os.environ) -> Mode:
    """The mode of a server: the stated one; otherwise open on this machine's own address, and public on any other.

    address: on which the server listens, None for every address of the machine. Raises ConfigError if another mode is
    stated than the two.
    """
    if is_stated(environment):
        stated = environment[ACCESS].strip().lower()
        if stated not in tuple(Mode):
            raise ConfigError(
                f"{ACCESS} is {environment[ACCESS]!r}, expected {' or '.join(Mode)}. Correct or unset it."
            )
        return Mode(stated)
    return Mode.OPEN if is_this_machine(address) else Mode.PUBLIC


def is_stated(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment states the mode."""
    return bool(environment.get(ACCESS, "").strip())


def is_this_machine(address: str | None) -> bool:
    """Whether only this machine reaches a server that listens on that address.

    >>> [is_this_machine(address) for address in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "192.168.1.5", "", None)]
    [True, True, True, False, False, False, False]
    """
    if not address:
        return False
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address.lower() == "localhost"
