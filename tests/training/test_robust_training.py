"""The settings of the robust recipe act in training only, and leave a run like any other."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_core.data.datasets import DigitSet
from mnist_core.data.pen_files import PenDigits, load_pen_digits, save_pen_digits
from mnist_core.errors import ConfigError, DatasetError, RunError
from mnist_core.events import Event
from mnist_core.models.classifier import Classifier
from mnist_core.models.keras_blocks import plain_weights
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.recipes import RECIPES, TrainingConfig
from mnist_core.runs.run import Run
from mnist_core.runs.store import load_run
from mnist_core.training import sources
from mnist_core.training.trainer import train

AIDS: dict[str, Any] = {
    "augmentation": 0.5,
    "handwriting": 0.2,
    "out_of_distribution": 0.1,
    "normalisation": True,
    "dropout": 0.1,
    "weight_decay": 0.01,
    "ema_epochs": 0.5,
    "label_smoothing": 0.05,
    "calibrated": True,
}


@pytest.fixture(scope="module", autouse=True)
def little_handwriting() -> Any:
    """Let the generator write a few digits only, which is enough here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "WRITTEN_DIGITS", 50)
        patch.setattr(sources, "PEN_DIGITS", 50)
        patch.setattr(sources, "OUT_OF_DISTRIBUTION_SAMPLES", 20)
        patch.setattr(sources, "VALIDATION_WRITTEN_DIGITS", 20)
        yield


def config(architecture: str = "mlp", **changes: Any) -> TrainingConfig:
    values = {
        "optimizer": "adam",
        "learning_rate": 0.005,
        "batch_size": 50,
        "epochs": 2,
        "validation_digits": 100,
        **AIDS,
        **changes,
    }
    return TrainingConfig(architecture, **values)


