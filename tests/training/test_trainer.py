"""Every training, here on a thousand easy pictures, ends as a complete run or leaves nothing."""

import base64
import itertools
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from mnist_core.data.datasets import DigitSet, Split, load_offline
from mnist_core.errors import ConfigError, RunError
from mnist_core.events import Event, parse_event
from mnist_core.metrics.accuracy import log_loss
from mnist_core.models.classifier import Classifier
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.file_format import FILES, load_history
from mnist_core.runs.recipes import TrainingConfig, recipe_config
from mnist_core.runs.run import Run
from mnist_core.runs.store import load_run
from mnist_core.training.fitting import steps_per_execution
from mnist_core.training.sources import split_validation
from mnist_core.training.stopping import Stop, StoppedError
from mnist_core.training.trainer import train
from mnist_core.training.validation import Validator, Weights


def config(architecture: str = "mlp", **changes: Any) -> TrainingConfig:
    values = {
        "optimizer": "adam",
        "learning_rate": 0.005,
        "batch_size": 50,
        "epochs": 2,
        "validation_digits": 100,
        **changes,
    }
    return TrainingConfig(architecture, **values)


@pytest.fixture(scope="module", params=list(ARCHITECTURES))
def trained(
    request: pytest.FixtureRequest, small_mnist: DigitSet, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Run, list[Event]]:
    events: list[Event] = []
    folder = tmp_path_factory.mktemp("runs")
    return train(config(request.param), "first", small_mnist, folder=folder, on_event=events.append), events


def test_the_mlp_has_the_specified_layers_and_parameters() -> None:
    model = ARCHITECTURES["mlp"].build()
    assert [layer.count_params() for layer in model.layers if layer.count_params()] == [401_920, 5_130]
    assert model.count_params() == 407_050
    assert model.output_shape == (None, 10)


def test_the_cnn_has_three_blocks_of_convolution_and_pooling_then_two_dense_layers() -> None:
    model = ARCHITECTURES["cnn"].build()
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Conv2D", "MaxPooling2D"] * 3 + ["Flatten", "Dense", "Dense"]
    assert model.input_shape == (None, 28, 28, 1)


def test_a_run_is_complete_and_learned_something(trained: tuple[Run, list[Event]]) -> None:
    run, _ = trained
    assert sorted(path.name for path in run.folder.iterdir()) == sorted([*FILES, "logs"])
    assert run.test.fraction > 0.5
    assert load_run("first", run.folder.parent) == run
    assert {"python", "keras", "tensorflow", "numpy"} <= set(run.versions)
    history = load_history(run)
    assert {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"} <= set(history)
    assert {len(values) for values in history.values()} == {2}
    with np.load(run.folder / "test_predictions.npz") as predictions:
        predicted = predictions["probabilities"].argmax(axis=1)
        assert int((predicted != predictions["labels"]).sum()) == run.test.incorrect


def test_the_kept_epoch_is_the_best_on_the_validation_digits(trained: tuple[Run, list[Event]]) -> None:
    run, _ = trained
    accuracies = load_history(run)["val_accuracy"]
    assert run.validation_accuracy == max(accuracies)
    assert accuracies[run.best_epoch - 1] == max(accuracies)


def test_the_events_come_in_order_complete_and_as_plain_json(trained: tuple[Run, list[Event]]) -> None:
    _, events = trained
    kinds = [event["event"] for event in events]
    assert kinds[:3] == ["started", "untrained", "progress"]
    assert kinds[-1] == "finished"
    assert kinds.count("epoch") == 2
    fractions = [event["fraction"] for event in events if event["event"] == "progress"]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert all(event["seconds_left"] >= 0 for event in events if event["event"] == "progress")
    assert [parse_event(json.dumps(event)) for event in events] == events


def test_before_its_first_batch_a_network_knows_no_digit(trained: tuple[Run, list[Event]]) -> None:
    _, events = trained
    untrained = next(event for event in events if event["event"] == "untrained")
    assert untrained["loss"] == pytest.approx(np.log(10), abs=0.5), "as good as ten equal probabilities"
    assert untrained["accuracy"] < 0.5


def test_litert_and_keras_agree_within_1e_4(trained: tuple[Run, list[Event]]) -> None:
    import keras

    run, _ = trained
    pictures = np.random.default_rng(0).random((200, 28, 28), dtype=np.float32)
    model = keras.models.load_model(run.folder / "model.keras")
    expected = model.predict(pictures[..., None], verbose=0)
    assert np.abs(Classifier(run.model_path).probabilities(pictures) - expected).max() < 1e-4


def test_a_run_records_which_digits_it_was_made_from(trained: tuple[Run, list[Event]]) -> None:
    run, _ = trained
    assert run.data == {
        "name": "mnist",
        "digest": "small",
        "digits": 700,
        "validation_digits": 100,
        "test_digits": 200,
    }


def test_digits_of_one_s_own_become_a_run(small_mnist: DigitSet, tmp_path: Path) -> None:
    own = DigitSet(
        train=Split(small_mnist.train.images[:37], small_mnist.train.labels[:37]),
        test=Split(small_mnist.test.images[:11], small_mnist.test.labels[:11]),
        digest="ab" * 32,
        name="/somewhere/my digits.npz",
    )
    run = train(config(epochs=1, validation_digits=5, batch_size=50), "own", own, folder=tmp_path)
    assert (run.data["name"], run.data["digest"]) == (own.name, own.digest)
    assert (run.data["digits"], run.data["validation_digits"], run.data["test_digits"]) == (32, 5, 11)
    assert run.test.count == 11
    assert load_run("own", tmp_path) == run


def test_no_optimizer_state_is_saved(trained: tuple[Run, list[Event]]) -> None:
    import keras

    run, _ = trained
    model = keras.models.load_model(run.folder / "model.keras")
    assert getattr(model, "optimizer", None) is None
    with zipfile.ZipFile(run.folder / "model.keras") as file:
        assert sum(entry.file_size for entry in file.infolist()) < 4.2 * model.count_params() + 100_000


def test_the_same_seed_gives_the_same_weights_and_another_does_not(small_mnist: DigitSet, tmp_path: Path) -> None:
    runs = [
        train(config(epochs=1, seed=seed), name, small_mnist, folder=tmp_path)
        for name, seed in (("one", 3), ("two", 3), ("three", 4))
    ]
    models = [run.model_path.read_bytes() for run in runs]
    assert models[0] == models[1]
    assert models[0] != models[2]


def test_a_training_that_is_stopped_leaves_nothing(small_mnist: DigitSet, tmp_path: Path) -> None:
    def stop(event: Event) -> None:
        if event["event"] == "epoch":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config(), "stopped", small_mnist, folder=tmp_path, on_event=stop)
    assert list(tmp_path.iterdir()) == []


