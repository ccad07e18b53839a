"""Digit Duel: draw a digit and watch two neural networks read it. Start with `make run`."""

from pathlib import Path

import streamlit as st

from pages.parts.address import drop_impossible_numbers
from pages.parts.cold_start import close_mistaken_dialog

PARTS = Path(__file__).parent / "pages" / "parts"

st.set_page_config(page_title="Digit Duel", page_icon=str(PARTS / "icon.png"), layout="wide")

st.logo(str(PARTS / "wordmark.svg"), size="medium")
page = st.navigation(
    [
        st.Page("pages/draw/draw.py", title="Draw", icon=":material/draw:", default=True),
        st.Page("pages/train/train.py", title="Train", icon=":material/school:"),
        st.Page("pages/compare/compare.py", title="Compare", icon=":material/balance:"),
        st.Page("pages/curves/curves.py", title="Curves", icon=":material/show_chart:"),
        st.Page("pages/confusion/confusion.py", title="Confusion", icon=":material/grid_on:"),
        st.Page("pages/dataset/dataset.py", title="Data set", icon=":material/dataset:"),
    ],
    position="top",
)
drop_impossible_numbers()
if page.url_path:
    close_mistaken_dialog()
page.run()
