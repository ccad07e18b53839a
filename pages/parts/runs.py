"""Runs and their models, loaded once for all visitors."""

import streamlit as st

from mnist_core import runs
from mnist_core.classifier import Classifier
from mnist_core.digits import blank
from mnist_core.runs import Run


@st.cache_data(ttl="5s", max_entries=1, show_spinner=False)
def all_runs() -> dict[str, Run]:
    """Every usable run, by name. A new one appears within seconds."""
    found, _ = runs.list_runs()
    return {run.name: run for run in found}


def classifier(run: Run) -> Classifier:
    """The run's model. One that was trained again under the same name is loaded afresh."""
    return _classifier(run.name, run.created)


@st.cache_resource(max_entries=16, show_spinner=False)
def _classifier(name: str, created: str) -> Classifier:
    model = Classifier(runs.load_run(name).model_path)
    model.read(blank())  # the first inference sets up buffers; nobody should wait for it or see its time
    return model
