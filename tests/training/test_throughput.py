"""The throughput of a training follows its last seconds, and the time left counts all that is still to be done."""

import pytest

from mnist_core.training.throughput import WINDOW, WRITING, Throughput


def test_work_that_is_done_once_does_not_count() -> None:
    throughput = Throughput(validation_digits=100)
    throughput.add_batches(100, 10.0)
    assert throughput.digits_per_second == 10
    for _ in range(3):
        throughput.add_batches(100, 0.1)
    assert throughput.digits_per_second == 1000


def test_a_machine_that_becomes_slower_is_noticed_within_the_window() -> None:
    throughput = Throughput(validation_digits=100)
    for seconds in (5.0, *[0.1] * 100, *[0.5] * (round(WINDOW / 0.5) + 1)):
        throughput.add_batches(100, seconds)
    assert throughput.digits_per_second == 200


def test_time_left_counts_digits_validations_the_test_digits_and_writing() -> None:
    throughput = Throughput(validation_digits=500)
    throughput.add_batches(100, 3.0)
    throughput.add_batches(100, 0.1)
    before = throughput.seconds_left(digits=3000, validations=2, test_digits=1000)
    assert before == pytest.approx(3 + (2 + 2) * 0.125 + WRITING)
    throughput.add_validation(0.5)
    assert throughput.seconds_left(digits=3000, validations=2, test_digits=1000) == pytest.approx(
        3 + (2 + 2) * 0.5 + WRITING
    )
    assert throughput.seconds_left(digits=0, validations=0, test_digits=0) == pytest.approx(WRITING)
