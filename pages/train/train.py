"""Train a model: a form, the trainings of this server as they stand, and what became of a run."""

import streamlit as st

from mnist_core.data.datasets import MNIST, has_mnist
from mnist_core.errors import DigitDuelError
from mnist_core.reporting.training_text import outlook
from mnist_core.runs.recipes import TrainingConfig
from pages.parts.heading import show_heading
from pages.parts.mnist_download import offer_download
from pages.parts.run_picker import show_damaged
from pages.train import shared_queue as shared
from pages.train.run_card import show_run
from pages.train.training_form import pick_config
from pages.train.training_view import show_trainings


def start(config: TrainingConfig) -> None:
    """Put the training into the queue, under the name that was asked for or a free one. The same one twice is a slip of the hand: it gives the same run."""
    wanted = st.session_state.get("train_name", "").strip()
    queue, mine = shared.queue(), st.session_state.get("train_mine", ())
    if already := next(
        (job for job in queue.jobs() if job.active and job.number in mine and job.config == config), None
    ):
        st.session_state.train_noted = (
            f"{already.name} is this very training. For another one, change the seed or anything else."
        )
        return
    try:
        job = queue.submit(config, wanted or queue.free_name(f"{config.architecture}-{config.recipe}"))
    except DigitDuelError as error:
        st.session_state.train_refused = str(error)
        return
    st.session_state.train_mine = (*mine, job.number)
    st.session_state.train_name = ""  # it is taken now


def show_form() -> None:
    """What to train, what that will mean, and the button."""
    try:
        config = pick_config()
    except DigitDuelError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.text_input(
        "Name of the run",
        key="train_name",
        bind="query-params",
        max_chars=200,
        placeholder=shared.queue().free_name(f"{config.architecture}-{config.recipe}"),
    )
    show_outlook(config)
    absent = config.data == MNIST and not has_mnist()
    if absent:
        offer_download("train")
    active = shared.queue().active
    st.button(
        "Add to the queue" if active else "Start training",
        type="primary",
        icon=":material/playlist_add:" if active else ":material/play_arrow:",
        key="train_start",
        width="stretch",
        disabled=absent,
        on_click=start,
        args=(config,),
    )
    if noted := st.session_state.pop("train_noted", None):
        st.info(noted, icon=":material/info:")
    if refused := st.session_state.pop("train_refused", None):
        st.error(refused, icon=":material/error:")


def show_outlook(config: TrainingConfig) -> None:
    """Parameters, time and differences; looks again by itself while the time is being measured."""
    estimate = shared.estimates().of(config)

    def piece() -> None:
        now = shared.estimates().of(config)
        if not now.measuring and estimate.measuring:
            st.rerun()
        st.html(outlook(config, now))

    st.fragment(piece, run_every="1s" if estimate.measuring else None)()


show_heading(
    "Train a model",
    "Change what matters, watch it learn, put the result to work. One training runs at a time, in a process of its own, and the app goes on answering.",
)
with st.container(key="train_page"):
    with st.container(key="train_form", border=True):
        show_form()
    with st.container(key="train_panel"):
        show_trainings()
show_run()
show_damaged()
