"""The sweeps that this server works through. All visitors share them."""

import streamlit as st

from mnist_core.access.sweep_acts import SweepActs
from mnist_core.sweeps.background_sweeps import BackgroundSweeps
from pages.parts import access
from pages.train import shared_jobs


@st.cache_resource(max_entries=1, show_spinner=False)
def background() -> BackgroundSweeps:
    """The sweeps that are worked through now. Their trainings go through the queue, one after the other."""
    return BackgroundSweeps()


def acts() -> SweepActs:
    """What this visitor does to sweeps. To be called at the moment of doing it."""
    return SweepActs(
        access.person(),
        shared_jobs.acts(),
        queue=shared_jobs.queue(),
        background=background(),
        log=access.audit_log(),
    )
