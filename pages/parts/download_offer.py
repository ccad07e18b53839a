"""The offer to fetch MNIST, on a page that needs it, when it is not on this machine.

All visitors share one download.
"""

import streamlit as st

from mnist_core.access.roles import Action
from mnist_core.data import datasets
from mnist_core.data.downloads import FAILED, STOPPED, Download, Downloads
from mnist_core.errors import AccessError
from pages.parts.access import allowed, do
from pages.parts.made_once import made_once
from pages.parts.messages import show_error

SIZE = "11 MB"


def offer_download(key: str) -> None:
    """Say that MNIST is not on this machine, and offer to fetch it. The page runs again when it has come.

    Nothing appears if MNIST is here. key: the page's own prefix for the keys of the widgets.
    """
    if datasets.has_mnist():
        return
    with st.container(border=True, key=f"{key}_download_box"):
        if not allowed(Action.DOWNLOAD_DATA):
            st.markdown(":material/image_not_supported: **The digits themselves are not on this server.**")
            st.caption("Its owner can download MNIST. Until then, single digits have no pictures here.")
        elif datasets.mnist_is_named():
            st.markdown(
                ":material/image_not_supported: **MNIST is not on this machine.** "
                f"MNIST_NPZ names `{datasets.mnist_path()}`, where there is no file."
            )
            st.caption("Whoever runs this app can correct the name, or unset MNIST_NPZ to have MNIST downloaded.")
        elif (download := _downloads().current) is not None:
            st.session_state[f"{key}_download"] = download
            _follow(key)
        else:
            _invite(key)


def _invite(key: str) -> None:
    """Show the button, and how the download ended that this visitor followed."""
    last: Download | None = st.session_state.get(f"{key}_download")
    state = last.progress.state if last is not None else None
    if last is not None and state == FAILED:
        show_error(last.progress.message)
    if refused := st.session_state.pop(f"{key}_download_refused", None):
        show_error(refused)
    stopped = "The download was stopped, and nothing of it was kept. " if state == STOPPED else ""
    st.markdown(":material/image_not_supported: **The digits themselves are not on this machine.**")
    st.caption(
        f"{stopped}MNIST, 70,000 pictures in {SIZE}, is fetched once from the source that Keras uses, and checked."
    )
    st.button(
        f"Download, {SIZE}", icon=":material/download:", key=f"{key}_download_start", on_click=_start, args=(key,)
    )


@st.fragment(run_every="500ms")
def _follow(key: str) -> None:
    """Show a bar that follows the download. Only this fragment is drawn again."""
    download: Download = st.session_state[f"{key}_download"]
    progress = download.progress
    if not download.running:
        st.rerun()
    if progress.total and progress.received >= progress.total:
        text, fraction = "Checking MNIST …", 1.0
    elif progress.total:
        text = f"Downloading MNIST: {progress.received / 1e6:.1f} of {progress.total / 1e6:.1f} MB"
        fraction = progress.fraction
    else:
        text, fraction = "Downloading MNIST …", progress.fraction
    st.progress(fraction, text)
    if allowed(Action.DOWNLOAD_DATA):
        st.button("Stop", icon=":material/close:", key=f"{key}_download_stop", on_click=_stop, args=(key, download))


def _start(key: str) -> None:
    try:
        st.session_state[f"{key}_download"] = do(Action.DOWNLOAD_DATA, _downloads().start, subject="MNIST")
    except AccessError as error:
        st.session_state[f"{key}_download_refused"] = str(error)


def _stop(key: str, download: Download) -> None:
    try:
        do(Action.DOWNLOAD_DATA, download.stop, subject="MNIST, stopped")
    except AccessError as error:
        st.session_state[f"{key}_download_refused"] = str(error)


@made_once
def _downloads() -> Downloads:
    return Downloads()
