"""The draw page: draw a digit; as soon as the pen is lifted, two models predict it side by side."""

import streamlit as st

from mnist_core.data import preprocessing
from mnist_core.data.strokes import from_canvas
from mnist_core.errors import DigitDuelError
from mnist_core.metrics.entropy import may_be_no_digit
from mnist_core.runs.promotion import default_pair
from mnist_core.runs.run import Run
from pages.draw import live_prediction, predictions_panel
from pages.draw.canvas_tools import show_tools
from pages.parts import canvas
from pages.parts.cached_runs import all_runs, classifier
from pages.parts.heading import show_heading
from pages.parts.run_picker import NONE_YET, absent_from_link, quoted

EMPTY = ("Draw a digit, 0 to 9.", "Lift the pen, and both models predict it. Mouse, pen and finger all work.")
DOT = ("That is a dot.", "Go on: draw a whole digit, 0 to 9.")
DRAWN = "What both models see: your digit at 28 × 28 pixels."
MAY_BE_NO_DIGIT = "This may be no digit at all: the models find a little of several in it."


def choose() -> tuple[Run, Run, bool]:
    """Pick the two runs, and whether the plain resize is shown as well. The choices are in the address."""
    runs = all_runs()
    names = list(runs)
    picked = []
    # These are read first, because the pickers drop names that are not here.
    linked = [st.query_params.get(f"draw_{side}") for side in ("left", "right")]
    with st.popover("Models and options", icon=":material/tune:", key="draw_choices"):
        for side, default in zip(("left", "right"), default_pair(runs), strict=True):
            name = st.selectbox(
                f"Model on the {side}", names, index=names.index(default), key=f"draw_{side}", bind="query-params"
            )
            picked.append(runs.get(name, runs[default]))
        with_plain_resize = st.toggle("Show a plain resize as well", key="draw_plain", bind="query-params")
    absent = [name for name in dict.fromkeys(linked) if name and name.strip() and name not in runs]
    if absent := absent_from_link("draw", absent, [run.name for run in picked]):
        st.caption(
            f":material/info: The link names {' and '.join(map(quoted, absent))}, of which there is no usable model "
            "here; others predict instead."
        )
    return picked[0], picked[1], with_plain_resize


def show_answer(left: Run, right: Run) -> None:
    """Show what both models predict for the content of the canvas, or an invitation to draw."""
    now, strokes = canvas.content(), from_canvas(canvas.drawing())
    live_prediction.follow_pen((left, right), strokes)
    if now.shown is not None:
        digit, note = now.shown, now.label
    elif not strokes or preprocessing.is_dot(strokes, brush_width=canvas.BRUSH_WIDTH):
        predictions_panel.show_invitation((left, right), *(DOT if strokes else EMPTY), strokes=len(strokes))
        return
    else:
        digit, note = preprocessing.from_strokes(strokes, brush_width=canvas.BRUSH_WIDTH), DRAWN
    answers = (classifier(left).predict(digit), classifier(right).predict(digit))
    is_uncertain = may_be_no_digit(
        [prediction.probabilities for prediction in answers], [run.entropy_threshold for run in (left, right)]
    )
    if is_uncertain:  # the label of a test digit stays visible
        note = f"{now.label} {MAY_BE_NO_DIGIT}".strip()
    predictions_panel.show_predictions((left, right), answers, digit, note=note, strokes=len(strokes))


def show_plain_resize(left: Run, right: Run) -> None:
    """Show what both models predict without MNIST's preprocessing. Only a drawing has a whole canvas to shrink."""
    strokes = from_canvas(canvas.drawing())
    if canvas.content().shown is not None or not strokes:
        st.caption(
            "Draw a digit to see what both models would predict if the whole canvas were simply shrunk to 28 × 28."
        )
        return
    digit = preprocessing.from_whole_canvas(strokes, side=canvas.SIDE, brush_width=canvas.BRUSH_WIDTH)
    answers = (classifier(left).predict(digit), classifier(right).predict(digit))
    predictions_panel.show_plain_resize((left, right), answers, digit)


@st.fragment
def duel() -> None:
    """The canvas and the predictions. When the pen is lifted, this runs again, and nothing else."""
    with st.container(key="draw_duel"):
        with st.container(key="draw_left_column"):
            canvas.show_canvas()
            show_tools()
        with st.container(key="draw_right_column"):
            # The message has a place of its own. A panel that moved down for it would appear twice until the run has
            # ended.
            message_place, panel = st.container(), st.container()
            left, right, with_plain_resize = choose()
            below = st.container()
        if message := st.session_state.pop("draw_message", None):
            message_place.warning(message, icon=":material/error:")
        with panel:
            try:
                show_answer(left, right)
                if with_plain_resize:
                    with below:
                        show_plain_resize(left, right)
            except DigitDuelError as error:
                st.error(str(error), icon=":material/error:")


show_heading(
    "Draw a digit",
    "Two neural networks, trained on the handwritten digits of MNIST, predict yours as soon as you lift the pen.",
)
if not all_runs():
    st.error(NONE_YET, icon=":material/error:")
    st.stop()
duel()
