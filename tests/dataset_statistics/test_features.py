"""What is measured of a digit, on pictures whose measures are known."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_core.data.preprocessing import from_ink
from mnist_core.dataset_statistics.features import FEATURES, aspects, measured, slants, stroke_widths


def line(degrees: float, width: float, *, length: float = 18.0) -> np.ndarray:
    """A line through the middle, leaning to the right by that angle, `width` pixels wide; soft edges."""
    times = 16
    picture = Image.new("L", (28 * times, 28 * times))
    across, up = np.sin(np.radians(degrees)) * length / 2, np.cos(np.radians(degrees)) * length / 2
    ends = [(14 - across) * times, (14 + up) * times, (14 + across) * times, (14 - up) * times]
    ImageDraw.Draw(picture).line(ends, fill=255, width=round(width * times))
    return np.asarray(picture.resize((28, 28), Image.Resampling.BOX), np.float32)[None] / 255


@pytest.mark.parametrize("degrees", [-40, -20, 0, 12, 35])
def test_the_slant_of_a_line_is_its_angle(degrees: float) -> None:
    assert slants(line(degrees, 2))[0] == pytest.approx(degrees, abs=1.5)


def test_a_sheared_digit_leans_by_the_shear() -> None:
    upright = line(0, 4)[0]
    sheared = np.stack(
        [np.interp(np.arange(28) + (row - 14) * 0.5, np.arange(28), values) for row, values in enumerate(upright)]
    )
    assert slants(sheared[None].astype(np.float32))[0] == pytest.approx(np.degrees(np.arctan(0.5)), abs=1)


@pytest.mark.parametrize("width", [2.0, 3.0, 4.0, 5.0])
@pytest.mark.parametrize("degrees", [0, 30])
def test_the_stroke_width_of_a_long_line_is_its_width_but_for_the_ends(degrees: float, width: float) -> None:
    # The mean distance to the edge of a rectangle of 24 by w is w / 4 - w² / (12 · 24).
    expected = width * (1 - width / (3 * 24))
    assert stroke_widths(line(degrees, width, length=24))[0] == pytest.approx(expected, rel=0.08)


def test_pale_digits_are_as_wide_as_dark_ones() -> None:
    bar = line(10, 3)
    assert stroke_widths(bar * 0.4)[0] == pytest.approx(stroke_widths(bar)[0], rel=0.01)


def test_stroke_widths_do_not_depend_on_what_else_is_measured() -> None:
    bars = np.concatenate([line(0, width) for width in (2, 3, 4)])
    together = stroke_widths(bars)
    assert together.tolist() == [stroke_widths(bar[None])[0] for bar in bars]


def test_the_aspect_is_that_of_the_box_around_the_ink() -> None:
    boxes = np.zeros((3, 28, 28), np.float32)
    boxes[0, 4:24, 10:15], boxes[1, 10:15, 4:24], boxes[2, 3:9, 3:9] = 1, 1, 0.2
    assert aspects(boxes).tolist() == [0.25, 4.0, 1.0]


def test_ink_is_the_mean_of_the_field() -> None:
    half = np.zeros((1, 28, 28), np.float32)
    half[0, :14] = 0.5
    assert measured(half)[0, 0] == 0.25


def test_an_empty_digit_measures_nothing_and_breaks_nothing() -> None:
    assert measured(np.zeros((2, 28, 28), np.float32)).tolist() == [[0, 0, 0, 0]] * 2


def test_where_and_how_large_a_digit_was_drawn_changes_no_measure() -> None:
    ink = np.zeros((200, 300), np.float32)
    ink[20:160, 60:90] = 1
    moved = np.roll(ink, (25, 100), axis=(0, 1))
    np.testing.assert_allclose(measured(from_ink(ink)[None]), measured(from_ink(moved)[None]), atol=1e-5)


def test_measures_are_shown_with_their_units() -> None:
    assert [feature.shown(value) for feature, value in zip(FEATURES, (0.1234, -12.4, 0.8, 2.51), strict=True)] == [
        "12.3 %",
        "−12°",
        "0.80",
        "2.5 px",
    ]
    assert FEATURES[1].shown(-0.3) == "0°"
