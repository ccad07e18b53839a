"""The curves page: how runs learned, with the loss and accuracy of any of them on the same axes."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import streamlit as st

from mnist_core.errors import DigitDuelError
from mnist_core.formatting import number
from mnist_core.reporting import curve_charts, tables
from mnist_core.reporting.vega import specification
from mnist_core.runs.learning_curves import MEASURES, LearningCurve, Split, View, as_csv, beginning, learning_curve
from mnist_core.runs.run import Run
from pages.parts.cached_runs import RunKey, history, run_key, run_styles_of
from pages.parts.glossary import NETWORKS
from pages.parts.heading import show_heading
from pages.parts.legend import show_legend
from pages.parts.messages import show_warning
from pages.parts.run_picker import pick_runs, show_damaged

HARDER = (
    "Training figures are taken while the network learns, with features left out where the recipe says so. The "
    "robust recipe trains on digits made harder, and validates on some as well. So compare runs of one recipe here, "
    "and runs of different recipes by their test digits."
)
BEGINNING = "Beginning"
SPLITS: dict[str, Split] = {"Validation": "validation", "Training": "training"}


def choose_view(curves: list[LearningCurve]) -> View:
    """The controls. Every choice is in the address."""
    with st.container(horizontal=True, vertical_alignment="top", gap="medium", key="curves_controls"):
        axis = st.segmented_control(
            "Across", ["Epochs", "Seconds"], default="Epochs", required=True, key="curves_across", bind="query-params"
        )
        across: Literal["epoch", "seconds"] = "seconds" if axis == "Seconds" else "epoch"
        until = beginning(curves, across)
        if until is not None:
            shown = st.segmented_control(
                "Show",
                [BEGINNING, "All"],
                default=BEGINNING,
                required=True,
                key="curves_part",
                bind="query-params",
                help="Some runs are much longer than others. The first part is twice as long as the middle one.",
            )
            until = until if shown == BEGINNING else None
        lines = _several("Lines", list(SPLITS), list(SPLITS), key="curves_lines")
        logarithmic = _several("Logarithmic", ["Values", "Across"], [], key="curves_log")
        smoothing = st.slider("Smoothing", 0.0, 0.95, 0.0, 0.05, key="curves_smoothing", bind="query-params", width=220)
    return View(
        across,
        "Values" in logarithmic,
        "Across" in logarithmic,
        smoothing,
        tuple(split for name, split in SPLITS.items() if name in lines) or ("validation",),
        until,
    )


def _several(label: str, options: list[str], default: list[str], *, key: str) -> list[str]:
    """Pills of which any number may be on."""
    return st.pills(label, options, selection_mode="multi", default=default, key=key, bind="query-params")


def load(picked: list[Run]) -> list[LearningCurve]:
    """The curves of these runs. A warning names each run that has none."""
    curves = []
    for run in picked:
        try:
            curves.append(learning_curve(run, history(run)))
        except DigitDuelError as error:
            show_warning(error)
    return curves


@st.cache_resource(max_entries=64, show_spinner=False)
def chart(keys: tuple[RunKey, ...], measure: str, view: View, _curves: list[LearningCurve]) -> dict[str, Any]:
    """The chart of these runs, drawn once for all visitors. keys: of the runs, see run_key."""
    return specification(curve_charts.learning_chart(_curves, run_styles, measure, view))


def picture(kind: str, curves: list[LearningCurve], view: View) -> bytes:
    """The curves as a file. kind: 'png' or 'svg'."""
    from mnist_core.reporting import (
        matplotlib_figures,  # Matplotlib takes a second to import, and only a download needs it
    )

    return matplotlib_figures.as_file(matplotlib_figures.learning_figure(curves, run_styles, view), kind)


def show_downloads(curves: list[LearningCurve], view: View) -> None:
    """The buttons that download the figures and the pictures. The files are made when somebody asks for them."""
    files: dict[str, tuple[str, Callable[[], str | bytes]]] = {"csv": ("text/csv", partial(as_csv, curves))}
    for kind, mime in (("png", "image/png"), ("svg", "image/svg+xml")):
        files[kind] = (mime, partial(picture, kind, curves, view))
    with st.container(horizontal=True, key="curves_downloads"):
        for kind, (mime, make) in files.items():
            st.download_button(
                kind.upper(),
                make,
                f"curves.{kind}",
                mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"curves_{kind}",
            )


show_heading(
    "Curves",
    "How models learned: loss and accuracy after every epoch, one pass through the training digits. Point at a chart "
    "to see all its values there.",
    words=(*NETWORKS, "specified", "robust", "epoch", "loss"),
)
picked = pick_runs("curves")
curves = load(picked)
view = choose_view(curves)
run_styles = run_styles_of([run for run in picked if run.name in {curve.run for curve in curves}])
if curves:
    show_legend(run_styles)
    keys = tuple(run_key(run) for run in picked if run.name in run_styles)
    with st.container(key="curves_charts"):
        for column, measure in zip(st.columns(2, gap="medium"), MEASURES, strict=True):
            column.vega_lite_chart(chart(keys, measure, view, curves))
    first = f"first {number(int(view.until))} {'epochs' if view.axis == 'epoch' else 'seconds'}" if view.until else ""
    st.caption(
        (f"The {first}, where short runs can be read beside long ones. " if first else "")
        + "The symbol marks the epoch whose weights were kept."
        + (" Strong lines are validation digits, pale thin ones training digits." if len(view.splits) > 1 else "")
        + (f" Smoothed by {view.smoothing:.2f}; the faint line is what was recorded." if view.smoothing else "")
    )
    if any(curve.harder for curve in curves):
        st.caption(HARDER)
    show_downloads(curves, view)
    st.header("At the epoch that was kept", anchor=False)
    st.html(tables.kept_epochs(curves, run_styles))
show_damaged()
