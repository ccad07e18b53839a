"""The view "Robustness": the accuracy on corrupted digits as a heat table, and the digits behind each of its cells."""

from collections.abc import Mapping

import streamlit as st

from mnist_core.distortions.corruptions import CORRUPTIONS, STRENGTHS
from mnist_core.errors import DigitDuelError
from mnist_core.reporting.corruption_table import REFERENCE, corruption_table
from mnist_core.reporting.run_styles import RunStyle
from mnist_core.runs.corruption_results import CorruptionResults
from mnist_core.runs.summaries import RunSummary
from pages.compare.corrupted_digits import show_corrupted_digits
from pages.compare.pressable_table import show_pressable_table
from pages.parts.cached_runs import all_runs, corruption_results

MEAN = "Mean of five"
ACCURACY, RELATIVE = "Accuracy", f"Errors relative to {REFERENCE}"
CELL = "compare_cell_box"
"""Key of the container with the digits of the picked cell."""


def show_robustness(summaries: list[RunSummary], run_styles: Mapping[str, RunStyle]) -> None:
    """Show the table, then the digits of one cell. The choices are in the address."""
    results = {summary.run.name: summary.corruptions for summary in summaries}
    runs = {summary.run.name: summary.run for summary in summaries}
    st.caption(
        "MNIST's 10,000 test digits under fifteen corruptions, with five strengths each, after MNIST-C (Mu and Gilmer "
        "2019) in our own definitions. No model was trained or chosen on them."
    )
    measured = {name: its for name, its in results.items() if its is not None}
    _say_what_is_missing([name for name in results if name not in measured])
    if not measured:
        return
    reference = _reference(results)
    strength, tells = _pick_view(has_reference=reference is not None)
    above = st.container()
    with st.container(key=CELL):
        st.header("The digits in a cell", anchor=False)
        key, name, cell_strength = _pick_cell(list(measured))
        table = corruption_table(
            results,
            run_styles,
            strength=strength,
            tells="relative" if tells == RELATIVE else "accuracy",
            reference=reference,
            pressable=True,
            selected=(key, name),
        )
        show_corrupted_digits(
            CORRUPTIONS[key],
            name,
            cell_strength,
            runs={each: runs[each] for each in measured},
            results=measured,
            other=_other(name, list(measured)),
        )
    names = list(results)

    def take(cell: str) -> None:
        key, _, column = cell.partition(":")
        if key in CORRUPTIONS and column.isdigit() and int(column) < len(names) and names[int(column)] in measured:
            st.session_state.update(compare_corruption=key, compare_by=names[int(column)], compare_digit=None)
            _show_digits_at_strength()

    with above:
        show_pressable_table(table, key="compare_corruptions", leads_to=CELL, on_pick=take)


def _say_what_is_missing(names: list[str]) -> None:
    if names:
        command = f"digit-duel evaluate {' '.join(names)} --data corruptions"
        st.info(
            f"{', '.join(names)}: not measured on corrupted digits. This command measures and takes some minutes; "
            "reload this page afterwards.",
            icon=":material/info:",
        )
        st.code(command, language="sh")


def _reference(results: Mapping[str, CorruptionResults | None]) -> CorruptionResults | None:
    """The results of the run to which errors are related, whether it is picked or not; None if there are none."""
    if REFERENCE in results or REFERENCE not in all_runs():
        return results.get(REFERENCE)
    try:
        return corruption_results(all_runs()[REFERENCE])
    except DigitDuelError:
        return None


def _pick_view(*, has_reference: bool) -> tuple[int | None, str]:
    """The strength, None for the mean of all five, and what a cell tells."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        strength = st.segmented_control(
            "Strength",
            [MEAN, *map(str, STRENGTHS)],
            default=MEAN,
            required=True,
            key="compare_strength",
            bind="query-params",
            on_change=_show_digits_at_strength,
        )
        tells = ACCURACY
        if has_reference:
            tells = st.segmented_control(
                "A cell tells",
                [ACCURACY, RELATIVE],
                default=ACCURACY,
                required=True,
                key="compare_tells",
                bind="query-params",
            )
    return (None if strength == MEAN else int(strength)), tells


def _show_digits_at_strength() -> None:
    """Show the digits of the cell at the strength of the table, if it shows a single one."""
    if (strength := st.session_state.get("compare_strength", MEAN)) != MEAN:
        st.session_state.compare_cell_strength = int(strength)


def _pick_cell(names: list[str]) -> tuple[str, str, int]:
    """The corruption, the run and the strength whose digits are shown."""
    with st.container(horizontal=True):
        key = st.selectbox(
            "Corruption",
            list(CORRUPTIONS),
            format_func=lambda key: CORRUPTIONS[key].title,
            key="compare_corruption",
            bind="query-params",
            width=220,
        )
        name = st.selectbox("Predicted by", names, key="compare_by", bind="query-params", width=220)
        cell_strength = st.selectbox(
            "Strength of these digits",
            list(STRENGTHS),
            2,
            key="compare_cell_strength",
            bind="query-params",
            width=180,
        )
    return key, name if name in names else names[0], cell_strength


def _other(name: str, names: list[str]) -> str | None:
    """The run whose predictions stand below those of `name`: the reference, or else the first other one."""
    others = [other for other in names if other != name]
    return REFERENCE if REFERENCE in others else next(iter(others), None)
