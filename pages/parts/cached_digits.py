"""MNIST and the other digit sets for the pages, as far as they are on this machine. All visitors share one copy."""

import streamlit as st

from mnist_core.data import datasets
from mnist_core.data.datasets import DigitSet, Split

WHY_NOT = "Test digits come from MNIST, which is not on this machine. `digit-duel download` fetches it once (11 MB)."


def has_mnist() -> bool:
    """Whether MNIST is on this machine."""
    return datasets.has_mnist()


@st.cache_resource(max_entries=1, show_spinner="Opening MNIST …")
def test_digits() -> Split:
    """The 10,000 test digits.

    The training digits, six times as large, are checked too, but not kept. Raises DatasetError.
    """
    return datasets.load_mnist().test


def test_split(name: str) -> tuple[Split, str]:
    """The test digits of a digit set, by the name that a run carries, and the digest of the whole set.

    Raises DatasetError if the set is unknown, absent or damaged.
    """
    if name == datasets.MNIST:
        return test_digits(), datasets.MNIST_DIGEST
    found = digit_set(name)
    return found.test, found.digest


def mnist_splits() -> dict[str, Split]:
    """The splits 'train' and 'test' of MNIST, 70,000 digits. Raises DatasetError."""
    mnist = digit_set(datasets.MNIST)
    return {"train": mnist.train, "test": mnist.test}


@st.cache_resource(max_entries=2, show_spinner="Opening the digits …")  # 55 MB for MNIST, 1.4 MB for the offline set
def digit_set(name: str) -> DigitSet:
    """A digit set by the name that a run carries, checked once.

    Raises DatasetError if it is unknown, absent or damaged.
    """
    return datasets.load_digit_set(name)