@pytest.fixture(scope="module", params=list(ARCHITECTURES))
def trained(request: pytest.FixtureRequest, small_mnist: DigitSet, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(config(request.param, epochs=4), "aided", small_mnist, folder=tmp_path_factory.mktemp("runs"))


def test_an_aided_run_learned_something_and_records_its_temperature(trained: Run) -> None:
    assert trained.test.fraction > 0.5
    assert 0.1 <= trained.temperature <= 10
    assert trained.temperature != 1
    assert trained.entropy_threshold is not None
    assert 0 < trained.entropy_threshold < 1
    assert load_run("aided", trained.folder.parent) == trained


def test_layers_that_act_in_training_only_are_not_in_the_run(trained: Run) -> None:
    import keras

    stored = keras.models.load_model(trained.folder / "model.keras")
    specified = ARCHITECTURES[trained.architecture].build()
    assert [type(layer) for layer in stored.layers] == [type(layer) for layer in specified.layers]
    assert stored.count_params() == specified.count_params() == trained.parameters


def test_litert_and_keras_agree_on_an_aided_run_too(trained: Run) -> None:
    import keras

    pictures = np.random.default_rng(0).random((50, 28, 28), dtype=np.float32)
    expected = keras.models.load_model(trained.folder / "model.keras").predict(pictures[..., None], verbose=0)
    assert np.abs(Classifier(trained.model_path).probabilities(pictures) - expected).max() < 1e-4


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_a_model_without_its_normalisation_predicts_the_same(name: str) -> None:
    import keras

    keras.utils.set_random_seed(1)
    aided = ARCHITECTURES[name].build(normalisation=True, dropout=0.2)
    random = np.random.default_rng(0)
    aided.set_weights(
        [
            random.uniform(0.1, 1, weight.shape).astype(np.float32) if weight.ndim == 1 else weight
            for weight in aided.get_weights()
        ]
    )
    plain = ARCHITECTURES[name].build()
    plain.set_weights(plain_weights(aided))
    pictures = random.random((20, 28, 28, 1), dtype=np.float32)
    assert np.abs(plain.predict(pictures, verbose=0) - aided.predict(pictures, verbose=0)).max() < 1e-4


def test_the_same_seed_gives_the_same_weights_with_all_aids(small_mnist: DigitSet, tmp_path: Path) -> None:
    pictures = np.random.default_rng(0).random((50, 28, 28), dtype=np.float32)
    first, again, other = (
        Classifier(train(config(seed=seed), name, small_mnist, folder=tmp_path).model_path).probabilities(pictures)
        for seed, name in ((3, "one"), (3, "two"), (4, "three"))
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_student_learns_from_the_run_named_as_its_teacher(trained: Run, small_mnist: DigitSet) -> None:
    name, folder = f"student-{trained.architecture}", trained.folder.parent
    student = train(config(teacher="aided", repeats=2), name, small_mnist, folder=folder)
    assert student.test.fraction > 0.5
    assert student.config["teacher"] == "aided"


def test_a_training_that_is_stopped_while_digits_are_prepared_leaves_nothing(
    small_mnist: DigitSet, tmp_path: Path
) -> None:
    def stop(event: Event) -> None:
        if event["event"] == "progress":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config(epochs=50), "stopped", small_mnist, folder=tmp_path, on_event=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_teacher_that_is_not_there_is_an_error_and_costs_no_training(small_mnist: DigitSet, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="nobody"):
        train(config(teacher="nobody"), "student", small_mnist, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def pen_file(path: Path) -> Path:
    """Two zeros and a one by two writers."""
    ring = [[[0, 0], [30, 0], [30, 50], [0, 50], [0, 0]]]
    pen = PenDigits.of([ring, ring, [[[0, 0], [0, 50]]]], labels=[0, 0, 1], donors=["ann", "bob", "bob"])
    save_pen_digits(pen, path)
    return path


def test_a_run_says_which_pen_strokes_it_learned_from(small_mnist: DigitSet, tmp_path: Path) -> None:
    path = pen_file(tmp_path / "mine.npz")
    run = train(config(pen_fraction=0.2, pens=str(path)), "run", small_mnist, folder=tmp_path / "runs")
    assert load_run("run", tmp_path / "runs").data["pens"] == {
        "digest": load_pen_digits(path).digest(),
        "digits": 3,
        "writers": 2,
    }
    assert run.config["pen_fraction"] == 0.2


def test_without_the_usual_pen_strokes_a_training_goes_on_and_says_what_it_lacks(
    small_mnist: DigitSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UCI_PENS_NPZ", str(tmp_path / "absent.npz"))
    events: list[Event] = []
    run = train(config(pen_fraction=0.2), "run", small_mnist, folder=tmp_path / "runs", on_event=events.append)
    assert "digit-duel download --pens" in str([event for event in events if event["event"] == "preparing"])
    assert run.data["pens"] is None


def test_a_pen_file_that_somebody_named_must_be_there(small_mnist: DigitSet, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"absent\.npz"):
        train(config(pen_fraction=0.2, pens=str(tmp_path / "absent.npz")), "run", small_mnist, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_training_may_begin_with_the_weights_of_a_run(trained: Run, small_mnist: DigitSet) -> None:
    changes: dict[str, Any] = {"initial_run": "aided", "normalisation": False, "epochs": 1, "learning_rate": 1e-8}
    events: list[Event] = []
    more = train(
        config(trained.architecture, **changes, ema_epochs=0.0),
        f"more-{trained.architecture}",
        small_mnist,
        folder=trained.folder.parent,
        on_event=events.append,
    )
    assert more.test.incorrect == trained.test.incorrect
    untrained = next(event for event in events if event["event"] == "untrained")
    assert untrained["accuracy"] > 0.5


def test_a_part_of_the_initial_weights_is_kept(small_mnist: DigitSet, tmp_path: Path) -> None:
    import keras

    def weights(name: str) -> list[np.ndarray]:
        return keras.models.load_model(tmp_path / name / "model.keras").get_weights()  # type: ignore[no-any-return]

    plain: dict[str, Any] = {"normalisation": False, "calibrated": False, "ema_epochs": 0.0, "epochs": 1}
    train(config(**plain), "old", small_mnist, folder=tmp_path)
    for name, fraction in (("new", 0.0), ("mixed", 0.25)):
        changed = config(**plain, initial_run="old", initial_fraction=fraction)
        train(changed, name, small_mnist, folder=tmp_path)
    for old, new, mixed in zip(weights("old"), weights("new"), weights("mixed"), strict=True):
        assert np.allclose(mixed, 0.25 * old + 0.75 * new, atol=2e-3)
        assert np.abs(mixed - new).max() > 1e-3


def test_an_initial_run_of_another_kind_is_refused(trained: Run, small_mnist: DigitSet) -> None:
    changes: dict[str, Any] = {"initial_run": "aided", "normalisation": False, "width": 0.5}
    with pytest.raises(ConfigError, match=r"'aided'.*same architecture and width"):
        train(config(trained.architecture, **changes), "other", small_mnist, folder=trained.folder.parent)
    with pytest.raises(RunError, match="nobody"):
        train(config(initial_run="nobody", normalisation=False), "other", small_mnist, folder=trained.folder.parent)
    assert not (trained.folder.parent / "other").exists()


def test_every_epoch_has_all_its_batches_and_no_other(small_mnist: DigitSet, tmp_path: Path) -> None:
    events: list[Event] = []
    train(config(batch_size=30, epochs=2), "run", small_mnist, folder=tmp_path, on_event=events.append)
    assert [event["fraction"] for event in events if event["event"] == "progress"][-1] == 1
    assert sum(event["event"] == "epoch" for event in events) == 2


def test_the_specified_recipe_uses_none_of_the_aids() -> None:
    for given in RECIPES["specified"].values():
        plain = TrainingConfig(
            given.architecture, given.optimizer, given.learning_rate, batch_size=given.batch_size, epochs=given.epochs
        )
        assert replace(plain, schedule=given.schedule, recipe=given.recipe, precision=given.precision) == given
        assert not given.prepares_digits


def test_a_config_from_before_the_aids_is_read_as_without_them() -> None:
    old = {key: value for key, value in RECIPES["specified"]["mlp"].to_json().items() if key not in AIDS}
    assert TrainingConfig.from_json(old) == RECIPES["specified"]["mlp"]


@pytest.mark.parametrize(
    "changes",
    [
        {"handwriting": 0.6, "out_of_distribution": 0.4},
        {"handwriting": 0.3, "pen_fraction": 0.6, "out_of_distribution": 0.1},
        {"pen_fraction": 1.0},
        {"pens": "somebody"},
        {"initial_fraction": 0.5},
        {"augmentation": -1},
        {"dropout": 1},
        {"ema_epochs": 9, "epochs": 2},
        {"repeats": 0},
        {"precision": "float16"},
        {"width": 0},
    ],
)
def test_aids_out_of_range_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(
        ConfigError,
        match=str(next(iter(changes)) if len(changes) == 1 or "epochs" in changes else "out_of_distribution"),
    ):
        config(**changes)
