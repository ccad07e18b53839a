"""Real pen strokes are drawn anew: varied, but the same digit, and alike for one seed."""

import numpy as np
import pytest

from mnist_core.data.pen_files import PenDigits
from mnist_core.data.preprocessing import from_strokes
from mnist_core.handwriting.generator import pen_strokes
from mnist_core.handwriting.pens import redraw


@pytest.fixture(scope="module")
def pen() -> PenDigits:
    """A plain 0 and a crossed 7, as strokes."""
    return PenDigits.of(
        [pen_strokes("0 plain", 1, seed=1)[0], pen_strokes("7 crossed", 1, seed=1)[0]],
        labels=[0, 7],
        donors=["ann", "bob"],
    )


def test_each_pen_digit_is_drawn_equally_often_and_each_time_otherwise(pen: PenDigits) -> None:
    redrawn = redraw(pen, 40, seed=1)
    assert np.bincount(redrawn.sources).tolist() == [20, 20]
    assert np.array_equal(redrawn.labels, pen.labels[redrawn.sources])
    assert len({digit.tobytes() for digit in redrawn.digits}) == 40


def test_a_redrawn_digit_looks_more_like_its_own_than_like_the_other(pen: PenDigits) -> None:
    originals = np.stack([from_strokes(pen.strokes(k), pen_width=2.4) for k in range(2)]).reshape(2, -1)
    redrawn = redraw(pen, 60, seed=2)
    likeness = redrawn.digits.reshape(60, -1) @ (originals / np.linalg.norm(originals, axis=1, keepdims=True)).T
    assert (likeness.argmax(axis=1) == redrawn.sources).mean() > 0.95
    assert redrawn.digits.min() >= 0
    assert redrawn.digits.max() <= 1


def test_one_seed_gives_the_same_digits_and_another_gives_others(pen: PenDigits) -> None:
    first, again, other = (redraw(pen, 6, seed=seed).digits for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_dot_and_a_straight_line_can_be_drawn() -> None:
    pen = PenDigits.of([[[[5, 5]]], [[[5, 0], [5, 90]]]], labels=[1, 1], donors=["ann", "ann"])
    assert np.isfinite(redraw(pen, 8, seed=1).digits).all()
