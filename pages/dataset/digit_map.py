"""The view "Map": 2,000 training digits in the plane, and the visitor's own drawing among them."""

from typing import Any

import streamlit as st

from mnist_core.dataset_statistics.statistics import Statistics
from mnist_core.reporting import dataset_charts
from mnist_core.reporting.picture_addresses import data_url
from pages.dataset import digit_card
from pages.parts import cached_digits, canvas
from pages.parts.download_offer import offer_download

ALL = "All"


@st.cache_resource(max_entries=1, show_spinner=False)
def map_pictures(_statistics: Statistics) -> dict[int, str]:
    """The pictures of the digits on the map, as addresses for the tooltip."""
    train = cached_digits.mnist_splits()["train"]
    return {int(index): data_url(train.images[index]) for index in _statistics.map_indices}


@st.cache_resource(max_entries=8, show_spinner=False)
def map_chart(
    method: str, digit: int | None, pictures: bool, yours: tuple[float, float] | None, _statistics: Statistics
) -> Any:
    """The map, drawn once for all visitors.

    pictures: whether MNIST is here to show them in the tooltip. yours: the place of a drawing.
    """
    shown = map_pictures(_statistics) if pictures else None
    return dataset_charts.digit_map(_statistics, method, digit=digit, pictures=shown, yours=yours)


def show_map(statistics: Statistics) -> None:
    """Show the map, and the card of the digit that is picked on it."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="dataset_map_filters"):
        method = st.segmented_control(
            "Method", ["t-SNE", "PCA"], default="t-SNE", required=True, key="dataset_map", bind="query-params"
        )
        digit = st.segmented_control(
            "Show above all",
            [ALL, *"0123456789"],
            default=ALL,
            required=True,
            key="dataset_map_digit",
            bind="query-params",
        )
    own = canvas.digit() if method == "PCA" else None
    if method == "PCA":
        st.caption(
            "PCA places the digits along the two directions in which their pixels differ most."
            + (f" The cross is {canvas.which_digit() or 'your own drawing'}." if own is not None else "")
        )
    else:
        st.caption(
            "t-SNE puts similar digits next to each other. Neighbourhoods mean something; how far apart two groups "
            "lie, and how large they are, means little."
        )
    yours = None if own is None else statistics.on_the_map(own)
    has_mnist = cached_digits.has_mnist()
    chart = map_chart(method, None if digit == ALL else int(digit), has_mnist, yours, statistics)
    many, one = digit_card.beside()
    many.altair_chart(chart, key="dataset_map_chart", on_select=_take_from_map, selection_mode="picked")
    with one:
        if has_mnist:
            digit_card.show_card(statistics, ("train", int(statistics.map_indices[0])))
        else:
            offer_download("dataset")


def _take_from_map() -> None:
    """Show the digit whose point was clicked."""
    points = st.session_state.dataset_map_chart.selection.get("picked") or [{}]
    index = points[0].get("index")
    if isinstance(index, int):
        digit_card.pick("train", index)
