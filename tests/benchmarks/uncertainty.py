"""Compare scores that tell letters from digits. The table is in docs/robust.md.

    python -m tests.benchmarks.uncertainty pen_digits.npz pen_letters.npz

The threshold of each score flags 0.5 % of the validation digits: MNIST's as they are, distorted ones, and generated
ones. The pen files have no part in it.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.datasets import load_mnist, read_npz
from mnist_core.data.preprocessing import from_strokes
from mnist_core.data.strokes import BRUSH_FRACTION, CANVAS_SIDE, PenDigits, drawn_anywhere
from mnist_core.metrics.entropy import HIGH_ENTROPY_FRACTION, normalised_entropy
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.runs.store import load_run
from mnist_core.training.sources import split_validation, validation_set

RUNS = ("cnn-robust", "mlp-robust", "cnn-specified")


@dataclass(frozen=True)
class Outputs:
    """The outputs of a network for n pictures. hidden: (n, features), logits: (n, 10), probabilities: (n, 10)."""

    hidden: NDArray[np.float64]
    logits: NDArray[np.float64]
    probabilities: NDArray[np.float64]


class Network:
    """A run with its last hidden layer, and the mean of each digit's training examples in that layer."""

    def __init__(self, name: str, digits: NDArray[np.float32], labels: NDArray[np.uint8]) -> None:
        import keras

        model = keras.models.load_model(load_run(name).folder / "model.keras")
        self._to_hidden = keras.Model(model.inputs, model.layers[-2].output)
        self._kernel, self._bias = (weight.astype(np.float64) for weight in model.layers[-1].get_weights())
        hidden = self.outputs_for(digits).hidden
        self._means = np.stack([hidden[labels == digit].mean(axis=0) for digit in range(10)])
        spread = np.cov((hidden - self._means[labels]).T) + 1e-4 * np.eye(hidden.shape[1])
        self._whitening = np.linalg.cholesky(np.linalg.inv(spread))

    def outputs_for(self, digits: NDArray[np.float32]) -> Outputs:
        """digits: (n, 28, 28) in 0..1."""
        hidden = self._to_hidden.predict(digits[..., np.newaxis], batch_size=1000, verbose=0).astype(np.float64)
        logits = hidden @ self._kernel + self._bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return Outputs(hidden, logits, powers / powers.sum(axis=1, keepdims=True))

    def distance(self, outputs: Outputs, *, whitened: bool) -> NDArray[np.float64]:
        """The distance to the nearest digit's mean, (n,).

        whitened: whether to divide by the spread within the digits. This gives the Mahalanobis distance (K. Lee et al.,
        "A simple unified framework for detecting out-of-distribution samples and adversarial attacks", 2018).
        """
        hidden, means = (
            (outputs.hidden @ self._whitening, self._means @ self._whitening)
            if whitened
            else (outputs.hidden, self._means)
        )
        return np.stack([np.linalg.norm(hidden - mean, axis=1) for mean in means]).min(axis=0)


def energy(outputs: Outputs) -> NDArray[np.float64]:
    """The energy, (n,): W. Liu, X. Wang, J. Owens, Y. Li, "Energy-based out-of-distribution detection", 2020."""
    return -np.asarray(np.logaddexp.reduce(outputs.logits, axis=1))


