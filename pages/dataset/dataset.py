"""MNIST as a whole and digit by digit: counts, averages, shapes, a gallery, a map, labels in doubt, and the visitor's own digit among them."""

from typing import Any

import streamlit as st

from mnist_core.data.datasets import MNIST_DIGEST
from mnist_core.dataset_statistics.features import FEATURES
from mnist_core.dataset_statistics.label_errors import likely_mislabelled
from mnist_core.dataset_statistics.statistics import Statistics, load_statistics
from mnist_core.errors import DigitDuelError
from mnist_core.reporting import dataset_charts
from mnist_core.reporting.digit_pictures import data_url
from mnist_core.reporting.vega import specification
from pages.dataset import digit_card
from pages.dataset.gallery import show_gallery
from pages.dataset.overview import show_averages, show_counts
from pages.dataset.own_digit import show_own_digit
from pages.parts import canvas, mnist_digits
from pages.parts.digit_grid import Tile, show_grid
from pages.parts.heading import show_heading
from pages.parts.mnist_download import offer_download
from pages.parts.run_picker import pick_runs, show_damaged
from pages.parts.stored_predictions import usable


@st.cache_resource(max_entries=1, show_spinner=False)
def mnist_statistics() -> Statistics:
    """The stored figures, for all visitors."""
    return load_statistics()


@st.cache_resource(max_entries=len(FEATURES), show_spinner=False)
def ridges(feature: int) -> dict[str, Any]:
    """The chart of a trait, drawn up once."""
    return specification(dataset_charts.ridges(mnist_statistics(), feature))


@st.cache_resource(max_entries=1, show_spinner=False)
def map_pictures() -> dict[int, str]:
    """The digits on the map, as addresses of pictures for the hover."""
    train = mnist_digits.splits()["train"]
    return {int(index): data_url(train.images[index]) for index in mnist_statistics().map_indices}


@st.cache_resource(max_entries=8, show_spinner=False)
def map_chart(method: str, digit: int | None, pictures: bool, yours: tuple[float, float] | None) -> Any:
    """The map, drawn up once. pictures: whether MNIST is here to show them on hover."""
    return dataset_charts.digit_map(
        mnist_statistics(), method, digit=digit, pictures=map_pictures() if pictures else None, yours=yours
    )


def overview(statistics: Statistics) -> None:
    """How many there are of each digit, and what they look like on average."""
    show_counts(statistics)
    show_averages(statistics)


def shapes(statistics: Statistics) -> None:
    """How ink, slant, aspect and stroke width are distributed."""
    names = [feature.name for feature in FEATURES]
    number = names.index(
        st.segmented_control(
            "Measure", names, default=names[0], required=True, key="dataset_feature", bind="query-params"
        )
    )
    st.caption(
        f"{FEATURES[number].text} Each row is one digit, 60,000 training digits in all; the dot is its mean, the bar one standard deviation to each side."
    )
    st.vega_lite_chart(ridges(number), key="dataset_ridges")


def gallery(statistics: Statistics) -> None:
    """Every digit there is."""
    if mnist_digits.available():
        show_gallery(statistics)
    else:
        st.write("All 70,000 digits, to browse by digit and order: by number, slant, ink, aspect or stroke width.")
        offer_download("dataset")


def digit_map(statistics: Statistics) -> None:
    """2,000 training digits in the plane."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="dataset_map_filters"):
        method = st.segmented_control(
            "Method", ["t-SNE", "PCA"], default="t-SNE", required=True, key="dataset_map", bind="query-params"
        )
        digit = st.segmented_control(
            "Show above all",
            ["All", *"0123456789"],
            default="All",
            required=True,
            key="dataset_map_digit",
            bind="query-params",
        )
    own = canvas.digit() if method == "PCA" else None
    if method == "PCA":
        st.caption(
            "PCA lays the digits along the two directions in which their pixels differ most."
            + (" The cross is your own drawing." if own is not None else "")
        )
    else:
        st.caption(
            "t-SNE puts digits that look alike next to each other. Read the neighbourhoods: how far apart two groups lie, and how large they are, means little."
        )
    here = mnist_digits.available()
    chart = map_chart(
        method, None if digit == "All" else int(digit), here, None if own is None else statistics.on_the_map(own)
    )
    many, one = digit_card.beside()
    many.altair_chart(chart, key="dataset_map_chart", on_select=take_from_map, selection_mode="picked")
    with one:
        if here:
            digit_card.show_card(statistics, ("train", int(statistics.map_indices[0])))
        else:
            offer_download("dataset")


def take_from_map() -> None:
    """A point was clicked: its digit is looked up."""
    points = st.session_state.dataset_map_chart.selection.get("picked") or [{}]
    index = points[0].get("index")
    if isinstance(index, int):
        digit_card.pick("train", index)


def likely_label_errors(statistics: Statistics) -> None:
    """Test digits that every chosen model reads alike and not as labelled."""
    st.write(
        "Test digits that all the chosen models read alike, and not as their label says. "
        "Some of these labels are **likely** wrong; others are right, and the digit is written badly."
    )
    stored = list(usable([run for run in pick_runs("dataset") if run.data.get("digest") == MNIST_DIGEST])[1].values())
    if not stored:
        st.caption("Choose at least one model that was tested on MNIST.")
        return
    label_errors = likely_mislabelled([each.probabilities for each in stored], stored[0].labels)
    images = mnist_digits.test_digits().images if mnist_digits.available() else None
    st.caption(
        f"{len(label_errors)} of {len(stored[0].labels):,}, the surest first. The percentage is that of the least sure model."
    )
    tiles = [
        Tile(
            label_error.index,
            str(label_error.label),
            (
                f"label {label_error.label} → {label_error.predicted}",
                f"{label_error.confidence:.1%} · #{label_error.index}",
            ),
            f"Test digit {label_error.index}, labelled {label_error.label}, read as {label_error.predicted}, at least {label_error.confidence:.1%} sure",
            None if images is None else images[label_error.index],
        )
        for label_error in label_errors[:120]
    ]
    many, one = digit_card.beside()
    with many:
        show_grid(
            tiles,
            label="Digits whose labels are in doubt",
            key="dataset_doubtful",
            on_pick=lambda index: digit_card.pick("test", index),
            tile=104,
        )
    with one:
        if images is not None:
            digit_card.show_card(statistics, ("test", label_errors[0].index if label_errors else 0))
        else:
            offer_download("dataset")
    show_damaged()


VIEWS = {
    "Overview": overview,
    "Shapes": shapes,
    "Gallery": gallery,
    "Map": digit_map,
    "Doubtful labels": likely_label_errors,
    "Your digit": show_own_digit,
}

show_heading(
    "Data set",
    "MNIST: 70,000 digits, written by some 500 people and brought to 28 × 28 pixels. Both networks learned from the training digits alone.",
)
for tab, view in zip(
    st.tabs(list(VIEWS), key="dataset_view", bind="query-params", on_change="rerun"), VIEWS.values(), strict=True
):
    if tab.open:
        with tab:
            try:
                view(mnist_statistics())
            except DigitDuelError as error:
                st.error(str(error), icon=":material/error:")
