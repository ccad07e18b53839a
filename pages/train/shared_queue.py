"""The one queue of trainings and the one set of estimates that all visitors of this server share."""

import streamlit as st

from mnist_core.jobs.estimates import Estimates
from mnist_core.jobs.launcher import LocalTraining
from mnist_core.jobs.queue import JobQueue


@st.cache_resource(max_entries=1, show_spinner=False)
def queue() -> JobQueue:
    """Trainings: each in a process of its own, one at a time."""
    return JobQueue(LocalTraining)


@st.cache_resource(max_entries=1, show_spinner=False)
def estimates() -> Estimates:
    """How long trainings take here; measured while none runs."""
    return Estimates(lambda: queue().active)
