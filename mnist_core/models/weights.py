"""Reads the layers and weights of a network from its model.tflite, without TensorFlow.

    >>> network = read_network(Path("trained_models/mlp-specified/model.tflite"))
    >>> [(layer.name, layer.kind, layer.output_shape) for layer in network]
    [('flatten', 'flatten', (784,)), ('hidden', 'dense', (512,)), ('probabilities', 'dense', (10,))]
    >>> network[1].weights["kernel"].shape
    (784, 512)

The file must be a chain of the layers in network.py and nothing else, with float32 weights, or with float16 weights
that DEQUANTIZE makes float32. Any other file is refused: a network that is understood only in part must not predict.

A .tflite file is a FlatBuffer, https://flatbuffers.dev. The module that reads its fields was made from LiteRT's schema
(tflite/converter/schema/schema.fbs) and comes with the package ai-edge-litert. It checks nothing, so LiteRT itself
checks the file first.
"""

from collections import Counter
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from mnist_core.data.preprocessing import SIDE
from mnist_core.errors import RunError
from mnist_core.models.classifier import check_model
from mnist_core.models.network import Array, Convolution, Dense, Flatten, Layer, Network, Pooling

OPERATORS = {number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)}
"""LiteRT's names of its operators, by their numbers in the file."""

SHAPE_ARITHMETIC = {"SHAPE", "STRIDED_SLICE", "PACK"}
"""Operators that only compute the shape that RESHAPE takes; the file states that shape as well."""

WEIGHT_TYPES = {schema.TensorType.FLOAT16: "<f2", schema.TensorType.FLOAT32: "<f4"}
"""NumPy's names of the types that weights may have."""

NO_ACTIVATION, RELU = schema.ActivationFunctionType.NONE, schema.ActivationFunctionType.RELU


@dataclass(frozen=True)
class _Step:
    """One operator on the way from the digit to the probabilities. Shapes are those of one digit."""

    name: str
    operator: Any
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    weights: tuple[Array, ...]

    def options(self, kind: Any) -> Any:
        """The operator's options as one of the schema's classes. Options that a file leaves out have their defaults."""
        options, table = kind(), self.operator.BuiltinOptions()
        if table is None:
            raise _UnknownPartError(f"{self.name} has no options")
        options.Init(table.Bytes, table.Pos)
        return options


class _UnknownPartError(Exception):
    """Something in the file that network.py has no layer for; `read_network` makes it a RunError."""


def read_network(path: Path) -> Network:
    """The layers of a model file, first to last.

    Raises RunError for a file that is missing or damaged, and for any layer, option or type that network.py does not
    have.
    """
    if not path.is_file():
        raise RunError(f"There is no model file {path}. Train the run again or restore its folder.")
    check_model(path)
    try:
        layers = _layers(_steps(schema.Model.GetRootAs(path.read_bytes(), 0)))
        first, last = layers[0], layers[-1]
        if prod(first.input_shape) != SIDE * SIDE or last.output_shape != (10,):
            raise _UnknownPartError(f"it takes {first.input_shape} and gives {last.output_shape}")
        if not isinstance(last, Dense) or last.activation != "softmax":
            raise _UnknownPartError("it does not end with softmax")
    except _UnknownPartError as error:
        raise RunError(
            f"{path} cannot be read layer by layer: {error}. Expected a network from (28, 28, 1) to (10,) of 3x3 "
            "convolutions with ReLU, 2x2 maximum pooling, flatten, and dense layers with ReLU, and softmax at the end. "
            "LiteRT can still predict with it."
        ) from error
    return _named(layers)


def _steps(model: Any) -> list[_Step]:
    """The operators in the order in which a digit passes through them, with the weights as float32."""
    graph = model.Subgraphs(0)
    if (model.SubgraphsLength(), graph.InputsLength(), graph.OutputsLength()) != (1, 1, 1):
        raise _UnknownPartError("it has more than one graph, input or output")
    current = graph.Inputs(0)
    stored: dict[int, int] = {}  # tensor made by DEQUANTIZE -> tensor in half precision
    steps: list[_Step] = []
    for index in range(graph.OperatorsLength()):
        operator = graph.Operators(index)
        code = model.OperatorCodes(operator.OpcodeIndex())
        name = OPERATORS.get(max(code.BuiltinCode(), code.DeprecatedBuiltinCode()), "an unknown operator")
        if name in SHAPE_ARITHMETIC:
            continue
        if name == "DEQUANTIZE":
            stored[operator.Outputs(0)] = operator.Inputs(0)
            continue
        if operator.Inputs(0) != current or operator.OutputsLength() != 1:
            raise _UnknownPartError(f"{name} does not follow on the layer before it")
        weighted = range(1, operator.InputsLength()) if name in ("CONV_2D", "FULLY_CONNECTED") else ()
        weights = tuple(_weights(model, graph, stored, operator.Inputs(place)) for place in weighted)
        following = operator.Outputs(0)
        steps.append(_Step(name, operator, _shape(graph, current), _shape(graph, following), weights))
        current = following
    if current != graph.Outputs(0) or not steps:
        raise _UnknownPartError("its last layer does not give its output")
    return steps


