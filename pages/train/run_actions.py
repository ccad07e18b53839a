"""What can be done with a run: make it the default of the draw page, rename it, delete it, download its model."""

from collections.abc import Callable

import streamlit as st

from mnist_core.access.roles import Action
from mnist_core.errors import DigitDuelError
from mnist_core.formatting import percent
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs import promotion
from mnist_core.runs.names import sweep_of
from mnist_core.runs.run import Run
from mnist_core.runs.started_by import starter_of
from mnist_core.runs.store import SHIPPED
from pages.parts.access import allowed
from pages.parts.cached_runs import all_runs, listed
from pages.parts.messages import visitor_text
from pages.parts.run_picker import rename_own_run
from pages.train import shared_jobs
from pages.train.name_field import show_name_field

KEEPS_ITS_NAME = "This run is part of the project and keeps its name."
STAYS = "This run is part of the project and stays."


def show_actions(run: Run, in_use: Run) -> None:
    """Show the row of buttons. The page shows their results as st.session_state.train_message or train_error.

    in_use: the run that the draw page uses in whose place this one could be put.
    """
    starter = starter_of(run.folder).identity
    with st.container(key="train_actions", horizontal=True):
        if allowed(Action.PROMOTE) and not sweep_of(run.name):
            _show_promotion(run, in_use)
        if allowed(Action.RENAME, started_by=starter) and not sweep_of(run.name):
            _show_renaming(run)
        if allowed(Action.DELETE, started_by=starter):
            _show_deletion(run, in_use)
        for file, label in (("model.keras", ".keras"), ("model.tflite", ".tflite")):
            path = run.folder / file
            if not path.is_file():  # runs of a sweep have no full model unless somebody asked for it
                continue
            st.download_button(
                label,
                path.read_bytes,
                f"{run.name}{label}",
                icon=":material/download:",
                key=f"train_download_{file}",
                on_click="ignore",
            )
    if sweep := sweep_of(run.name):
        st.caption(f"This run belongs to the sweep {sweep}. Train its settings as one run to make it the default.")
    elif allowed(Action.PROMOTE) and run.name != in_use.name and run.architecture in ARCHITECTURES:
        st.caption(f"As the default: {change_in_words(run, in_use)}.")


def _show_renaming(run: Run) -> None:
    is_own = run.name not in SHIPPED
    with st.popover(
        "Rename",
        icon=":material/edit:",
        key=f"train_rename_box_{run.name}",
        disabled=not is_own,
        help=None if is_own else KEEPS_ITS_NAME,
    ):
        key = f"train_new_name_{run.name}"
        is_free = show_name_field("New name", key=key, own=run.name)
        st.button(
            "Rename",
            key=f"train_rename_{run.name}",
            on_click=_rename,
            args=(run, key),
            disabled=not is_free or st.session_state.get(key) in (run.name, ""),
        )


def _show_deletion(run: Run, in_use: Run) -> None:
    is_own = run.name not in SHIPPED
    with st.popover(
        "Delete",
        icon=":material/delete:",
        key=f"train_delete_box_{run.name}",
        disabled=not is_own,
        help=None if is_own else STAYS,
    ):
        st.markdown(f"Delete **{run.name}** for good? This cannot be undone.")
        others = [name for name in all_runs() if name != run.name]
        if run.name == in_use.name and others:
            st.markdown(f"It is in use on the draw page. **{_successor(run, others)}** would take its place there.")
        st.button("Delete it", key=f"train_delete_{run.name}", on_click=_delete, args=(run,))


def change_in_words(run: Run, in_use: Run) -> str:
    """What changes on the draw page when this run takes the place of the other."""
    title = ARCHITECTURES[in_use.architecture].title if in_use.architecture in ARCHITECTURES else in_use.architecture
    if run.data.get("digest") != in_use.data.get("digest"):
        return (
            f"{run.name} replaces {in_use.name}; they were tested on different digits, so their accuracies do not "
            "compare"
        )
    return (
        f"the {title}'s test accuracy changes from {percent(in_use.test.fraction)} ({in_use.name}) to "
        f"{percent(run.test.fraction)} ({run.name})"
    )


def is_step_down(run: Run, in_use: Run) -> bool:
    """Whether it is known that this run is less accurate than the other."""
    return run.data.get("digest") == in_use.data.get("digest") and run.test.fraction < in_use.test.fraction


def _show_promotion(run: Run, in_use: Run) -> None:
    """The button that makes a run the default, which asks before a step down; and the way back to the original."""
    label = f"Make it the default {_title(run)}"
    if run.name == in_use.name:
        st.button(f"The default {_title(run)}", icon=":material/draw:", key="train_promote", disabled=True)
    elif is_step_down(run, in_use):
        with st.popover(label, icon=":material/draw:", key=f"train_promote_box_{run.name}"):
            st.markdown(f"This is a step down: {change_in_words(run, in_use)}.")
            _promotion_button(run, "Make it the default all the same", type="secondary")
    else:
        _promotion_button(run, label, type="primary")
    original = promotion.original(run.architecture, all_runs())
    if original != promotion.in_use(run.architecture, all_runs()):
        st.button(
            f"Restore the original, {original}",
            icon=":material/undo:",
            key="train_restore",
            on_click=_restore,
            args=(run, original),
        )


def _promotion_button(run: Run, label: str, *, type: str) -> None:
    st.button(
        label,
        icon=":material/draw:",
        key="train_promote",
        type=type,  # type: ignore[arg-type]
        disabled=run.architecture not in ARCHITECTURES,
        on_click=_promote,
        args=(run,),
    )


def _title(run: Run) -> str:
    return ARCHITECTURES[run.architecture].title if run.architecture in ARCHITECTURES else run.architecture


def _successor(run: Run, others: list[str]) -> str:
    """The run that would be in use if this one were gone."""
    return promotion.in_use(run.architecture, others)


def _promote(run: Run) -> None:
    _do(lambda: shared_jobs.acts().promote(run.name), f"{run.name} is now the default {_title(run)}.")


def _restore(run: Run, original: str) -> None:
    _do(lambda: shared_jobs.acts().restore(run.architecture), f"{original} is the default again.")


def _rename(run: Run, key: str) -> None:
    new_name = str(st.session_state.get(key, "")).strip()
    if _do(lambda: shared_jobs.acts().rename(run.name, new_name), f"{run.name} is now {new_name}."):
        rename_own_run(run.name, new_name)
        st.session_state.train_show = new_name


def _delete(run: Run) -> None:
    _do(lambda: shared_jobs.acts().delete(run.name), f"{run.name} was deleted.")


def _do(change: Callable[[], object], message: str) -> bool:
    """Make the change, and keep the message, or the error, for the next run of the page."""
    try:
        change()
    except DigitDuelError as error:
        st.session_state.train_error = visitor_text(error)
        return False
    finally:
        listed.clear()
    st.session_state.train_message = message
    return True
