"""What MNIST looks like as a whole: counts, average digits, traits, a map. Stored as figures, so that nobody needs MNIST to see them.

    >>> statistics = load_statistics()
    >>> statistics.train_counts[0], statistics.test_counts[0]
    (5923, 980)

`python -m mnist_core statistics` makes them anew, in a few minutes, and writes mnist_core/mnist_statistics.npz. It holds no digit of MNIST, only what
was measured on all of them.

The map shows some of the training digits in two dimensions. PCA: principal components of the pixels of all training digits (K. Pearson, 1901).
t-SNE: L. van der Maaten and G. Hinton, "Visualizing data using t-SNE", 2008, which keeps neighbours together and no distances.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.datasets import DigitSet, Split, read_npz
from mnist_core.dataset_statistics.features import FEATURES, measured
from mnist_core.errors import DatasetError

PATH = Path(__file__).with_name("mnist_statistics.npz")

BINS = 60
"""Bars over a trait's range. What lies outside of the range counts into the first or last."""

ON_THE_MAP = 200
"""Training digits on the map, of each of the ten."""

TSNE_COMPONENTS, PERPLEXITY, SEED = 50, 30, 0
"""t-SNE begins from that many principal components, as its authors did."""


@dataclass(frozen=True)
class Statistics:
    """train, test: the splits of MNIST. Trait columns are those of traits.TRAITS.

    train_counts, test_counts: (10,) int64, by digit. mean, spread: (10, 28, 28) uint8, a digit's average and standard deviation; 255 is full ink.
    histograms: (4, 10, 60) int64, training digits by trait, digit and bin. trait_means, trait_spreads: (4, 10) float64, of training digits.
    train_traits (60000, 4), test_traits (10000, 4): float16, one row a digit.
    map_indices, map_labels: (2000,), training digits on the map. map_pca, map_tsne: (2000, 2) float32, where they lie.
    pca_mean (784,), pca_axes (2, 784): float32, take any digit onto the PCA map, see `on_the_map`. pca_shares: (2,), of the variance.
    """

    train_counts: NDArray[np.int64]
    test_counts: NDArray[np.int64]
    mean: NDArray[np.uint8]
    spread: NDArray[np.uint8]
    histograms: NDArray[np.int64]
    feature_means: NDArray[np.float64]
    feature_spreads: NDArray[np.float64]
    train_features: NDArray[np.float16]
    test_features: NDArray[np.float16]
    map_indices: NDArray[np.int32]
    map_labels: NDArray[np.uint8]
    map_pca: NDArray[np.float32]
    map_tsne: NDArray[np.float32]
    pca_mean: NDArray[np.float32]
    pca_axes: NDArray[np.float32]
    pca_fractions: NDArray[np.float64]

    def features(self, split: str) -> NDArray[np.float16]:
        """(n, 4), of 'train' or 'test'."""
        return self.train_features if split == "train" else self.test_features

    def on_the_map(self, digit: NDArray[np.float32]) -> tuple[float, float]:
        """Where a digit (28, 28) in 0..1 lies on the PCA map."""
        x, y = self.pca_axes @ (digit.reshape(-1) - self.pca_mean)
        return float(x), float(y)

    def fraction_below(self, feature: int, digit: int, value: float) -> float:
        """The share, 0..1, of that digit's training examples whose trait is smaller; from the histogram, so good to a bin."""
        low, high = FEATURES[feature].low, FEATURES[feature].high
        counts = self.histograms[feature, digit]
        below = np.concatenate([[0], np.cumsum(counts)]) / counts.sum()
        return float(np.interp(value, np.linspace(low, high, BINS + 1), below))


def load_statistics(path: Path = PATH) -> Statistics:
    """The stored statistics. Raises DatasetError if they are damaged."""
    arrays = read_npz(path, tuple(field.name for field in fields(Statistics)))
    return Statistics(**arrays)


def save_statistics(statistics: Statistics, path: Path) -> None:
    """Write them, a megabyte. Raises DatasetError if that is impossible."""
    try:
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                allow_pickle=False,
                **{field.name: getattr(statistics, field.name) for field in fields(Statistics)},
            )
    except OSError as error:
        raise DatasetError(
            f"The statistics cannot be written to {path} ({error}). Free some space, or run this where the project can be written."
        ) from error


def compute_statistics(digits: DigitSet, *, on_the_map: int = ON_THE_MAP) -> Statistics:
    """All of them; some minutes for MNIST. on_the_map: digits of each label, at least 10."""
    train_features, test_features = (
        measured(split.pixels()).astype(np.float16) for split in (digits.train, digits.test)
    )
    by_digit = [digits.train.images[digits.train.labels == digit] for digit in range(10)]
    return Statistics(
        train_counts=counts(digits.train),
        test_counts=counts(digits.test),
        mean=np.stack([np.rint(images.mean(axis=0)) for images in by_digit]).astype(np.uint8),
        spread=np.stack([np.rint(images.std(axis=0)) for images in by_digit]).astype(np.uint8),
        histograms=histograms(train_features, digits.train.labels),
        feature_means=np.stack(
            [train_features[digits.train.labels == digit].astype(np.float64).mean(axis=0) for digit in range(10)],
            axis=1,
        ),
        feature_spreads=np.stack(
            [train_features[digits.train.labels == digit].astype(np.float64).std(axis=0) for digit in range(10)], axis=1
        ),
        train_features=train_features,
        test_features=test_features,
        **_map(digits.train, on_the_map),
    )


def counts(split: Split) -> NDArray[np.int64]:
    """(10,): how many of each digit there are."""
    return np.bincount(split.labels, minlength=10).astype(np.int64)


def histograms(features: NDArray[np.floating[Any]], labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """(4, 10, 60): how many of each digit lie in each bin of each trait. traits: (n, 4); labels: (n,)."""
    result = np.zeros((len(FEATURES), 10, BINS), np.int64)
    for number, feature in enumerate(FEATURES):
        place = (features[:, number].astype(np.float64) - feature.low) / (feature.high - feature.low) * BINS
        np.add.at(result[number], (labels, np.floor(place).astype(int).clip(0, BINS - 1)), 1)
    return result


def _map(train: Split, count: int) -> dict[str, NDArray[Any]]:
    """The first digits of each label, and where PCA and t-SNE put them."""
    from sklearn.decomposition import PCA  # a second to import, and only this needs it
    from sklearn.manifold import TSNE

    pixels = train.pixels().reshape(len(train), -1)
    chosen = np.sort(np.concatenate([np.flatnonzero(train.labels == digit)[:count] for digit in range(10)]))
    pca = PCA(2, svd_solver="covariance_eigh").fit(pixels)
    reduced = PCA(min(TSNE_COMPONENTS, len(chosen)), svd_solver="covariance_eigh").fit_transform(pixels[chosen])
    tsne = TSNE(2, perplexity=min(PERPLEXITY, len(chosen) / 4), init="pca", random_state=SEED).fit_transform(reduced)
    return {
        "map_indices": chosen.astype(np.int32),
        "map_labels": train.labels[chosen],
        "map_pca": pca.transform(pixels[chosen]).astype(np.float32),
        "map_tsne": tsne.astype(np.float32),
        "pca_mean": pca.mean_.astype(np.float32),
        "pca_axes": pca.components_.astype(np.float32),
        "pca_fractions": pca.explained_variance_ratio_.astype(np.float64),
    }
