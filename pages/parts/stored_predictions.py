"""What the picked runs read on the test digits; a damaged one is named and left out."""

import streamlit as st

from mnist_core.errors import DigitDuelError
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.run import Run
from pages.parts.run_picker import test_predictions


def usable(picked: list[Run]) -> tuple[dict[str, Run], dict[str, TestPredictions]]:
    """The runs that can be shown and what they read, both by name and in the order of picking; what is wrong with the others is said."""
    runs, stored = {}, {}
    for run in picked:
        try:
            stored[run.name] = test_predictions(run)
            runs[run.name] = run
        except DigitDuelError as error:
            st.warning(str(error), icon=":material/error:")
    return runs, stored
