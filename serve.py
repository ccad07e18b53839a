"""The server of Digit Duel: app.py behind pages/parts/front_door.py, which makes every page open sooner. Start it with `make run`.

`streamlit run app.py` serves the same app, as Streamlit does by itself.
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from pages.parts.front_door import FrontDoor

app = st.App(Path(__file__).with_name("app.py"), middleware=[Middleware(FrontDoor)])
