"""Ink becomes a digit the way MNIST was made."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.data import preprocessing as digits
from mnist_core.data.datasets import DigitSet
from mnist_core.data.preprocessing import from_ink, from_strokes, from_whole_canvas, is_blank, is_dot
from mnist_core.errors import DrawingError, PictureError
from tests.conftest import three

finite = st.floats(-2000, 2000)
drawings = st.lists(st.lists(st.tuples(finite, finite), min_size=1, max_size=12).map(np.array), min_size=1, max_size=4)


def assert_is_digit(digit: np.ndarray) -> None:
    assert digit.shape == (28, 28)
    assert digit.dtype == np.float32
    assert digit.min() >= 0
    assert digit.max() <= 1


@settings(deadline=None)
@given(drawings)
def test_any_drawing_becomes_a_digit_with_ink(strokes: list[np.ndarray]) -> None:
    digit = from_strokes(strokes, brush_width=28)
    assert_is_digit(digit)
    assert not is_blank(digit)


@settings(max_examples=60)
@given(dx=st.floats(-5000, 5000), dy=st.floats(-5000, 5000), scale=st.floats(0.2, 30))
def test_moving_and_scaling_a_drawing_does_not_change_the_digit(dx: float, dy: float, scale: float) -> None:
    moved = [stroke * scale + [dx, dy] for stroke in three()]
    difference = np.abs(from_strokes(moved, brush_width=10) - from_strokes(three(), brush_width=10))
    # Rounding may move an edge by one of the eight steps in a pixel, never more.
    assert difference.max() <= 0.35
    assert difference.mean() <= 0.005


@settings(max_examples=40)
@given(top=st.integers(0, 200), left=st.integers(0, 200))
def test_moving_a_picture_does_not_change_the_digit(top: int, left: int) -> None:
    patch = np.random.default_rng(3).random((60, 45), dtype=np.float32)
    field = np.zeros((260, 245), np.float32)
    field[top : top + 60, left : left + 45] = patch
    assert np.array_equal(from_ink(field), from_ink(patch))


@given(factor=st.integers(2, 9))
def test_scaling_a_picture_hardly_changes_the_digit(factor: int) -> None:
    patch = (np.random.default_rng(4).random((40, 30)) > 0.5).astype(np.float32)
    assert np.abs(from_ink(np.kron(patch, np.ones((factor, factor), np.float32))) - from_ink(patch)).mean() < 0.05


def test_the_longer_side_of_the_ink_is_20_pixels_and_its_middle_the_field_s() -> None:
    digit = from_strokes(three())
    rows = np.flatnonzero(digit.any(axis=1))
    assert 20 <= rows[-1] - rows[0] + 1 <= 21
    assert (digit.sum(axis=1) @ np.arange(28)) / digit.sum() == pytest.approx(14, abs=0.15)
    assert (digit.sum(axis=0) @ np.arange(28)) / digit.sum() == pytest.approx(14, abs=0.15)


def test_edges_are_soft_as_in_mnist() -> None:
    digit = from_strokes(three())
    assert ((digit > 0.05) & (digit < 0.95)).sum() > 40
    assert (digit == 1).sum() > 20


def test_the_brush_makes_no_difference_unless_all_is_within_it() -> None:
    assert np.array_equal(from_strokes(three(), brush_width=5), from_strokes(three(), brush_width=60))


def test_the_whole_canvas_keeps_place_and_size_where_the_recipe_does_not() -> None:
    corner = from_whole_canvas(three(60, 10, 10), side=280, brush_width=17)
    assert_is_digit(corner)
    assert corner[14:, 14:].sum() == 0
    assert corner[:9, :9].sum() > 5
    assert np.abs(from_strokes(three(60, 10, 10)) - from_strokes(three(160, 60, 50))).mean() < 0.005
    assert is_blank(from_whole_canvas([], side=280, brush_width=17))


def test_no_strokes_give_a_blank_digit() -> None:
    for strokes in ([], [np.zeros((0, 2))]):
        assert is_blank(from_strokes(strokes))
        assert not is_dot(strokes, brush_width=28)


def test_a_tap_is_a_dot_in_the_middle() -> None:
    tap = [np.array([[100.0, 100.0], [100.05, 100.0]])]
    digit = from_strokes(tap, brush_width=28)
    assert is_dot(tap, brush_width=28)
    assert 4 <= digit.sum() <= 9
    assert digit[14, 14] == 1
    assert not is_dot(three(), brush_width=28)


def test_a_point_without_any_brush_is_drawn_as_well() -> None:
    assert digits.from_strokes([np.array([[3.0, 4.0]])]).sum() > 4


def test_strokes_outside_of_the_canvas_count_like_others() -> None:
    assert np.array_equal(from_strokes([stroke - 4000 for stroke in three()]), from_strokes(three()))


@pytest.mark.parametrize(
    "stroke", [[[np.nan, 1], [2, 3]], [[np.inf, 1]], [[1e300, 1]], [1, 2, 3], [[1, 2, 3]], [["a", "b"]], "ab"]
)
def test_strokes_that_are_none_are_refused_by_number(stroke: object) -> None:
    with pytest.raises(DrawingError, match="Stroke 2"):
        from_strokes([*three(), stroke])


def test_endless_drawings_are_refused() -> None:
    with pytest.raises(DrawingError, match="20,000"):
        from_strokes([np.zeros((digits.MAX_POINTS + 1, 2))])


def test_a_solid_square_fills_the_middle_20_pixels() -> None:
    digit = from_ink(np.ones((448, 448), np.float32))
    assert digit.sum() == pytest.approx(400, abs=1)
    assert digit[5:23, 5:23].min() == 1


def test_one_pixel_at_the_border_stays_a_dot() -> None:
    for row, column in ((0, 0), (0, 99), (99, 50)):
        ink = np.zeros((100, 100), np.float32)
        ink[row, column] = 1
        assert from_ink(ink).sum() == pytest.approx(16, abs=0.1)


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (7, 0)])
def test_a_picture_without_pixels_is_blank(shape: tuple[int, int]) -> None:
    assert is_blank(from_ink(np.zeros(shape, np.float32)))


@pytest.mark.parametrize(
    "ink", [np.full((3, 3), np.nan), np.full((3, 3), 255.0), np.full((3, 3), -0.1), np.zeros((2, 2, 3))]
)
def test_ink_out_of_range_or_shape_is_refused(ink: np.ndarray) -> None:
    with pytest.raises(PictureError, match="Received ink"):
        from_ink(ink)


def test_mnist_s_own_digits_come_back_as_they_were(mnist: DigitSet) -> None:
    pixels = mnist.test.pixels()
    same = [np.array_equal(from_ink(digit), digit) for digit in pixels]
    assert np.mean(same) >= 0.999
