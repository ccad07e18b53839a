"""The app that the opening of a page is compared with. It has two pages with a title each."""

import streamlit as st

st.set_page_config(layout="wide")


def page() -> None:
    st.title("Nothing", anchor=False)
    st.caption("An empty page.")


def other() -> None:
    st.title("Something else", anchor=False)


st.navigation([st.Page(page, title="Nothing", default=True), st.Page(other, title="Other")], position="top").run()
