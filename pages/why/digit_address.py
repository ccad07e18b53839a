"""What the address of the page *Why* holds besides the pair of models: the digit, the slider in hand, the nudge, and
what was asked.

/why?why_digit=test-947&why_slider=rotation&why_rotation=12&why_shift_right=2.5&why_weakest=yes
"""

from dataclasses import asdict

import streamlit as st

from mnist_core.distortions.nudges import RANGES, Nudge, nudge_of
from mnist_core.errors import PictureError

NAMED_DIGIT = "why_digit"
SLIDER = "why_slider"
NEUTRAL = asdict(Nudge())


def nudge_in_address() -> tuple[Nudge, list[str]]:
    """The nudge that the address gives, and what is wrong with it, in sentences. What is wrong is left out."""
    amounts: dict[str, object] = {}
    problems = []
    for name in NEUTRAL:
        if (given := st.query_params.get(f"why_{name}")) is None:
            continue
        try:
            nudge_of({name: given})
            amounts[name] = given
        except PictureError as error:
            problems.append(f"In the link: {error}")
    return nudge_of(amounts), problems


def slider_in_address() -> str:
    """The name of the slider in hand: the one that the address gives, else the first."""
    name = st.query_params.get(SLIDER, "")
    return name if name in RANGES else next(iter(RANGES))


def write_nudge(nudge: Nudge, slider: str) -> None:
    """Put a nudge and the slider in hand into the address. Neutral amounts are left out."""
    for name, value in asdict(nudge).items():
        if value == NEUTRAL[name]:
            st.query_params.pop(f"why_{name}", None)
        else:
            st.query_params[f"why_{name}"] = f"{value:g}"
    if slider == next(iter(RANGES)):
        st.query_params.pop(SLIDER, None)
    else:
        st.query_params[SLIDER] = slider


def is_asked(name: str, question: object, *, is_pressed: bool = False) -> bool:
    """Whether a question is asked that takes a press: by one now or before, or by the link that opened the page.

    name: of the parameter in the address, which says so as long as the question is the same.
    """
    if is_pressed or (name not in st.session_state and st.query_params.get(name)):
        st.session_state[name] = question
    if st.session_state.get(name) != question:
        st.query_params.pop(name, None)
        return False
    if st.query_params.get(name) != "yes":
        st.query_params[name] = "yes"
    return True


def forget_nudge() -> None:
    """Take the nudge out of the address. The slider in hand stays."""
    write_nudge(Nudge(), slider_in_address())
