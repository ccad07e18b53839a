"""The training page: a form, the trainings of this server, and one run after its training."""

import streamlit as st

from mnist_core.access.roles import IN_WORDS, Action
from mnist_core.data.datasets import MNIST, has_mnist
from mnist_core.data.pen_sources import has_uci_pens
from mnist_core.errors import DatabaseError, DigitDuelError
from mnist_core.reporting.training_text import outlook
from mnist_core.runs.folders import can_be_written, runs_folder
from mnist_core.runs.names import made_valid
from mnist_core.runs.recipes import TrainingConfig
from pages.parts.access import allowed, show_note, show_read_only_note, show_sign_in
from pages.parts.download_offer import offer_download
from pages.parts.glossary import NETWORKS
from pages.parts.heading import show_heading
from pages.parts.messages import show_error, visitor_text
from pages.parts.run_picker import add_own_run, show_damaged
from pages.parts.streamlit_seam import scroll_into_view
from pages.train import shared_jobs
from pages.train.audit_list import show_audit
from pages.train.name_field import problem_with, show_name_field
from pages.train.run_card import show_run
from pages.train.sweep_form import show_sweep_form
from pages.train.sweep_panel import show_sweep
from pages.train.training_form import pick_config
from pages.train.training_list import show_trainings

ONE_RUN, SWEEP = "One run", "Sweep"


def start(config: TrainingConfig) -> None:
    """Put the training into the queue, under the name that was asked for or a free one.

    The same settings a second time would give the same run, so they are taken for a slip of the hand.
    """
    wanted = made_valid(st.session_state.get("train_name", ""))
    if wanted and problem_with(wanted):  # the field says so
        return
    queue, mine = shared_jobs.queue(), st.session_state.get("train_mine", ())
    try:
        same = (job for job in queue.jobs() if job.active and job.number in mine and job.config == config)
        if already := next(same, None):
            st.session_state.train_noted = (
                f"{already.name} is this very training. For another one, change the seed or any other setting."
            )
            return
        job = shared_jobs.acts().submit(config, wanted or queue.free_name(f"{config.architecture}-{config.recipe}"))
    except DigitDuelError as error:
        st.session_state.train_refused = visitor_text(error)
        return
    st.session_state.train_mine = (*mine, job.number)
    add_own_run(job.name)
    st.session_state.train_started = job.number
    st.session_state.train_name = ""  # it is taken now


def show_form() -> None:
    """The settings, what they mean for the training, and the button."""
    try:
        config = pick_config()
    except DigitDuelError as error:
        show_error(error)
        return
    is_name_free = show_name_field(
        "Name of the run",
        key="train_name",
        placeholder=shared_jobs.queue().free_name(f"{config.architecture}-{config.recipe}"),
        in_link=True,
    )
    show_outlook(config)
    is_mnist_missing = config.data == MNIST and not has_mnist()
    if is_mnist_missing:
        offer_download("train")
    elif config.pen_fraction and not has_uci_pens():
        st.caption(
            "The recipe also learns from the strokes of real pens. They are not on this machine, so this training goes "
            "without them. `digit-duel download --pens` fetches them."
        )
    is_queue_active = shared_jobs.queue().active
    st.button(
        "Add to the queue" if is_queue_active else "Start training",
        type="primary",
        icon=":material/playlist_add:" if is_queue_active else ":material/play_arrow:",
        key="train_start",
        width="stretch",
        disabled=is_mnist_missing or not is_name_free,
        on_click=start,
        args=(config,),
    )
    if noted := st.session_state.pop("train_noted", None):
        st.info(noted, icon=":material/info:")


def show_outlook(config: TrainingConfig) -> None:
    """Parameters, duration and differences from the specified recipe.

    While the duration is being measured, this is drawn again each second.
    """
    estimate = shared_jobs.acts().estimate(config)

    def draw_outlook() -> None:
        if not allowed(Action.ESTIMATE):  # signed out since
            return
        now = shared_jobs.acts().estimate(config)
        if not now.measuring and estimate.measuring:
            st.rerun()
        st.html(outlook(config, now))

    st.fragment(draw_outlook, run_every="1s" if estimate.measuring else None)()


show_heading(
    "Train a model",
    "Change what matters, watch it learn, put the result to work. One training runs at a time, in a process of its "
    "own, and the app goes on answering.",
    words=(*NETWORKS, "specified", "robust", "epoch", "loss"),
)
try:
    shared_jobs.queue().jobs()  # without the database, the heading and the message are the page
    with st.container(key="train_page"):
        with st.container(key="train_form", border=True):
            mode = st.segmented_control(
                "What to train",
                [ONE_RUN, SWEEP],
                default=ONE_RUN,
                key="train_mode",
                bind="query-params",
                required=True,
                width="stretch",
                label_visibility="collapsed",
            )
            if allowed(Action.TRAIN) and not can_be_written(runs_folder()):
                show_read_only_note()
            elif allowed(Action.TRAIN) and mode == SWEEP:
                show_sweep_form()
            elif allowed(Action.TRAIN):
                show_form()
            else:
                show_note(IN_WORDS[Action.TRAIN], run_your_own=True)
            if refused := st.session_state.pop("train_refused", None):
                show_error(refused)
            show_sign_in()
        with st.container(key="train_panel"):
            if number := st.session_state.pop("train_started", 0):
                # The panel begins here, beside the form or above it; it sticks only as long as the form is in sight.
                scroll_into_view("train_page", key=f"train_started_{number}")
            if mode == SWEEP:
                show_sweep()
            if mode != SWEEP or shared_jobs.queue().jobs():
                show_trainings()
    shared_jobs.remove_expired_runs()
    show_run()
    show_damaged()
    show_audit()
    if allowed(Action.TRAIN) and can_be_written(runs_folder()) and not shared_jobs.queue().runs_elsewhere:
        shared_jobs.launcher().prepare()  # last: the page comes first
except DatabaseError as error:  # it may go away at any moment
    show_error(error)
