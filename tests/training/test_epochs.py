"""The digits that a network learns from, epoch by epoch."""

import threading
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
    """MNIST's pictures are 200, the generator's 100 and the scribbles' 50 all over: each tells where it comes from."""
    return TrainingSources(
        np.full((100, 28, 28), 200, np.uint8),
        (np.arange(100) % 10).astype(np.uint8),
        np.full((30, 28, 28), 100, np.uint8),
        (np.arange(30) % 10).astype(np.uint8),
        np.full((7, 28, 28), 50, np.uint8),
    )


def test_a_lesson_has_as_many_digits_as_mnist_in_the_shares_asked_for(sources: TrainingSources) -> None:
    prepared_epoch = prepare(sources, config(augmentation=0.0, handwriting=0.4, out_of_distribution=0.1), 0)
    assert [int((prepared_epoch.images[:, 0, 0] == value).sum()) for value in (200, 100, 50)] == [50, 40, 10]
    assert prepared_epoch.images.dtype == np.uint8


def test_targets_are_labels_or_ten_equal_shares_for_what_is_no_digit(sources: TrainingSources) -> None:
    prepared_epoch = prepare(sources, config(augmentation=0.0, handwriting=0.4, out_of_distribution=0.1), 0)
    out_of_distribution = prepared_epoch.images[:, 0, 0] == 50
    assert np.allclose(prepared_epoch.targets[out_of_distribution], 0.1)
    assert set(np.unique(prepared_epoch.targets[~out_of_distribution])) == {0, 1}
    assert np.allclose(prepared_epoch.targets.sum(axis=1), 1)


def test_smoothing_spreads_its_share_over_all_ten_digits(sources: TrainingSources) -> None:
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


def test_a_softened_teacher_says_more_of_the_runners_up_and_reads_the_same(sources: TrainingSources) -> None:
    opinion = np.array([0.9, 0.09, 0.01, *[0.0] * 7], np.float32)
    prepared_epoch = prepare(
        sources, config(distillation_temperature=2.0), 0, lambda digits: np.tile(opinion, (len(digits), 1))
    )
    assert np.allclose(prepared_epoch.targets.sum(axis=1), 1)
    assert prepared_epoch.targets[0, 0] / prepared_epoch.targets[0, 1] == pytest.approx(10**0.5, rel=1e-4)


def test_the_same_number_is_the_same_lesson_and_the_next_is_another(sources: TrainingSources) -> None:
    first, again, second = (prepare(sources, config(), number) for number in (0, 0, 1))
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, second.images)


def test_there_is_a_lesson_an_epoch_prepared_in_another_thread(sources: TrainingSources) -> None:
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


def test_a_request_to_stop_ends_the_waiting_for_a_lesson(sources: TrainingSources) -> None:
    released, stop = threading.Event(), Stop()

    def slow(digits: np.ndarray) -> np.ndarray:
        released.wait(20)
        return np.full((len(digits), 10), 0.1, np.float32)

    threading.Timer(0.2, stop.request, kwargs={"keep": True}).start()
    assert list(prepared_epochs(sources, config(), slow, stop)) == []
    released.set()


def test_what_goes_wrong_in_the_thread_is_told_where_the_lesson_is_waited_for(sources: TrainingSources) -> None:
    def broken(digits: np.ndarray) -> np.ndarray:
        raise ValueError("no opinion")

    with pytest.raises(ValueError, match="no opinion"):
        list(prepared_epochs(sources, config(), broken))
