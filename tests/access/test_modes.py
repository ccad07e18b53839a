"""The mode of a server, and what it says of it at its start."""

import pytest

from mnist_core.access.announcement import in_words
from mnist_core.access.modes import Mode, mode_at
from mnist_core.access.quotas import Quotas
from mnist_core.errors import ConfigError


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.0.7", "example.org", "unix:///tmp/socket", None, ""])
def test_a_server_that_others_may_reach_is_public_unless_stated(address: str | None) -> None:
    assert mode_at(address, {}) is Mode.PUBLIC
    assert mode_at(address, {"DIGIT_DUEL_ACCESS": "Open "}) is Mode.OPEN


@pytest.mark.parametrize("address", ["localhost", "LOCALHOST", "127.0.0.1", "127.0.0.53", "::1"])
def test_a_server_for_this_machine_alone_is_open_unless_stated(address: str) -> None:
    assert mode_at(address, {"DIGIT_DUEL_ACCESS": ""}) is Mode.OPEN
    assert mode_at(address, {"DIGIT_DUEL_ACCESS": "public"}) is Mode.PUBLIC


def test_another_mode_is_told_and_not_guessed() -> None:
    with pytest.raises(ConfigError, match="'closed', expected open or public"):
        mode_at("localhost", {"DIGIT_DUEL_ACCESS": "closed"})


def test_the_start_says_the_mode_and_how_to_sign_in_and_no_key() -> None:
    key = {"DIGIT_DUEL_OWNER_KEY": "a key that nobody else has"}
    assert in_words("0.0.0.0", key).endswith("Its owner signs in on the page Train.")
    assert in_words("0.0.0.0", {}).endswith("To sign in, set DIGIT_DUEL_OWNER_KEY and restart.")
    assert in_words("localhost", key).startswith("Access: open")
    assert "nobody else" not in in_words("0.0.0.0", key)


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "1000001"])
def test_an_impossible_quota_is_told_at_the_start(text: str) -> None:
    with pytest.raises(ConfigError, match="DIGIT_DUEL_TRAINER_RUNS"):
        in_words("localhost", {"DIGIT_DUEL_TRAINER_RUNS": text})
    assert Quotas.from_environment({"DIGIT_DUEL_TRAINER_RUNS": "3"}) == Quotas(runs=3)
