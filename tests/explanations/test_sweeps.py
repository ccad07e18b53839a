"""Sweeps of one amount, and the search for the weakest spots, with the shipped models."""

import numpy as np
import pytest

from mnist_core.distortions.nudges import RANGES, Nudge, nudged
from mnist_core.explanations.sweeps import SEARCHED, sweep, weakest_spots
from mnist_core.models.classifier import Classifier
from mnist_core.runs.disagreements import prepared_drawings
from mnist_core.runs.store import load_run

DRAWING = prepared_drawings()[9]


@pytest.fixture(scope="module")
def models() -> list[Classifier]:
    return [Classifier(load_run(name).model_path) for name in ("mlp-robust", "cnn-robust")]


def test_a_sweep_is_the_prediction_at_every_value_with_the_other_amounts_as_they_are(models: list[Classifier]) -> None:
    nudge = Nudge(shift_down=2, rotation=10)
    swept = sweep(DRAWING.digit(), nudge, "rotation", models)
    assert swept.values == RANGES["rotation"].values()
    for number, model in enumerate(models):
        assert swept.probabilities[number].shape == (len(swept.values), 10)
        for at in (0, 17, len(swept.values) - 1):
            digit = nudged(DRAWING.digit(), Nudge(shift_down=2, rotation=swept.values[at]))
            expected = model.probabilities(digit[np.newaxis])[0]
            np.testing.assert_allclose(swept.probabilities[number][at], expected, atol=1e-5)


def test_an_unknown_amount_is_an_error(models: list[Classifier]) -> None:
    with pytest.raises(KeyError):
        sweep(DRAWING.digit(), Nudge(), "colour", models)


@pytest.mark.slow
def test_a_weakest_spot_fails_and_all_smaller_nudges_of_its_kind_hold(models: list[Classifier]) -> None:
    found = weakest_spots(DRAWING.digit(), models, [DRAWING.label] * 2)
    assert "shift_right" in found[0], "the robust MLP falls for a shift"
    assert "shift_right" not in found[1], "the robust CNN does not"
    for model, spots in zip(models, found, strict=True):
        for name in SEARCHED:
            limits = RANGES[name]
            spot = spots.get(name)
            for value in limits.values():
                predicted = model.predict(nudged(DRAWING.digit(), Nudge().with_amount(name, value))).digit
                if spot and value == getattr(spot.nudge, name):
                    assert predicted == spot.answer != DRAWING.label
                elif spot is None or limits.fraction(value) < spot.fraction - 1e-9:
                    assert predicted == DRAWING.label
        patch = spots["patch_size"]
        assert model.predict(nudged(DRAWING.digit(), patch.nudge)).digit == patch.answer != DRAWING.label


def test_a_model_that_fails_without_a_nudge_has_its_weakest_spots_there(models: list[Classifier]) -> None:
    (spots,) = weakest_spots(DRAWING.digit(), models[:1], [(DRAWING.label + 1) % 10])
    assert {spot.fraction for spot in spots.values()} == {0.0}
    assert {spot.answer for spot in spots.values()} == {DRAWING.label}
    assert set(spots) == {*SEARCHED, "patch_size"}
