"""Which line, colour and symbol is which run: one legend above the charts of a page, which wraps on a phone."""

from html import escape

import streamlit as st

from mnist_core.reporting.run_styles import RunStyle, swatch


def show_legend(run_styles: dict[str, RunStyle]) -> None:
    """A swatch and the name of each run."""
    items = "".join(
        f"<div role='listitem'>{swatch(run_style)}<span>{escape(name)}</span></div>"
        for name, run_style in run_styles.items()
    )
    st.html(f"<div class='legend' role='list' aria-label='Lines and symbols'>{items}</div>")
