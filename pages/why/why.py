"""The page *Why*: nudge a digit, see what counted, look inside both networks."""

import streamlit as st

from mnist_core.errors import DigitDuelError, RunError
from pages.parts import canvas, model_pickers
from pages.parts.cached_runs import all_runs
from pages.parts.glossary import NETWORKS
from pages.parts.heading import show_heading
from pages.parts.messages import show_error, show_warning
from pages.parts.run_picker import NONE_YET
from pages.why.digit_address import nudge_in_address, slider_in_address, write_nudge
from pages.why.digit_choice import EXAMPLE, Chosen, chosen_digit, named_digit, show_digit_buttons
from pages.why.look_inside import show_inside
from pages.why.nudge_bench import show_bench
from pages.why.sides import sides_of_runs
from pages.why.what_counted import show_what_counted


def digit_or_example() -> Chosen:
    """The digit to begin with. If the address names none that is here, a message says so and it is the example."""
    try:
        return chosen_digit()
    except DigitDuelError as error:
        show_warning(f"{error} The example is shown instead.")
        return named_digit(EXAMPLE)


@st.fragment
def explanation() -> None:
    """The whole page. When the digit is let go, this runs again, and nothing else."""
    with st.container(key="why_page"):
        with st.container(key="why_choices", horizontal=True, vertical_alignment="center", gap="small"):
            left, right = model_pickers.pick_models("why")
            model_pickers.show_recipes("why", left, right)
            show_digit_buttons(left, right)
        if message := st.session_state.pop("why_message", None):
            show_warning(message)
        try:
            sides = sides_of_runs(left, right)
        except RunError as error:  # such as an architecture with a layer that cannot be taken apart
            show_error(f"This page cannot look inside these models. {error}")
            return
        try:
            chosen = digit_or_example()
            nudge, problems = nudge_in_address()
            for problem in problems:
                show_warning(problem)
            record = show_bench(chosen, nudge, slider_in_address(), sides=sides, on_nudge=write_nudge)
            show_what_counted(record.digit, sides)
            show_inside(record.digit, sides)
        except DigitDuelError as error:
            show_error(error)


show_heading(
    "Why?",
    "Nudge a digit, see what counted for each model, and look inside both networks.",
    words=(*NETWORKS, "robust", "preprocessing"),
)
if not all_runs():
    st.error(NONE_YET, icon=":material/error:")
    st.stop()
canvas.keep()
explanation()
