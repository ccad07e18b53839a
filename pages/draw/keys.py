"""The keys of the draw page: each presses a button that is on the page, and a dialog lists them."""

import streamlit as st

from pages.draw import score, typed_number
from pages.draw.stage import is_on_stage
from pages.parts.streamlit_seam import press_by_keys

BUTTONS = {
    "z": "draw_undo",
    "Control+z": "draw_undo",
    "c": "draw_clear",
    "delete": "draw_clear",
    "n": "draw_splitting_digit",
    "t": "draw_test_digit",
    **{str(label): button for label, button in enumerate(score.BUTTONS)},
    "f": "draw_stage",
    "?": "draw_keys",
}
"""The buttons by their keys."""

WORDS = (
    ("N", "A digit that splits them"),
    ("T", "Test digit"),
    ("0 to 9", "It was this digit"),
    ("+", "It has more digits"),
    ("Enter", "Its digits are complete"),
    ("Z or Ctrl+Z", "Undo the last stroke"),
    ("C or Delete", "Clear the canvas"),
    ("F", "Enter the stage, or leave it"),
    ("Esc", "Leave the stage"),
    ("?", "This list"),
)


def mount_keys() -> None:
    """Let the keys press the buttons, and show the button that lists them."""
    st.button(
        "Keys", icon=":material/keyboard:", key="draw_keys", help="What the keys of the keyboard do: ?", on_click=_ask
    )
    press_by_keys(
        {**BUTTONS, **typed_number.KEYS, **({"escape": "draw_stage"} if is_on_stage() else {})}, key="draw_key_presses"
    )
    if st.session_state.pop("draw_keys_asked", False):
        _list_keys()


def _ask() -> None:
    st.session_state.draw_keys_asked = True


@st.dialog("Keys", width="small")
def _list_keys() -> None:
    st.markdown("\n".join(["| Press | to |", "|---|---|", *(f"| **{key}** | {words} |" for key, words in WORDS)]))
