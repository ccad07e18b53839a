"""How fast a training goes, and how long it will still take."""

import pytest

from mnist_core.training.throughput import WINDOW, WRITING, Pace


def test_what_is_done_once_does_not_count() -> None:
    pace = Pace(validation_set=100)
    pace.learned(100, 10.0)
    assert pace.digits_per_second == 10
    for _ in range(3):
        pace.learned(100, 0.1)
    assert pace.digits_per_second == 1000


def test_a_machine_that_becomes_slower_is_noticed_within_the_window() -> None:
    pace = Pace(validation_set=100)
    for seconds in (5.0, *[0.1] * 100, *[0.5] * (round(WINDOW / 0.5) + 1)):
        pace.learned(100, seconds)
    assert pace.digits_per_second == 200


def test_time_left_counts_digits_judgements_the_test_digits_and_writing() -> None:
    pace = Pace(validation_set=500)
    pace.learned(100, 3.0)
    pace.learned(100, 0.1)
    before = pace.seconds_left(digits=3000, validations=2, test_digits=1000)
    assert before == pytest.approx(3 + (2 + 2) * 0.125 + WRITING)
    pace.validation_set(0.5)
    assert pace.seconds_left(digits=3000, validations=2, test_digits=1000) == pytest.approx(3 + (2 + 2) * 0.5 + WRITING)
    assert pace.seconds_left(digits=0, validations=0, test_digits=0) == pytest.approx(WRITING)
