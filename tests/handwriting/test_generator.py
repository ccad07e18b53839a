"""Generated handwriting: repeatable, complete, and what a person would call by its label."""

from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.preprocessing import from_strokes
from mnist_core.errors import ConfigError
from mnist_core.handwriting import generator as handwriting
from mnist_core.handwriting.marks import MARKS
from mnist_core.handwriting.styles import PLAIN, STYLES, Style
from mnist_core.models.classifier import Classifier

CNN = Path(__file__).parents[2] / "trained_models" / "cnn-specified" / "model.tflite"


@pytest.fixture(scope="module")
def written() -> handwriting.Handwritten:
    return handwriting.write(3000, seed=1)


@pytest.fixture(scope="module")
def samples() -> handwriting.OutOfDistribution:
    return handwriting.out_of_distribution(1200, seed=1)


@pytest.fixture(scope="module")
def cnn() -> Classifier:
    if not CNN.is_file():
        pytest.skip(f"there is no {CNN}: train or restore the run cnn-specified")
    return Classifier(CNN)


def test_the_same_seed_writes_the_same_digits() -> None:
    first, again, other = (handwriting.write(60, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.digits, again.digits)
    np.testing.assert_array_equal(first.labels, again.labels)
    np.testing.assert_array_equal(first.styles, again.styles)
    assert not np.array_equal(first.digits, other.digits)


def test_the_same_seed_draws_the_same_marks() -> None:
    first, again, other = (handwriting.out_of_distribution(60, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.pictures, again.pictures)
    np.testing.assert_array_equal(first.names, again.names)
    assert not np.array_equal(first.pictures, other.pictures)


def test_every_style_of_every_digit_is_written(written: handwriting.Handwritten) -> None:
    assert set(written.styles.tolist()) == set(STYLES)
    assert {style.digit for style in STYLES.values()} == set(range(10))


def test_every_label_is_the_digit_of_its_style(written: handwriting.Handwritten) -> None:
    assert [STYLES[name].digit for name in written.styles.tolist()] == written.labels.tolist()


def test_all_ten_digits_are_written_equally_often(written: handwriting.Handwritten) -> None:
    np.testing.assert_array_equal(np.bincount(written.labels), np.full(10, 300))


def test_labels_come_in_no_order(written: handwriting.Handwritten) -> None:
    assert set(written.labels[:100].tolist()) == set(range(10))
    assert not np.array_equal(written.labels, np.sort(written.labels))


def test_digits_are_pictures_of_the_models_shape_range_and_type(written: handwriting.Handwritten) -> None:
    assert written.digits.shape == (3000, 28, 28)
    assert written.digits.dtype == np.float32
    assert written.labels.dtype == np.uint8
    assert len(written) == 3000
    assert written.digits.min() == 0
    assert 0.99 < written.digits.max() <= 1


def test_marks_are_pictures_of_the_same_shape_range_and_type(samples: handwriting.OutOfDistribution) -> None:
    assert samples.pictures.shape == (1200, 28, 28)
    assert samples.pictures.dtype == np.float32
    assert samples.pictures.min() == 0
    assert 0.99 < samples.pictures.max() <= 1
    assert set(samples.names.tolist()) == {*MARKS, "scrawl"}


def test_nothing_is_blank_and_nothing_is_all_ink(
    written: handwriting.Handwritten, samples: handwriting.OutOfDistribution
) -> None:
    for pictures in (written.digits, samples.pictures):
        ink = pictures.sum(axis=(1, 2))
        assert ink.min() > 20
        assert ink.max() < 0.7 * 400


def test_no_two_digits_are_alike(written: handwriting.Handwritten) -> None:
    assert len(np.unique(written.digits.reshape(len(written), -1), axis=0)) == len(written)


def test_only_the_styles_asked_for_are_written() -> None:
    sevens = handwriting.write(30, seed=1, styles=("7 crossed", "7 hooked"))
    assert set(sevens.styles.tolist()) == {"7 crossed", "7 hooked"}
    assert set(sevens.labels.tolist()) == {7}


def test_an_unknown_style_is_named_in_the_error() -> None:
    with pytest.raises(ConfigError, match="8 upside down"):
        handwriting.write(3, seed=1, styles=("8 upside down",))


def test_pen_strokes_of_an_unknown_style_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="'8 upside down', expected one of 0 plain"):
        handwriting.pen_strokes("8 upside down", 3, seed=1)


def test_none_is_a_number_of_digits_too() -> None:
    assert handwriting.write(0, seed=1).digits.shape == (0, 28, 28)
    assert handwriting.out_of_distribution(0, seed=1).pictures.shape == (0, 28, 28)


@pytest.mark.parametrize("style", [*STYLES.values(), *MARKS.values()], ids=lambda style: style.name)
def test_the_masters_of_a_style_have_the_same_strokes_points_and_corners(style: Style) -> None:
    def structure(master: tuple[str, ...]) -> list[list[bool]]:
        return [[word.endswith("!") for word in stroke.split()] for stroke in master]

    assert all(structure(master) == structure(style.masters[0]) for master in style.masters)
    assert style.frequency > 0
    assert style.description


def test_pen_strokes_are_what_a_canvas_would_send() -> None:
    characters = handwriting.pen_strokes("5 separate bar", 3, seed=1)
    assert [len(strokes) for strokes in characters] == [2, 2, 2]
    for strokes in characters:
        assert all(stroke.ndim == 2 and stroke.shape[1] == 2 and np.isfinite(stroke).all() for stroke in strokes)
        assert from_strokes(strokes).any()


def test_a_long_flag_is_nearly_as_long_as_the_stem() -> None:
    """The flag of the European 1 reaches down at least a third of the stem, and never below its foot."""
    reaches = []
    for (stroke,) in handwriting.pen_strokes("1 long flag", 200, seed=1):
        top, bottom = stroke[:, 1].min(), stroke[:, 1].max()
        reaches.append((stroke[0, 1] - top) / (bottom - top))
    assert np.quantile(reaches, 0.05) > 0.33
    assert np.mean(reaches) > 0.45
    assert np.quantile(reaches, 0.95) < 0.9


def test_a_flag_rises_and_a_bar_does_not() -> None:
    """What tells a 1 from a 7: the flag of nearly every 1 climbs more steeply than the bar of nearly every 7."""

    def rise(style: str) -> list[float]:
        angles = []
        for strokes in handwriting.pen_strokes(style, 300, seed=1):
            start, *_ = points = strokes[0]
            corner = points[(points[:, 0] * 2 - points[:, 1])[: len(points) * 2 // 3].argmax()]
            angles.append(np.degrees(np.arctan2(start[1] - corner[1], corner[0] - start[0])))
        return angles

    flags = np.concatenate([rise("1 short flag"), rise("1 long flag"), rise("1 flag and foot")])
    bars = np.concatenate([rise("7 plain"), rise("7 crossed"), rise("7 curved")])
    assert np.quantile(flags, 0.02) > np.quantile(bars, 0.98)


def test_a_floating_bar_touches_nothing() -> None:
    """In at least half of these 5s the bar keeps off the belly by more than a pen's width of 2.5 digit pixels."""
    gaps = []
    for belly, bar in handwriting.pen_strokes("5 floating bar", 100, seed=1):
        span = np.ptp(np.concatenate([belly, bar]), axis=0).max()
        gaps.append(np.hypot(*(belly[:, np.newaxis] - bar).T).min() * 17.5 / span)
    assert np.median(gaps) > 2.5


def test_the_specified_cnn_recognises_plain_handwriting(cnn: Classifier) -> None:
    plain = handwriting.write(1000, seed=2, styles=PLAIN)
    correct = cnn.probabilities(plain.digits).argmax(axis=1) == plain.labels
    assert {STYLES[name].digit for name in PLAIN} == set(range(10))
    assert len(PLAIN) == 10
    assert correct.mean() >= 0.95
    assert min(correct[plain.labels == digit].mean() for digit in range(10)) >= 0.9
