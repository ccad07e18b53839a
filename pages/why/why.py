"""The page *Why*: nudge a digit, see what counted, look inside both networks."""

import streamlit as st

from mnist_core.data.preprocessing import blank
from mnist_core.errors import RunError
from mnist_core.runs.promotion import default_pair
from pages.parts import canvas
from pages.parts.cached_runs import all_runs
from pages.parts.heading import show_heading
from pages.parts.run_picker import NONE_YET
from pages.why.look_inside import show_inside
from pages.why.sides import side_of_run
from pages.why.what_counted import show_what_counted

show_heading("Why?", "Nudge a digit, see what counted for each model, and look inside both networks.")
if not all_runs():
    st.error(NONE_YET, icon=":material/error:")
    st.stop()
left, right = default_pair(all_runs())
try:
    sides = (side_of_run(all_runs()[left]), side_of_run(all_runs()[right]))
except RunError as error:  # such as an architecture with a layer that cannot be taken apart
    st.error(f"This page cannot look inside these models. {error}", icon=":material/error:")
    st.stop()
digit = canvas.digit()
digit = blank() if digit is None else digit
show_what_counted(digit, sides)
show_inside(digit, sides)
