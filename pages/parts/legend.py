"""The legend: the colour, line and symbol of each run. It stands above the charts of a page and wraps on a phone."""

import streamlit as st
from markupsafe import Markup

from mnist_core.reporting.run_styles import RunStyle, swatch
from pages.parts.templates import render


def show_legend(run_styles: dict[str, RunStyle]) -> None:
    """Show a swatch and the name of each run."""
    items = [(name, Markup(swatch(run_style))) for name, run_style in run_styles.items()]
    st.html(render("parts/legend.html.j2", items=items))