def _shape(graph: Any, tensor: int) -> tuple[int, ...]:
    """The shape of a layer's input or output, without the batch, which is 1 in the file."""
    shape = [graph.Tensors(tensor).Shape(axis) for axis in range(graph.Tensors(tensor).ShapeLength())]
    if graph.Tensors(tensor).Type() != schema.TensorType.FLOAT32 or shape[:1] != [1]:
        raise _UnknownPartError("a layer's output is not float32 for one digit")
    return tuple(shape[1:])


def _weights(model: Any, graph: Any, stored: dict[int, int], tensor: int) -> Array:
    """A kernel or bias as float32."""
    if tensor < 0:
        raise _UnknownPartError("a layer has no bias")
    source = graph.Tensors(stored.get(tensor, tensor))
    content = model.Buffers(source.Buffer()).DataAsNumpy()
    if source.Type() not in WEIGHT_TYPES or source.Sparsity() is not None or not isinstance(content, np.ndarray):
        raise _UnknownPartError("weights are not plain float16 or float32")
    shape = [source.Shape(axis) for axis in range(source.ShapeLength())]
    numbers: NDArray[Any] = np.frombuffer(content.tobytes(), WEIGHT_TYPES[source.Type()])
    return numbers.astype(np.float32).reshape(shape)


def _layers(steps: list[_Step]) -> list[Layer]:
    """The steps as layers that have no names yet. SOFTMAX belongs to the dense layer before it."""
    layers: list[Layer] = []
    for step, following in zip(steps, [*(step.name for step in steps[1:]), "the end"], strict=True):
        match step.name:
            case "CONV_2D":
                layers.append(_convolution(step))
            case "MAX_POOL_2D":
                layers.append(_pooling(step))
            case "RESHAPE":
                if step.output_shape != (prod(step.input_shape),):
                    raise _UnknownPartError(f"a change of shape from {step.input_shape} to {step.output_shape}")
                layers.append(Flatten("", step.input_shape, step.output_shape))
            case "FULLY_CONNECTED":
                layers.append(_dense(step, following))
            case "SOFTMAX":
                if not layers or not isinstance(layers[-1], Dense) or layers[-1].activation != "softmax":
                    raise _UnknownPartError("softmax does not follow a dense layer")
                if step.options(schema.SoftmaxOptions).Beta() != 1:
                    raise _UnknownPartError("softmax with a factor")
            case other:
                raise _UnknownPartError(f"it has the operator {other}")
    return layers


def _convolution(step: _Step) -> Convolution:
    options = step.options(schema.Conv2DOptions)
    strides = options.StrideH(), options.StrideW(), options.DilationHFactor(), options.DilationWFactor()
    if options.Padding() != schema.Padding.SAME or strides != (1, 1, 1, 1):
        raise _UnknownPartError("a convolution whose stride and dilation are not 1 or whose padding is not 'same'")
    if options.FusedActivationFunction() != RELU:
        raise _UnknownPartError("a convolution without ReLU")
    kernel, bias = step.weights
    kernel = np.ascontiguousarray(kernel.transpose(1, 2, 3, 0))  # LiteRT has the outputs first
    if kernel.shape[:2] != (3, 3) or kernel.shape[2:] != (*step.input_shape[2:], *step.output_shape[2:]):
        raise _UnknownPartError(f"a convolution with a kernel of shape {kernel.shape}")
    return Convolution("", step.input_shape, step.output_shape, kernel, bias)


def _pooling(step: _Step) -> Pooling:
    options = step.options(schema.Pool2DOptions)
    sizes = options.FilterHeight(), options.FilterWidth(), options.StrideH(), options.StrideW()
    if options.Padding() != schema.Padding.VALID or sizes != (2, 2, 2, 2):
        raise _UnknownPartError("a pooling other than of 2x2 squares side by side with padding 'valid'")
    if options.FusedActivationFunction() != NO_ACTIVATION:
        raise _UnknownPartError("a pooling with an activation")
    return Pooling("", step.input_shape, step.output_shape)


def _dense(step: _Step, following: str) -> Dense:
    options = step.options(schema.FullyConnectedOptions)
    activation = options.FusedActivationFunction()
    if options.WeightsFormat() != schema.FullyConnectedOptionsWeightsFormat.DEFAULT:
        raise _UnknownPartError("a dense layer whose weights are not in their plain order")
    if activation != RELU and (activation != NO_ACTIVATION or following != "SOFTMAX"):
        raise _UnknownPartError("a dense layer with neither ReLU nor softmax")
    kernel, bias = step.weights
    if kernel.shape[::-1] != (*step.input_shape, *step.output_shape):
        raise _UnknownPartError(f"a dense layer with a kernel of shape {kernel.shape}")
    kernel = np.ascontiguousarray(kernel.T)
    return Dense("", step.input_shape, step.output_shape, kernel, bias, "relu" if activation == RELU else "softmax")


def _named(layers: list[Layer]) -> Network:
    """Names as Keras' models have them: by kind, and numbered where there may be several of a kind."""

    def stem(layer: Layer) -> str:
        if isinstance(layer, Dense):
            return "hidden" if layer.activation == "relu" else "probabilities"
        return layer.kind

    totals, numbers = Counter(map(stem, layers)), Counter[str]()
    named: list[Layer] = []
    for layer in layers:
        name = stem(layer)
        numbers[name] += 1
        alone = totals[name] == 1 and name not in ("convolution", "pooling")
        named.append(replace(layer, name=name if alone else f"{name}_{numbers[name]}"))
    return tuple(named)
