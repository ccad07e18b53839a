"""Signing in with keys and e-mail addresses: who is who, and how often somebody may try."""

import time
from threading import Thread

import pytest

from mnist_core.access.roles import Person, Role
from mnist_core.access.sign_in import Attempts, KeyRefusedError, person_with_email, person_with_key
from mnist_core.errors import AccessError, ConfigError

OWNER_KEY, TRAINER_KEY = "the owner's long key", "the trainers' long key"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIT_DUEL_OWNER_KEY", OWNER_KEY)
    monkeypatch.setenv("DIGIT_DUEL_TRAINER_KEY", TRAINER_KEY)


class Clock:
    """A clock that stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_each_key_has_its_role_and_any_other_text_has_none() -> None:
    assert person_with_key(OWNER_KEY) == Person(Role.OWNER, "owner key")
    assert person_with_key(TRAINER_KEY) == Person(Role.TRAINER, "trainer key")
    assert [person_with_key(key) for key in ("", OWNER_KEY[:-1], OWNER_KEY + "x", OWNER_KEY.upper(), "é\ud800")] == (
        [None] * 5
    )


def test_without_keys_nobody_signs_in_with_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIGIT_DUEL_OWNER_KEY")
    monkeypatch.setenv("DIGIT_DUEL_TRAINER_KEY", "")
    assert person_with_key("") is None
    assert person_with_email("") is None


@pytest.mark.parametrize("key", ["short", "x" * 201, TRAINER_KEY])
def test_a_short_a_long_and_a_shared_key_are_refused_when_the_server_starts(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGIT_DUEL_OWNER_KEY", key)
    with pytest.raises(ConfigError, match="Choose") as raised:
        person_with_key(key)
    assert key not in str(raised.value)


def test_the_delay_grows_with_each_failure_and_holds_for_the_right_key_too() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for delay in (1, 2, 4, 8, 16, 32, 60, 60):
        with pytest.raises(KeyRefusedError, match=f"in {delay} s"):
            attempts.sign_in("wrong", address="203.0.113.5")
        clock.now += delay - 0.5
        with pytest.raises(AccessError, match="Too many") as raised:
            attempts.sign_in(OWNER_KEY, address="203.0.113.5")
        assert not isinstance(raised.value, KeyRefusedError)
        clock.now += 0.6
    assert attempts.sign_in(OWNER_KEY, address="203.0.113.5").role is Role.OWNER
    with pytest.raises(KeyRefusedError, match="in 1 s"):  # the right key has wiped the slate clean
        attempts.sign_in("wrong", address="203.0.113.5")


def test_the_failures_of_one_address_do_not_keep_another_from_signing_in() -> None:
    attempts = Attempts(Clock())
    with pytest.raises(KeyRefusedError):
        attempts.sign_in("wrong", address="2001:db8::1")
    with pytest.raises(AccessError, match="Too many"):  # the same network
        attempts.sign_in(OWNER_KEY, address="2001:db8::2")
    assert attempts.sign_in(OWNER_KEY, address="198.51.100.7").role is Role.OWNER


def test_old_failures_are_forgotten() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for _ in range(5):
        with pytest.raises(KeyRefusedError):
            attempts.sign_in("wrong", address="")
        clock.now += 100
    clock.now += 900
    with pytest.raises(KeyRefusedError, match="in 1 s"):
        attempts.sign_in("wrong", address="")


def test_of_many_attempts_at_once_only_one_is_compared() -> None:
    attempts, compared = Attempts(time.monotonic), []

    def attempt() -> None:
        try:
            attempts.sign_in("wrong", address="203.0.113.5")
        except AccessError as error:
            compared.append(isinstance(error, KeyRefusedError))

    threads = [Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(compared), sum(compared)) == (20, 1)


def test_the_trainers_and_the_owner_are_known_by_their_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGIT_DUEL_OWNER_EMAILS", "ada@example.org")
    monkeypatch.setenv("DIGIT_DUEL_TRAINER_EMAILS", "ben@example.org,  Cleo@Example.org,")
    assert person_with_email("ADA@example.org") == Person(Role.OWNER, "ada@example.org")
    assert person_with_email("cleo@example.org") == Person(Role.TRAINER, "cleo@example.org")
    assert person_with_email("dan@example.org") is None
