"""What every layer of a network computes for a digit, and the sum that decides between the answer and the runner-up.

    >>> from pathlib import Path
    >>> from mnist_core.models.weights import read_network
    >>> network = read_network(Path("trained_models/mlp-specified/model.tflite"))
    >>> digit = np.zeros((28, 28), np.float32)
    >>> digit[4:24, 13:15] = 1
    >>> activations = activations_of(network, digit)
    >>> activations["hidden"].shape
    (512,)
    >>> decision = decision_of(network, activations)
    >>> decision.answer, decision.contributions.shape
    (1, (512,))
    >>> bool(np.isclose(decision.contributions.sum() + decision.bias, decision.difference, atol=1e-4))
    True

The last layer of every network adds: logit = sum of activation x weight, plus a bias. So the difference between the
logits of two digits is a sum over the units of the layer before it. Each unit's part is exact, without an approximation
or a reference digit. Softmax turns the difference d into the ratio e^d of the two probabilities.
"""

from dataclasses import dataclass

import numpy as np

from mnist_core.data.preprocessing import Digit
from mnist_core.models.network import Array, Dense, Network, outputs


@dataclass(frozen=True, eq=False)
class Decision:
    """The answer, the runner-up, and the sum that leads from the last hidden layer to the difference of their logits.

    activations: (inputs,) float32, what the last layer gets. contributions: (inputs,) float64, activation x (weight to
    the answer - weight to the runner-up). bias: the difference of the two biases. difference: of the two logits, at
    least 0. probabilities: (10,) float32.
    """

    answer: int
    runner_up: int
    activations: Array
    contributions: np.ndarray[tuple[int], np.dtype[np.float64]]
    bias: float
    difference: float
    probabilities: Array


def activations_of(network: Network, digit: Digit) -> dict[str, Array]:
    """The digit under the name 'digit', then the output of every layer by its name, of the layer's output shape.

    digit: (28, 28) float32 in 0..1.
    """
    computed = outputs(network, digit[None])
    return {"digit": digit, **{name: output[0] for name, output in computed.items()}}


def decision_of(network: Network, activations: dict[str, Array], *, digits: tuple[int, int] | None = None) -> Decision:
    """The sum behind the answer. activations: those that `activations_of` gives for this network.

    digits: compare these two instead of the most and the second most probable, such as those of another pass. Their
    difference may be negative.
    """
    last = network[-1]
    assert isinstance(last, Dense), "read_network lets only networks pass that end with softmax"
    inputs = list(activations.values())[-2].ravel()
    kernel, biases = last.kernel.astype(np.float64), last.bias.astype(np.float64)
    logits = inputs.astype(np.float64) @ kernel + biases
    answer, runner_up = digits if digits is not None else (int(i) for i in np.argsort(-logits, kind="stable")[:2])
    return Decision(
        answer=answer,
        runner_up=runner_up,
        activations=inputs,
        contributions=inputs.astype(np.float64) * (kernel[:, answer] - kernel[:, runner_up]),
        bias=float(biases[answer] - biases[runner_up]),
        difference=float(logits[answer] - logits[runner_up]),
        probabilities=activations[last.name],
    )


def strongest_units(values: np.ndarray[tuple[int], np.dtype[np.float64]], count: int) -> list[int]:
    """The places of the `count` values that are furthest from 0, the furthest first. Equals keep their order."""
    return [int(place) for place in np.argsort(-np.abs(values), kind="stable")[:count]]


def channels_by_strength(maps: Array) -> list[int]:
    """The channels of feature maps (height, width, channels), the one that responds most to the digit first.

    Its response is the standard deviation of its cells. A map with the same activation everywhere, however large, says
    nothing of the digit.
    """
    return [int(channel) for channel in np.argsort(-maps.std(axis=(0, 1)), kind="stable")]


def input_by_place(layer: Dense, maps: Array, unit: int) -> Array:
    """What each place of the feature maps adds to one unit of the dense layer that reads them.

    maps: (height, width, channels), what the layer gets before it is flattened. The result, (height, width) float32,
    sums activation x weight over the channels; with the bias, it sums up to the unit's value before ReLU.
    """
    return (maps * layer.kernel[:, unit].reshape(maps.shape)).sum(axis=2, dtype=np.float32)  # type: ignore[no-any-return]
