"""The card of one digit of MNIST: its picture, its features beside those of its kind, and the way to the canvas."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from mnist_core.data import preprocessing
from mnist_core.dataset_statistics.features import FEATURES
from mnist_core.dataset_statistics.ordering import name_of, parsed_name
from mnist_core.dataset_statistics.statistics import Statistics
from mnist_core.formatting import percent
from pages.parts import cached_digits, canvas
from pages.parts.templates import render

KEY = "dataset_pick"
WORDS = {"train": "Training digit", "test": "Test digit"}


def pick(split: str, index: int) -> None:
    """Have the card show this digit. To be called in a callback."""
    st.session_state[KEY] = name_of(split, index)


def picked(statistics: Statistics) -> tuple[str, int] | None:
    """The split and index of the digit that was picked. Known before the card is shown."""
    name = st.session_state.get(KEY, st.query_params.get(KEY))
    return parsed_name(name, train=len(statistics.train_features), test=len(statistics.test_features))


def beside() -> tuple[DeltaGenerator, DeltaGenerator]:
    """A place for many digits, and beside it, on a phone above it, a place for the card of one."""
    many, one = st.container(key="dataset_beside").columns([3, 1], gap="large")
    return many, one


def show_card(statistics: Statistics, first: tuple[str, int], *, models: tuple[str, str] | None = None) -> None:
    """Show the field for a digit's name, which is in the address, and the digit. MNIST must be here. Raises
    DatasetError.

    first: the split and index of the digit to show until one is picked. models: that go to the canvas with it.
    """
    name = st.text_input(
        "Find a digit by name", key=KEY, bind="query-params", placeholder="train-12 or test-947", max_chars=20
    )
    found = picked(statistics) if name else first
    if found is None:
        st.caption(f"There is no digit “{name}”. Names are train-0 to train-59999 and test-0 to test-9999.")
        found = first
    split, index = found
    chosen = cached_digits.mnist_splits()[split]
    pixels, label = chosen.images[index], int(chosen.labels[index])
    title = f"{WORDS[split]} {index}, labelled {label}"
    with st.container(key="dataset_card"):
        show_features(statistics, statistics.features(split)[index], label, pixels, title=title, alternative=title)
        if st.button("Send to the canvas", icon=":material/draw:", key="dataset_to_canvas", width="stretch"):
            words = f"MNIST {WORDS[split].lower()} {index}, labelled {label}."
            digit = preprocessing.from_ink(chosen.pixels_of(index))
            canvas.put_and_open(digit, canvas.digit_picture(pixels), words, known=str(label), models=models)


def show_features(
    statistics: Statistics,
    values: Sequence[float] | NDArray[np.floating],
    digit: int,
    picture: NDArray[np.uint8],
    *,
    title: str,
    alternative: str,
) -> None:
    """Show a picture with its features, and where each lies among the training digits of that kind.

    values: one for each of FEATURES. digit: the kind to compare with. picture: (28, 28) uint8. alternative: the
    picture in words.
    """
    features = []
    for number, (feature, value) in enumerate(zip(FEATURES, map(float, values), strict=True)):
        fraction = statistics.fraction_below(number, digit, value)
        features.append({"name": feature.name, "value": feature.shown(value), "place": _place(fraction, digit)})
    st.html(
        render("dataset/digit_card.html.j2", picture=picture, alternative=alternative, title=title, features=features)
    )


def _place(fraction: float, digit: int) -> str:
    """The place among the training digits: 'more than 93 % of the 7s', or 'usual for a 7' in the middle half."""
    if 0.25 <= fraction <= 0.75:
        return f"usual for {'an' if digit == 8 else 'a'} {digit}"
    than = "less than" if fraction < 0.5 else "more than"
    part = min(0.999, max(0.0, 1 - fraction if fraction < 0.5 else fraction))
    return f"{than} nearly all {digit}s" if part >= 0.995 else f"{than} {percent(part, digits=0)} of the {digit}s"
