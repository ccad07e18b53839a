"""Small LiteRT files with random weights, written without TensorFlow."""

from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

ACTIVATIONS = {
    None: schema.ActivationFunctionType.NONE,
    "relu": schema.ActivationFunctionType.RELU,
    "tanh": schema.ActivationFunctionType.TANH,
}


class ModelFile:
    """A network that is built layer by layer, for one digit, from (28, 28, 1).

    half: weights in float16 with DEQUANTIZE.
    """

    def __init__(self, *, half: bool = True, seed: int = 0) -> None:
        self.half = half
        self.random = np.random.default_rng(seed)
        self.model: Any = schema.ModelT()
        self.model.version = 3
        self.model.operatorCodes, self.model.buffers = [], [schema.BufferT()]
        self.graph: Any = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.model.subgraphs = [self.graph]
        self.shape: tuple[int, ...] = (28, 28, 1)
        self.current = self._tensor(self.shape)
        self.graph.inputs = [self.current]

    def convolution(
        self, outputs: int, *, size: int = 3, stride: int = 1, same: bool = True, activation: str | None = "relu"
    ) -> "ModelFile":
        options = schema.Conv2DOptionsT()
        options.padding = schema.Padding.SAME if same else schema.Padding.VALID
        options.strideH = options.strideW = stride
        options.dilationHFactor = options.dilationWFactor = 1
        options.fusedActivationFunction = ACTIVATIONS[activation]
        height, width, inputs = self.shape
        shape = tuple(-(-(length if same else length - size + 1) // stride) for length in (height, width))
        kernel = self._weights((outputs, size, size, inputs), fan_in=size * size * inputs)
        self._layer("CONV_2D", options, (*shape, outputs), kernel, self._weights((outputs,), fan_in=100))
        return self

    def pooling(self, *, size: int = 2, average: bool = False) -> "ModelFile":
        options = schema.Pool2DOptionsT()
        options.padding = schema.Padding.VALID
        options.strideH = options.strideW = options.filterHeight = options.filterWidth = size
        options.fusedActivationFunction = schema.ActivationFunctionType.NONE
        height, width, channels = self.shape
        name = "AVERAGE_POOL_2D" if average else "MAX_POOL_2D"
        self._layer(name, options, (height // size, width // size, channels))
        return self

    def flatten(self) -> "ModelFile":
        count = int(np.prod(self.shape))
        shape = self._tensor((2,), schema.TensorType.INT32, np.array([-1, count], "<i4"), batch=False)
        self._layer("RESHAPE", schema.ReshapeOptionsT(), (count,), shape)
        return self

    def dense(self, outputs: int, *, activation: str | None = "relu") -> "ModelFile":
        options = schema.FullyConnectedOptionsT()
        options.fusedActivationFunction = ACTIVATIONS[activation]
        kernel = self._weights((outputs, *self.shape), fan_in=self.shape[0])
        self._layer("FULLY_CONNECTED", options, (outputs,), kernel, self._weights((outputs,), fan_in=100))
        return self

    def softmax(self, *, beta: float = 1.0) -> "ModelFile":
        options = schema.SoftmaxOptionsT()
        options.beta = beta
        self._layer("SOFTMAX", options, self.shape)
        return self

    def write(self, path: Path) -> Path:
        self.graph.outputs = [self.current]
        builder = flatbuffers.Builder(1024)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        path.write_bytes(bytes(builder.Output()))
        return path

    def _weights(self, shape: tuple[int, ...], *, fan_in: int) -> int:
        numbers = self.random.normal(0, np.sqrt(2 / fan_in), shape)
        if not self.half:
            return self._tensor(shape, schema.TensorType.FLOAT32, numbers.astype("<f4"), batch=False)
        stored = self._tensor(shape, schema.TensorType.FLOAT16, numbers.astype("<f2"), batch=False)
        whole = self._tensor(shape, batch=False)
        self._operator("DEQUANTIZE", None, [stored], whole, version=3)
        return whole

    def _layer(self, name: str, options: Any, shape: tuple[int, ...], *weights: int) -> None:
        output = self._tensor(shape)
        self._operator(name, options, [self.current, *weights], output)
        self.current, self.shape = output, shape

    def _tensor(
        self,
        shape: tuple[int, ...],
        kind: int = schema.TensorType.FLOAT32,
        content: np.ndarray | None = None,
        *,
        batch: bool = True,
    ) -> int:
        tensor = schema.TensorT()
        tensor.shape, tensor.type = [1, *shape] if batch else list(shape), kind
        if batch:
            tensor.shapeSignature = [-1, *shape]
        buffer = schema.BufferT()
        if content is not None:
            buffer.data = np.frombuffer(content.tobytes(), np.uint8)
        tensor.buffer, tensor.name = len(self.model.buffers), f"tensor_{len(self.model.buffers)}".encode()
        self.model.buffers.append(buffer)
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def _operator(self, name: str, options: Any, inputs: list[int], output: int, *, version: int = 1) -> None:
        code, operator = schema.OperatorCodeT(), schema.OperatorT()
        code.builtinCode = getattr(schema.BuiltinOperator, name)
        code.deprecatedBuiltinCode, code.version = code.builtinCode, version
        operator.opcodeIndex, operator.inputs, operator.outputs = len(self.model.operatorCodes), inputs, [output]
        if options is not None:
            operator.builtinOptions = options
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__.removesuffix("T"))
        self.model.operatorCodes.append(code)
        self.graph.operators.append(operator)


def random_mlp(path: Path, *, hidden: int, half: bool = True, seed: int = 0) -> Path:
    """784 -> hidden ReLU -> 10 softmax."""
    file = ModelFile(half=half, seed=seed).flatten().dense(hidden)
    return file.dense(10, activation=None).softmax().write(path)


def random_cnn(path: Path, *, widths: tuple[int, ...], hidden: int, half: bool = True, seed: int = 0) -> Path:
    """A convolution and a pooling for each width, then hidden ReLU and 10 softmax."""
    file = ModelFile(half=half, seed=seed)
    for width in widths:
        file.convolution(width).pooling()
    return file.flatten().dense(hidden).dense(10, activation=None).softmax().write(path)
