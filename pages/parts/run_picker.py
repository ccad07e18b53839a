"""The picker of runs on the pages that compare runs, and notes on runs that cannot be shown."""

import streamlit as st

from mnist_core.runs import promotion
from mnist_core.runs.names import sweep_of
from mnist_core.runs.run import Run
from mnist_core.runs.store import SHIPPED
from pages.parts.cached_runs import all_runs, listed
from pages.parts.glossary import NETWORKS, as_help
from pages.parts.streamlit_seam import is_history_navigation

NONE_YET = (
    "There are no trained models yet. Train one on the page Train, or in a checkout all four with `make train`, then "
    "reload this page."
)


MOST_FRESH = 3
"""Runs just trained that are shown beside the shipped ones; with more, the figures become hard to read."""


def add_own_run(name: str) -> None:
    """Remember that this visitor trains a run of that name. When it is finished, it is among the fresh ones."""
    st.session_state.runs_own = (*st.session_state.get("runs_own", ()), name)


def rename_own_run(name: str, new_name: str) -> None:
    """Follow a run that got another name, in what this visitor trained and picked."""
    for key in ("runs_own", "runs_kept"):
        names = st.session_state.get(key, ())
        st.session_state[key] = type(names)(new_name if each == name else each for each in names)


def fresh_runs(here: dict[str, Run]) -> list[str]:
    """The names of runs that were just trained, the latest last: those of this visitor, and the newest of all.

    The newest counts only if it is younger than all shipped runs. here: every usable run, by name.
    """
    others = [run for name, run in here.items() if name not in SHIPPED and not sweep_of(name)]
    newest = max(others, key=lambda run: run.created, default=None)
    oldest_possible = max((here[name].created for name in SHIPPED if name in here), default="")
    names = [name for name in st.session_state.get("runs_own", ()) if name in here and name not in SHIPPED]
    if newest is not None and newest.created > oldest_possible:
        names.append(newest.name)
    return sorted(dict.fromkeys(names), key=lambda name: here[name].created)[-MOST_FRESH:]


def pick_runs(page: str) -> list[Run]:
    """Show the picker and return the picked runs, none, one or many, in the order in which they were picked.

    The choice is in the address, by name. It goes along from page to page unless it is empty; Back and Forward show
    what was chosen there. Names in a link that are not here are left out with a note.

    page: its address. The query parameter begins with it, because Streamlit drops a parameter from the address when
    it is bound to a widget of another page.
    """
    key = f"{page}_runs"
    here = all_runs()
    if not here:
        st.info(NONE_YET, icon=":material/info:")
        return []
    fresh = fresh_runs(here)
    default = [name for name in SHIPPED if name in here] or list(dict.fromkeys(promotion.default_pair(here)))
    default += [name for name in fresh if name not in default]
    # These are read first, because the picker drops them from the address.
    absent = [name for name in dict.fromkeys(st.query_params.get_all(key)) if name.strip() and name not in here]
    _bring_along(page, key, set(here), default, fresh)
    picked = st.multiselect(
        f"Models to compare, of {len(here)}",
        list(here),
        default,
        key=key,
        bind="query-params",
        placeholder="Choose one or more",
        help=as_help(*NETWORKS, "specified", "robust"),
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


def _bring_along(page: str, key: str, here: set[str], default: list[str], fresh: list[str]) -> None:
    """On the first run of a page that the navigation led to, put the runs picked on the page before into the
    picker and the address, and with them the runs that have been trained since.
    """
    came_from, st.session_state.runs_page = st.session_state.get("runs_page", page), page
    seen = st.session_state.get("runs_seen", fresh)
    trained_since = [name for name in fresh if name not in seen]
    st.session_state.runs_seen = fresh
    kept = [name for name in st.session_state.get("runs_kept", []) if name in here]
    kept += [name for name in trained_since if kept and name not in kept]
    if kept and (page != came_from or trained_since) and key not in st.query_params and not is_history_navigation():
        st.session_state[key] = kept
        if kept != default:  # the address of the usual choice is the short one
            st.query_params[key] = kept


def absent_from_link(page: str, absent: list[str], picked: list[str]) -> list[str]:
    """The names in a link to this page that are not here. They stay known until other runs are picked or another page
    is opened.

    absent: such names that are still in the address, from which the pickers drop them. picked: by name.
    """
    if absent:
        st.session_state.runs_absent = (page, picked, absent)
    *noted, absent = st.session_state.get("runs_absent", (None, None, []))
    if noted != [page, picked]:
        st.session_state.pop("runs_absent", None)
        return []
    return absent


def quoted(name: str) -> str:
    """A name from a link as plain text in Markdown, whatever it holds, and short enough for a line."""
    return "`" + " ".join(name.replace("`", "'").split())[:60] + "`"


def show_damaged() -> None:
    """Name the folders that hold no usable run, with the reason, at the end of a page.

    Nothing appears if there are none.
    """
    damaged = listed()[1]
    if not damaged:
        return
    with st.expander(
        f"{len(damaged)} {'folder is' if len(damaged) == 1 else 'folders are'} no usable model",
        icon=":material/folder_off:",
    ):
        for broken in damaged:
            st.text(f"{broken.name}: {broken.reason}")
