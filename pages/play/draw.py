"""Draw a digit; on pen-up both models read it, side by side."""

import random
from typing import Any

import streamlit as st

from mnist_core import digits, pictures
from mnist_core.digits import Digit
from mnist_core.errors import DigitDuelError
from mnist_core.runs import Run
from pages.parts import canvas, readings, test_digits
from pages.parts.runs import all_runs, classifier, default_pair

STYLE = canvas.STYLE + readings.STYLE + """
<style>
.stMainBlockContainer { max-width: 1240px; margin: 0 auto; }
.stMainBlockContainer h1 { font-size: 2.25rem; padding: 0; }
.st-key-draw_duel { display: grid; grid-template-columns: 448px minmax(0, 1fr); gap: 2.5rem; align-items: start; }
@media (max-width: 1099px) { .st-key-draw_duel { grid-template-columns: 336px minmax(0, 1fr); gap: 1.5rem; } }
@media (max-width: 700px) {
  .st-key-draw_duel { grid-template-columns: minmax(0, 1fr); gap: 1rem; }
  .st-key-draw_left_column { max-width: 336px; margin: 0 auto; }
  .stMainBlockContainer h1 { font-size: 1.6rem; }
  .stMainBlockContainer [data-testid="stCaptionContainer"] p { font-size: .8125rem; }
}
</style>
"""


def take_test_digit() -> None:
    """Put a random test digit on the canvas."""
    try:
        test = test_digits.test_digits()
    except DigitDuelError as error:
        st.session_state.draw_message = str(error)
        return
    index = random.randrange(len(test))
    picture = test.images[index]
    canvas.put(digits.from_ink(test.pixels_of(index)), canvas.digit_picture(picture), f"MNIST test digit {index}, labelled {test.labels[index]}.")


def take_picture(key: str) -> None:
    """Put an uploaded picture on the canvas, or say why it is none."""
    upload = st.session_state.get(key)
    if upload is None:
        return
    try:
        picture = pictures.open_picture(upload.getvalue())
        canvas.put(pictures.from_picture(picture), picture, f"Your picture {upload.name}.")
    except DigitDuelError as error:
        st.session_state.draw_message = str(error)


def show_tools(drawing: dict[str, Any], something: bool) -> None:
    """The row of buttons under the canvas."""
    upload_key = f"draw_upload_{canvas.content().version}"
    here = test_digits.available()
    with st.container(key="draw_tools"):
        st.button("Undo", icon=":material/undo:", key="draw_undo", width="stretch", disabled=not drawing.get("objects"), on_click=canvas.undo, args=(drawing,))
        st.button("Clear", icon=":material/delete:", key="draw_clear", width="stretch", disabled=not something, on_click=canvas.clear)
        st.button("Test digit", icon=":material/casino:", key="draw_test_digit", width="stretch", disabled=not here, on_click=take_test_digit)
        with st.popover("Picture", icon=":material/image:", key="draw_picture", width="stretch"):
            st.file_uploader("A picture of one digit", type=["png", "jpg", "jpeg", "webp"], key=upload_key, on_change=take_picture, args=(upload_key,))
    if not here:
        st.caption(test_digits.WHY_NOT)


def pick_runs() -> tuple[Run, Run]:
    """Which two runs read, each picker under its panel. The choice is in the URL."""
    runs = all_runs()
    names = list(runs)
    picked = []
    for column, side, default in zip(st.columns(2, gap="small", wrap=False), ("left", "right"), default_pair(runs), strict=True):
        name = column.selectbox(
            f"Model on the {side}", names, index=names.index(default), format_func=lambda name: runs[name].title, key=f"draw_{side}", bind="query-params"
        )
        picked.append(runs.get(name, runs[default]))
    return picked[0], picked[1]


def read(digit: Digit, left: Run, right: Run, note: str, strokes: int) -> None:
    """Let both models read the digit, and show it."""
    answers = [classifier(run).read(digit) for run in (left, right)]
    readings.show_readings(digit, ((left.architecture, left.title, answers[0]), (right.architecture, right.title, answers[1])), note=note, strokes=strokes)


def invite(title: str, text: str, left: Run, right: Run, strokes: int) -> None:
    """Ask for a digit; say nothing of what it might be."""
    readings.show_invitation(title, text, ((left.architecture, left.title), (right.architecture, right.title)), strokes=strokes)


@st.fragment
def duel() -> None:
    """Canvas and readings. Pen-up reruns this and nothing else."""
    with st.container(key="draw_duel"):
        with st.container(key="draw_left_column"):
            strokes, drawing = canvas.show_canvas()
            shown = canvas.content().shown
            show_tools(drawing, bool(strokes) or shown is not None)
        with st.container(key="draw_right_column"):
            answer = st.container()
            left, right = pick_runs()
        with answer:
            if message := st.session_state.pop("draw_message", None):
                st.warning(message, icon=":material/error:")
            if shown is not None:
                read(shown, left, right, canvas.content().label, 0)
            elif not strokes:
                invite("Draw a digit, 0 to 9.", "Lift the pen, and both models say what they read. Mouse, pen and finger all work.", left, right, 0)
            elif digits.is_dot(strokes, brush_width=canvas.BRUSH_WIDTH):
                invite("That is a dot.", "Go on: draw a whole digit, 0 to 9.", left, right, len(strokes))
            else:
                read(digits.from_strokes(strokes, brush_width=canvas.BRUSH_WIDTH), left, right, "What both models see: your digit at 28 × 28 pixels.", len(strokes))


st.html(STYLE)
st.title("Draw a digit", anchor=False)
st.caption("Two neural networks, trained on the same 60,000 digits, read yours as soon as you lift the pen.")
if not all_runs():
    st.error("There are no trained models in trained_models/. Train both with `make train`, then reload this page.", icon=":material/error:")
    st.stop()
duel()
