"""The way from other pages to the page *Why*, with a test digit and a pair of models."""

import streamlit as st

from mnist_core.data.datasets import MNIST


def name_of_test_digit(dataset: str, index: int) -> str:
    """The name of a test digit in the address of the page *Why*. dataset: MNIST or OFFLINE.

    >>> name_of_test_digit("mnist", 947), name_of_test_digit("offline", 12)
    ('test-947', 'offline-12')
    """
    return f"{'test' if dataset == MNIST else 'offline'}-{index}"


def name_of_corrupted_digit(index: int, corruption: str, strength: int) -> str:
    """The name of a test digit of MNIST with a corruption, by its key, in the address of the page *Why*.

    >>> name_of_corrupted_digit(947, "fog", 3)
    'test-947-fog-3'
    """
    return f"{name_of_test_digit(MNIST, index)}-{corruption}-{strength}"


def open_why(digit: str, *, models: tuple[str, str]) -> None:
    """Open the page *Why*. digit: its name there. models: the names of the runs on the left and on the right."""
    left, right = models
    st.switch_page("pages/why/why.py", query_params={"why_left": left, "why_right": right, "why_digit": digit})
