"""Corruptions of digits: the same for everyone, the harder the stronger, and what their names say."""

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from mnist_core.data.digit_set import as_bytes
from mnist_core.distortions.corruptions import CORRUPTIONS, STRENGTHS, Corruption, corrupted, description_digest
from mnist_core.handwriting.generator import write

COUNT = 24
INDICES = range(COUNT)
EVERY_CORRUPTION = pytest.mark.parametrize("corruption", CORRUPTIONS.values(), ids=lambda each: each.key)


@pytest.fixture(scope="module")
def digits() -> NDArray[np.uint8]:
    return as_bytes(write(COUNT, seed=1).digits)


def change(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> float:
    return float(np.abs(before.astype(float) - after).mean())


def test_there_are_fifteen_with_five_strengths() -> None:
    assert len(CORRUPTIONS) == 15
    assert {len(each.amounts) for each in CORRUPTIONS.values()} == {len(STRENGTHS)}
    assert [each.key for each in CORRUPTIONS.values()] == list(CORRUPTIONS)


@EVERY_CORRUPTION
def test_a_digit_is_corrupted_the_same_way_whatever_stands_beside_it(
    digits: NDArray[np.uint8], corruption: Corruption
) -> None:
    together = corrupted(digits, INDICES, corruption, strength=4)
    alone = corrupted(digits[17:18], [17], corruption, strength=4)
    assert together.shape == digits.shape
    assert together.dtype == np.uint8
    np.testing.assert_array_equal(alone[0], together[17])


@EVERY_CORRUPTION
def test_a_higher_strength_changes_a_digit_more(digits: NDArray[np.uint8], corruption: Corruption) -> None:
    changes = [change(digits, corrupted(digits, INDICES, corruption, strength=strength)) for strength in STRENGTHS]
    assert changes[0] > 0
    assert changes == sorted(set(changes))


RANDOM = [each for each in CORRUPTIONS.values() if each.key not in ("scale", "brightness", "stripe", "canny_edges")]


@pytest.mark.parametrize("corruption", RANDOM, ids=lambda each: each.key)
def test_chance_differs_from_digit_to_digit(digits: NDArray[np.uint8], corruption: Corruption) -> None:
    same = np.repeat(digits[:1], COUNT, axis=0)
    assert len({each.tobytes() for each in corrupted(same, INDICES, corruption, strength=3)}) > 1


def test_the_digits_given_stay_as_they_are(digits: NDArray[np.uint8]) -> None:
    before = digits.copy()
    for corruption in CORRUPTIONS.values():
        corrupted(digits, INDICES, corruption, strength=5)
    np.testing.assert_array_equal(digits, before)


@pytest.mark.parametrize("strength", [0, 6, 2.5])
def test_a_strength_that_there_is_not_is_refused(digits: NDArray[np.uint8], strength: float) -> None:
    with pytest.raises(ValueError, match="expected one of"):
        corrupted(digits, INDICES, CORRUPTIONS["fog"], strength=strength)  # type: ignore[arg-type]


def test_arrays_that_are_no_digits_are_refused(digits: NDArray[np.uint8]) -> None:
    for wrong, indices in ((digits / 255, INDICES), (digits[:, :20], INDICES), (digits, [1, 2])):
        with pytest.raises(ValueError, match="expected uint8 of"):
            corrupted(wrong, indices, CORRUPTIONS["fog"], strength=1)  # type: ignore[arg-type]


def test_a_moved_digit_is_as_far_away_as_the_strength_says() -> None:
    dot = np.zeros((COUNT, 28, 28), np.uint8)
    dot[:, 12:16, 12:16] = 255
    for strength in STRENGTHS:
        moved = corrupted(dot, INDICES, CORRUPTIONS["translate"], strength=strength)
        for picture in moved:
            distance = np.hypot(*(np.array(ndimage.center_of_mass(picture)) - 13.5))
            assert distance == pytest.approx(CORRUPTIONS["translate"].amounts[strength - 1], abs=0.05)


def test_a_turned_bar_points_where_the_strength_says() -> None:
    bar = np.zeros((COUNT, 28, 28), np.uint8)
    bar[:, 4:24, 12:16] = 255
    for strength in STRENGTHS:
        for picture in corrupted(bar, INDICES, CORRUPTIONS["rotate"], strength=strength):
            rows, columns = np.nonzero(picture > 127)
            spread = np.cov(rows, columns)
            angle = np.degrees(0.5 * np.arctan2(2 * spread[0, 1], spread[0, 0] - spread[1, 1]))
            assert abs(angle) == pytest.approx(CORRUPTIONS["rotate"].amounts[strength - 1], abs=1.5)


def test_the_stripe_is_the_negative_and_all_else_stays(digits: NDArray[np.uint8]) -> None:
    striped = corrupted(digits, INDICES, CORRUPTIONS["stripe"], strength=5)
    np.testing.assert_array_equal(striped[:, :, 11:17], 255 - digits[:, :, 11:17])
    np.testing.assert_array_equal(striped[:, :, :11], digits[:, :, :11])
    np.testing.assert_array_equal(striped[:, :, 17:], digits[:, :, 17:])


def test_edges_run_along_the_border_of_a_square() -> None:
    square = np.zeros((1, 28, 28), np.uint8)
    square[0, 8:20, 8:20] = 255
    edges = corrupted(square, [0], CORRUPTIONS["canny_edges"], strength=5)[0]
    assert set(np.unique(edges)) == {0, 255}
    border = ndimage.binary_dilation(square[0] > 0) & ~ndimage.binary_erosion(square[0] > 0, iterations=2)
    assert not edges[~border].any()
    assert (edges > 0).sum() >= 4 * 10


def test_the_fraction_of_noisy_pixels_is_what_it_says() -> None:
    grey = np.full((COUNT, 28, 28), 128, np.uint8)
    for strength in STRENGTHS:
        noisy = corrupted(grey, INDICES, CORRUPTIONS["impulse_noise"], strength=strength)
        assert set(np.unique(noisy)) == {0, 128, 255}
        assert (noisy != 128).mean() == pytest.approx(CORRUPTIONS["impulse_noise"].amounts[strength - 1], abs=0.01)


def test_another_amount_is_another_description(monkeypatch: pytest.MonkeyPatch) -> None:
    before = description_digest()
    assert description_digest() == before
    monkeypatch.setitem(CORRUPTIONS, "fog", dataclasses.replace(CORRUPTIONS["fog"], amounts=(0.1, 0.2, 0.3, 0.4, 0.5)))
    assert description_digest() != before
