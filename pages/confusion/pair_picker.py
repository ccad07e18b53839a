"""The two runs that the confusion page compares digit by digit."""

import streamlit as st

from mnist_core.runs.promotion import default_pair
from mnist_core.runs.run import Run

Pair = tuple[str, str]

OTHER_DIGITS = (
    "These models were not all tested on the same digits. Compare fractions rather than counts, and compare digit by "
    "digit only within one set."
)


def pick_pair(runs: dict[str, Run]) -> Pair | None:
    """Show the two fields, where there is a choice.

    None if there are no two runs that were tested on the same digits.
    """
    names = list(runs)
    if len({run.data.get("digest") for run in runs.values()}) > 1:
        st.info(OTHER_DIGITS, icon=":material/info:")
    if len(names) < 2:
        return None
    left, right = default_pair(names)
    if len(names) > 2:
        with st.container(horizontal=True, key="confusion_pair_row"):
            left = _pick("Model A", names, left, side="left")
            right = _pick("Model B", names, right, side="right")
    if left == right:
        st.caption("Choose two different models.")
        return None
    if runs[left].data.get("digest") != runs[right].data.get("digest"):
        st.caption("These two were tested on different digits.")
        return None
    return left, right


def _pick(label: str, names: list[str], default: str, *, side: str) -> str:
    return st.selectbox(
        label, names, index=names.index(default), key=f"confusion_{side}", bind="query-params", width=240
    )
