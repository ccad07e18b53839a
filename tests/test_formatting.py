"""Numbers as text."""

import pytest

from mnist_core.formatting import duration, probability, size


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (1.0, "> 99.9 %"),
        (0.0, "< 0.1 %"),
        (0.99999, "> 99.9 %"),
        (1e-9, "< 0.1 %"),
        (0.5, "50.0 %"),
        (0.9985, "99.9 %"),
    ],
)
def test_a_probability_is_never_certain(fraction: float, text: str) -> None:
    assert probability(fraction) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (119, "2 min"),
        (132, "2 min 10 s"),
        (1800, "30 min"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (3599, "1 h"),
    ],
)
def test_an_estimated_time_has_whole_seconds_and_is_rounded_as_people_do(seconds: float, text: str) -> None:
    assert duration(seconds, whole_seconds=True) == text


@pytest.mark.parametrize(("seconds", "text"), [(9.94, "9.9 s"), (9.96, "10 s"), (59.6, "1 min"), (0.0, "0.0 s")])
def test_a_measured_time_has_a_decimal_below_ten_seconds(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("bytes_", "text"), [(9_940, "9.9 kB"), (9_960, "10 kB"), (999_400, "999 kB"), (999_600, "1.0 MB")]
)
def test_a_size_goes_from_kilobytes_to_megabytes_without_a_jump(bytes_: int, text: str) -> None:
    assert size(bytes_) == text
