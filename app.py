"""Digit Duel: draw a digit, and two neural networks predict it side by side.

Start it with `make run` or `streamlit run app.py`. Streamlit imports this file once, for the server `app`, and runs it
as a script for each visitor.
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages.parts import thread_turns
from pages.parts.access import announce
from pages.parts.address import drop_impossible_numbers
from pages.parts.browser_files import routes
from pages.parts.icon_font import IconFont
from pages.parts.memory import keep_memory_bounded
from pages.parts.messages import explain_unreadable_message
from pages.parts.prompt_answers import prompt_answers
from pages.parts.streamlit_seam import repair_history, use_own_navigation
from pages.parts.tour import show_tour
from pages.parts.upload_limits import UploadLimits

PARTS = Path(__file__).parent / "pages" / "parts"


def show_pages() -> None:
    """Show the page that the visitor's address names."""
    from pages.parts import canvas  # not above: the canvas' package cannot be imported before the server runs

    st.set_page_config(page_title="Digit Duel", page_icon=str(PARTS / "icon.png"), layout="wide")

    st.logo(str(PARTS / "wordmark.svg"), size="medium")
    pages = [
        st.Page("pages/draw/draw.py", title="Draw", icon=":material/draw:", default=True),
        st.Page("pages/why/why.py", title="Why", icon=":material/search_insights:"),
        st.Page("pages/train/train.py", title="Train", icon=":material/school:"),
        st.Page("pages/compare/compare.py", title="Compare", icon=":material/balance:"),
        st.Page("pages/curves/curves.py", title="Curves", icon=":material/show_chart:"),
        st.Page("pages/confusion/confusion.py", title="Confusion", icon=":material/grid_on:"),
        st.Page("pages/dataset/dataset.py", title="Data set", icon=":material/dataset:"),
    ]
    keep_memory_bounded()
    page = st.navigation(pages, position="top")
    repair_history([each.url_path for each in pages if each.url_path], first_page="draw")
    drop_impossible_numbers()
    show_tour(page.url_path)
    if page.url_path:
        canvas.keep()  # the drawing is still there when the visitor comes back to the first page
    page.run()


if __name__ == "__main__":
    show_pages()
else:
    from pages.train.shared_jobs import resume

    thread_turns.shorten()
    use_own_navigation()
    announce()
    resume()
    app = st.App(
        __file__,
        routes=routes(),
        lifespan=prompt_answers,
        middleware=[Middleware(UploadLimits), Middleware(IconFont)],
        on_script_error=explain_unreadable_message,
    )
