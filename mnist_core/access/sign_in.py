"""Signing in with a key or an e-mail address, both of which the environment names.

A wrong key is answered at once. After it, every key from the same network address is refused for a while that grows
with each failure, so that nobody can try many keys, and no thread waits.
"""

import hashlib
import hmac
import ipaddress
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from mnist_core.access.roles import Person, Role
from mnist_core.errors import AccessError, ConfigError

KEYS = {Role.OWNER: "DIGIT_DUEL_OWNER_KEY", Role.TRAINER: "DIGIT_DUEL_TRAINER_KEY"}
"""The environment variables with the keys."""

EMAILS = {Role.OWNER: "DIGIT_DUEL_OWNER_EMAILS", Role.TRAINER: "DIGIT_DUEL_TRAINER_EMAILS"}
"""The environment variables with e-mail addresses, separated by commas."""

SHORTEST_KEY = 16
"""Characters of a key, at least."""

LONGEST_KEY = 200
"""Characters of a key, at most."""

LONGEST_DELAY = 60.0
"""Seconds for which keys are refused after many failures."""

FORGOTTEN_AFTER = 900.0
"""Seconds without a failure after which earlier ones count no more."""

MOST_ADDRESSES = 1000
"""Network addresses whose failures are remembered. The oldest are forgotten first."""


def keys(environment: Mapping[str, str] = os.environ) -> dict[Role, str]:
    """The keys that the environment names. Raises ConfigError if one is too short or too long, or if both are the same.

    >>> keys({"DIGIT_DUEL_OWNER_KEY": "too short"})
    Traceback (most recent call last):
    mnist_core.errors.ConfigError: DIGIT_DUEL_OWNER_KEY has 9 characters, expected 16 to 200. Choose another key.
    """
    found = {role: key for role, name in KEYS.items() if (key := environment.get(name, "").strip())}
    for role, key in found.items():
        if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
            raise ConfigError(
                f"{KEYS[role]} has {len(key)} characters, expected {SHORTEST_KEY} to {LONGEST_KEY}. Choose another key."
            )
    if len(set(found.values())) < len(found):
        raise ConfigError(f"{' and '.join(KEYS.values())} are the same. Choose a key of its own for each.")
    return found


def person_with_key(key: str, environment: Mapping[str, str] = os.environ) -> Person | None:
    """Whose key this is; None if nobody's. The time it takes does not tell how much of a key is right."""
    matches = [role for role, right in keys(environment).items() if _are_equal(key.strip(), right)]
    return Person(matches[0], f"{matches[0]} key") if matches else None


def person_with_email(email: str, environment: Mapping[str, str] = os.environ) -> Person | None:
    """Whose e-mail address this is; None if it is not listed. Small and capital letters are the same.

    >>> person_with_email("Anna@example.org", {"DIGIT_DUEL_OWNER_EMAILS": "ben@example.org, anna@example.org"})
    Person(role=<Role.OWNER: 'owner'>, name='anna@example.org')
    """
    wanted = email.strip().lower()
    for role, name in EMAILS.items():
        if wanted and wanted in {each.strip().lower() for each in environment.get(name, "").split(",")}:
            return Person(role, wanted)
    return None


@dataclass
class _Failures:
    """count: wrong keys in a row. last: the moment of the last one, and until: when keys are taken again, monotonic."""

    count: int
    last: float
    until: float


class Attempts:
    """The attempts of all visitors to sign in with a key. Its methods may be called from any thread."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """now: the present moment in seconds."""
        self._now = now
        self._lock = Lock()
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def sign_in(self, key: str, *, address: str) -> Person:
        """Whose key this is. address: the network address of who asks, as far as it is known.

        Raises KeyRefusedError if it is nobody's key, and AccessError if keys from that address are refused for now.
        """
        place, now = _network(address), self._now()
        with self._lock:
            failures = self._failures.get(place)
            if failures and now < failures.until:
                raise AccessError(f"Too many wrong keys. Try again in {int(failures.until - now) + 1} s.")
            if failures and now - failures.last > FORGOTTEN_AFTER:
                failures = None
            person = person_with_key(key[: LONGEST_KEY + 1])
            self._failures.pop(place, None)
            if person:
                return person
            count = failures.count + 1 if failures else 1
            delay = min(2.0 ** (count - 1), LONGEST_DELAY)
            self._failures[place] = _Failures(count, now, now + delay)
            while len(self._failures) > MOST_ADDRESSES:
                self._failures.popitem(last=False)
        raise KeyRefusedError(f"This is not a key of this server. Another one can be tried in {delay:.0f} s.")


class KeyRefusedError(AccessError):
    """A key that was compared and is nobody's."""


def _are_equal(one: str, other: str) -> bool:
    """Compared by their hashes, so that not even the length matters."""
    hashes = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (one, other)]
    return hmac.compare_digest(*hashes)


def _network(address: str) -> str:
    """The address; of an IPv6 address the network, because one visitor has many of them.

    >>> _network("2001:db8::1") == _network("2001:db8::2")
    True
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network(f"{address}/64", strict=False))
