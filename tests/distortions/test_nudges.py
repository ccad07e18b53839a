"""Nudges of a digit: that each amount does what its name says, and nothing else."""

import itertools
import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from mnist_core.data.preprocessing import blank
from mnist_core.distortions.nudges import RANGES, Nudge, noise, nudge_of, nudged
from mnist_core.errors import PictureError
from mnist_core.runs.disagreements import prepared_drawings

FIVE = prepared_drawings()[9].digit()


def centre_of_mass(digit: np.ndarray) -> tuple[float, float]:
    """Column and row."""
    pixels, ink = np.arange(28), digit.astype(np.float64)
    return float(ink.sum(axis=0) @ pixels / ink.sum()), float(ink.sum(axis=1) @ pixels / ink.sum())


def any_nudge() -> st.SearchStrategy[Nudge]:
    amounts = {name: st.sampled_from(limits.values()) for name, limits in RANGES.items()}
    return st.builds(Nudge, **amounts, noise_seed=st.integers(0, 9999))


@given(any_nudge(), st.sampled_from(range(14)))
def test_a_nudged_digit_is_a_digit_and_the_first_one_stays_as_it_was(nudge: Nudge, number: int) -> None:
    digit = prepared_drawings()[number].digit()
    before = digit.copy()
    result = nudged(digit, nudge)
    assert (result.shape, result.dtype) == ((28, 28), np.float32)
    assert 0 <= result.min() <= result.max() <= 1
    np.testing.assert_array_equal(digit, before)


def test_without_an_amount_nothing_changes() -> None:
    np.testing.assert_array_equal(nudged(FIVE, Nudge()), FIVE)
    assert Nudge().changes_nothing
    assert Nudge(patch_right=3).changes_nothing  # there is no patch
    assert not Nudge(blur=0.1).changes_nothing


def test_the_defaults_are_the_neutral_values_and_lie_in_their_ranges() -> None:
    assert {field.name for field in fields(Nudge)} == {*RANGES, "noise_seed"}
    for name, limits in RANGES.items():
        assert getattr(Nudge(), name) == limits.neutral
        assert limits.neutral in limits.values()
        assert limits.values()[0] == limits.low
        assert limits.values()[-1] == pytest.approx(limits.high)


@pytest.mark.parametrize(("right", "down"), [(3, 0), (-2, 0), (0, 4), (0, -1), (2, -3)])
def test_a_shift_by_whole_pixels_moves_them(right: int, down: int) -> None:
    padded = np.pad(FIVE, 7)
    expected = padded[7 - down : 35 - down, 7 - right : 35 - right]
    np.testing.assert_allclose(nudged(FIVE, Nudge(shift_right=right, shift_down=down)), expected, atol=1e-7)


def test_a_shift_by_a_part_of_a_pixel_moves_the_centre_of_mass_by_it() -> None:
    x, y = centre_of_mass(FIVE)
    moved = centre_of_mass(nudged(FIVE, Nudge(shift_right=1.25, shift_down=-0.75)))
    assert moved == pytest.approx((x + 1.25, y - 0.75), abs=1e-6)


def test_a_quarter_turn_is_clockwise_about_the_centre() -> None:
    digit = blank()
    digit[14, 20] = 1  # right of the centre
    np.testing.assert_allclose(np.argwhere(nudged(digit, Nudge(rotation=90)) > 0.99), [[20, 14]])


@pytest.mark.parametrize(("slant", "moves"), [(30, 1), (-30, -1)])
def test_a_slant_moves_the_top_aside_and_leaves_the_middle(slant: float, moves: int) -> None:
    digit = blank()
    digit[4:25, 14] = 1
    slanted = nudged(digit, Nudge(slant=slant))
    columns = (slanted * np.arange(28)).sum(axis=1)[4:25] / slanted.sum(axis=1)[4:25]
    assert columns[10] == pytest.approx(14)
    assert columns[2] == pytest.approx(14 + moves * 8 * math.tan(math.radians(30)), abs=1e-6)


def test_scale_changes_the_width_in_proportion() -> None:
    spread = [math.sqrt(_spread(nudged(FIVE, Nudge(scale=scale)))) for scale in (0.6, 1.0, 1.2)]
    assert spread[0] / spread[1] == pytest.approx(0.6, rel=0.05)
    assert spread[2] / spread[1] == pytest.approx(1.2, rel=0.05)


def _spread(digit: np.ndarray) -> float:
    """The variance of the ink's columns."""
    x, _ = centre_of_mass(digit)
    return float(digit.sum(axis=0) @ (np.arange(28) - x) ** 2 / digit.sum())


