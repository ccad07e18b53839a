"""Orders, names, neighbours and label errors."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from mnist_core.dataset_statistics.label_errors import likely_mislabelled
from mnist_core.dataset_statistics.neighbours import nearest
from mnist_core.dataset_statistics.ordering import ORDERS, arranged, name_of, parsed_name

RANDOM = np.random.default_rng(8)


@pytest.mark.parametrize("order", list(ORDERS))
def test_every_order_sorts_by_its_measure_and_loses_nobody(order: str) -> None:
    labels, features = RANDOM.integers(0, 10, 300), RANDOM.normal(size=(300, 4)).astype(np.float16)
    found = arranged(labels, features, digit=3, order=order)
    assert sorted(found.tolist()) == np.flatnonzero(labels == 3).tolist()
    by = ORDERS[order]
    steps = np.diff(found if by is None else by[1] * features[found, by[0]].astype(float))
    assert (steps >= 0).all()
    assert len(arranged(labels, features, order=order)) == 300


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("train-12", ("train", 12)),
        (" Test #947 ", ("test", 947)),
        ("test-0", ("test", 0)),
        (name_of("train", 59999), ("train", 59999)),
    ],
)
def test_a_name_leads_to_its_digit(name: str, found: tuple[str, int]) -> None:
    assert parsed_name(name, train=60000, test=10000) == found


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "train",
        "train-60000",
        "test-10000",
        "12",
        "train--1",
        "train-1e3",
        "test-٣",
        "'; drop",
        "test-" + "9" * 500,
    ],
)
def test_nonsense_names_no_digit(name: str | None) -> None:
    assert parsed_name(name, train=60000, test=10000) is None


def test_the_nearest_are_scikit_learn_s() -> None:
    images = RANDOM.integers(0, 256, (12_000, 28, 28), dtype=np.uint8)
    digit = RANDOM.random((28, 28)).astype(np.float32)
    distances, indices = (
        NearestNeighbors(n_neighbors=7, algorithm="brute")
        .fit(images.reshape(len(images), -1) / 255.0)
        .kneighbors(digit.reshape(1, -1))
    )
    found = nearest(digit, images, count=7)
    assert [index for index, _ in found] == indices[0].tolist()
    np.testing.assert_allclose([distance for _, distance in found], distances[0], rtol=1e-5)


def test_a_digit_is_its_own_nearest() -> None:
    images = RANDOM.integers(0, 256, (50, 28, 28), dtype=np.uint8)
    assert nearest(images[31].astype(np.float32) / np.float32(255), images, count=1) == [
        (31, pytest.approx(0, abs=1e-4))
    ]


def test_a_label_error_needs_all_models_to_agree_against_the_label() -> None:
    def sure(digits: list[int], fractions: list[float]) -> np.ndarray:
        result = np.zeros((len(digits), 10))
        result[np.arange(len(digits)), digits] = fractions
        return result

    labels = np.array([1, 1, 1, 5])
    first, second = sure([2, 2, 1, 6], [0.9, 0.9, 0.9, 0.99]), sure([2, 3, 2, 6], [0.8, 0.9, 0.9, 0.95])
    found = likely_mislabelled([first, second], labels)
    assert [
        (label_error.index, label_error.label, label_error.predicted, label_error.confidence) for label_error in found
    ] == [(3, 5, 6, 0.95), (0, 1, 2, 0.8)]
    assert [label_error.index for label_error in likely_mislabelled([first], labels)] == [3, 0, 1]
