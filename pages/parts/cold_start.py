"""The first visitor of a server that has just started, when a link leads to a page other than the first.

Because there is a folder pages/, Streamlit begins with its old kind of navigation, which knows none of our pages, until st.navigation has run
once; so it shows that visitor the right page and, over it, a dialog "Page not found". The dialog is closed again. `serve.py` spares its visitors
all that; this is for `streamlit run app.py`.
"""

import streamlit as st

_close_dialog = st.components.v2.component(
    "digit_duel_cold_start",
    js="""
    export default function () {
      const start = performance.now();
      const look = () => {
        for (const dialog of document.querySelectorAll("[role=dialog]"))
          if (dialog.textContent.includes("Page not found")) { dialog.querySelector("button")?.click(); return; }
        if (performance.now() - start < 5000) requestAnimationFrame(look);
      };
      look();
    }
    """,
    isolate_styles=False,
)


@st.cache_resource(show_spinner=False)
def _first_runs() -> list[bool]:
    """One element until the server's first run has taken it."""
    return [True]


def close_mistaken_dialog() -> None:
    """For app.py, where the page was found: in the server's first run, close the dialog that says the opposite."""
    if _first_runs():
        _first_runs().clear()
        _close_dialog(key="cold_start")
