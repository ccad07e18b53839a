"""The server of Digit Duel: app.py behind pages/parts/front_door.py, which makes pages open sooner and Back lead to the page before.

Start it with `make run`. `streamlit run app.py` serves the same pages as Streamlit does by itself: somewhat later, and Back can take two presses.
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

from pages.parts.front_door import FrontDoor

PagesManager.uses_pages_directory = False  # the folder pages/ is ours; taken for Streamlit's, it costs a new server's first visitor a detour by the first page
app = st.App(Path(__file__).with_name("app.py"), middleware=[Middleware(FrontDoor)])
