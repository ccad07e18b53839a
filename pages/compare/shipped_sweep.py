"""The worked example on the page Compare: a sweep that comes with the project, so it needs no training."""

from typing import Any

import streamlit as st

from mnist_core.errors import DigitDuelError
from mnist_core.formatting import plural
from mnist_core.reporting.sweep_chart import styles_of, sweep_chart
from mnist_core.reporting.sweep_view import usual_view
from mnist_core.reporting.vega import specification
from mnist_core.sweeps.sweep_points import points_of
from mnist_core.sweeps.sweep_store import Sweep, load_sweep
from pages.parts.legend import show_legend

NAME = "data-fraction"


def show_data_fraction() -> None:
    """How accurate each architecture is when it learns from fewer digits."""
    try:
        sweep = load_sweep(NAME)
    except DigitDuelError:
        return
    st.header("How much data each needs", anchor=False)
    st.caption(
        f"The specified recipes with fewer of MNIST's digits, {plural(len(sweep.plan.seeds), 'seed')} for "
        "each point, measured once and shipped with the project. Bars are the 95 % interval over the test digits, the "
        "shaded band is the range over the seeds."
    )
    show_legend(styles_of(sweep.plan))
    st.vega_lite_chart(_chart(sweep.created, sweep), key="compare_sweep")
    if st.button("Start a sweep of your own", icon=":material/stacked_line_chart:", key="compare_to_sweep"):
        st.switch_page("pages/train/train.py", query_params={"train_mode": "Sweep", "train_sweep": NAME})


@st.cache_resource(max_entries=2, show_spinner=False)
def _chart(created: str, _sweep: Sweep) -> dict[str, Any]:
    """The chart, drawn once for all visitors. created: when the sweep was made."""
    return specification(sweep_chart(_sweep.plan, points_of(_sweep), usual_view(_sweep.plan)))
