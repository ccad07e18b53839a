"""MNIST for the pages, where it is on this machine."""

import streamlit as st

from mnist_core.data import datasets
from mnist_core.data.datasets import DigitSet, Split

WHY_NOT = "Test digits come from MNIST, which is not on this machine. To fetch it once (11 MB): `make data`."


def available() -> bool:
    """Whether MNIST is here."""
    return datasets.has_mnist()


@st.cache_resource(max_entries=1, show_spinner="Opening MNIST …")
def test_digits() -> Split:
    """The 10,000 test digits. The training digits, six times as large, are checked with them, and let go of. Raises DatasetError."""
    return datasets.load_mnist().test


def test_part(name: str) -> tuple[Split, str]:
    """The test digits of the set that a run names, and the digest of the whole set. Raises DatasetError if it is unknown, absent or damaged."""
    if name == datasets.MNIST:
        return test_digits(), datasets.MNIST_DIGEST
    found = digit_set(name)
    return found.test, found.digest


def splits() -> dict[str, Split]:
    """'train' and 'test', 70,000 digits. Raises DatasetError."""
    mnist = digit_set(datasets.MNIST)
    return {"train": mnist.train, "test": mnist.test}


@st.cache_resource(max_entries=2, show_spinner="Opening the digits …")  # 55 MB for MNIST, 1.4 MB for the offline set
def digit_set(name: str) -> DigitSet:
    """A set of digits by the name that a run carries, checked once and kept. Raises DatasetError if it is unknown, absent or damaged."""
    return datasets.load_digit_set(name)
