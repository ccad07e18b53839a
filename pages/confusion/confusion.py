"""The confusion page: confusion matrices side by side, the digits in their cells, and whether a run's confidence
can be trusted.
"""

from collections.abc import Callable

import streamlit as st

from mnist_core.errors import DigitDuelError
from pages.confusion.certainty import show_certainty
from pages.confusion.digit_scores import show_scores
from pages.confusion.matrices import show_matrices
from pages.confusion.mistake_views import show_mistakes, show_only_one_correct
from pages.confusion.pair_picker import pick_pair
from pages.parts.cached_runs import run_styles_of
from pages.parts.glossary import NETWORKS
from pages.parts.heading import show_heading
from pages.parts.messages import show_error
from pages.parts.run_picker import pick_runs, show_damaged
from pages.parts.runs_with_predictions import with_predictions

show_heading(
    "Confusion",
    "See which digits are predicted as which. Every number leads to the digits behind it.",
    words=(*NETWORKS, "specified", "robust"),
)
runs, stored = with_predictions(pick_runs("confusion"))
if runs:
    pair = pick_pair(runs)
    views: dict[str, Callable[[], None]] = {
        "Matrices": lambda: show_matrices(runs, stored, pair),
        "By digit": lambda: show_scores(stored, run_styles_of(list(runs.values()))),
        "All mistakes": lambda: show_mistakes(runs, stored, pair),
        "Disagreements": lambda: show_only_one_correct(runs, stored, pair),
        "Calibration": lambda: show_certainty(runs, stored),
    }
    tabs = st.tabs(list(views), key="confusion_view", bind="query-params", on_change="rerun")
    for tab, show in zip(tabs, views.values(), strict=True):
        if tab.open:
            with tab:
                try:
                    show()
                except DigitDuelError as error:
                    show_error(error)
show_damaged()
