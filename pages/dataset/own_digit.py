"""How this visitor's drawing compares with the training digits of MNIST."""

import streamlit as st

from mnist_core.data.datasets import as_bytes
from mnist_core.dataset_statistics.features import FEATURES, measured
from mnist_core.dataset_statistics.neighbours import nearest
from mnist_core.dataset_statistics.statistics import Statistics
from mnist_core.reporting.dataset_charts import ridges
from mnist_core.reporting.digit_pictures import data_url
from mnist_core.runs.promotion import default_pair
from pages.dataset import digit_card
from pages.parts import canvas, mnist_digits
from pages.parts.digit_grid import Tile, show_grid
from pages.parts.mnist_download import offer_download
from pages.parts.run_picker import all_runs, classifier

NEIGHBOURS = 12


def show_own_digit(statistics: Statistics) -> None:
    """The drawing, measured, and its nearest training digits. Raises DigitDuelError."""
    canvas.keep()
    digit = canvas.digit()
    if digit is None:
        st.markdown("#### Nothing is on your canvas yet")
        st.write(
            "Draw a digit, then come back: it is measured as MNIST's digits were, and laid beside those that are most like it."
        )
        st.page_link("pages/draw/draw.py", label="Draw a digit", icon=":material/draw:")
        return
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
    st.html(
        f"<div class='card'><img src='{data_url(as_bytes(digit))}' alt='Your digit, as the models get it'><div><h3>Your digit among MNIST's {like}s</h3>"
        f"<dl>{digit_card.feature_rows(statistics, values, like)}</dl></div></div>"
    )
    st.markdown("#### The training digits most like it")
    if mnist_digits.available():
        train = mnist_digits.splits()["train"]
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
    else:
        offer_download("dataset")
    feature = st.segmented_control(
        "Your digit on the distribution of",
        [kind.name for kind in FEATURES],
        default="Slant",
        required=True,
        key="dataset_own_feature",
        bind="query-params",
    )
    number = [kind.name for kind in FEATURES].index(feature)
    chart = ridges(statistics, number, yours=values[number])
    st.altair_chart(chart, key="dataset_own_ridges")
