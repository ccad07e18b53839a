"""The stage: the duel alone on the whole screen, large enough for a room. `?stage=true` opens it."""

import streamlit as st
from markupsafe import Markup

from pages.parts.streamlit_seam import full_screen_button, stage_styles
from pages.parts.templates import render


def is_on_stage() -> bool:
    """Whether the address asks for the stage."""
    return st.query_params.get("stage") == "true"


def show_stage_button() -> None:
    """Show the button that enters and leaves the stage."""
    on_stage = is_on_stage()
    with st.container(key="draw_stage_box"):
        st.button(
            "Leave stage" if on_stage else "Stage",
            icon=":material/close_fullscreen:" if on_stage else ":material/open_in_full:",
            key="draw_stage",
            help="Leave the full screen: F or Esc" if on_stage else "The duel on the full screen: F",
            on_click=switch,
        )
        full_screen_button("draw_stage", is_on=on_stage, key="draw_full_screen")
        if on_stage:
            st.html(render("draw/stage.html.j2", styles=Markup(stage_styles())))


def switch() -> None:
    """Enter the stage, or leave it."""
    if is_on_stage():
        del st.query_params["stage"]
    else:
        st.query_params["stage"] = "true"
