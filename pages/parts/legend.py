"""Which line, colour and symbol is which run: one legend above the charts of a page, which wraps on a phone."""

from html import escape

import streamlit as st

from mnist_core.reporting.run_styles import Look, swatch


def show_legend(looks: dict[str, Look]) -> None:
    """A swatch and the name of each run."""
    items = "".join(f"<div role='listitem'>{swatch(look)}<span>{escape(name)}</span></div>" for name, look in looks.items())
    st.html(f"<div class='legend' role='list' aria-label='Lines and symbols'>{items}</div>")
