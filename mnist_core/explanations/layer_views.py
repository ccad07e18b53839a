"""Everything that a figure of a network's layers shows for one digit, or for a digit before and after a nudge.

    >>> from pathlib import Path
    >>> from mnist_core.models.weights import read_network
    >>> network = read_network(Path("trained_models/cnn-specified/model.tflite"))
    >>> digit = np.zeros((28, 28), np.float32)
    >>> digit[4:24, 13:15] = 1
    >>> view = view_of(network, digit, nudge=4)
    >>> [(block.maps[0].shape, block.pooled) for block in view.blocks]
    [((28, 28, 32), (14, 14)), ((14, 14, 64), (7, 7)), ((7, 7, 128), (3, 3))]
    >>> [(units.name, units.activations[0].shape) for units in view.units]
    [('hidden', (128,))]
    >>> len(view.decisions), view.reads_places
    (2, False)

A network of other layers gives other blocks and units, possibly none. Everything has one entry for each pass: one for
the digit alone, two with a nudge.
"""

from dataclasses import dataclass

import numpy as np

from mnist_core.data.preprocessing import SIDE, Digit
from mnist_core.explanations.activations import (
    Decision,
    activations_of,
    channels_by_strength,
    decision_of,
    input_by_place,
    strongest_units,
)
from mnist_core.explanations.nudged_activations import alike, moved_right
from mnist_core.explanations.one_core import one_core
from mnist_core.explanations.receptive_fields import ReceptiveField, receptive_fields
from mnist_core.models.network import Array, Convolution, Dense, Flatten, Network, Pooling


@dataclass(frozen=True)
class Alikeness:
    """Pearson's correlation of one layer's activations before and after the nudge.

    layer: its name, or 'digit' for the pixels. same: cell by cell. moved: after the maps from before have been moved
    along with the digit by `cells` cells; None for a layer without places.
    """

    layer: str
    same: float
    moved: float | None = None
    cells: float | None = None


@dataclass(frozen=True, eq=False)
class Block:
    """A convolution with the pooling after it. A pooling without a convolution before it is a block of its own.

    channels: strongest first, on the first pass. maps: of each pass, (height, width, channels). filters: (height,
    width, channels), if they read the digit itself. field: of a cell of the maps. pooled: height and width after the
    pooling, or None; pooled_name: of that layer; window: the size and the stride of the pooling.
    """

    name: str
    channels: list[int]
    maps: list[Array]
    filters: Array | None
    field: ReceptiveField
    pooled: tuple[int, int] | None
    pooled_name: str
    pooled_field: ReceptiveField | None
    window: tuple[int, int] | None


@dataclass(frozen=True, eq=False)
class Units:
    """A hidden dense layer.

    activations: of each pass, (units,). shown: on each pass, the units that decided most, or the most active ones if
    another dense layer follows. weights: by unit, (28, 28), if the layer reads the digit itself. places: of each
    pass, by unit, what each place of the last feature maps adds; field: of such a place.
    """

    name: str
    activations: list[Array]
    shown: list[list[int]]
    weights: dict[int, Array]
    places: list[dict[int, Array]]
    field: ReceptiveField | None


@dataclass(frozen=True, eq=False)
class LayerView:
    """A network's layers for a digit.

    digits: what each pass got. decisions: of each pass, all between the same two digits. predictions: the most
    probable digit of each pass. alike: of the digit and of each layer with weights or pooling, before and after
    the nudge; empty without one. reads_places: whether the first layer with weights has one weight for each pixel.
    """

    digits: list[Digit]
    blocks: list[Block]
    units: list[Units]
    decisions: list[Decision]
    predictions: list[int]
    alike: list[Alikeness]
    reads_places: bool


def view_of(network: Network, digit: Digit, *, nudge: int = 0, units: int = 12) -> LayerView:
    """All of this for a digit (28, 28) in 0..1.

    nudge: pixels by which a second pass moves the digit to the right, below 0 to the left; 0 for no second pass. units:
    how many of each hidden layer are shown. With two passes, both decisions are between the first pass's answer and
    the second's; if they agree, between the answer and the runner-up of the first.
    """
    with one_core():
        return _view_of(network, digit, nudge=nudge, units=units)


