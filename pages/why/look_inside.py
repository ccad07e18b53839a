"""What the layers of each model compute."""

import streamlit as st

from mnist_core.data.preprocessing import Digit
from mnist_core.explanations.layer_views import view_of
from pages.why.layer_figure import show_figure
from pages.why.sides import Side

NUDGES = {
    "4 px left": -4,
    "3 px left": -3,
    "2 px left": -2,
    "none": 0,
    "2 px right": 2,
    "3 px right": 3,
    "4 px right": 4,
}
"""A digit that is at one side already can be moved back, so that all of it stays in the picture."""


def show_inside(digit: Digit, sides: tuple[Side, Side]) -> None:
    """Show the layers of both models for this digit. digit: as both models see it, (28, 28) in 0..1."""
    st.header("Look inside", anchor="look-inside")
    if not digit.any():
        st.info("Put a digit on the canvas, and this shows what each layer makes of it.", icon=":material/search:")
        return
    known = [side for side in sides if side.network]
    for side in sides:
        if not side.network:
            st.info(f"{side.run.name} has layers that this page cannot read.", icon=":material/info:")
    if known:
        _show_layers(digit, known)


@st.fragment
def _show_layers(digit: Digit, sides: list[Side]) -> None:
    """The figure with its control. A new nudge runs only this."""
    chosen = st.segmented_control(
        "Nudge the digit and compare each layer",
        list(NUDGES),
        default="none",
        required=True,
        key="why_layers_nudge",
        bind="query-params",
    )
    nudge = NUDGES.get(str(chosen), 0)
    views = [view_of(side.network, digit, nudge=nudge) for side in sides]
    show_figure(sides, views, nudge=nudge, key="why_layers")
