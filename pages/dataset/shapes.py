"""The view "Shapes": how the ink, slant, aspect and stroke width of the training digits are distributed."""

from typing import Any

import streamlit as st

from mnist_core.dataset_statistics.features import FEATURES
from mnist_core.dataset_statistics.statistics import Statistics
from mnist_core.reporting import dataset_charts
from mnist_core.reporting.vega import specification


@st.cache_resource(max_entries=len(FEATURES), show_spinner=False)
def ridges(feature: int, _statistics: Statistics) -> dict[str, Any]:
    """The chart of a feature, drawn once for all visitors."""
    return specification(dataset_charts.ridges(_statistics, feature))


def show_shapes(statistics: Statistics) -> None:
    """Show the distribution of one feature, which the visitor picks."""
    names = [feature.name for feature in FEATURES]
    number = names.index(
        st.segmented_control(
            "Measure", names, default=names[0], required=True, key="dataset_feature", bind="query-params"
        )
    )
    st.caption(
        f"{FEATURES[number].text} Each row is one digit, 60,000 training digits in all. The dot is its mean, the bar "
        "one standard deviation to each side."
    )
    st.vega_lite_chart(ridges(number, statistics), key="dataset_ridges")
