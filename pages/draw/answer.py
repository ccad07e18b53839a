"""What the two picked models predict for the digit on the canvas, and the buttons and links that need it.

A stroke runs only the canvas and the predictions panel again. So the rest of the page reads here what they say now, and
the browser shows by the panel itself what can be pressed.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from mnist_core.data.datasets import as_bytes
from mnist_core.data.preprocessing import Digit, digit_count
from pages.parts import canvas
from pages.parts.cached_runs import RunKey
from pages.parts.streamlit_seam import guard_buttons

PANEL = ".duel[data-strokes]"
NOTHING_DRAWN = ".duel[data-strokes='0']"
NOTHING_ON_CANVAS = f"{NOTHING_DRAWN}[data-answered='no']"
NOT_ANSWERED = "body:not(:has(.duel[data-answered='yes']))"
"""What is on the page, as CSS selectors; see predictions_panel.html.j2. Without a panel there is an error in its place,
and Clear and Undo may mend it.
"""

ACTS_ON_DRAWING = ("draw_undo", "draw_clear", "draw_test_digit", "draw_splitting_digit", "draw_why")
"""The keys of what acts on the drawing as it is, besides the buttons that mark a digit."""


@dataclass(frozen=True)
class Answer:
    """What two models predict for the digit on the canvas, or for the number.

    digit: as the models get it, (28, 28); the digits of a number side by side, (28, 28 n). identity: tells its pixels
    from all others. predicted: the digit or the number by model, as text.
    """

    digit: Digit
    identity: str
    predicted: Mapping[RunKey, str]

    @property
    def digits(self) -> int:
        """How many digits there are."""
        return digit_count(self.digit)


def identity_of(digit: Digit) -> str:
    """What tells a digit's pixels from all others."""
    return hashlib.sha256(as_bytes(digit).tobytes()).hexdigest()[:16]


def latest_answer() -> Answer | None:
    """The answer for what is on this visitor's canvas; None while there is nothing to predict."""
    found: Answer | None = st.session_state.get("draw_answer")
    return found


def keep_answer(answer: Answer | None) -> None:
    """Take down what the panel says now.

    If the rest of the page says something of another drawing, all of the page runs again.
    """
    st.session_state.draw_answer = answer
    if st.session_state.get("draw_said_of") not in (None, _identity(answer)):
        st.rerun()


def begin_page() -> None:
    """To be called before the rest of the page is shown anew: until `end_page`, nothing is out of date."""
    st.session_state.draw_said_of = None


def end_page(*, says_something: bool) -> None:
    """To be called when the rest of the page is shown.

    says_something: whether it says something of this very drawing besides the name of what was put on the canvas, for
    example that it was counted.
    """
    if says_something or canvas.content().label:
        st.session_state.draw_said_of = _identity(latest_answer())


def _identity(answer: Answer | None) -> str:
    return "" if answer is None else answer.identity


def guard_what_needs_the_drawing(*, marks: Mapping[str, str]) -> None:
    """Have the browser disable the buttons that would do nothing, and hold presses until the last stroke has arrived.

    marks: the names of the buttons that mark a digit, by their keys.
    """
    guard_buttons(
        {"draw_undo": NOTHING_DRAWN, "draw_clear": NOTHING_ON_CANVAS, **dict.fromkeys(marks, NOT_ANSWERED)},
        held=[*ACTS_ON_DRAWING, *marks],
        panel=PANEL,
        names=marks,
        key="draw_guarded",
    )
