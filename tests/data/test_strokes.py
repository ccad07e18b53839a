"""Strokes from the canvas' JSON and from files of pen digits."""

from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.preprocessing import from_strokes
from mnist_core.data.strokes import (
    CANVAS_SIDE,
    CENTRED_FRACTION,
    centred,
    drawn_anywhere,
    from_canvas,
    load_pen_digits,
    to_canvas,
    without_last,
)
from mnist_core.errors import DatasetError, DrawingError
from tests.conftest import canvas_json, three


def pen_file(path: Path, **changes: object) -> Path:
    arrays: dict[str, object] = {
        "points": np.array([[0, 0], [0, 1000], [500, 0], [1000, 1000], [700, 10]], np.int16),
        "stroke_offsets": np.array([0, 2, 4, 5]),
        "digit_offsets": np.array([0, 1, 3]),
        "labels": np.array([1, 4], np.uint8),
        "donors": np.array(["ann", "bob"]),
        **changes,
    }
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    return path


def test_an_empty_canvas_has_no_strokes() -> None:
    assert from_canvas(None) == []
    assert from_canvas({"version": "7.4.0", "objects": []}) == []


def test_the_canvas_gives_back_what_was_drawn() -> None:
    drawn = from_strokes(from_canvas(canvas_json(three())))
    assert np.abs(drawn - from_strokes(three())).mean() < 0.02


def test_strokes_that_are_put_on_a_canvas_are_in_its_middle_and_come_back_as_they_were() -> None:
    strokes = centred(three(), side=448)
    points = np.concatenate(strokes)
    assert np.allclose((points.min(axis=0) + points.max(axis=0)) / 2, 224)
    assert np.ptp(points, axis=0).max() == pytest.approx(448 * CENTRED_FRACTION)
    (back,) = from_canvas(to_canvas(strokes, brush_width=28, colour="#fff"))
    assert np.allclose(back, strokes[0])


def test_a_stroke_that_was_turned_moved_and_scaled_comes_as_it_stands() -> None:
    item = {
        "type": "path",
        "left": 100,
        "top": 50,
        "angle": 90,
        "scaleX": 2,
        "scaleY": 1,
        "path": [["M", 0, 0], ["L", 10, 0]],
    }
    (stroke,) = from_canvas({"objects": [item]})
    assert stroke == pytest.approx(np.array([[100, 40], [100, 60]]))


def test_a_mirrored_stroke_comes_mirrored() -> None:
    item = {"type": "Path", "left": 5, "top": 5, "flipX": True, "path": [["M", 0, 0], ["L", 10, 10]]}
    (stroke,) = from_canvas({"objects": [item]})
    assert stroke == pytest.approx(np.array([[10, 0], [0, 10]]))


def test_curves_are_followed() -> None:
    (stroke,) = from_canvas(
        {"objects": [{"type": "Path", "path": [["M", 0, 0], ["Q", 10, 0, 10, 10], ["C", 10, 20, 20, 20, 20, 10]]}]}
    )
    assert stroke[0] == pytest.approx([0, 0])
    assert stroke[-1] == pytest.approx([20, 10])
    assert any(np.allclose(point, [7.5, 2.5]) for point in stroke)


@pytest.mark.parametrize(
    "nonsense",
    [
        "a string",
        [],
        {"objects": "many"},
        {"objects": [3]},
        {"objects": [{"type": "rect"}]},
        {"objects": [{"type": "Path"}]},
        {"objects": [{"type": "Path", "path": [["M", 1]]}]},
        {"objects": [{"type": "Path", "path": [["Q", 1, 2, 3, 4]]}]},
        {"objects": [{"type": "Path", "path": [["X", 1, 2]]}]},
        {"objects": [{"type": "Path", "path": [["M", "a", "b"]]}]},
        {"objects": [{"type": "Path", "path": 5}]},
        {"objects": [{"type": "Path", "path": [["M", 0, 0]], "left": {}}]},
        {"objects": [{}] * 2001},
    ],
)
def test_nonsense_from_a_browser_is_a_clear_error(nonsense: object) -> None:
    with pytest.raises(DrawingError, match=r"\. (Clear|Reload)"):
        from_canvas(nonsense)  # type: ignore[arg-type]


def test_nan_from_a_browser_is_refused_before_it_is_drawn() -> None:
    strokes = from_canvas({"objects": [{"type": "Path", "path": [["M", float("nan"), 1], ["L", 2, 3]]}]})
    with pytest.raises(DrawingError, match="not a usable number"):
        from_strokes(strokes)


def test_undo_takes_the_last_stroke_and_nothing_else() -> None:
    drawing = canvas_json([*three(), three()[0] + 10])
    assert without_last(drawing)["objects"] == drawing["objects"][:1]
    assert without_last(without_last(without_last(drawing)))["objects"] == []
    assert without_last(None)["objects"] == []


def test_pen_digits_are_read_stroke_by_stroke(tmp_path: Path) -> None:
    pen = load_pen_digits(pen_file(tmp_path / "pen.npz"))
    assert len(pen) == 2
    assert [len(stroke) for stroke in pen.strokes(1)] == [2, 1]
    assert pen.labels.tolist() == [1, 4]


@pytest.mark.parametrize(
    "changes",
    [
        {"points": None},
        {"points": np.zeros((5, 3))},
        {"stroke_offsets": np.array([0, 2, 4, 9])},
        {"stroke_offsets": np.array([0, 4, 2, 5])},
        {"stroke_offsets": np.array([0.0, 2, 4, 5])},
        {"digit_offsets": np.array([0, 1])},
        {"labels": np.array([1, 12])},
        {"labels": np.array(["a", "b"])},
        {"donors": np.array(["ann"])},
    ],
)
def test_pen_files_that_do_not_fit_together_are_refused_by_name(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(DatasetError, match=r"pen\.npz"):
        load_pen_digits(pen_file(tmp_path / "pen.npz", **changes))


def test_pen_digits_are_drawn_wholly_on_the_canvas_at_many_places_and_sizes_and_alike_for_one_seed(
    tmp_path: Path,
) -> None:
    pen = load_pen_digits(pen_file(tmp_path / "pen.npz"))
    sizes, places = [], []
    for seed in range(40):
        for strokes in drawn_anywhere(pen, seed=seed):
            points = np.concatenate(strokes)
            assert points.min() >= 0
            assert points.max() <= CANVAS_SIDE
            sizes.append(np.ptp(points, axis=0).max() / CANVAS_SIDE)
            places.append(points.min(axis=0))
    assert 0.30 <= min(sizes) < 0.4
    assert 0.70 < max(sizes) <= 0.78
    assert np.std(places, axis=0).min() > 20
    once, again = (np.concatenate([np.concatenate(s) for s in drawn_anywhere(pen, seed=5)]) for _ in range(2))
    assert np.array_equal(once, again)
