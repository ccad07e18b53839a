"""The view "Calibration": whether a run is as often correct as it says, and what leaving out uncertain digits gains."""

from typing import Any

import streamlit as st

from mnist_core.formatting import number, percent
from mnist_core.metrics.calibration import expected_calibration_error, reliability
from mnist_core.metrics.selective_accuracy import accuracy_at, selective_accuracy_curve
from mnist_core.reporting.confusion_charts import TOLD, reliability_chart, selective_accuracy_chart
from mnist_core.reporting.vega import specification
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.run import Run
from pages.parts.cached_runs import RunKey, run_key, run_styles_of
from pages.parts.legend import show_legend


@st.cache_resource(max_entries=32, show_spinner=False)
def certainty_charts(
    keys: tuple[RunKey, ...], _runs: list[Run], _stored: dict[str, TestPredictions]
) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Both charts, and their figures as a table in Markdown. keys: of the runs, see run_key."""
    run_styles = run_styles_of(_runs)
    errors = {name: expected_calibration_error(its.probabilities, its.labels) for name, its in _stored.items()}
    curves = {name: selective_accuracy_curve(its.probabilities, its.labels) for name, its in _stored.items()}
    bins = {name: reliability(its.probabilities, its.labels) for name, its in _stored.items()}
    points = {name: accuracy_at(curve, TOLD) for name, curve in curves.items() if curve}
    rows = "\n".join(
        f"| {name} | {percent(errors[name])} | {percent(point.accuracy)} ({number(point.incorrect)} incorrect) |"
        for name, point in points.items()
    )
    return (
        specification(reliability_chart(bins, run_styles, errors)),
        specification(selective_accuracy_chart(curves, run_styles)),
        f"| Model | Calibration error | Accuracy on the {percent(TOLD, digits=0)} it is most certain of "
        f"|\n|:--|--:|--:|\n{rows}",
    )


def show_certainty(runs: dict[str, Run], stored: dict[str, TestPredictions]) -> None:
    """Show the reliability diagram, the accuracy of the answered digits, and both as figures."""
    picked = list(runs.values())
    reliability_spec, selective_spec, table = certainty_charts(tuple(map(run_key, picked)), picked, stored)
    show_legend(run_styles_of(picked))
    left, right = st.columns(2, gap="large")
    with left:
        st.header("As sure as it should be?", anchor=False)
        st.caption(
            "On the dashed line a model is correct as often as it says; below the line it is too sure. Small points "
            "stand for few digits; lines join those of ten or more."
        )
        st.vega_lite_chart(reliability_spec, key="confusion_reliability")
    with right:
        st.header("Leaving out what is uncertain", anchor=False)
        st.caption(
            "From left to right, more of the least certain digits are left out. The lines show how many of the "
            "others are correct."
        )
        st.vega_lite_chart(selective_spec, key="confusion_selective")
    st.markdown(table)
    st.caption("Calibration error: the mean distance between confidence and accuracy, over 15 steps of confidence.")
