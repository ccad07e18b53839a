"""One test digit on the confusion page: its picture, what each run makes of it, and the way to the canvas."""

from collections.abc import Mapping
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.data import preprocessing as digits
from mnist_core.data.datasets import MNIST, Split
from mnist_core.errors import DigitDuelError
from mnist_core.formatting import probability as percent
from mnist_core.reporting.digit_pictures import data_url
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.run import Run
from pages.parts import canvas, mnist_digits
from pages.parts.digit_grid import Tile, show_grid
from pages.parts.mnist_download import offer_download

KEY = "confusion_digit"
LARGEST = 120
"""Digits in a grid; a cell of the diagonal holds a thousand."""


def pictures_of(run: Run) -> Split | None:
    """The test digits that this run was measured on; None if they are not on this machine or are others by now."""
    name = str(run.data.get("name"))
    if name == MNIST and not mnist_digits.available():
        return None
    try:
        test, digest = mnist_digits.test_part(name)
    except DigitDuelError:
        return None
    return test if digest == run.data.get("digest") else None


def show_many(
    indices: NDArray[np.intp],
    shown: Mapping[str, TestPredictions],
    runs: Mapping[str, Run],
    stored: Mapping[str, TestPredictions],
    *,
    label: str,
    key: str,
) -> None:
    """A grid of test digits, and beside it, on a phone above it, one of them, large, with what all runs make of it.

    indices: of the digits. shown: the runs whose readings stand below each digit, tested on the same digits. runs, stored: all runs that were picked.
    label: of the grid.
    """
    if not len(indices):
        return
    reference = runs[next(iter(shown))]
    alike = {name: its for name, its in stored.items() if runs[name].data.get("digest") == reference.data.get("digest")}
    pictures = pictures_of(reference)
    many, one = st.container(key="confusion_beside").columns([2, 1], gap="large")
    if (st.session_state.get(KEY) or 0) >= reference.test.count:  # left over from a larger set
        st.session_state[KEY] = None
    with one:
        with st.popover("Another test digit", icon=":material/search:", key="confusion_number"):
            st.number_input(
                "Test digit",
                0,
                reference.test.count - 1,
                None,
                key=KEY,
                bind="query-params",
                placeholder=f"{indices[0]}",
            )
        index = st.session_state.get(KEY)
        index = int(indices[0]) if index is None else int(index)
        _show_one(index, alike, reference, pictures)
    with many:
        show_grid(
            [_tile(int(each), shown, pictures) for each in indices[:LARGEST]],
            label=label,
            key=key,
            on_pick=_pick,
            selected=index,
            tile=84,
        )
        if len(indices) > LARGEST:
            st.caption(f"The first {LARGEST} of {len(indices):,}. “Another test digit” shows any other.")
        if pictures is None:
            offer_download("confusion")


def _pick(index: int) -> None:
    st.session_state[KEY] = index


def _tile(index: int, shown: Mapping[str, TestPredictions], pictures: Split | None) -> Tile:
    lines, spoken = [f"#{index}"], [f"Test digit {index}"]
    for name, its in shown.items():
        predicted = int(its.probabilities[index].argmax())
        says = percent(float(its.probabilities[index, predicted]))
        lines.append(f"{predicted} · {says}")
        spoken.append(f"{name} reads {predicted}, {says}")
    label = int(next(iter(shown.values())).labels[index])
    return Tile(
        index, str(label), tuple(lines), ", ".join(spoken), None if pictures is None else pictures.images[index]
    )


def _show_one(index: int, stored: Mapping[str, TestPredictions], reference: Run, pictures: Split | None) -> None:
    label, name = int(next(iter(stored.values())).labels[index]), str(reference.data.get("name"))
    title = f"Test digit {index}, labelled {label}"
    if pictures is None:
        picture = (
            f"<div class='none' role='img' aria-label='No picture: the digits are not on this machine'>{label}</div>"
        )
    else:
        picture = f"<img src='{data_url(pictures.images[index])}' alt='{title}'>"
    strips = "".join(_strip(run, its.probabilities[index], label) for run, its in stored.items())
    st.html(f"<div class='card'>{picture}<div><h3>{title}</h3></div><div class='strips'>{strips}</div></div>")
    if pictures is not None and st.button(
        "Send to the canvas", icon=":material/draw:", key="confusion_to_canvas", width="stretch"
    ):
        source = "MNIST test digit" if name == MNIST else "Test digit of the offline set,"
        picture_on_canvas = canvas.digit_picture(pictures.images[index])
        canvas.put_and_open(
            digits.from_ink(pictures.pixels_of(index)), picture_on_canvas, f"{source} {index}, labelled {label}."
        )


def _strip(run: str, probabilities: NDArray[np.float32], label: int) -> str:
    predicted = int(probabilities.argmax())
    spoken = ", ".join(f"{digit}: {percent(float(value))}" for digit, value in enumerate(probabilities))
    cells = "".join(
        f"<i class='{'right' if digit == label else ''}' style='--share:{float(value) * 100:.1f}' title='{digit}: {percent(float(value))}'>{digit}</i>"
        for digit, value in enumerate(probabilities)
    )
    says = f"reads {predicted}, {percent(float(probabilities[predicted]))}"
    return f"<p><b>{escape(run)}</b> {says}</p><div class='strip' role='img' aria-label='{escape(run)}: {spoken}'>{cells}</div>"
