"""Activations, contributions, receptive fields and nudges against LiteRT, Keras and brute force."""

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from mnist_core.data.preprocessing import Digit
from mnist_core.explanations.activations import (
    activations_of,
    channels_by_strength,
    decision_of,
    input_by_place,
    strongest_units,
)
from mnist_core.explanations.layer_views import view_of
from mnist_core.explanations.nudged_activations import alike, moved_right
from mnist_core.explanations.receptive_fields import receptive_fields
from mnist_core.models.network import Dense, Network
from mnist_core.models.weights import read_network
from tests.conftest import ROOT
from tests.models.model_files import ModelFile, random_cnn, random_mlp

SHIPPED = ("mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust")


def shipped(name: str) -> Network:
    return read_network(ROOT / "trained_models" / name / "model.tflite")


def seven(right: int = 0) -> Digit:
    """A 7 of two straight lines, moved to the right by some pixels."""
    digit = np.zeros((28, 28), np.float32)
    digit[5:8, 8 + right : 20 + right] = 1
    for row in range(8, 24):
        column = 18 - (row - 8) // 2 + right
        digit[row, column : column + 3] = 0.9
    return digit


@pytest.mark.filterwarnings("ignore:.*experimental_preserve_all_tensors:UserWarning")  # it is meant for this
@pytest.mark.parametrize("name", SHIPPED)
def test_every_layer_computes_what_litert_computes(name: str) -> None:
    path = ROOT / "trained_models" / name / "model.tflite"
    interpreter = Interpreter(str(path), experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], seven()[None, :, :, None])
    interpreter.invoke()
    tensors = [
        interpreter.get_tensor(each["index"])
        for each in interpreter.get_tensor_details()
        if each["dtype"] is np.float32
    ]
    # LiteRT computes some layers together with the next and never writes the tensors between them. Their memory can
    # hold anything, also values that are no number.
    tensors = [each for each in tensors if np.isfinite(each).all()]
    activations = activations_of(shipped(name), seven())
    for layer, output in activations.items():
        same = [each for each in tensors if each.size == output.size]
        closest = min(float(np.abs(each.reshape(output.shape) - output).max()) for each in same)
        assert closest < 1e-4, layer


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mlp-specified", "cnn-specified"])
def test_every_layer_computes_what_keras_computes(name: str) -> None:
    import keras

    model = keras.models.load_model(ROOT / "trained_models" / name / "model.keras")
    of_keras = keras.Model(model.inputs, {layer.name: layer.output for layer in model.layers})
    expected = of_keras.predict(seven()[None, :, :, None], verbose=0)
    activations = activations_of(shipped(name), seven())
    compared = [layer for layer in activations if layer in expected]
    assert {"hidden", "probabilities"} <= set(compared)
    assert name.startswith("mlp") or {"convolution_1", "pooling_1", "convolution_3", "pooling_3"} <= set(compared)
    for layer in compared:
        # The weights of a .tflite file are rounded to float16.
        np.testing.assert_allclose(activations[layer], expected[layer][0], atol=0.02, err_msg=layer)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_contributions_and_the_bias_sum_up_to_the_difference_of_the_logits(name: str) -> None:
    network = shipped(name)
    activations = activations_of(network, seven())
    decision = decision_of(network, activations)
    last = network[-1]
    assert isinstance(last, Dense)
    logits = last.logits(decision.activations[None])[0]
    assert decision.contributions.sum() + decision.bias == pytest.approx(decision.difference, abs=1e-9)
    assert logits[decision.answer] - logits[decision.runner_up] == pytest.approx(decision.difference, abs=1e-3)
    ratio = decision.probabilities[decision.answer] / decision.probabilities[decision.runner_up]
    assert np.log(ratio) == pytest.approx(decision.difference, abs=1e-3)
    assert list(np.argsort(-decision.probabilities)[:2]) == [decision.answer, decision.runner_up]


