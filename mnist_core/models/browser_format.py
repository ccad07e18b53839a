"""A network as bytes that a browser reads with a few lines (pages/parts/browser_predictor/network.js).

    >>> from pathlib import Path
    >>> from mnist_core.models.weights import read_network
    >>> content = to_browser(read_network(Path("trained_models/mlp-specified/model.tflite")))
    >>> content[:4], len(content) % 4
    (b'DDN1', 0)

The format, little endian:

    4 bytes     "DDN1": Digit Duel network, version 1
    4 bytes     length of the header, unsigned, a multiple of 4
    header      JSON in UTF-8, filled up with spaces
    weights     arrays one after the other, each from a multiple of 4 bytes on, filled up with zeros

    {"layers": [{"name": "hidden", "kind": "dense", "inputShape": [784], "outputShape": [512], "activation": "relu",
                 "weights": {"kernel": {"shape": [784, 512], "type": "float16", "offset": 0}, "bias": {...}}}, ...]}

`offset` counts from the first byte after the header. Axes are ordered as in network.py, the last one runs fastest.
An array is sent as float16 if that loses nothing, which holds for every run that this project trains; else as float32.
"""

import json
import struct
from collections.abc import Sequence

import numpy as np

from mnist_core.models.network import Array, Convolution, Dense, Layer

MAGIC = b"DDN1"


def to_browser(network: Sequence[Layer]) -> bytes:
    """The network in the format above. Same network, same bytes."""
    body = bytearray()
    layers = []
    for layer in network:
        entry: dict[str, object] = {
            "name": layer.name,
            "kind": layer.kind,
            "inputShape": list(layer.input_shape),
            "outputShape": list(layer.output_shape),
        }
        if isinstance(layer, Convolution | Dense):
            entry["activation"] = layer.activation
            entry["weights"] = {name: _append(body, array) for name, array in layer.weights.items()}
        layers.append(entry)
    header = json.dumps({"layers": layers}, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 4)
    return MAGIC + struct.pack("<I", len(header)) + header + bytes(body)


def _append(body: bytearray, array: Array) -> dict[str, object]:
    """Add an array to the weights; where it is and how it is stored."""
    with np.errstate(over="ignore"):
        half = array.astype("<f2")
    kind, numbers = ("float16", half) if np.array_equal(half, array) else ("float32", array.astype("<f4"))
    offset = len(body)
    body += numbers.tobytes()
    body += bytes(-len(body) % 4)
    return {"shape": list(array.shape), "type": kind, "offset": offset}
