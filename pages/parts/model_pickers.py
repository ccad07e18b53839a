"""The pickers of two models, and the choice between as specified and robust for both at once.

They are on the pages Draw and Why. The pair goes along from one to the other.
"""

import streamlit as st

from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.promotion import PREFERRED_RECIPES, default_pair, side_of
from mnist_core.runs.run import Run
from pages.parts.cached_runs import all_runs
from pages.parts.run_picker import absent_from_link, quoted
from pages.parts.streamlit_seam import is_history_navigation

SIDES = ("left", "right")
RECIPE_NAMES = {"specified": "As specified", "robust": "Robust"}
WHAT_ROBUST_MEANS = "Robust: also trained on distorted digits and other handwriting, so it copes with more hands."


def pick_models(page: str) -> tuple[Run, Run]:
    """Show a picker for each side and return the two picked runs. The choice is in the address.

    page: its address. The keys and the query parameters of the pickers begin with it.
    """
    runs = all_runs()
    names = list(runs)
    # These are read first, because the pickers drop names that are not here.
    linked = [st.query_params.get(f"{page}_{side}") for side in SIDES]
    _bring_along(page, names, linked)
    picked = []
    for side, default in zip(SIDES, default_pair(runs), strict=True):
        name = st.selectbox(
            f"Model on the {side}",
            names,
            index=names.index(default),
            key=f"{page}_{side}",
            bind="query-params",
            label_visibility="collapsed",
        )
        picked.append(runs.get(name, runs[default]))
    absent = [name for name in dict.fromkeys(linked) if name and name.strip() and name not in runs]
    if absent := absent_from_link(page, absent, [run.name for run in picked]):
        st.caption(
            f":material/info: The link names {' and '.join(map(quoted, absent))}, of which there is no usable model "
            "here; others predict instead."
        )
    st.session_state.models_kept = (page, picked[0].name, picked[1].name)
    return picked[0], picked[1]


def _bring_along(page: str, names: list[str], linked: list[str | None]) -> None:
    """On the first run of a page that the navigation led to, put the pair of the page before into the pickers and the
    address. linked: the names that the address gives.
    """
    came_from, *kept = st.session_state.get("models_kept", (page,))
    if came_from == page or any(linked) or is_history_navigation() or not all(name in names for name in kept):
        return
    for side, name, default in zip(SIDES, kept, default_pair(names), strict=True):
        st.session_state[f"{page}_{side}"] = name
        if name != default:  # the address of the usual choice is the short one
            st.query_params[f"{page}_{side}"] = name


def pair_in_use() -> tuple[Run, Run]:
    """The two runs that this visitor picked last, or the usual ones."""
    runs = all_runs()
    _, *kept = st.session_state.get("models_kept", ("",))
    names = kept if kept and all(name in runs for name in kept) else default_pair(runs)
    return runs[names[0]], runs[names[1]]


def pair_with(run: Run, pair: tuple[str, str] | None = None) -> tuple[str, str]:
    """The two models that go along with a digit, left and right: the pair, in which this run takes the place of its
    architecture if it is not part of it.

    pair: of names; None for the two runs in use.
    """
    left, right = pair or default_pair(all_runs())
    if run.name in (left, right):
        return left, right
    return (run.name, right) if side_of(run.architecture) == 0 else (left, run.name)


def show_recipes(page: str, left: Run, right: Run) -> None:
    """Show the choice between the recipes, which sets both pickers. Nothing is selected if the pair is another one."""
    pairs = recipe_pairs(list(all_runs()))
    if not pairs:
        return
    pair = (left.name, right.name)
    st.session_state[f"{page}_recipe"] = next((recipe for recipe, names in pairs.items() if names == pair), None)
    st.segmented_control(
        "Both models",
        list(pairs),
        format_func=RECIPE_NAMES.__getitem__,
        key=f"{page}_recipe",
        on_change=_take_recipe,
        args=(page, pairs),
        label_visibility="collapsed",
    )


def recipe_pairs(names: list[str]) -> dict[str, tuple[str, str]]:
    """The run on the left and the run on the right of each recipe of which both exist, among runs of these names."""
    pairs = {}
    for recipe in reversed(PREFERRED_RECIPES):
        sides = {
            side_of(architecture): f"{architecture}-{recipe}"
            for architecture in reversed(ARCHITECTURES)
            if f"{architecture}-{recipe}" in names
        }
        if len(sides) == 2:
            pairs[recipe] = (sides[0], sides[1])
    return pairs


def _take_recipe(page: str, pairs: dict[str, tuple[str, str]]) -> None:
    """Put the two runs of the pressed recipe into the pickers. A second press on it changes nothing."""
    if recipe := st.session_state[f"{page}_recipe"]:
        for side, name in zip(SIDES, pairs[recipe], strict=True):
            st.session_state[f"{page}_{side}"] = name
