"""Statistics of MNIST as a whole: counts, average digits, features and a map.

They are stored in a file, so that nobody needs MNIST to see them.

    >>> statistics = load_statistics()
    >>> int(statistics.train_counts[0]), int(statistics.test_counts[0])
    (5923, 980)

`digit-duel statistics` computes them again in a few minutes and writes mnist_statistics.npz beside this module. The
file contains measurements of MNIST's digits and none of the digits.

The map shows some of the training digits in two dimensions, in two ways. PCA uses the principal components of the
pixels of all training digits (K. Pearson, 1901). t-SNE keeps neighbours together but does not preserve distances (L.
van der Maaten and G. Hinton, "Visualizing data using t-SNE", 2008).
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.data.digit_set import DigitSet, Split
from mnist_core.data.npz_files import read_npz, write_npz
from mnist_core.dataset_statistics.features import FEATURES, measured
from mnist_core.errors import DatasetError

PATH = Path(__file__).with_name("mnist_statistics.npz")

BINS = 60
"""Number of bins over a feature's range. Values outside of the range count in the first or the last bin."""

ON_THE_MAP = 200
"""Number of training digits on the map, for each of the ten digits."""

TSNE_COMPONENTS, PERPLEXITY, SEED = 50, 30, 0
"""t-SNE starts from this many principal components, as its authors did."""


@dataclass(frozen=True)
class Statistics:
    """Statistics of MNIST's training and test digits. The four features are those of features.FEATURES, in that order.

    train_counts, test_counts: (10,) int64, how many of each digit there are.
    mean, spread: (10, 28, 28) uint8, the average and the standard deviation of each digit; 255 is full ink.
    histograms: (4, 10, 60) int64, training digits by feature, digit and bin.
    feature_means, feature_spreads: (4, 10) float64, average and standard deviation of the training digits.
    train_features, test_features: (60000, 4) and (10000, 4) float16, one row for each digit.
    map_indices, map_labels: (2000,), the training digits on the map.
    map_pca, map_tsne: (2000, 2) float32, their positions.
    pca_mean, pca_axes: (784,) and (2, 784) float32, the projection onto the PCA map, see `on_the_map`.
    pca_fractions: (2,) float64, of the variance, for each axis.
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
        """The features of a split, (n, 4). split: 'train' or 'test'."""
        return self.train_features if split == "train" else self.test_features

    def on_the_map(self, digit: NDArray[np.float32]) -> tuple[float, float]:
        """The position of a digit, (28, 28) in 0..1, on the PCA map."""
        x, y = self.pca_axes @ (digit.reshape(-1) - self.pca_mean)
        return float(x), float(y)

    def fraction_below(self, feature: int, digit: int, value: float) -> float:
        """The fraction, 0..1, of a digit's training examples with a smaller value of a feature.

        feature: its index in FEATURES. The fraction is interpolated from the histogram.
        """
        low, high = FEATURES[feature].low, FEATURES[feature].high
        counts = self.histograms[feature, digit]
        below = np.concatenate([[0], np.cumsum(counts)]) / counts.sum()
        return float(np.interp(value, np.linspace(low, high, BINS + 1), below))


def load_statistics(path: Path = PATH) -> Statistics:
    """Load the stored statistics. Raises DatasetError if they are damaged."""
    arrays = read_npz(path, tuple(field.name for field in fields(Statistics)))
    return Statistics(**arrays)


def save_statistics(statistics: Statistics, path: Path) -> None:
    """Write statistics to a file of about 1 MB. Raises DatasetError if it cannot be written."""
    try:
        write_npz(path, {field.name: getattr(statistics, field.name) for field in fields(Statistics)})
    except OSError as error:
        raise DatasetError(
            f"The statistics cannot be written to {path} ({error}). "
            "Free some space, or run this where the project's folder can be written."
        ) from error


def compute_statistics(digits: DigitSet, *, on_the_map: int = ON_THE_MAP) -> Statistics:
    """Compute all statistics, in some minutes for MNIST. on_the_map: digits of each label, at least 10."""
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
    """How many of each digit there are: (10,)."""
    return np.bincount(split.labels, minlength=10).astype(np.int64)


def histograms(features: NDArray[np.floating[Any]], labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """How many of each digit are in each bin of each feature: (4, 10, 60). features: (n, 4). labels: (n,), 0..9."""
    result = np.zeros((len(FEATURES), 10, BINS), np.int64)
    for number, feature in enumerate(FEATURES):
        place = (features[:, number].astype(np.float64) - feature.low) / (feature.high - feature.low) * BINS
        bin_of = np.floor(place).astype(np.intp).clip(0, BINS - 1)
        cells = labels.astype(np.intp) * BINS + bin_of
        result[number] = np.bincount(cells, minlength=10 * BINS).reshape(10, BINS)
    return result


def _map(train: Split, count: int) -> dict[str, NDArray[Any]]:
    """The first digits of each label, and the positions that PCA and t-SNE give them."""
    from sklearn.decomposition import PCA  # takes a second to import, and only this function needs it
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
