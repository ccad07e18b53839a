"""MNIST's test digits for the pages, where MNIST is on this machine."""

import streamlit as st

from mnist_core import datasets
from mnist_core.datasets import Split

WHY_NOT = "Test digits come from MNIST, which is not on this machine. To fetch it once (11 MB): `make data`."


def available() -> bool:
    """Whether MNIST is here."""
    return datasets.has_mnist()


@st.cache_resource(max_entries=1, show_spinner="Opening MNIST …")
def test_digits() -> Split:
    """The 10,000 test digits. The training digits are checked with them, and let go of. Raises DatasetError."""
    return datasets.load_mnist().test