def renyi_entropy(*probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Rényi entropy of order 1/2 of the networks' mean probabilities, divided by the largest possible one: 0..1.

    Small probabilities weigh more in it than in Shannon's entropy. probabilities: (n, 10) each. The result is (n,).
    """
    mean = np.mean(probabilities, axis=0)
    return 2 * np.log(np.sqrt(mean).sum(axis=1)) / np.log(mean.shape[1])


def geometric_mean(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The geometric mean of two networks' probabilities, (n, 10), scaled so that each row's sum is 1."""
    product = np.sqrt(one * other)
    return product / product.sum(axis=1, keepdims=True)


def scores(networks: dict[str, Network]) -> Iterator[tuple[str, Callable[[dict[str, Outputs]], NDArray[np.float64]]]]:
    """Pairs of a name and a function from the outputs of the networks to a score (n,), high where there is no digit."""

    def of(
        name: str, score: Callable[[Outputs], NDArray[np.float64]]
    ) -> Callable[[dict[str, Outputs]], NDArray[np.float64]]:
        return lambda outputs: score(outputs[name])

    def margin(outputs: Outputs) -> NDArray[np.float64]:
        ordered = np.sort(outputs.probabilities, axis=1)
        return ordered[:, -2] - ordered[:, -1]

    for name, network in networks.items():
        yield f"{name}: entropy", of(name, lambda outputs: normalised_entropy(outputs.probabilities))
        yield f"{name}: top probability", of(name, lambda outputs: -outputs.probabilities.max(axis=1))
        yield f"{name}: margin", of(name, margin)
        yield f"{name}: energy", of(name, energy)
        for whitened, kind in ((False, "Euclidean"), (True, "Mahalanobis")):
            yield (
                f"{name}: distance, {kind}",
                of(
                    name,
                    lambda outputs, network=network, whitened=whitened: network.distance(outputs, whitened=whitened),
                ),
            )
    cnn, mlp = RUNS[:2]
    yield (
        "both robust: disagreement",
        lambda outputs: np.abs(outputs[cnn].probabilities - outputs[mlp].probabilities).sum(axis=1),
    )
    pair: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]] = {
        "entropy of the mean": normalised_entropy,
        "entropy of the mean, CNN 70 %": lambda one, other: normalised_entropy(0.7 * one + 0.3 * other),
        "entropy of the geometric mean": lambda one, other: normalised_entropy(geometric_mean(one, other)),
        "mean of the entropies": lambda one, other: (normalised_entropy(one) + normalised_entropy(other)) / 2,
        "lower of the entropies": lambda one, other: np.minimum(normalised_entropy(one), normalised_entropy(other)),
        "Rényi entropy of the mean": renyi_entropy,
    }
    for name, of_pair in pair.items():
        yield (
            f"both robust: {name}",
            lambda outputs, of_pair=of_pair: of_pair(outputs[cnn].probabilities, outputs[mlp].probabilities),
        )


def pen(path: Path) -> NDArray[np.float32]:
    """The characters in a file of pen strokes, digits or letters, drawn anywhere on a canvas, (n, 28, 28)."""
    arrays = read_npz(path, ("points", "stroke_offsets", "digit_offsets", "donors"))
    characters = PenDigits(**arrays, labels=np.zeros(len(arrays["donors"]), np.uint8))
    return np.stack(
        [from_strokes(drawing, brush_width=CANVAS_SIDE * BRUSH_FRACTION) for drawing in drawn_anywhere(characters)]
    )


def main(digits: Path, letters: Path) -> None:
    """Print the fractions of letters, pen digits and MNIST test digits that each score flags."""
    mnist = load_mnist()
    config = TrainingConfig.from_json(load_run(RUNS[0]).config)
    fitted, held_out = split_validation(mnist.train, config.validation_digits)
    networks = {name: Network(name, fitted.pixels()[:20_000], fitted.labels[:20_000]) for name in RUNS}
    pictures = (validation_set(config, held_out).digits, pen(letters), pen(digits), mnist.test.pixels())
    outputs = [{name: network.outputs_for(each) for name, network in networks.items()} for each in pictures]
    print("| score | letters flagged | pen digits flagged | MNIST test digits flagged |\n|---|---|---|---|")
    for title, score in scores(networks):
        validation, *others = (score(each) for each in outputs)
        threshold = np.quantile(validation, 1 - HIGH_ENTROPY_FRACTION)
        print(f"| {title} |", " | ".join(f"{(each > threshold).mean():.2%}" for each in others), "|", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
