"""One digit of MNIST, looked up by its name: large, measured against its like, and ready for the canvas."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.data import preprocessing as digits
from mnist_core.dataset_statistics.features import FEATURES
from mnist_core.dataset_statistics.ordering import name_of, parsed_name
from mnist_core.dataset_statistics.statistics import Statistics
from mnist_core.reporting.digit_pictures import data_url
from pages.parts import canvas, mnist_digits

KEY = "dataset_pick"
WORDS = {"train": "Training digit", "test": "Test digit"}


def pick(split: str, index: int) -> None:
    """Have the card show this digit; to be called in a callback."""
    st.session_state[KEY] = name_of(split, index)


def picked(statistics: Statistics) -> tuple[str, int] | None:
    """The split and index of the digit that is looked at; known before the card is shown."""
    name = st.session_state.get(KEY, st.query_params.get(KEY))
    return parsed_name(name, train=len(statistics.train_features), test=len(statistics.test_features))


def beside() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Where many digits go, and beside them, on a phone above them, the card of one."""
    many, one = st.container(key="dataset_beside").columns([3, 1], gap="large")
    return many, one


def show_card(statistics: Statistics, first: tuple[str, int]) -> None:
    """The field for its name, which is in the URL, and the digit itself. MNIST must be here; raises DatasetError.

    first: the split and index of the digit to show until one is picked.
    """
    name = st.text_input(
        "Look up a digit", key=KEY, bind="query-params", placeholder="train-12 or test-947", max_chars=20
    )
    found = picked(statistics) if name else first
    if found is None:
        st.caption(f"There is no digit “{name}”. Names are train-0 to train-59999 and test-0 to test-9999.")
        found = first
    split, index = found
    chosen = mnist_digits.splits()[split]
    pixels, label = chosen.images[index], int(chosen.labels[index])
    title = f"{WORDS[split]} {index}, labelled {label}"
    with st.container(key="dataset_card"):
        st.html(
            f"<div class='card'><img src='{data_url(pixels)}' alt='{title}'><div><h3>{title}</h3>"
            f"<dl>{feature_rows(statistics, [float(value) for value in statistics.features(split)[index]], label)}</dl></div></div>"
        )
        if st.button("Send to the canvas", icon=":material/draw:", key="dataset_to_canvas", width="stretch"):
            words = f"MNIST {WORDS[split].lower()} {index}, labelled {label}."
            canvas.put_and_open(digits.from_ink(chosen.pixels_of(index)), canvas.digit_picture(pixels), words)


def feature_rows(statistics: Statistics, values: list[float], digit: int) -> str:
    """The traits as the rows of a <dl>: each value, and where it lies among the training examples of that digit."""
    rows = []
    for number, (feature, value) in enumerate(zip(FEATURES, values, strict=True)):
        fraction = statistics.fraction_below(number, digit, value)
        rows.append(
            f"<dt>{feature.name}</dt><dd><b>{feature.shown(value)}</b> <span>{_place(fraction, digit)}</span></dd>"
        )
    return "".join(rows)


def _place(fraction: float, digit: int) -> str:
    """Where among the training examples: 'more than 93 % of the 7s', or 'usual for a 7' in the middle half."""
    if 0.25 <= fraction <= 0.75:
        return f"usual for {'an' if digit == 8 else 'a'} {digit}"
    least = fraction < 0.5
    part = max(0.0, min(99.9, 100 * (1 - fraction if least else fraction)))
    return (
        f"{'less' if least else 'more'} than {part:.0f} % of the {digit}s"
        if part < 99.5
        else f"{'less' if least else 'more'} than nearly all {digit}s"
    )
