"""The offer to fetch MNIST, where a page needs it and it is not here. All visitors share one download."""

import streamlit as st

from mnist_core.data import datasets
from mnist_core.data.downloads import FAILED, STOPPED, Download, Downloads

SIZE = "11 MB"


def offer_download(key: str) -> None:
    """Say that MNIST is not on this machine and offer to fetch it; nothing where it is. Reruns the page when it has come.

    key: prefix of the widgets' keys, the page's own.
    """
    if datasets.has_mnist():
        return
    with st.container(border=True, key=f"{key}_download_box"):
        if datasets.mnist_is_named():
            st.markdown(
                f":material/image_not_supported: **MNIST is not on this machine.** MNIST_NPZ names `{datasets.mnist_path()}`, where there is no file."
            )
            st.caption("Whoever runs this app can correct the name, or unset MNIST_NPZ to have MNIST downloaded.")
        elif (download := _downloads().current) is not None:
            st.session_state[f"{key}_download"] = download
            _follow(key)
        else:
            _invite(key)


def _invite(key: str) -> None:
    """The button, and how the download ended that this visitor saw."""
    last: Download | None = st.session_state.get(f"{key}_download")
    if last is not None and last.progress.state == FAILED:
        st.error(last.progress.message, icon=":material/error:")
    stopped = (
        "The download was stopped, and nothing of it was kept. "
        if last is not None and last.progress.state == STOPPED
        else ""
    )
    st.markdown(":material/image_not_supported: **The digits themselves are not on this machine.**")
    st.caption(
        f"{stopped}MNIST, 70,000 pictures in {SIZE}, is fetched once from the source that Keras uses, and checked."
    )
    st.button(
        f"Download, {SIZE}", icon=":material/download:", key=f"{key}_download_start", on_click=_start, args=(key,)
    )


@st.fragment(run_every="500ms")
def _follow(key: str) -> None:
    """A bar that follows the download. Only this piece is drawn again, for whoever looks at it."""
    download: Download = st.session_state[f"{key}_download"]
    progress = download.progress
    if not download.running:
        st.rerun()
    bar = st.container()
    if progress.total and progress.received >= progress.total:
        bar.progress(1.0, "Checking MNIST …")
    else:
        bar.progress(
            progress.fraction,
            f"Downloading MNIST: {progress.received / 1e6:.1f} of {progress.total / 1e6:.1f} MB"
            if progress.total
            else "Downloading MNIST …",
        )
    st.button("Stop", icon=":material/close:", key=f"{key}_download_stop", on_click=download.stop)


def _start(key: str) -> None:
    st.session_state[f"{key}_download"] = _downloads().start()


@st.cache_resource(max_entries=1, show_spinner=False)
def _downloads() -> Downloads:
    return Downloads()