def stopping(stop: Stop, *, keep: bool, at: str, epoch: int = 2) -> Any:
    """A listener that asks to stop at the first event of this kind in this epoch."""

    def listen(event: Event) -> None:
        if event["event"] == at and event.get("epoch") == epoch:
            stop.request(keep=keep)

    return listen


@pytest.mark.parametrize("aids", [{}, {"augmentation": 1.0}])
@pytest.mark.parametrize("at", ["progress", "epoch"])
def test_stopped_to_keep_the_best_epoch_so_far_becomes_a_whole_run(
    small_mnist: DigitSet, tmp_path: Path, at: str, aids: dict[str, Any]
) -> None:
    stop = Stop()
    run = train(
        config(epochs=50, **aids),
        "kept",
        small_mnist,
        folder=tmp_path,
        on_event=stopping(stop, keep=True, at=at),
        stop=stop,
    )
    assert load_run("kept", tmp_path) == run
    assert 1 <= run.best_epoch <= len(load_history(run)["loss"]) <= 2


def test_a_stopped_training_does_not_predict_the_validation_digits_again(
    small_mnist: DigitSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, predicted = Stop(), []
    validator = Validator.predict

    def prediction(self: Validator, weights: Weights) -> Any:
        probabilities = validator(self, weights)
        predicted.append(stop.requested)
        return probabilities

    monkeypatch.setattr(Validator, "predict", prediction)
    aids = {"augmentation": 1.0, "out_of_distribution": 0.1, "calibrated": True}
    run = train(
        config(epochs=50, **aids),
        "kept",
        small_mnist,
        folder=tmp_path,
        on_event=stopping(stop, keep=True, at="progress"),
        stop=stop,
    )
    assert predicted == [False]
    assert run.temperature != 1
    assert run.entropy_threshold


@pytest.mark.parametrize("architecture", list(ARCHITECTURES))
def test_the_run_predicts_the_validation_digits_as_its_best_epoch_did(
    small_mnist: DigitSet, tmp_path: Path, architecture: str
) -> None:
    run = train(config(architecture, precision="mixed_bfloat16"), "validated", small_mnist, folder=tmp_path)
    validation = split_validation(small_mnist.train, 100)[1]
    probabilities = Classifier(run.model_path).probabilities(validation.pixels())
    assert (probabilities.argmax(axis=1) == validation.labels).mean() == run.validation_accuracy
    assert log_loss(probabilities, validation.labels) == pytest.approx(
        load_history(run)["val_loss"][run.best_epoch - 1], rel=1e-3
    )


def test_a_clock_that_jumps_changes_no_duration(
    small_mnist: DigitSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    years = itertools.cycle([2e9, 4e8, 1e9, 1.5e9])
    monkeypatch.setattr(time, "time", lambda: next(years))
    events: list[Event] = []
    start = time.perf_counter()
    run = train(config(), "timeless", small_mnist, folder=tmp_path, on_event=events.append)
    elapsed = time.perf_counter() - start
    assert 0 < run.duration_seconds < elapsed
    assert all(0 < seconds < elapsed for seconds in load_history(run)["seconds"])
    assert all(0 <= event["seconds_left"] < 60 for event in events if event["event"] == "progress")


@pytest.mark.parametrize(
    ("width", "batch_size", "most"), [(1.0, 128, 20), (2.0, 128, 8), (2.0, 500, 2), (8.0, 5000, 1)]
)
def test_a_larger_network_learns_fewer_batches_between_two_checks(width: float, batch_size: int, most: int) -> None:
    assert 1 <= steps_per_execution(config("cnn", width=width, batch_size=batch_size), 1000) <= most


@pytest.mark.parametrize(
    ("keep", "at", "epoch"), [(False, "progress", 2), (False, "measuring", 1), (True, "progress", 1)]
)
def test_stopped_to_throw_away_or_before_the_end_of_the_first_epoch_leaves_nothing(
    small_mnist: DigitSet, tmp_path: Path, keep: bool, at: str, epoch: int
) -> None:
    stop = Stop()
    with pytest.raises(StoppedError):
        train(
            config(epochs=1 if at == "measuring" else 50),
            "gone",
            small_mnist,
            folder=tmp_path,
            on_event=stopping(stop, keep=keep, at=at, epoch=epoch),
            stop=stop,
        )
    assert list(tmp_path.iterdir()) == []


def test_early_stopping_ends_when_no_epoch_was_better_for_so_long(small_mnist: DigitSet, tmp_path: Path) -> None:
    run = train(config(epochs=200, early_stopping=2, learning_rate=0.5), "early", small_mnist, folder=tmp_path)
    assert len(load_history(run)["loss"]) == run.best_epoch + 2 < 200


def test_an_epoch_reports_validation_digits_that_are_still_misclassified(small_mnist: DigitSet, tmp_path: Path) -> None:
    events: list[Event] = []
    train(config(epochs=1, learning_rate=1e-5), "poor", small_mnist, folder=tmp_path, on_event=events.append)
    (epoch,) = [event for event in events if event["event"] == "epoch"]
    validation = split_validation(small_mnist.train, 100)[1]
    assert 1 <= len(epoch["mistakes"]) <= 12
    for mistake in epoch["mistakes"]:
        assert base64.b64decode(mistake["pixels"]) == validation.images[mistake["index"]].tobytes()
        assert mistake["label"] == validation.labels[mistake["index"]] != mistake["predicted"]


def test_tensorboard_finds_loss_and_accuracy_of_each_epoch(trained: tuple[Run, list[Event]]) -> None:
    run, _ = trained
    for split, prefix in (("train", ""), ("validation", "val_")):
        (file,) = (run.folder / "logs" / split).glob("events.out.tfevents.*")
        messages = [tf.compat.v1.Event.FromString(record.numpy()) for record in tf.data.TFRecordDataset(str(file))]
        written = {
            (value.tag, message.step): value.simple_value for message in messages for value in message.summary.value
        }
        for metric in ("loss", "accuracy"):
            for epoch, value in enumerate(load_history(run)[prefix + metric]):
                assert written[f"epoch_{metric}", epoch] == pytest.approx(value)


def test_a_fraction_of_the_training_digits_leaves_the_validation_digits_as_they_are(small_mnist: DigitSet) -> None:
    training, validation = split_validation(small_mnist.train, 100, fraction=0.1)
    assert len(training) == 70
    assert np.array_equal(validation.images, split_validation(small_mnist.train, 100)[1].images)
    assert {image.tobytes() for image in training.images} <= {
        image.tobytes() for image in split_validation(small_mnist.train, 100)[0].images
    }


def test_the_offline_set_trains_a_useful_network(tmp_path: Path) -> None:
    run = train(
        recipe_config("specified", "mlp", data="offline", epochs=8, batch_size=50),
        "offline",
        load_offline(),
        folder=tmp_path,
    )
    assert run.data["name"] == "offline"
    assert run.test.count == 360
    assert run.test.fraction > 0.85


def test_a_taken_name_costs_no_training(small_mnist: DigitSet, tmp_path: Path) -> None:
    train(config(epochs=1), "taken", small_mnist, folder=tmp_path)
    events: list[Event] = []
    with pytest.raises(RunError, match="already"):
        train(config(), "taken", small_mnist, folder=tmp_path, on_event=events.append)
    assert events == []


def test_the_validation_digits_are_kept_apart_and_always_the_same(small_mnist: DigitSet) -> None:
    training, validation = split_validation(small_mnist.train, 100)
    assert len(training) == 700
    assert len(validation) == 100
    assert np.array_equal(validation.images, split_validation(small_mnist.train, 100)[1].images)
    everything = {image.tobytes() for image in small_mnist.train.images}
    assert {image.tobytes() for image in (*training.images, *validation.images)} == everything


def test_more_validation_digits_than_there_are_is_refused(small_mnist: DigitSet) -> None:
    with pytest.raises(ConfigError, match="validation_digits"):
        split_validation(small_mnist.train, 800)
