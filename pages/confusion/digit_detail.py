"""Test digits on the confusion page: a grid of them, and one in detail with the predictions of each run and the
way to the canvas.
"""

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.data import preprocessing
from mnist_core.data.datasets import MNIST, Split
from mnist_core.errors import DigitDuelError
from mnist_core.formatting import number, probability
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.run import Run
from pages.confusion.pair_picker import Pair
from pages.parts import cached_digits, canvas
from pages.parts.digit_grid import Tile, show_grid
from pages.parts.download_offer import offer_download
from pages.parts.model_pickers import pair_with
from pages.parts.probability_card import show_probability_card
from pages.parts.why_link import name_of_test_digit, open_why

KEY = "confusion_digit"

LARGEST_GRID = 120
"""Digits in a grid. A cell of the diagonal holds a thousand."""


def test_pictures_of(run: Run) -> Split | None:
    """The test digits that this run was measured on. None if they are not on this machine, or have changed since."""
    name = str(run.data.get("name"))
    if name == MNIST and not cached_digits.has_mnist():
        return None
    try:
        test, digest = cached_digits.test_split(name)
    except DigitDuelError:
        return None
    return test if digest == run.data.get("digest") else None


def show_digits(
    indices: NDArray[np.intp],
    shown: Mapping[str, TestPredictions],
    runs: Mapping[str, Run],
    stored: Mapping[str, TestPredictions],
    *,
    pair: Pair | None,
    label: str,
    key: str,
) -> None:
    """Show a grid of test digits. One of them stands beside it, on a phone above it, with the predictions of all runs.

    indices: of the digits. shown: the runs whose predictions stand below each digit; they were tested on the same
    digits.
    runs, stored: all runs that were picked. pair: the two that are compared; they go to the canvas with the digit.
    label: names the grid.
    """
    if not len(indices):
        return
    reference = runs[next(iter(shown))]
    alike = {name: its for name, its in stored.items() if runs[name].data.get("digest") == reference.data.get("digest")}
    pictures = test_pictures_of(reference)
    many, one = st.container(key="confusion_beside").columns([2, 1], gap="large")
    if (st.session_state.get(KEY) or 0) >= reference.test.count:  # a number from a larger set
        st.session_state[KEY] = None
    with one:
        index = st.number_input(
            "Test digit by number",
            0,
            reference.test.count - 1,
            None,
            key=KEY,
            bind="query-params",
            placeholder=f"{indices[0]}",
        )
        index = int(indices[0]) if index is None else int(index)
        _show_one(index, alike, reference, pictures, runs=runs, models=pair_with(reference, pair))
    with many:
        show_grid(
            [_tile(int(each), shown, pictures) for each in indices[:LARGEST_GRID]],
            label=label,
            key=key,
            on_pick=_pick,
            selected=index,
            tile=84,
        )
        if len(indices) > LARGEST_GRID:
            st.caption(
                f"The first {LARGEST_GRID} of {number(len(indices))}. The field “Test digit by number” shows any other."
            )
        if pictures is None:
            offer_download("confusion")


def _pick(index: int) -> None:
    st.session_state[KEY] = index


def _tile(index: int, shown: Mapping[str, TestPredictions], pictures: Split | None) -> Tile:
    lines, spoken = [f"#{index}"], [f"Test digit {index}"]
    for name, its in shown.items():
        predicted = int(its.probabilities[index].argmax())
        confidence = probability(float(its.probabilities[index, predicted]))
        lines.append(f"{predicted} · {confidence}")
        spoken.append(f"{name} predicts {predicted}, {confidence}")
    label = int(next(iter(shown.values())).labels[index])
    picture = None if pictures is None else pictures.images[index]
    return Tile(index, str(label), tuple(lines), ", ".join(spoken), picture)


def _show_one(
    index: int,
    stored: Mapping[str, TestPredictions],
    reference: Run,
    pictures: Split | None,
    *,
    runs: Mapping[str, Run],
    models: Pair,
) -> None:
    label, name = int(next(iter(stored.values())).labels[index]), str(reference.data.get("name"))
    picture = None if pictures is None else pictures.images[index]
    show_probability_card(
        f"Test digit {index}, labelled {label}",
        label,
        picture=picture,
        runs=runs,
        probabilities={run: its.probabilities[index] for run, its in stored.items()},
    )
    if pictures is None or picture is None:
        return
    to_canvas, to_why = st.columns([2, 1], gap="small")
    if to_why.button("Why?", icon=":material/search_insights:", key="confusion_why", width="stretch"):
        open_why(name_of_test_digit(name, index), models=models)
    if to_canvas.button("Send to the canvas", icon=":material/draw:", key="confusion_to_canvas", width="stretch"):
        source = "MNIST test digit" if name == MNIST else "Test digit of the offline set,"
        digit = preprocessing.from_ink(pictures.pixels_of(index))
        words = f"{source} {index}, labelled {label}."
        canvas.put_and_open(digit, canvas.digit_picture(picture), words, known=str(label), models=models)
