"""Two trainings next to each other: the curves of one that runs or has ended, and of another on the same axes."""

import pandas as pd
import streamlit as st

from mnist_core.jobs.job import Job
from mnist_core.reporting.training_charts import (
    METRICS,
    axis_end,
    shared_range,
    training_chart,
    training_rows,
    with_range,
)
from mnist_core.reporting.training_text import headline
from pages.parts.cached_runs import architecture_style
from pages.parts.templates import render
from pages.train import shared_jobs


def pick_beside(job: Job) -> Job | None:
    """Show the picker of another training that has curves. Returns the picked one; nothing is shown without others."""
    others = {other.number: other for other in reversed(shared_jobs.queue().jobs()) if other.points}
    others.pop(job.number, None)
    if not others:
        return None
    picked = st.selectbox(
        "Side by side with",
        list(others),
        index=None,
        format_func=lambda number: f"{others[number].name} ({others[number].state})" if number in others else "–",
        key=f"train_beside_{job.number}",
        placeholder="another training",
    )
    return others.get(picked) if picked else None


def show_side_by_side(job: Job, other: Job) -> None:
    """Show the loss and the accuracy of both, one training a column. Their y axes are the same."""
    are_alike = job.config.architecture == other.config.architecture
    if are_alike:
        _show_legend(job)
    for column, shown in zip(st.columns(2, gap="medium"), (job, other), strict=True):
        run_style = architecture_style(shown.config.architecture)
        with column:
            st.html(headline(shown))
            if not are_alike:
                _show_legend(shown)
            for metric in METRICS:
                chart = training_chart(metric=metric, epochs=axis_end(shown), run_style=run_style)
                st.vega_lite_chart(
                    pd.DataFrame(training_rows(shown, metric)),
                    with_range(chart, shared_range((job, other), metric)),
                    key=f"train_beside_{job.number}_{metric}_{shown.number}",
                    width="stretch",
                )


def _show_legend(job: Job) -> None:
    """The legend of the curves. The validation line has the colour of the architecture."""
    st.html(render("train/curves_legend.html.j2", colour=architecture_style(job.config.architecture).colour))
