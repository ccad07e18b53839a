"""The view "Your digit": how this visitor's drawing compares with the training digits of MNIST."""

import streamlit as st

from mnist_core.data.datasets import as_bytes
from mnist_core.data.preprocessing import Digit
from mnist_core.dataset_statistics.features import FEATURES, measured
from mnist_core.dataset_statistics.neighbours import nearest
from mnist_core.dataset_statistics.statistics import Statistics
from mnist_core.reporting.dataset_charts import ridges
from mnist_core.runs.promotion import default_pair
from pages.dataset import digit_card
from pages.parts import cached_digits, canvas
from pages.parts.cached_runs import all_runs, classifier
from pages.parts.digit_grid import Tile, show_grid
from pages.parts.download_offer import offer_download

NEIGHBOURS = 12


def show_own_digit(statistics: Statistics) -> None:
    """Show the drawing with its features, its nearest training digits, and its place in the distribution.

    Raises DigitDuelError.
    """
    canvas.keep()
    digit = canvas.digit()
    if digit is None:
        st.markdown("## Nothing is on your canvas yet")
        st.write(
            "Draw a digit, then come back. It is measured as MNIST's digits were, and shown beside those that are "
            "most like it."
        )
        st.page_link("pages/draw/draw.py", label="Draw a digit", icon=":material/draw:")
        return
    if which := canvas.which_digit():
        st.caption(f"This is about {which}. The page Why lets you choose another one.")
    runs = all_runs()
    predicted = classifier(runs[default_pair(runs)[1]]).predict(digit).digit if runs else 0
    values = [float(value) for value in measured(digit[None])[0]]
    like = st.segmented_control(
        "Compare it with the training digits labelled",
        list(range(10)),
        default=predicted,
        required=True,
        key=f"dataset_like_{predicted}",
    )
    digit_card.show_features(
        statistics,
        values,
        like,
        as_bytes(digit),
        title=f"Your digit among MNIST's {like}s",
        alternative="Your digit, as the models get it",
    )
    st.markdown("## The training digits most like it")
    if cached_digits.has_mnist():
        _show_nearest(statistics, digit)
    else:
        offer_download("dataset")
    _show_distribution(statistics, values)


def _show_nearest(statistics: Statistics, digit: Digit) -> None:
    train = cached_digits.mnist_splits()["train"]
    found = nearest(digit, train.images, count=NEIGHBOURS)
    labels = [int(train.labels[index]) for index, _ in found]
    counted = sorted({label: labels.count(label) for label in labels}.items(), key=lambda item: -item[1])
    st.caption(
        f"Of the {NEIGHBOURS} nearest of 60,000, pixel by pixel, "
        + ", ".join(f"{count} {'is' if count == 1 else 'are'} labelled {label}" for label, count in counted)
        + "."
    )
    tiles = [
        Tile(
            index,
            str(label),
            (f"{label} · #{index}", f"distance {distance:.1f}"),
            f"Training digit {index}, labelled {label}, distance {distance:.1f}",
            train.images[index],
        )
        for (index, distance), label in zip(found, labels, strict=True)
    ]
    many, one = digit_card.beside()
    with many:
        show_grid(
            tiles,
            label="The nearest training digits",
            key="dataset_nearest",
            on_pick=lambda index: digit_card.pick("train", index),
            tile=92,
        )
    with one:
        digit_card.show_card(statistics, ("train", found[0][0]))


def _show_distribution(statistics: Statistics, values: list[float]) -> None:
    names = [feature.name for feature in FEATURES]
    feature = st.segmented_control(
        "Your digit on the distribution of",
        names,
        default="Slant",
        required=True,
        key="dataset_own_feature",
        bind="query-params",
    )
    number = names.index(feature)
    st.altair_chart(ridges(statistics, number, yours=values[number]), key="dataset_own_ridges")
