"""A table whose cells can be pressed, by mouse, finger or keyboard: Tab enters it, arrow keys, Home and End move in it,
Enter picks.

The server makes the table as HTML, with a button in each cell that can be pressed. An `st.html` cannot report a press.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from markupsafe import Markup

from pages.parts.assets import component
from pages.parts.streamlit_seam import container_class

_table = component(Path(__file__).with_suffix(""), isolate_styles=False)


def show_pressable_table(html: Markup, *, key: str, leads_to: str, on_pick: Callable[[str], None]) -> None:
    """Show the table. Its buttons carry `data-cell`.

    html: is shown as it is. leads_to: key of the container to which a press with a pointer scrolls.
    on_pick: a callback, which runs before the page runs again. It gets what `data-cell` says, or whatever a browser
    sent in its place.
    """

    def picked() -> None:
        on_pick(str(st.session_state[key].picked))

    _table(data={"html": str(html), "leads_to": container_class(leads_to)}, key=key, on_picked_change=picked)
