"""Gradients of a network's logits with respect to the pixels, in NumPy, for any number of digits at once.

    >>> from pathlib import Path
    >>> from mnist_core.models.weights import read_network
    >>> network = read_network(Path("trained_models/mlp-specified/model.tflite"))
    >>> digits = np.zeros((3, 28, 28), np.float32)
    >>> found = gradients(network, digits, margin_weights(7, 1))
    >>> found.values.shape, found.pixels.shape
    ((3,), (3, 28, 28))

What is explained is always a weighted sum of the ten logits, most often a margin: the logit of one digit minus that of
another. A margin above 0 means that the first of the two is more probable.

A network of ReLU and maximum pooling is linear as long as no unit starts or stops being active. There the value is
exactly the sum of pixels times gradients and of biases times their gradients; `bias_share` is the second part.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.explanations.one_core import one_core
from mnist_core.models.network import Array, Convolution, Dense, Flatten, Layer, Pooling


@dataclass(frozen=True, eq=False)
class Gradients:
    """For n digits: the values (n,), their derivatives by pixel (n, 28, 28), and what the biases add to the values
    (n,), see the module. All float32.
    """

    values: Array
    pixels: Array
    bias_share: Array


def margin_weights(answer: int, rival: int) -> Array:
    """The weights of the logits, (10,), whose sum is the logit of `answer` minus that of `rival`. Both are 0..9."""
    weights = np.zeros(10, np.float32)
    weights[answer] += 1
    weights[rival] -= 1
    return weights


def logits(network: Sequence[Layer], digits: Array) -> Array:
    """The sums before softmax, (n, 10) float32. digits: (n, 28, 28) float32 in 0..1."""
    return _forward(network, digits)[-1]


def gradients(network: Sequence[Layer], digits: Array, weights: Array) -> Gradients:
    """The weighted sum of the logits for each digit, and its derivative by every pixel.

    digits: (n, 28, 28) float32 in 0..1. weights: of the logits, (10,), or (n, 10) if they differ from digit to digit.

    Where several pixels of a pooling square share the maximum, each gets an equal part of the derivative.

    It computes on one core.
    """
    with one_core():
        return _gradients(network, digits, weights)


def _gradients(network: Sequence[Layer], digits: Array, weights: Array) -> Gradients:
    values = _forward(network, digits)
    chosen = np.broadcast_to(np.asarray(weights, np.float32), values[-1].shape)
    derivative, bias_share = chosen, np.zeros(len(chosen), np.float32)
    for number in reversed(range(len(network))):
        layer = network[number]
        if layer is not network[-1] and isinstance(layer, Convolution | Dense):
            derivative = derivative * (values[number + 1] > 0)
        if isinstance(layer, Convolution | Dense):
            bias_share = bias_share + (derivative @ layer.bias).reshape(len(chosen), -1).sum(axis=1)
        derivative = _backward(layer, values[number], values[number + 1], derivative)
    pixels = np.ascontiguousarray(derivative, np.float32).reshape(np.shape(digits))
    return Gradients((chosen * values[-1]).sum(axis=1), pixels, bias_share)


def _forward(network: Sequence[Layer], digits: Array) -> list[Array]:
    """The digits as the first layer takes them, then every layer's output; of the last one its logits."""
    last = network[-1]
    if not isinstance(last, Dense):
        raise ValueError(f"Received a network that ends with {last.name}, expected a dense layer with softmax.")
    values = [np.asarray(digits, np.float32).reshape(-1, *network[0].input_shape)]
    for layer in network[:-1]:
        values.append(layer.forward(values[-1]))
    return [*values, last.logits(values[-1])]


def _backward(layer: Layer, inputs: Array, outputs: Array, derivative: Array) -> Array:
    """The derivative by the layer's inputs. derivative: by its sums before ReLU, or by the outputs if it has none."""
    match layer:
        case Dense():
            return derivative @ layer.kernel.T
        case Flatten():
            return derivative.reshape(inputs.shape)
        case Pooling():
            return _through_pooling(layer, inputs, outputs, derivative)
        case Convolution():
            return _through_convolution(layer, derivative)


def _through_pooling(layer: Pooling, inputs: Array, outputs: Array, derivative: Array) -> Array:
    height, width, channels = layer.output_shape
    covered = inputs[:, : 2 * height, : 2 * width].reshape(-1, height, 2, width, 2, channels)
    is_maximum = covered == outputs[:, :, None, :, None]
    shares = (derivative / is_maximum.sum(axis=(2, 4), dtype=np.float32))[:, :, None, :, None] * is_maximum
    result = np.zeros(inputs.shape, np.float32)  # a last row or column without a partner has no influence
    result[:, : 2 * height, : 2 * width] = shares.reshape(-1, 2 * height, 2 * width, channels)
    return result


def _through_convolution(layer: Convolution, derivative: Array) -> Array:
    """Each sum hands its derivative back to the nine pixels that it came from."""
    height, width, inputs = layer.input_shape
    # (n, height, width, outputs) times (outputs, 9 * inputs)
    shares = derivative @ layer.kernel.reshape(9 * inputs, -1).T
    shares = shares.reshape(-1, height, width, 3, 3, inputs)
    padded = np.zeros((len(derivative), height + 2, width + 2, inputs), np.float32)
    for row in range(3):
        for column in range(3):
            padded[:, row : row + height, column : column + width] += shares[:, :, :, row, column]
    return padded[:, 1:-1, 1:-1]
