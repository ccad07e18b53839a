"""What a network costs to ask, from its layout alone: no Keras, no model file.

    >>> sum(layer.multiply_adds for layer in layout("mlp"))
    406528
    >>> sum(layer.parameters for layer in layout("cnn", width=1.5))
    542026

A multiply-add is one product added to a sum, the step of which dense layers and convolutions are made. Biases, ReLU and pooling are left out,
as is usual. The layouts are those of architectures.py; a test counts the same from the models that Keras builds.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """A layer with weights: `inputs` numbers (a 3x3 window of all channels, say) become `outputs`, at each of `positions` places."""

    name: str
    positions: int
    inputs: int
    outputs: int

    @property
    def multiply_adds(self) -> int:
        """For one digit."""
        return self.positions * self.inputs * self.outputs

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return (self.inputs + 1) * self.outputs


def layout(architecture: str, *, width: float = 1.0) -> tuple[Layer, ...]:
    """The layers with weights, first to last; nothing for an architecture that is not ours."""
    if architecture == "mlp":
        hidden = round(512 * width)
        return (Layer("hidden", 1, 28 * 28, hidden), Layer("probabilities", 1, hidden, 10))
    if architecture == "cnn":
        first, second, third, hidden = (round(size * width) for size in (32, 64, 128, 128))
        return (
            Layer("convolution_1", 28 * 28, 9, first),
            Layer("convolution_2", 14 * 14, 9 * first, second),
            Layer("convolution_3", 7 * 7, 9 * second, third),
            Layer("hidden", 1, 3 * 3 * third, hidden),
            Layer("probabilities", 1, hidden, 10),
        )
    return ()
