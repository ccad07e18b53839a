"""What can be done with a run: use it on the draw page, rename it, delete it, download its model."""

from collections.abc import Callable

import streamlit as st

from mnist_core.errors import DigitDuelError
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs import promotion, store
from mnist_core.runs.run import Run
from mnist_core.runs.store import SHIPPED
from pages.parts.cached_runs import listed


def show_actions(run: Run, in_use: Run) -> None:
    """Show the row of buttons. The page shows their results as st.session_state.train_message or train_error."""
    with st.container(key="train_actions", horizontal=True):
        is_used, is_own = run.name == in_use.name, run.name not in SHIPPED
        st.button(
            "In use on the draw page" if is_used else "Use this one on the draw page",
            icon=":material/draw:",
            key="train_promote",
            type="secondary" if is_used else "primary",
            disabled=is_used or run.architecture not in ARCHITECTURES,
            on_click=_promote,
            args=(run,),
        )
        with st.popover(
            "Rename",
            icon=":material/edit:",
            key=f"train_rename_box_{run.name}",
            disabled=not is_own,
            help=None if is_own else "This run is part of the project and keeps its name.",
        ):
            new_name = st.text_input("New name", run.name, key=f"train_new_name_{run.name}", max_chars=200)
            st.button(
                "Rename",
                key=f"train_rename_{run.name}",
                on_click=_rename,
                args=(run, f"train_new_name_{run.name}"),
                disabled=new_name == run.name,
            )
        with st.popover(
            "Delete",
            icon=":material/delete:",
            key=f"train_delete_box_{run.name}",
            disabled=not is_own,
            help=None if is_own else "This run is part of the project and stays.",
        ):
            st.markdown(f"Delete **{run.name}** for good? This cannot be undone.")
            st.button("Delete it", key=f"train_delete_{run.name}", type="primary", on_click=_delete, args=(run,))
        for file, label in (("model.keras", ".keras"), ("model.tflite", ".tflite")):
            path = run.folder / file
            st.download_button(
                label,
                path.read_bytes,
                f"{run.name}{label}",
                icon=":material/download:",
                key=f"train_download_{file}",
                on_click="ignore",
            )


def _promote(run: Run) -> None:
    _do(
        lambda: promotion.promote(store.load_run(run.name)),
        f"The draw page now uses {run.name} as its {ARCHITECTURES[run.architecture].title}.",
    )


def _rename(run: Run, key: str) -> None:
    new_name = str(st.session_state.get(key, "")).strip()
    if _do(lambda: store.rename(run.name, new_name), f"{run.name} is now {new_name}."):
        st.session_state.train_show = new_name


def _delete(run: Run) -> None:
    _do(lambda: store.delete(run.name), f"{run.name} was deleted.")


def _do(change: Callable[[], object], message: str) -> bool:
    """Make the change, and keep the message, or the error, for the next run of the page."""
    try:
        change()
    except DigitDuelError as error:
        st.session_state.train_error = str(error)
        return False
    finally:
        listed.clear()
    st.session_state.train_message = message
    return True
