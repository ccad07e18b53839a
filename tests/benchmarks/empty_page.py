"""What a page's opening is measured against: the same kind of app, two pages in the navigation, and on the page a title and a line."""

import streamlit as st

st.set_page_config(layout="wide")


def page() -> None:
    st.title("Nothing", anchor=False)
    st.caption("An empty page.")


def other() -> None:
    st.title("Something else", anchor=False)


st.navigation([st.Page(page, title="Nothing", default=True), st.Page(other, title="Other")], position="top").run()
