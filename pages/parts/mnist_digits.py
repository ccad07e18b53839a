"""MNIST for the pages, where it is on this machine."""

import streamlit as st

from mnist_core import datasets
from mnist_core.datasets import DigitSet, Split

WHY_NOT = "Test digits come from MNIST, which is not on this machine. To fetch it once (11 MB): `make data`."


def available() -> bool:
    """Whether MNIST is here."""
    return datasets.has_mnist()


def test_digits() -> Split:
    """The 10,000 test digits. Raises DatasetError."""
    return digit_set(datasets.MNIST).test


def splits() -> dict[str, Split]:
    """'train' and 'test', 70,000 digits. Raises DatasetError."""
    mnist = digit_set(datasets.MNIST)
    return {"train": mnist.train, "test": mnist.test}


@st.cache_resource(max_entries=2, show_spinner="Opening the digits …")  # 55 MB for MNIST, 1.4 MB for the offline set
def digit_set(name: str) -> DigitSet:
    """A set of digits by the name that a run carries, checked once and kept. Raises DatasetError if it is unknown, absent or damaged."""
    return datasets.load_digit_set(name)