def test_a_decision_between_two_given_digits_may_speak_against_the_first() -> None:
    network = shipped("mlp-specified")
    activations = activations_of(network, seven())
    usual = decision_of(network, activations)
    other = decision_of(network, activations, digits=(usual.runner_up, usual.answer))
    assert other.difference == pytest.approx(-usual.difference)
    np.testing.assert_allclose(other.contributions, -usual.contributions)


def test_a_network_without_a_hidden_layer_decides_by_its_pixels(tmp_path: Path) -> None:
    network = read_network(ModelFile().flatten().dense(10, activation=None).softmax().write(tmp_path / "linear.tflite"))
    decision = decision_of(network, activations_of(network, seven()))
    np.testing.assert_array_equal(decision.activations, seven().ravel())
    assert decision.contributions.sum() + decision.bias == pytest.approx(decision.difference, abs=1e-9)
    view = view_of(network, seven(), nudge=2)
    assert (view.blocks, view.units, view.reads_places) == ([], [], True)


def test_what_the_places_add_and_the_bias_sum_up_to_the_unit(tmp_path: Path) -> None:
    network = read_network(random_cnn(tmp_path / "cnn.tflite", widths=(4, 5, 6), hidden=12))
    activations = activations_of(network, seven())
    hidden = next(layer for layer in network if layer.name == "hidden")
    assert isinstance(hidden, Dense)
    for unit in range(12):
        places = input_by_place(hidden, activations["pooling_3"], unit)
        assert places.shape == (3, 3)
        assert max(places.sum() + hidden.bias[unit], 0) == pytest.approx(activations["hidden"][unit], abs=1e-4)


def test_the_strongest_units_are_those_furthest_from_zero() -> None:
    assert strongest_units(np.array([1.0, -3.0, 2.0, 0.0]), 3) == [1, 2, 0]


def test_a_map_that_is_the_same_everywhere_is_the_weakest() -> None:
    maps = np.zeros((4, 4, 3), np.float32)
    maps[..., 0] = 9
    maps[1, 1, 1] = 1
    maps[1, 1, 2] = 5
    assert channels_by_strength(maps) == [2, 1, 0]


