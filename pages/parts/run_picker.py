"""Runs, what is stored with them, and their models, loaded once for all visitors; and the picker of runs.

What is cached is shared and never changed. Keys hold the folder and when the run was made, so that one that is trained again is loaded afresh.
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mnist_core.data.preprocessing import blank
from mnist_core.models.classifier import Classifier
from mnist_core.reporting.run_styles import RunStyle, run_styles
from mnist_core.runs import file_format, predictions, promotion
from mnist_core.runs import store as runs
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.run import DamagedRun, Run
from mnist_core.runs.store import SHIPPED

NONE_YET = "There are no trained models in trained_models/ yet. Train one on the page Train, or all four with `make train`, then reload this page."


@st.cache_resource(ttl="5s", max_entries=1, show_spinner=False)
def listed() -> tuple[dict[str, Run], list[DamagedRun]]:
    """All usable runs by name, and the folders that are none. `listed.clear()` has the folder looked at anew."""
    found, damaged = runs.list_runs()
    return {run.name: run for run in found}, damaged


def all_runs() -> dict[str, Run]:
    """Every usable run, by name. A new one appears within seconds, or at once after `listed.clear()`."""
    return dict(listed()[0])


def pick_runs(page: str) -> list[Run]:
    """The picker of the pages that compare: none, one or many runs, in the order in which they were picked.

    The choice is in the URL, by name, and goes along from page to page unless it is empty; Back and Forward show what was chosen there. Names in a
    link that are not here are left out with a note. page: its address, with which the parameter of the URL begins: on the way back, Streamlit
    drops from the address what is bound to a widget of another page (`QueryParams.populate_from_query_string`), and so a name that pages share.
    """
    key = f"{page}_runs"
    here = all_runs()
    if not here:
        st.info(NONE_YET, icon=":material/info:")
        return []
    default = [name for name in SHIPPED if name in here] or list(dict.fromkeys(promotion.default_pair(here)))
    absent = [
        name for name in dict.fromkeys(st.query_params.get_all(key)) if name.strip() and name not in here
    ]  # read before the picker drops them
    _bring_along(page, key, set(here), default)
    # Behind a button, for the page names the picked ones anyway; and the browser makes the picker when somebody opens it, not while the page opens.
    linked = st.query_params.get_all(
        key
    )  # the picker itself takes these over when it is made, which is after its button is labelled
    named = [name for name in dict.fromkeys(linked) if name in here]
    addressed = named if named or linked == [""] else default
    names = addressed if _went_back() else st.session_state.get(key, addressed)
    with st.popover(
        f"Models to compare: {len(names)} of {len(here)}" if names else "Choose models",
        icon=":material/checklist:",
        key="runs_picker",
    ):
        picked = st.multiselect(
            "Models to compare",
            list(here),
            default,
            key=key,
            bind="query-params",
            placeholder="Choose one or more",
            select_all=20,
        )
    st.session_state.runs_kept = picked
    if absent := absent_from_link(page, absent, picked):
        some = ", ".join(map(quoted, absent[:3])) + (f" and {len(absent) - 3} more" if len(absent) > 3 else "")
        st.caption(
            f":material/info: The link names {some}, of which there is no usable model here; the others are shown."
        )
    if not picked:
        st.info("Choose one model or more.", icon=":material/arrow_upward:")
    return [here[name] for name in picked if name in here]


def absent_from_link(page: str, absent: list[str], picked: list[str]) -> list[str]:
    """What a link to this page names that is not here, however often the page runs, until others are picked or another page is opened.

    absent: such names that are in the address still, which the pickers tidy away. picked: by name.
    """
    if absent:
        st.session_state.runs_absent = (page, picked, absent)
    *noted, absent = st.session_state.get("runs_absent", (None, None, []))
    if noted != [page, picked]:
        st.session_state.pop("runs_absent", None)
        return []
    return absent


def quoted(name: str) -> str:
    """What a link names, short enough for a line and as plain text in Markdown, whatever it holds."""
    return "`" + " ".join(name.replace("`", "'").split())[:60] + "`"


def _bring_along(page: str, key: str, here: set[str], default: list[str]) -> None:
    """On the first run of a page that the navigation led to, put the runs picked on the page before into the picker and the address."""
    came_from, st.session_state.runs_page = st.session_state.get("runs_page", page), page
    kept = [name for name in st.session_state.get("runs_kept", []) if name in here]
    if kept and page != came_from and key not in st.query_params and not _went_back():
        st.session_state[key] = kept
        if kept != default:  # the address of the usual choice is the short one
            st.query_params[key] = kept


def _went_back() -> bool:
    """Whether this run of the page is for Back or Forward, when the address says what was chosen, whatever was chosen since."""
    context = get_script_run_ctx()
    return bool(context and context.is_history_navigation)


def run_styles_of(picked: list[Run]) -> dict[str, RunStyle]:
    """How each of these runs looks in the charts, by name."""
    return run_styles({run.name: run.architecture for run in picked})


def show_damaged() -> None:
    """A quiet line at the end of a page about folders that are no usable runs; nothing if there are none."""
    damaged = listed()[1]
    if not damaged:
        return
    with st.expander(
        f"{len(damaged)} {'folder is' if len(damaged) == 1 else 'folders are'} no usable model",
        icon=":material/folder_off:",
    ):
        for broken in damaged:
            st.text(f"{broken.name}: {broken.reason}")


def history(run: Run) -> dict[str, list[float]]:
    """See file_format.load_history. Raises RunError."""
    return _history(run.name, run.created, str(run.folder), run)


def test_predictions(run: Run) -> TestPredictions:
    """See predictions.load_test_predictions. Raises RunError."""
    return _test_predictions(run.name, run.created, str(run.folder), run)


def classifier(run: Run) -> Classifier:
    """The run's model. One that was trained again under the same name is loaded afresh. Raises RunError."""
    return _classifier(run.name, run.created, str(run.folder), run)


@st.cache_resource(max_entries=64, show_spinner=False)
def _history(name: str, created: str, folder: str, _run: Run) -> dict[str, list[float]]:
    return file_format.load_history(_run)


@st.cache_resource(max_entries=32, show_spinner=False)  # half a megabyte each
def _test_predictions(name: str, created: str, folder: str, _run: Run) -> TestPredictions:
    return predictions.load_test_predictions(_run)


@st.cache_resource(max_entries=32, show_spinner=False)
def _classifier(name: str, created: str, folder: str, _run: Run) -> Classifier:
    model = Classifier(_run.model_path)
    model.predict(blank())  # the first inference sets up buffers; nobody should wait for it or see its time
    return model