def _view_of(network: Network, digit: Digit, *, nudge: int, units: int) -> LayerView:
    digits = [digit, moved_right(digit, nudge)] if nudge else [digit]
    passes = [activations_of(network, each) for each in digits]
    predictions = [int(each[network[-1].name].argmax()) for each in passes]
    first = decision_of(network, passes[0])
    pair = (predictions[0], predictions[-1] if predictions[-1] != predictions[0] else first.runner_up)
    decisions = [decision_of(network, each, digits=pair) for each in passes]
    fields = receptive_fields(network)
    reader = next(layer for layer in network if isinstance(layer, Convolution | Dense))
    return LayerView(
        digits=digits,
        blocks=_blocks(network, passes, fields),
        units=_units(network, passes, fields, decisions, count=units),
        decisions=decisions,
        predictions=predictions,
        alike=_alike(network, passes, fields, nudge) if nudge else [],
        reads_places=isinstance(reader, Dense) and not fields,
    )


def _blocks(network: Network, passes: list[dict[str, Array]], fields: dict[str, ReceptiveField]) -> list[Block]:
    blocks: list[Block] = []
    layers = [layer for layer in network if layer.name in fields]
    for before, layer, following in zip([None, *layers], layers, [*layers[1:], None], strict=False):
        if isinstance(layer, Pooling) and isinstance(before, Convolution):
            continue  # it is part of that convolution's block
        pooling = following if isinstance(layer, Convolution) and isinstance(following, Pooling) else None
        maps = [each[layer.name] for each in passes]
        reads_digit = isinstance(layer, Convolution) and layer is network[0]
        blocks.append(
            Block(
                name=layer.name,
                channels=channels_by_strength(maps[0]),
                maps=maps,
                filters=layer.kernel[:, :, 0] if reads_digit and isinstance(layer, Convolution) else None,
                field=fields[layer.name],
                pooled=None if pooling is None else (pooling.output_shape[0], pooling.output_shape[1]),
                pooled_name="" if pooling is None else pooling.name,
                pooled_field=None if pooling is None else fields[pooling.name],
                window=None if pooling is None else (pooling.size, pooling.stride),
            )
        )
    return blocks


def _units(
    network: Network,
    passes: list[dict[str, Array]],
    fields: dict[str, ReceptiveField],
    decisions: list[Decision],
    *,
    count: int,
) -> list[Units]:
    hidden = [layer for layer in network[:-1] if isinstance(layer, Dense)]
    return [_layer_of_units(network, layer, passes, fields, decisions, count=count) for layer in hidden]


def _layer_of_units(
    network: Network,
    layer: Dense,
    passes: list[dict[str, Array]],
    fields: dict[str, ReceptiveField],
    decisions: list[Decision],
    *,
    count: int,
) -> Units:
    activations = [each[layer.name] for each in passes]
    decides = layer is network[-2]
    strengths = [each.contributions for each in decisions] if decides else [a.astype(np.float64) for a in activations]
    shown = [strongest_units(each, count) for each in strengths]
    every = sorted({unit for each in shown for unit in each})
    before = network[: network.index(layer)]
    reads_digit = all(isinstance(each, Flatten) for each in before) and layer.input_shape == (SIDE * SIDE,)
    last = (
        list(fields)[-1] if fields and all(each.name in fields or isinstance(each, Flatten) for each in before) else ""
    )
    return Units(
        name=layer.name,
        activations=activations,
        shown=shown,
        weights={unit: layer.kernel[:, unit].reshape(SIDE, SIDE) for unit in every} if reads_digit else {},
        places=[{unit: input_by_place(layer, each[last], unit) for unit in every} for each in passes] if last else [],
        field=fields[last] if last else None,
    )


def _alike(
    network: Network, passes: list[dict[str, Array]], fields: dict[str, ReceptiveField], nudge: int
) -> list[Alikeness]:
    before, after = passes
    ink = before["digit"], after["digit"]
    found = [Alikeness("digit", alike(*ink), alike(moved_right(ink[0], nudge), ink[1]), abs(nudge))]
    for layer in network:
        first, second = before[layer.name], after[layer.name]
        if layer.name in fields:
            cells = nudge / fields[layer.name].stride
            found.append(
                Alikeness(layer.name, alike(first, second), alike(moved_right(first, cells), second), abs(cells))
            )
        elif isinstance(layer, Dense):
            found.append(Alikeness(layer.name, alike(first, second)))
    return found