LAYOUTS = {
    "three blocks": lambda path: random_cnn(path, widths=(8, 8, 8), hidden=8),
    "one block": lambda path: random_cnn(path, widths=(4,), hidden=8),
    "two convolutions in a row": lambda path: (
        ModelFile().convolution(3).convolution(3).pooling().flatten().dense(10, activation=None).softmax().write(path)
    ),
    "pooling first": lambda path: (
        ModelFile().pooling().convolution(4).flatten().dense(10, activation=None).softmax().write(path)
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_cell_changes_if_and_only_if_a_pixel_of_its_receptive_field_does(tmp_path: Path, layout: str) -> None:
    network = read_network(LAYOUTS[layout](tmp_path / "cnn.tflite"))
    random = np.random.default_rng(1)
    fields = receptive_fields(network)
    assert fields
    probed = [(0, 0), (27, 27), (13, 8), (4, 21)]
    for row, column in probed:
        changed = {name: np.zeros(0) for name in fields}
        for _ in range(40):  # a change may be lost in ReLU or a maximum, but not in all digits
            digit = random.random((28, 28)).astype(np.float32)
            other = digit.copy()
            other[row, column] = random.choice([-9, 9])
            before, after = activations_of(network, digit), activations_of(network, other)
            for name in fields:
                differs = (before[name] != after[name]).any(axis=2)
                changed[name] = differs if not changed[name].size else changed[name] | differs
        for name, field in fields.items():
            rows, columns = changed[name].shape
            expected = np.zeros((rows, columns), bool)
            expected[np.ix_(field.cells(row, count=rows), field.cells(column, count=columns))] = True
            np.testing.assert_array_equal(changed[name], expected, err_msg=f"{name}, pixel {row}, {column}")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_pixels_of_a_cell_are_those_that_the_cell_depends_on(tmp_path: Path, layout: str) -> None:
    network = read_network(LAYOUTS[layout](tmp_path / "cnn.tflite"))
    for layer in network:
        field = receptive_fields(network).get(layer.name)
        if field is None:
            continue
        count = layer.output_shape[0]
        by_cell = {(cell, pixel) for cell in range(count) for pixel in field.pixels(cell)}
        assert by_cell == {(cell, pixel) for pixel in range(28) for cell in field.cells(pixel, count=count)}


def test_the_first_maps_of_a_nudged_digit_are_those_of_the_digit_moved_along(tmp_path: Path) -> None:
    network = read_network(random_cnn(tmp_path / "cnn.tflite", widths=(6, 6), hidden=8))
    found = {each.layer: each for each in view_of(network, seven(), nudge=4).alike}
    assert found["convolution_2"].moved == pytest.approx(1, abs=0.02)  # all but the cells at the edge
    assert found["convolution_2"].same < 0.9
    assert (found["convolution_1"].cells, found["pooling_1"].cells, found["pooling_2"].cells) == (4, 2, 1)
    assert found["hidden"].moved is None


def test_half_a_cell_lies_between_two_positions() -> None:
    maps = np.zeros((1, 5, 1), np.float32)
    maps[0, 1] = 4
    assert moved_right(maps, 1.5)[0, :, 0].tolist() == [0, 0, 2, 2, 0]


def test_moving_is_shifting_and_loses_what_leaves_at_the_right() -> None:
    np.testing.assert_array_equal(moved_right(seven(), 3), seven(right=3))
    np.testing.assert_array_equal(moved_right(seven(right=3), -3), seven())
    np.testing.assert_array_equal(moved_right(seven()[:, ::-1], -1.25), moved_right(seven(), 1.25)[:, ::-1])
    assert not moved_right(seven(), 28).any()


def test_alike_is_the_correlation_and_zero_where_nothing_varies() -> None:
    random = np.random.default_rng(0)
    one, other = random.random((2, 7, 7)).astype(np.float32)
    assert alike(one, other) == pytest.approx(np.corrcoef(one.ravel(), other.ravel())[0, 1])
    assert alike(one, np.ones_like(one)) == 0


@pytest.mark.parametrize(("name", "reads_places", "blocks"), [("mlp-specified", True, 0), ("cnn-specified", False, 3)])
def test_a_view_has_a_stage_for_every_layer(name: str, reads_places: bool, blocks: int) -> None:
    view = view_of(shipped(name), seven(), nudge=3)
    assert (view.reads_places, len(view.blocks), len(view.units)) == (reads_places, blocks, 1)
    assert [len(units.shown) for units in view.units] == [2]
    for units, decision in zip(view.units * 2, view.decisions, strict=True):
        order = units.shown[view.decisions.index(decision)]
        sizes = np.abs(decision.contributions[order])
        assert list(sizes) == sorted(sizes, reverse=True)
        assert sizes[0] == np.abs(decision.contributions).max()


def test_both_passes_compare_the_two_answers_if_the_nudge_changes_the_answer() -> None:
    network = shipped("mlp-specified")
    views = [view_of(network, moved_right(seven(), by), nudge=nudge) for by in range(3) for nudge in (2, 3, 4, 5)]
    changed = [view for view in views if view.predictions[0] != view.predictions[1]]
    assert changed
    for view in changed:
        assert [(each.answer, each.runner_up) for each in view.decisions] == [tuple(view.predictions)] * 2
        assert view.decisions[0].difference > 0 > view.decisions[1].difference


def test_a_narrow_mlp_shows_all_its_units(tmp_path: Path) -> None:
    view = view_of(read_network(random_mlp(tmp_path / "mlp.tflite", hidden=5)), seven())
    assert sorted(view.units[0].shown[0]) == [0, 1, 2, 3, 4]
    assert set(view.units[0].weights) == {0, 1, 2, 3, 4}


def test_of_two_hidden_layers_only_the_last_decides(tmp_path: Path) -> None:
    file = ModelFile().flatten().dense(9).dense(8).dense(10, activation=None).softmax()
    view = view_of(read_network(file.write(tmp_path / "deep.tflite")), seven())
    first, second = view.units
    assert len(first.weights) == 9
    assert not second.weights
    assert not second.places
    assert len(view.decisions[0].contributions) == 8
