"""What the visitor says that a number was: the ten buttons are pressed one after another, once for each digit."""

import streamlit as st
from markupsafe import escape

from pages.draw.answer import Answer


def typed(answer: Answer | None) -> str:
    """The digits that were pressed for this number so far. answer: for the number on the canvas, None without one."""
    identity, digits = st.session_state.get("draw_typed", ("", ""))
    return str(digits) if answer is not None and identity == answer.identity else ""


def type_digit(answer: Answer, digit: int) -> int | None:
    """Add a digit. Returns the number when it is complete, and then the next press begins anew; else None."""
    digits = f"{typed(answer)}{digit}"
    is_complete = len(digits) == answer.digits
    st.session_state.draw_typed = (answer.identity, "" if is_complete else digits)
    return int(digits) if is_complete else None


def show_typed(answer: Answer, said: str | None) -> None:
    """Show the digits that were pressed, or the number that was counted. said: that number, None if there is none."""
    if pressed := typed(answer):
        missing = "·" * (answer.digits - len(pressed))
        words = f"{pressed}{missing}"
    elif said is not None:
        words = f"{said}, counted"
    else:
        return
    st.html(f"<span class='was typed' role='status'>{escape(words)}</span>", width="content")
