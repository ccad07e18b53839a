"""How runs learned: loss and accuracy of any of them on the same axes."""

from functools import partial
from typing import Any

import streamlit as st

from mnist_core.errors import DigitDuelError
from mnist_core.reporting import curve_charts, tables
from mnist_core.reporting.vega import specification
from mnist_core.runs.learning_curves import MEASURES, LearningCurve, Split, View, as_csv, learning_curve
from mnist_core.runs.run import Run
from pages.parts.heading import show_heading
from pages.parts.legend import show_legend
from pages.parts.run_picker import history, pick_runs, run_styles_of, show_damaged

HARDER = (
    "Training figures are taken while the network learns, with features left out where the recipe says so; the robust recipe trains on digits made "
    "harder, and validates on some as well. So compare runs of one recipe here, and runs of different recipes by their test digits."
)


def choose_view() -> View:
    """The controls, behind a button that says what they are set to; every choice is in the URL."""
    with st.popover("View", icon=":material/tune:", key="curves_controls"):
        axis = st.segmented_control(
            "Across", ["Epochs", "Seconds"], default="Epochs", required=True, key="curves_across", bind="query-params"
        )
        lines = st.pills(
            "Lines",
            ["Validation", "Training"],
            selection_mode="multi",
            default=["Validation", "Training"],
            key="curves_lines",
            bind="query-params",
        )
        logarithmic = st.pills(
            "Logarithmic",
            ["Values", "Across"],
            selection_mode="multi",
            default=["Values", "Across"],
            key="curves_log",
            bind="query-params",
        )
        smoothing = st.slider("Smoothing", 0.0, 0.95, 0.0, 0.05, key="curves_smoothing", bind="query-params")
    names: dict[str, Split] = {"Validation": "validation", "Training": "training"}
    splits = tuple(split for name, split in names.items() if name in lines)
    return View(
        "seconds" if axis == "Seconds" else "epoch",
        "Values" in logarithmic,
        "Across" in logarithmic,
        smoothing,
        splits or ("validation",),
    )


def load(picked: list[Run]) -> list[LearningCurve]:
    """The curves of these runs; a word on each that has none."""
    curves = []
    for run in picked:
        try:
            curves.append(learning_curve(run, history(run)))
        except DigitDuelError as error:
            st.warning(str(error), icon=":material/error:")
    return curves


@st.cache_resource(max_entries=64, show_spinner=False)
def chart(
    runs: tuple[tuple[str, str, str], ...], measure: str, view: View, _curves: list[LearningCurve]
) -> dict[str, Any]:
    """The chart of these runs, drawn up once. runs: name, creation and folder of each."""
    return specification(curve_charts.learning_chart(_curves, run_styles, measure, view))


def picture(kind: str, curves: list[LearningCurve], view: View) -> bytes:
    """The curves as a file."""
    from mnist_core.reporting import (
        matplotlib_figures as figures,
    )  # Matplotlib takes a second to import, and only a download needs it

    return figures.as_file(figures.learning_figure(curves, run_styles, view), kind)


def show_downloads(curves: list[LearningCurve], view: View) -> None:
    """The figures and the pictures, made when they are asked for; behind a button, for each widget on the page makes it open later."""
    with st.popover("Download", icon=":material/download:", key="curves_downloads"):
        st.download_button(
            "CSV",
            partial(as_csv, curves),
            "curves.csv",
            "text/csv",
            on_click="ignore",
            width="stretch",
            key="curves_csv",
        )
        for kind, mime in (("png", "image/png"), ("svg", "image/svg+xml")):
            make = partial(picture, kind, curves, view)
            st.download_button(
                kind.upper(), make, f"curves.{kind}", mime, on_click="ignore", width="stretch", key=f"curves_{kind}"
            )


show_heading(
    "Curves",
    "How models learned: loss and accuracy after every epoch, one pass through the training digits. Point at a chart to read all of them there.",
)
with st.container(horizontal=True, key="curves_choices"):
    picked = pick_runs("curves")
    view = choose_view()
curves = load(picked)
run_styles = run_styles_of([run for run in picked if run.name in {curve.run for curve in curves}])
if curves:
    show_legend(run_styles)
    keys = tuple((run.name, run.created, str(run.folder)) for run in picked if run.name in run_styles)
    with st.container(key="curves_charts"):
        for column, measure in zip(st.columns(2, gap="medium"), MEASURES, strict=True):
            column.vega_lite_chart(chart(keys, measure, view, curves))
    st.caption(
        "The symbol marks the epoch whose weights were kept."
        + (" Thick lines are validation digits, thin ones training digits." if len(view.splits) > 1 else "")
        + (f" Smoothed by {view.smoothing:.2f}; the faint line is what was recorded." if view.smoothing else "")
    )
    if any(curve.harder for curve in curves):
        st.caption(HARDER)
    show_downloads(curves, view)
    st.subheader("At the epoch that was kept", anchor=False)
    st.html(tables.kept_epochs(curves, run_styles))
show_damaged()
