"""The stored statistics are MNIST's: the figures of the specification, and made anew where MNIST is at hand."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from mnist_core.cli.main import main
from mnist_core.data.datasets import DigitSet, Split
from mnist_core.dataset_statistics.features import FEATURES, aspects, measured, slants
from mnist_core.dataset_statistics.statistics import (
    PATH,
    Statistics,
    compute_statistics,
    counts,
    histograms,
    load_statistics,
    save_statistics,
)
from mnist_core.errors import DatasetError

SEVERAL = 1500
"""Digits of each split that are measured anew; all of them would take a minute."""


@pytest.fixture(scope="module")
def stored() -> Statistics:
    return load_statistics()


def test_the_counts_are_those_of_the_specification(stored: Statistics) -> None:
    assert stored.train_counts.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert stored.test_counts.tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert (stored.train_counts.sum(), stored.test_counts.sum()) == (60_000, 10_000)


def test_they_are_small_enough_for_a_repository() -> None:
    assert PATH.stat().st_size < 1_000_000


@pytest.mark.mnist
def test_counts_averages_and_spreads_are_made_again_from_mnist(stored: Statistics, mnist: DigitSet) -> None:
    assert np.array_equal(counts(mnist.train), stored.train_counts)
    assert np.array_equal(counts(mnist.test), stored.test_counts)
    for digit in (0, 7):
        images = mnist.train.images[mnist.train.labels == digit]
        assert np.array_equal(np.rint(images.mean(axis=0)), stored.mean[digit])
        assert np.array_equal(np.rint(images.std(axis=0)), stored.spread[digit])


@pytest.mark.mnist
def test_features_are_made_again_from_mnist(stored: Statistics, mnist: DigitSet) -> None:
    for split, kept in ((mnist.train, stored.train_features), (mnist.test, stored.test_features)):
        assert kept.shape == (len(split), len(FEATURES))
        chosen = np.linspace(0, len(split) - 1, SEVERAL).astype(int)
        np.testing.assert_allclose(
            measured(split.images[chosen].astype(np.float32) / np.float32(255)), kept[chosen], rtol=2e-3, atol=2e-3
        )
    pixels = mnist.test.pixels()
    np.testing.assert_allclose(slants(pixels), stored.test_features[:, 1], rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(aspects(pixels), stored.test_features[:, 2], rtol=2e-3)


@pytest.mark.mnist
def test_distributions_are_those_of_the_features(stored: Statistics, mnist: DigitSet) -> None:
    assert np.array_equal(stored.histograms.sum(axis=2), np.tile(stored.train_counts, (len(FEATURES), 1)))
    assert np.array_equal(stored.histograms, histograms(stored.train_features, mnist.train.labels))
    for digit in range(10):
        its = stored.train_features[mnist.train.labels == digit].astype(np.float64)
        np.testing.assert_allclose(its.mean(axis=0), stored.feature_means[:, digit], rtol=1e-9)
        np.testing.assert_allclose(its.std(axis=0), stored.feature_spreads[:, digit], rtol=1e-9)


@pytest.mark.mnist
def test_the_map_shows_the_first_two_hundred_of_each_digit_where_pca_puts_them(
    stored: Statistics, mnist: DigitSet
) -> None:
    assert np.bincount(stored.map_labels).tolist() == [200] * 10
    assert np.array_equal(mnist.train.labels[stored.map_indices], stored.map_labels)
    for place in (0, 999, 1999):
        x, y = stored.on_the_map(mnist.train.pixels_of(int(stored.map_indices[place])))
        np.testing.assert_allclose((x, y), stored.map_pca[place], atol=1e-3)
    pixels = mnist.train.images[stored.map_indices].reshape(2000, -1) / 255
    everything = mnist.train.pixels().reshape(60_000, -1)
    variances = ((everything - stored.pca_mean) @ stored.pca_axes.T).var(axis=0)
    np.testing.assert_allclose(variances / everything.var(axis=0).sum(), stored.pca_fractions, rtol=1e-3)
    assert trustworthiness(pixels, stored.map_tsne, n_neighbors=12) > 0.97, "t-SNE keeps neighbours together"


def test_a_digit_s_fraction_below_is_that_of_its_histogram(stored: Statistics) -> None:
    for feature, kind in enumerate(FEATURES):
        assert stored.fraction_below(feature, 3, kind.low) == 0
        assert stored.fraction_below(feature, 3, kind.high) == 1
        assert stored.fraction_below(feature, 3, float(stored.feature_means[feature, 3])) == pytest.approx(
            0.5, abs=0.12
        )


@pytest.mark.slow
def test_all_is_computed_stored_and_read_back(small_mnist: DigitSet, tmp_path: Path) -> None:
    few = DigitSet(Split(small_mnist.train.images[:300], small_mnist.train.labels[:300]), small_mnist.test, "few")
    computed = compute_statistics(few, on_the_map=10)
    save_statistics(computed, tmp_path / "few.npz")
    again = load_statistics(tmp_path / "few.npz")
    assert again.train_counts.tolist() == [30] * 10
    assert again.map_tsne.shape == again.map_pca.shape == (100, 2)
    assert np.isfinite(again.map_tsne).all()
    assert np.array_equal(again.train_features, computed.train_features)


def test_damaged_statistics_are_an_error_that_a_page_can_show(tmp_path: Path) -> None:
    (tmp_path / "broken.npz").write_bytes(PATH.read_bytes()[:1000])
    with pytest.raises(DatasetError):
        load_statistics(tmp_path / "broken.npz")
    with pytest.raises(DatasetError, match="cannot be written"):
        save_statistics(load_statistics(), tmp_path / "nowhere" / "it.npz")


@pytest.mark.slow
def test_the_command_stores_what_is_computed(
    small_mnist: DigitSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = DigitSet(Split(small_mnist.train.images[:100], small_mnist.train.labels[:100]), small_mnist.test, "few")
    monkeypatch.setattr("mnist_core.cli.data_command.load_digits", lambda data, quiet: few)
    monkeypatch.setattr("mnist_core.dataset_statistics.statistics.PATH", tmp_path / "made.npz")
    assert main(["statistics", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"path": str(tmp_path / "made.npz"), "bytes": (tmp_path / "made.npz").stat().st_size}
    assert load_statistics(tmp_path / "made.npz").train_counts.tolist() == [10] * 10
