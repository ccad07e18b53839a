"""The links from the draw page to pages that go on with the two picked models. Their choices are in the addresses."""

import streamlit as st

from mnist_core.runs.run import Run


def show_why_link(left: Run, right: Run) -> None:
    """Show the link to the page that says why the two models predict what they do for the digit on the canvas.

    While nothing is predicted, the style sheet hides it.
    """
    with st.container(key="draw_why"):
        st.page_link(
            "pages/why/why.py",
            label="Why?",
            icon="",
            query_params={"why_left": left.name, "why_right": right.name},
        )


def show_compare_link(left: Run, right: Run) -> None:
    """Show the link to the comparison of the two models on all test digits."""
    names = list(dict.fromkeys((left.name, right.name)))
    with st.container(key="draw_compare", width="content"):
        st.page_link(
            "pages/compare/compare.py", label="Which one to trust?", icon="", query_params={"compare_runs": names}
        )
