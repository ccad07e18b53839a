"""The beginning of a page: its name, a line about it, and the style sheets. One element, for each costs the browser time before anything shows."""

from functools import cache
from html import escape
from pathlib import Path

import streamlit as st

from mnist_core.reporting import tables

SHEETS = (Path(__file__).with_name("style.css"), Path(tables.__file__).with_suffix(".css"))


@cache
def _styles() -> str:
    return "".join(sheet.read_text(encoding="utf-8") for sheet in SHEETS)


def show_heading(title: str, text: str) -> None:
    """title: of the page. text: a sentence or two below it, plain."""
    st.html(f"<style>{_styles()}</style><div class='heading'><h1>{escape(title)}</h1><p>{escape(text)}</p></div>")
