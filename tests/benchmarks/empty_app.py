"""The app that the draw page is compared with: the canvas in a fragment, the number of strokes, and nothing else."""

import streamlit as st
from streamlit_drawable_canvas import st_canvas

st.set_page_config(layout="wide")


@st.fragment
def fragment() -> None:
    result = st_canvas(
        stroke_width=28, stroke_color="#fff", background_color="#181d26", width=448, height=448, key="canvas"
    )
    strokes = len((result.json_data or {}).get("objects", []))
    st.html(f"<div class='duel' data-strokes='{strokes}'>{strokes}</div>")


fragment()
