"""Which pixels of the digit a cell of a feature map depends on, and which cells depend on a pixel.

    >>> from pathlib import Path
    >>> from mnist_core.models.weights import read_network
    >>> network = read_network(Path("trained_models/cnn-specified/model.tflite"))
    >>> fields = receptive_fields(network)
    >>> [(name, field.size, field.stride) for name, field in fields.items()][:4]
    [('convolution_1', 3, 1), ('pooling_1', 4, 2), ('convolution_2', 8, 2), ('pooling_2', 10, 4)]
    >>> fields["pooling_2"].pixels(0), fields["pooling_2"].pixels(3)
    (range(0, 7), range(9, 19))
    >>> fields["pooling_2"].cells(9, count=7)
    range(1, 4)

All windows are square, so rows and columns follow the same rule. The rule for composing them is that of Araujo, Norris
and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mnist_core.data.preprocessing import SIDE
from mnist_core.models.network import Convolution, Layer, Pooling


@dataclass(frozen=True)
class ReceptiveField:
    """The window of one layer's cells on the digit, along one axis.

    size: pixels. stride: pixels from one cell's window to the next. start: the first pixel of cell 0's window, which is
    negative where the window begins in the padding.
    """

    size: int
    stride: int
    start: int

    def pixels(self, cell: int) -> range:
        """The rows (or columns) of the digit, 0 to 27, that this row (or column) of cells depends on."""
        first = self.start + cell * self.stride
        return range(max(first, 0), min(first + self.size, SIDE))

    def cells(self, pixel: int, *, count: int) -> range:
        """The rows (or columns) of cells that depend on this row (or column) of pixels. count: of cells in all."""
        first = -((self.start + self.size - 1 - pixel) // self.stride)
        return range(max(first, 0), min((pixel - self.start) // self.stride + 1, count))


def receptive_fields(network: Sequence[Layer]) -> dict[str, ReceptiveField]:
    """The receptive field of each convolution and pooling by the layer's name, first to last."""
    fields: dict[str, ReceptiveField] = {}
    size, stride, start = 1, 1, 0
    for layer in network:
        if not isinstance(layer, Convolution | Pooling):
            break
        size += (layer.size - 1) * stride
        start -= layer.padding * stride
        stride *= layer.stride
        fields[layer.name] = ReceptiveField(size, stride, start)
    return fields