@pytest.mark.parametrize("order", [("rotation", 20.0), ("slant", -16.0), ("scale", 0.8)])
def test_the_warp_is_the_one_that_scipy_computes(order: tuple[str, float]) -> None:
    name, value = order
    nudge = Nudge(shift_right=1.5, shift_down=-0.5).with_amount(name, value)
    r, s = math.radians(nudge.rotation), math.tan(math.radians(nudge.slant))
    # In (x, y); SciPy wants (row, column), so both axes are turned round.
    forward = np.array([[math.cos(r), -math.sin(r)], [math.sin(r), math.cos(r)]]) @ np.array([[1, -s], [0, 1]])
    backward = np.linalg.inv(forward * nudge.scale)[::-1, ::-1]
    middle, shift = np.array([14.0, 14.0]), np.array([nudge.shift_down, nudge.shift_right])
    expected = ndimage.affine_transform(
        FIVE.astype(float), backward, offset=middle - backward @ (middle + shift), order=1, mode="grid-constant"
    )
    np.testing.assert_allclose(nudged(FIVE, nudge), expected, atol=1e-6)


def test_thicker_adds_ink_everywhere_and_thinner_takes_it() -> None:
    steps = [nudged(FIVE, Nudge(thickness=thickness)) for thickness in (-1, -0.5, 0, 0.5, 1, 2)]
    for thinner, thicker in itertools.pairwise(steps):
        assert (thicker >= thinner - 1e-7).all()
        assert thicker.sum() > thinner.sum() + 5


def test_a_thickness_of_one_pixel_is_a_dilation_by_a_cross_at_least() -> None:
    cross = ndimage.grey_dilation(FIVE, footprint=ndimage.generate_binary_structure(2, 1), mode="constant")
    square = ndimage.grey_dilation(FIVE, size=(3, 3), mode="constant")
    thick = nudged(FIVE, Nudge(thickness=1))
    assert (thick >= cross - 1e-7).all()
    assert (thick <= square + 1e-7).all()


def test_blur_is_scipy_s_gaussian_filter() -> None:
    expected = ndimage.gaussian_filter(FIVE.astype(float), 1.7, mode="constant", radius=9)
    np.testing.assert_allclose(nudged(FIVE, Nudge(blur=1.7)), expected, atol=1e-6)


def test_a_missing_patch_is_paper_and_leaves_the_rest() -> None:
    result = nudged(np.ones((28, 28), np.float32), Nudge(patch_size=4, patch_right=10, patch_down=20))
    gone = np.argwhere(result == 0)
    assert gone.min(axis=0).tolist() == [19, 9]
    assert gone.max(axis=0).tolist() == [21, 11]
    assert result.sum() == pytest.approx(28 * 28 - 16)


def test_contrast_pulls_ink_and_paper_to_grey() -> None:
    pale = nudged(FIVE, Nudge(contrast=0.2))
    assert pale.min() == pytest.approx(0.4)
    assert pale.max() == pytest.approx(0.5 + 0.2 * (float(FIVE.max()) - 0.5))


def test_noise_has_its_seed_s_values_and_the_stated_spread() -> None:
    many = np.stack([noise(seed) for seed in range(200)])
    assert abs(many.mean()) < 0.01
    assert many.std() == pytest.approx(1, abs=0.01)
    assert abs(np.corrcoef(many[0].ravel(), many[1].ravel())[0, 1]) < 0.15
    np.testing.assert_array_equal(noise(7), noise(7))
    grey = np.full((28, 28), 0.5, np.float32)
    np.testing.assert_allclose(nudged(grey, Nudge(noise=0.1, noise_seed=7)), 0.5 + 0.1 * noise(7), atol=1e-6)


def test_noise_is_the_generator_of_the_rule_computed_by_hand() -> None:
    def mix(h: int) -> int:
        h = (h ^ h >> 16) * 0x85EBCA6B % 2**32
        h = (h ^ h >> 13) * 0xC2B2AE35 % 2**32
        return h ^ h >> 16

    pixel, seed = 28 * 3 + 5, 41
    draws = [mix((seed * 0x9E3779B9 + 4 * pixel + draw) % 2**32) / 2**32 for draw in range(4)]
    assert noise(seed)[3, 5] == pytest.approx(math.sqrt(3) * (sum(draws) - 2), abs=1e-15)


@pytest.mark.parametrize("name", [name for name in RANGES if not name.startswith("patch_")])
def test_a_small_step_of_a_slider_changes_a_pixel_by_little(name: str) -> None:
    limits = RANGES[name]
    for value in (limits.low, limits.neutral, (limits.neutral + limits.high) / 2):
        one, other = (nudged(FIVE, Nudge().with_amount(name, value + by)) for by in (0, limits.step * 1e-3))
        assert np.abs(one - other).max() < 0.02


def test_amounts_of_unknown_origin_become_values_of_their_ranges() -> None:
    assert nudge_of({"rotation": 999, "noise_seed": -4, "unknown": "x"}) == Nudge(rotation=60, noise_seed=0)
    assert nudge_of({"scale": "0.999"}) == Nudge()


@pytest.mark.parametrize("value", ["far", None, "nan", "inf", [1]])
def test_an_amount_that_is_no_number_is_an_error_that_names_it(value: object) -> None:
    with pytest.raises(PictureError, match="for blur, expected a number"):
        nudge_of({"blur": value})


def test_a_digit_of_another_shape_is_an_error() -> None:
    with pytest.raises(PictureError, match=r"\(8, 8\), expected \(28, 28\)"):
        nudged(np.zeros((8, 8), np.float32), replace(Nudge(), blur=1.0))
