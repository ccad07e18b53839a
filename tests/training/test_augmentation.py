"""Augmentation distorts each digit in its own way, by the amounts asked for, and leaves it a digit."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.training.augmentation import Augmentation, _basis, _sampled, augment

STILL = Augmentation(**{field.name: 0.0 for field in fields(Augmentation)})


def bars(count: int = 8) -> np.ndarray:
    """Upright bars of full ink, (count, 28, 28) float32."""
    digits = np.zeros((count, 28, 28), np.float32)
    digits[:, 4:24, 13:16] = 1
    return digits


def centre_of_mass(digit: np.ndarray) -> np.ndarray:
    return np.array([(digit.sum(axis=1 - axis) * np.arange(28)).sum() / digit.sum() for axis in (0, 1)])


def test_the_same_random_state_gives_the_same_digits_and_another_does_not() -> None:
    first, again, other = (augment(bars(), random=np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_each_digit_is_changed_in_its_own_way() -> None:
    changed = augment(bars(600), random=np.random.default_rng(0))
    assert len({digit.tobytes() for digit in changed}) == 600


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_without_strength_digits_come_back_as_they_are(dtype: type) -> None:
    digits = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    given_digits = digits if dtype is np.uint8 else digits.astype(np.float32) / 255
    same = augment(given_digits, random=np.random.default_rng(0), strength=0)
    assert np.abs(same - digits / np.float32(255)).max() < 1e-6


def test_amounts_of_nothing_change_nothing() -> None:
    assert np.abs(augment(bars(), random=np.random.default_rng(0), amounts=STILL) - bars()).max() < 1e-5


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), strength=st.floats(0, 3), count=st.integers(0, 9))
def test_whatever_is_drawn_the_digits_stay_digits(seed: int, strength: float, count: int) -> None:
    random = np.random.default_rng(seed)
    digits = random.random((count, 28, 28), dtype=np.float32)
    before = digits.copy()
    changed = augment(digits, random=random, strength=strength)
    assert changed.shape == (count, 28, 28)
    assert changed.dtype == np.float32
    assert count == 0 or (changed.min() >= 0 and changed.max() <= 1)
    assert np.array_equal(digits, before), "what is passed in is left alone"


def test_paper_without_ink_stays_empty() -> None:
    assert not augment(np.zeros((20, 28, 28), np.float32), random=np.random.default_rng(0)).any()


def test_more_strength_changes_more() -> None:
    mild, strong = (
        np.abs(augment(bars(300), random=np.random.default_rng(0), strength=strength) - bars(300)).mean()
        for strength in (0.3, 1.0)
    )
    assert strong > 1.5 * mild > 0


def test_a_shift_moves_the_centre_and_keeps_the_ink() -> None:
    moved = augment(bars(200), random=np.random.default_rng(0), amounts=Augmentation(**{**vars(STILL), "shift": 1.5}))
    offsets = np.array([centre_of_mass(digit) for digit in moved]) - centre_of_mass(bars(1)[0])
    assert 1.2 < offsets.std() < 1.7
    assert np.abs(moved.sum(axis=(1, 2)) - bars(1).sum()).max() < 0.01 * bars(1).sum()


def test_a_rotation_turns_a_bar_by_the_angle_drawn() -> None:
    turned = augment(
        bars(200), random=np.random.default_rng(0), amounts=Augmentation(**{**vars(STILL), "rotation": 10.0})
    )
    angles = []
    for digit in turned:
        rows, columns = np.nonzero(digit > 0.5)
        angles.append(np.degrees(np.arctan(np.polyfit(rows, columns, 1)[0])))
    assert 8 < np.std(angles) < 11.5
    assert np.abs(angles).max() < 27


def test_a_broader_pen_leaves_more_ink_and_a_thinner_one_less() -> None:
    ink = (
        augment(bars(400), random=np.random.default_rng(0), amounts=Augmentation(**{**vars(STILL), "pen": 1.0})).sum(
            axis=(1, 2)
        )
        / bars(1).sum()
    )
    assert ink.max() > 1.4
    assert ink.min() < 0.75
    assert ink.mean() > 1


def test_spots_remove_ink_from_their_fraction_of_the_digits_alone() -> None:
    page = np.ones((1000, 28, 28), np.float32)
    spotted = augment(page, random=np.random.default_rng(0), amounts=Augmentation(**{**vars(STILL), "spots": 0.2}))
    missing = (spotted[:, 2:26, 2:26] < 0.5).sum(axis=(1, 2))
    assert 150 < (missing > 0).sum() < 250
    assert set(missing[missing > 0]) <= {9, 16, 25, 36}


def test_sampling_is_bilinear() -> None:
    picture = np.arange(16, dtype=np.float32).reshape(1, 4, 4)
    x, y = np.array([[0.0, 1.5, 2.0]], np.float32), np.array([[0.0, 0.25, 1.5]], np.float32)
    assert _sampled(picture, x, y).tolist() == [[0.0, 2.5, 8.0]]


def test_bending_by_one_pixel_means_one_pixel_everywhere_on_average() -> None:
    bells = _basis()[3:]
    assert (bells**2).sum(axis=0).mean() == pytest.approx(1, abs=0.1)
