"""Strokes become a digit by the rule that rasterizer.py states."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.data import preprocessing, rasterizer
from mnist_core.data.rasterizer import draw_digit
from mnist_core.handwriting.generator import STYLES, pen_strokes
from tests.conftest import three

finite = st.floats(-2000, 2000)
drawings = st.lists(st.lists(st.tuples(finite, finite), min_size=1, max_size=12).map(np.array), min_size=1, max_size=4)


def by_the_rule(strokes: list[np.ndarray], *, brush_width: float = 0.0, pen_width: float = 2.5) -> np.ndarray:
    """The rule as it is stated, for every sample and every segment, with nothing left out."""
    points = np.concatenate(strokes)
    span, middle = np.ptp(points, axis=0).max(), (points.min(axis=0) + points.max(axis=0)) / 2
    if span <= brush_width / 2:
        strokes = [np.zeros((1, 2))]
    else:
        strokes = [(stroke - middle) / span * (20 - pen_width) for stroke in strokes]

    def drawn(origin: np.ndarray) -> np.ndarray:
        columns = np.arange(56) / 2 - 0.25
        samples = np.stack(np.meshgrid(columns, columns), axis=-1)  # (56 rows, 56 columns, x and y)
        distance = np.full((56, 56), np.inf)
        for stroke in strokes:
            for start, end in zip(stroke, stroke[1:] if len(stroke) > 1 else stroke, strict=False):
                start, step = start + origin, end - start
                along = ((samples - start) @ step / (step @ step)).clip(0, 1) if step @ step else np.zeros((56, 56))
                nearest = start + along[:, :, np.newaxis] * step
                distance = np.minimum(distance, np.linalg.norm(samples - nearest, axis=-1))
        ink = (2 * (pen_width / 2 - distance) + 0.5).clip(0, 1)
        return ink.reshape(28, 2, 28, 2).mean(axis=(1, 3))

    return drawn(np.array([28.0, 28.0]) - centre_of_mass(drawn(np.array([14.0, 14.0]))))


def centre_of_mass(digit: np.ndarray) -> np.ndarray:
    """x and y."""
    pixels = np.arange(28)
    return np.array([digit.sum(axis=0) @ pixels, digit.sum(axis=1) @ pixels]) / digit.sum()


@settings(max_examples=60, deadline=None)
@given(drawings, st.sampled_from([0.0, 28.0, 400.0]), st.sampled_from([1.0, 1.6, 2.5, 4.0]))
def test_any_drawing_becomes_the_digit_that_the_rule_says(
    strokes: list[np.ndarray], brush_width: float, pen_width: float
) -> None:
    digit = draw_digit(strokes, brush_width=brush_width, pen_width=pen_width)
    assert digit.shape == (28, 28)
    assert digit.dtype == np.float32
    assert digit == pytest.approx(by_the_rule(strokes, brush_width=brush_width, pen_width=pen_width), abs=1e-6)


@given(dx=st.floats(-5000, 5000), dy=st.floats(-5000, 5000), scale=st.floats(0.2, 30))
def test_moving_and_scaling_a_drawing_does_not_change_the_digit(dx: float, dy: float, scale: float) -> None:
    moved = [stroke * scale + [dx, dy] for stroke in three()]
    assert draw_digit(moved) == pytest.approx(draw_digit(three()), abs=1e-6)


@given(st.lists(st.tuples(finite, finite), min_size=2, max_size=12).map(np.array))
def test_more_points_on_the_same_line_do_not_change_the_digit(stroke: np.ndarray) -> None:
    halved = np.repeat(stroke, 2, axis=0)[:-1]
    halved[1::2] = (stroke[1:] + stroke[:-1]) / 2
    assert draw_digit([halved]) == pytest.approx(draw_digit([stroke]), abs=1e-5)
    assert draw_digit([stroke[::-1]]) == pytest.approx(draw_digit([stroke]), abs=1e-5)


def test_a_straight_line_covers_its_pixels_and_the_edges_partly() -> None:
    line = draw_digit([np.array([[0.0, 0.0], [0.0, 10.0]])])
    rows, columns = np.flatnonzero(line.any(axis=1)), np.flatnonzero(line.any(axis=0))
    assert columns.tolist() == [13, 14, 15]
    assert line[14, 13:16] == pytest.approx([0.75, 1, 0.75])
    assert 20 <= len(rows) <= 21
    assert line[14].sum() == pytest.approx(2.5)


def test_the_ink_is_20_pixels_long_and_its_centre_of_mass_at_pixel_14_14() -> None:
    errors = []
    for style in STYLES:
        for strokes in pen_strokes(style, 10, seed=4):
            digit = draw_digit(strokes)
            longer = max(np.count_nonzero(digit.any(axis=axis)) for axis in (0, 1))
            assert 20 <= longer <= 21
            errors.append(np.abs(centre_of_mass(digit) - 14).max())
    assert np.quantile(errors, 0.99) <= 0.03


def test_where_the_centre_of_mass_is_far_aside_ink_beyond_the_field_is_lost() -> None:
    blob = np.random.default_rng(0).random((400, 2)) * 60
    digit = draw_digit([blob, np.array([[30.0, 30.0], [200.0, 30.0]])])
    assert digit[:, 27].any()
    assert not digit[:, 0].any()


@pytest.mark.parametrize("strokes", [[], [np.zeros((0, 2))], [np.zeros((0, 2)), np.zeros((0, 2))]])
def test_no_strokes_are_an_empty_digit(strokes: list[np.ndarray]) -> None:
    digit = draw_digit(strokes)
    assert digit.shape == (28, 28)
    assert not digit.any()


@pytest.mark.parametrize(
    "strokes",
    [
        [np.array([[3.0, 7.0]])],
        [np.array([[3.0, 7.0], [3.0, 7.0]])],
        [np.array([[3.0, 7.0]]), np.zeros((0, 2)), np.array([[4.0, 8.0], [5.0, 5.0]])],
    ],
)
def test_a_tap_is_a_round_dot_in_the_middle(strokes: list[np.ndarray]) -> None:
    dot = draw_digit(strokes, brush_width=10)
    assert dot[14, 14] == 1
    assert dot.sum() == pytest.approx(np.pi * 1.25**2, abs=0.25)
    assert np.array_equal(dot[1:, 1:], dot[1:, 1:][::-1, ::-1])
    assert np.array_equal(dot, dot.T)


def test_numbers_at_the_ends_of_float64_still_make_a_digit() -> None:
    for size in (1e-320, 1e-160, 1e9):
        digit = draw_digit([stroke * size for stroke in three(size=1.0, left=0.0, top=0.0)])
        assert digit == pytest.approx(draw_digit(three()), abs=0.01)


def test_a_drawing_of_very_many_points_is_drawn_in_parts_that_join() -> None:
    stroke = three()[0]
    along = np.linspace(0, len(stroke) - 1, 20_000)
    dense = np.stack([np.interp(along, np.arange(len(stroke)), stroke[:, axis]) for axis in (0, 1)], axis=1)
    assert len(dense) > 2 * rasterizer.CHUNK
    assert draw_digit([dense]) == pytest.approx(draw_digit([stroke]), abs=1e-3)


def test_a_wider_pen_gives_more_ink_and_the_longer_side_stays() -> None:
    digits = [draw_digit(three(), pen_width=pen) for pen in (1.0, 1.6, 2.5, 4.0)]
    assert all(thin.sum() < thick.sum() for thin, thick in pairwise(digits))
    assert all(20 <= np.count_nonzero(digit.any(axis=1)) <= 21 for digit in digits)


def test_the_constants_are_those_of_preprocessing() -> None:
    for name in ("SIDE", "LONGER_SIDE", "CENTRE", "PEN_WIDTH", "DOT_FRACTION"):
        assert getattr(rasterizer, name) == getattr(preprocessing, name)
