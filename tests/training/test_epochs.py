"""The digits that a network learns from are prepared epoch by epoch."""

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mnist_core.runs.recipes import TrainingConfig
from mnist_core.training.epochs import TrainingSources, prepare, prepared_epochs
from mnist_core.training.stopping import Stop


def config(**changes: Any) -> TrainingConfig:
    return TrainingConfig("mlp", "adam", 0.01, **{"batch_size": 10, "epochs": 4, "augmentation": 1.0, **changes})


@pytest.fixture
def sources() -> TrainingSources:
    """Pictures that show their source: the data set's are 200 all over, the generator's 100, those of no digit 50, and
    those of pens 150.
    """
    return TrainingSources(
        np.full((100, 28, 28), 200, np.uint8),
        (np.arange(100) % 10).astype(np.uint8),
        np.full((30, 28, 28), 100, np.uint8),
        (np.arange(30) % 10).astype(np.uint8),
        np.full((7, 28, 28), 50, np.uint8),
        np.full((20, 28, 28), 150, np.uint8),
        np.full(20, 3, np.uint8),
    )


def test_an_epoch_has_as_many_digits_as_the_data_set_in_the_fractions_asked_for(sources: TrainingSources) -> None:
    prepared_epoch = prepare(sources, config(augmentation=0.0, handwriting=0.4, out_of_distribution=0.1), 0)
    assert [int((prepared_epoch.images[:, 0, 0] == value).sum()) for value in (200, 100, 50)] == [50, 40, 10]
    assert prepared_epoch.images.dtype == np.uint8


def test_pen_strokes_take_their_fraction_of_an_epoch_with_their_labels_and_none_where_there_are_none(
    sources: TrainingSources,
) -> None:
    asked = config(augmentation=0.0, handwriting=0.2, out_of_distribution=0.1, pen_fraction=0.25)
    prepared_epoch = prepare(sources, asked, 0)
    by_pen = prepared_epoch.images[:, 0, 0] == 150
    assert [int((prepared_epoch.images[:, 0, 0] == value).sum()) for value in (200, 100, 50, 150)] == [45, 20, 10, 25]
    assert (prepared_epoch.targets[by_pen].argmax(axis=1) == 3).all()
    without = replace(sources, pens=np.zeros((0, 28, 28), np.uint8), pen_labels=np.zeros(0, np.uint8))
    values = prepare(without, asked, 0).images[:, 0, 0]
    assert [int((values == value).sum()) for value in (200, 100, 50, 150)] == [70, 20, 10, 0]


def test_targets_are_labels_or_ten_equal_probabilities_for_a_picture_of_no_digit(sources: TrainingSources) -> None:
    prepared_epoch = prepare(sources, config(augmentation=0.0, handwriting=0.4, out_of_distribution=0.1), 0)
    out_of_distribution = prepared_epoch.images[:, 0, 0] == 50
    assert np.allclose(prepared_epoch.targets[out_of_distribution], 0.1)
    assert set(np.unique(prepared_epoch.targets[~out_of_distribution])) == {0, 1}
    assert np.allclose(prepared_epoch.targets.sum(axis=1), 1)


def test_label_smoothing_spreads_its_fraction_over_all_ten_digits(sources: TrainingSources) -> None:
    prepared_epoch = prepare(sources, config(label_smoothing=0.1), 0)
    assert np.allclose(np.unique(prepared_epoch.targets), [0.01, 0.91])


def test_a_teacher_is_asked_about_the_very_digits_that_are_shown(sources: TrainingSources) -> None:
    asked = []

    def teacher(digits: np.ndarray) -> np.ndarray:
        asked.append(digits)
        return np.tile(np.arange(10, dtype=np.float32) / 45, (len(digits), 1))

    prepared_epoch = prepare(sources, config(handwriting=0.2), 0, teacher)
    assert np.allclose(prepared_epoch.targets[0], np.arange(10) / 45)
    assert np.abs(asked[0] - prepared_epoch.images / np.float32(255)).max() <= 0.5 / 255 + 1e-6


def test_a_higher_distillation_temperature_raises_the_other_digits_and_keeps_the_prediction(
    sources: TrainingSources,
) -> None:
    probabilities = np.array([0.9, 0.09, 0.01, *[0.0] * 7], np.float32)
    prepared_epoch = prepare(
        sources, config(distillation_temperature=2.0), 0, lambda digits: np.tile(probabilities, (len(digits), 1))
    )
    assert np.allclose(prepared_epoch.targets.sum(axis=1), 1)
    assert (prepared_epoch.targets.argmax(axis=1) == 0).all()
    assert prepared_epoch.targets[0, 0] / prepared_epoch.targets[0, 1] == pytest.approx(10**0.5, rel=1e-4)


def test_the_same_number_gives_the_same_digits_and_the_next_number_gives_others(sources: TrainingSources) -> None:
    first, again, second = (prepare(sources, config(), number) for number in (0, 0, 1))
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, second.images)


def test_each_epoch_is_prepared_in_another_thread(sources: TrainingSources) -> None:
    threads = set()

    def teacher(digits: np.ndarray) -> np.ndarray:
        threads.add(threading.current_thread())
        return np.full((len(digits), 10), 0.1, np.float32)

    assert len(list(prepared_epochs(sources, config(epochs=3), teacher))) == 3
    assert threads
    assert threading.current_thread() not in threads
    assert not any(thread.is_alive() for thread in threads)


def test_repeats_show_the_same_digits_again_in_another_order(sources: TrainingSources) -> None:
    shown = list(prepared_epochs(sources, config(epochs=4, repeats=4)))
    kinds = [{image.tobytes() for image in prepared_epoch.images} for prepared_epoch in shown]
    assert kinds[0] == kinds[1] == kinds[2] == kinds[3]
    assert len({prepared_epoch.images.tobytes() for prepared_epoch in shown}) == 4


def test_a_request_to_stop_ends_the_wait_for_an_epoch(sources: TrainingSources) -> None:
    released, stop = threading.Event(), Stop()

    def slow(digits: np.ndarray) -> np.ndarray:
        released.wait(20)
        return np.full((len(digits), 10), 0.1, np.float32)

    threading.Timer(0.2, stop.request, kwargs={"keep": True}).start()
    assert list(prepared_epochs(sources, config(), slow, stop)) == []
    released.set()


def test_an_error_in_the_thread_is_raised_where_the_epoch_is_waited_for(sources: TrainingSources) -> None:
    def broken(digits: np.ndarray) -> np.ndarray:
        raise ValueError("no probabilities")

    with pytest.raises(ValueError, match="no probabilities"):
        list(prepared_epochs(sources, config(), broken))
