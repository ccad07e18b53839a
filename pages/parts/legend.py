"""Which line, colour and symbol is which run: one legend above the charts of a page, which wraps on a phone."""

from html import escape

import streamlit as st

from mnist_core.looks import Look, swatch


def show_legend(looks: dict[str, Look]) -> None:
    """A swatch and the name of each run."""
    items = "".join(f"<li>{swatch(look)}<span>{escape(name)}</span></li>" for name, look in looks.items())
    st.html(f"<ul class='legend'>{items}</ul>")
