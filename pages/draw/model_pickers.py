"""The pickers of the two models, and the choice between as specified and robust for both at once."""

import streamlit as st

from mnist_core.models.registry import ARCHITECTURES
from mnist_core.runs.promotion import PREFERRED_RECIPES, default_pair, side_of
from mnist_core.runs.run import Run
from pages.parts.cached_runs import all_runs
from pages.parts.run_picker import absent_from_link, quoted

SIDES = ("left", "right")
RECIPE_NAMES = {"specified": "As specified", "robust": "Robust"}
WHAT_ROBUST_MEANS = "Robust: trained with distorted digits and synthetic handwriting, so it copes with more hands."


def pick_models() -> tuple[Run, Run]:
    """Show a picker for each side and return the two picked runs. The choice is in the address."""
    runs = all_runs()
    names = list(runs)
    # These are read first, because the pickers drop names that are not here.
    linked = [st.query_params.get(f"draw_{side}") for side in SIDES]
    picked = []
    for side, default in zip(SIDES, default_pair(runs), strict=True):
        name = st.selectbox(
            f"Model on the {side}",
            names,
            index=names.index(default),
            key=f"draw_{side}",
            bind="query-params",
            label_visibility="collapsed",
        )
        picked.append(runs.get(name, runs[default]))
    absent = [name for name in dict.fromkeys(linked) if name and name.strip() and name not in runs]
    if absent := absent_from_link("draw", absent, [run.name for run in picked]):
        st.caption(
            f":material/info: The link names {' and '.join(map(quoted, absent))}, of which there is no usable model "
            "here; others predict instead."
        )
    return picked[0], picked[1]


def show_recipes(left: Run, right: Run) -> None:
    """Show the choice between the recipes, which sets both pickers. Nothing is selected if the pair is another one."""
    pairs = recipe_pairs(list(all_runs()))
    if not pairs:
        return
    pair = (left.name, right.name)
    st.session_state.draw_recipe = next((recipe for recipe, names in pairs.items() if names == pair), None)
    st.segmented_control(
        "Both models",
        list(pairs),
        format_func=RECIPE_NAMES.__getitem__,
        key="draw_recipe",
        on_change=_take_recipe,
        args=(pairs,),
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


def _take_recipe(pairs: dict[str, tuple[str, str]]) -> None:
    """Put the two runs of the pressed recipe into the pickers. A second press on it changes nothing."""
    if recipe := st.session_state.draw_recipe:
        st.session_state.draw_left, st.session_state.draw_right = pairs[recipe]
