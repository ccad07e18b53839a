"""What the visitor says that a drawing was, where that takes more than one press: a number of one to twelve digits.

The ten buttons are pressed one after another, once for each digit that the models found. If there are fewer, "Done"
ends the number sooner; if there are more, "More digits" goes on after it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from markupsafe import escape

from mnist_core.data.segmentation import MOST_DIGITS
from pages.draw.answer import Answer

DONE, MORE = "done", "more"
"""What can be pressed besides a digit."""

BUTTONS = {"draw_was_done": "Done: the number is complete", "draw_was_more": "More digits"}
"""The names of the two buttons by their keys."""

KEYS = {"enter": "draw_was_done", "+": "draw_was_more"}
"""The keys of the keyboard that press them while they are there."""


@dataclass(frozen=True)
class _Typed:
    """identity: of the drawing. digits: those that were pressed. is_open: whether only "Done" completes the number."""

    identity: str = ""
    digits: str = ""
    is_open: bool = False


def _typed(answer: Answer | None) -> _Typed:
    found: _Typed = st.session_state.get("draw_typed", _Typed())
    return found if answer is not None and found.identity == answer.identity else _Typed()


def typed(answer: Answer | None) -> str:
    """The digits that were pressed for this number so far. answer: for what is on the canvas, None without one."""
    return _typed(answer).digits


def press(answer: Answer, pressed: str, *, said: str) -> str | None:
    """Take a press. Returns the number when it is complete, and then the next press begins anew; else None.

    pressed: a digit, DONE or MORE. said: the number that was counted for this drawing, empty if there is none.
    """
    now = _typed(answer)
    if pressed == MORE:
        if said:  # it may be pressed just after a stroke, which begins a new drawing
            st.session_state.draw_typed = _Typed(answer.identity, said, is_open=True)
        return None
    digits = now.digits if pressed == DONE else now.digits + pressed
    is_complete = pressed == DONE or len(digits) == (MOST_DIGITS if now.is_open else answer.digits)
    st.session_state.draw_typed = _Typed() if is_complete else _Typed(answer.identity, digits, now.is_open)
    return digits if is_complete and digits else None


def show_typed(answer: Answer, said: str, *, on_press: Callable[[str], None]) -> None:
    """Show the digits that were pressed, or that the drawing was counted, and the button that ends or continues it.

    said: as for `press`. on_press: gets DONE or MORE.
    """
    now = _typed(answer)
    if now.digits:
        missing = "…" if now.is_open else "·" * (answer.digits - len(now.digits))
        _show_words(f"{now.digits}{missing}", "typed")
        st.button(
            "Done", icon=":material/check:", key="draw_was_done", type="tertiary", on_click=on_press, args=(DONE,)
        )
    elif said:
        is_one_digit = len(said) == answer.digits == 1
        _show_words("counted" if is_one_digit else f"{said}, counted", "counted" if is_one_digit else "typed")
        if len(said) < MOST_DIGITS:
            st.button(
                "More digits",
                icon=":material/add:",
                key="draw_was_more",
                type="tertiary",
                help="It has more digits than that: +",
                on_click=on_press,
                args=(MORE,),
            )


def _show_words(words: str, kind: str) -> None:
    st.html(f"<span class='was {kind}' role='status'>{escape(words)}</span>", width="content")
