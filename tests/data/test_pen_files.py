"""Files of pen digits are read as they were written; whatever does not fit is refused by name."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_core.data.pen_files import (
    PEN_ARRAYS,
    PenDigits,
    folds_by_donor,
    load_pen_digits,
    save_pen_digits,
    scaled_to_file,
)
from mnist_core.errors import DatasetError


@pytest.fixture
def pen() -> PenDigits:
    """A 1 by ann and bob each, and a 7 of two strokes by cy."""
    one = [[[0, 0], [0, 50]]]
    return PenDigits.of(
        [one, one, [[[0, 0], [30, 0], [10, 40]], [[5, 20], [25, 20]]]], labels=[1, 1, 7], donors=list("abc")
    )


def written(path: Path, pen: PenDigits, **changes: Any) -> Path:
    """A file of pen digits in which some arrays are others, or absent where None."""
    parts = {name: getattr(pen, name) for name in PEN_ARRAYS} | changes
    np.savez(path, allow_pickle=True, **{name: array for name, array in parts.items() if array is not None})
    return path


def test_what_is_written_is_read_again(pen: PenDigits, tmp_path: Path) -> None:
    save_pen_digits(pen, tmp_path / "pens.npz")
    read = load_pen_digits(tmp_path / "pens.npz")
    assert read.digest() == pen.digest()
    assert read.donors.tolist() == ["a", "b", "c"]
    assert [[stroke.tolist() for stroke in read.strokes(k)] for k in range(3)] == [
        [stroke.tolist() for stroke in pen.strokes(k)] for k in range(3)
    ]
    assert [file.name for file in tmp_path.iterdir()] == ["pens.npz"]


@given(arrays.arrays(np.int32, st.tuples(st.integers(2, 30), st.just(2)), elements=st.integers(-5000, 5000)))
def test_every_digit_fills_its_square_and_turning_y_round_twice_changes_little(points: np.ndarray) -> None:
    (down,) = scaled_to_file([points.astype(float)])
    assert down.min() >= 0
    assert down.max() == (1000 if np.ptp(points, axis=0).max() else 0)
    (up,) = scaled_to_file([points * np.array([1.0, -1.0])], y_up=True)
    assert np.abs(up.astype(int) - down).max() <= 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"donors": None}, "no array donors"),
        ({"points": np.full((9, 2), np.nan)}, "finite numbers"),
        ({"points": np.full((9, 2), "x")}, "finite numbers"),
        ({"points": np.full((9, 2), 1e30)}, "1e\\+30"),
        ({"points": np.zeros((9, 3))}, "do not fit together"),
        ({"labels": np.array([1, 1, 10])}, "0 to 9"),
        ({"labels": np.array([1, 1])}, "do not fit together"),
        ({"digit_offsets": np.array([0, 1, 2, 9])}, "do not fit together"),
        ({"stroke_offsets": np.array([3, 1, 2, 3, 4], np.uint8)}, "do not fit together"),
        ({"points": np.array([object()])}, "plain arrays"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name(
    pen: PenDigits, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(DatasetError, match=rf"pens\.npz.*{words}"):
        load_pen_digits(written(tmp_path / "pens.npz", pen, **changes))


def test_half_a_file_is_refused(pen: PenDigits, tmp_path: Path) -> None:
    path = written(tmp_path / "pens.npz", pen)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DatasetError, match=r"pens\.npz.*damaged"):
        load_pen_digits(path)


def test_the_digest_is_that_of_labels_and_strokes_alone(pen: PenDigits) -> None:
    renamed = PenDigits(
        pen.points.astype(np.int64), pen.stroke_offsets, pen.digit_offsets, pen.labels, pen.donors[::-1]
    )
    assert renamed.digest() == pen.digest()
    moved = pen.points.copy()
    moved[0, 0] += 1
    assert PenDigits(moved, pen.stroke_offsets, pen.digit_offsets, pen.labels, pen.donors).digest() != pen.digest()
    assert pen.by_donors(["a", "b"]).digest() != pen.digest()


def test_digits_are_chosen_by_donor_with_all_their_strokes(pen: PenDigits) -> None:
    chosen = pen.by_donors(["c", "a"])
    assert chosen.donors.tolist() == ["a", "c"]
    assert chosen.labels.tolist() == [1, 7]
    assert [stroke.tolist() for stroke in chosen.strokes(1)] == [stroke.tolist() for stroke in pen.strokes(2)]
    with pytest.raises(DatasetError, match=r"by nobody-here; expected some of a, b, c"):
        pen.by_donors(["nobody-here"])


@given(st.integers(3, 40), st.integers(1, 3), st.integers(0, 100))
def test_a_cross_validation_never_has_a_donor_in_two_groups_and_leaves_none_out(
    donors: int, folds: int, seed: int
) -> None:
    names = np.array([f"w{k % donors}" for k in range(3 * donors)])
    groups = folds_by_donor(names, folds, seed=seed)
    together = [name for group in groups for name in group]
    assert len(groups) == folds
    assert len(together) == len(set(together)) == donors
    assert max(map(len, groups)) - min(map(len, groups)) <= 1
    assert groups == folds_by_donor(names[::-1], folds, seed=seed)
