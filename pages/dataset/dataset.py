"""The data set page: MNIST as a whole and digit by digit, and the visitor's own digit among them."""

import streamlit as st

from mnist_core.dataset_statistics.statistics import Statistics, load_statistics
from mnist_core.errors import DigitDuelError
from pages.dataset.digit_map import show_map
from pages.dataset.gallery import show_gallery
from pages.dataset.label_error_list import show_label_errors
from pages.dataset.overview import show_overview
from pages.dataset.own_digit import show_own_digit
from pages.dataset.shapes import show_shapes
from pages.parts.heading import show_heading
from pages.parts.messages import show_error

VIEWS = {
    "Overview": show_overview,
    "Shapes": show_shapes,
    "Gallery": show_gallery,
    "Map": show_map,
    "Label errors": show_label_errors,
    "Your digit": show_own_digit,
}


@st.cache_resource(max_entries=1, show_spinner=False)
def mnist_statistics() -> Statistics:
    """The stored statistics of MNIST, loaded once for all visitors."""
    return load_statistics()


show_heading(
    "Data set",
    "MNIST: 70,000 digits, written by some 500 people and brought to 28 × 28 pixels. Both networks learned from the "
    "training digits alone.",
)
tabs = st.tabs(list(VIEWS), key="dataset_view", bind="query-params", on_change="rerun")
for tab, show in zip(tabs, VIEWS.values(), strict=True):
    if tab.open:
        with tab:
            try:
                show(mnist_statistics())
            except DigitDuelError as error:
                show_error(error)
