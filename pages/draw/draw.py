"""The draw page: draw a digit; as soon as the pen is lifted, two models predict it side by side."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.data import preprocessing
from mnist_core.data.preprocessing import Stroke
from mnist_core.data.strokes import from_canvas
from mnist_core.errors import DigitDuelError
from mnist_core.metrics.entropy import may_be_no_digit
from mnist_core.models.number_reader import NumberDigit, as_text, read_digits, read_strokes, side_by_side
from mnist_core.reporting.agreement import MAY_BE_TWO
from mnist_core.runs.run import Run
from pages.draw import live_prediction, number_panel, predictions_panel, score, typed_number
from pages.draw.answer import (
    Answer,
    begin_page,
    end_page,
    guard_what_needs_the_drawing,
    identity_of,
    keep_answer,
    latest_answer,
)
from pages.draw.canvas_tools import show_tools
from pages.draw.keys import mount_keys
from pages.draw.last_drawings import show_last_drawings
from pages.draw.next_pages import show_compare_link, show_why_link
from pages.draw.score import mark_of, show_score, true_number
from pages.draw.splitting_digits import show_duel_tools
from pages.draw.stage import show_stage_button
from pages.parts import canvas, model_pickers
from pages.parts.cached_runs import all_runs, classifier, run_key
from pages.parts.heading import show_heading
from pages.parts.messages import show_error, show_warning
from pages.parts.run_picker import NONE_YET

EMPTY = ("Draw a digit, 0 to 9.", "Use mouse, pen or finger. Both models predict it at once.")
DOT = ("That is a dot.", "Go on: draw a whole digit, 0 to 9.")
DRAWN = "Both models see your digit at 28 × 28 pixels."
MAY_BE_NO_DIGIT = "The models find a little of several digits in it."


def show_answer(left: Run, right: Run) -> Answer | None:
    """Show what both models predict for the content of the canvas, or an invitation to draw.

    None while there is nothing to predict.
    """
    pressed = score.pressed()
    now, strokes = canvas.content(), from_canvas(canvas.drawing())
    models = (classifier(left), classifier(right))
    if now.shown is not None:
        digits, note = read_digits(now.shown, models), f"{now.label} {now.remark}".strip()
    elif not strokes or preprocessing.is_dot(strokes, brush_width=canvas.BRUSH_WIDTH):
        predictions_panel.show_invitation((left, right), *(DOT if strokes else EMPTY), strokes=strokes)
        return None
    else:
        digits, note = read_strokes(strokes, models, brush_width=canvas.BRUSH_WIDTH), now.label or DRAWN
    pixels = side_by_side(digits)
    read = {run_key(run): as_text(digits, side) for side, run in enumerate((left, right))}
    answer = Answer(pixels, identity_of(pixels), read)
    if pressed is not None:
        score.mark(answer, pressed)
    label = true_number(answer.identity)
    canvas.keep_number(
        [each.digit for each in digits],
        models=(left.name, right.name),
        chosen=number_panel.most_interesting(digits),
    )
    if len(digits) > 1:
        note = note if now.label else number_panel.DRAWN
        number_panel.show_number((left, right), digits, note=note, strokes=strokes, label=label)
    else:
        show_digit((left, right), digits[0], note=note, strokes=strokes, label=label)
    return answer


def show_digit(
    runs: tuple[Run, Run], read: NumberDigit, *, note: str, strokes: Sequence[Stroke], label: str | None
) -> None:
    """Show what both models predict for a single digit."""
    left, right = read.predictions
    is_uncertain = may_be_no_digit(
        [prediction.probabilities for prediction in (left, right)], [run.entropy_threshold for run in runs]
    )
    if is_uncertain:  # the label of a test digit stays visible
        note = f"{canvas.content().label} {MAY_BE_NO_DIGIT}".strip()
    elif strokes and read.may_be_two:
        note = f"{canvas.content().label} {MAY_BE_TWO}".strip()
    predictions_panel.show_predictions(
        runs, (left, right), read.digit, note=note, strokes=strokes, may_be_no_digit=is_uncertain, label=label
    )


def show_plain_resize(left: Run, right: Run) -> None:
    """Show what both models predict without MNIST's preprocessing. Only a drawing has a whole canvas to shrink."""
    strokes = from_canvas(canvas.drawing())
    is_number = len(canvas.number()) > 1
    if canvas.content().shown is not None or not strokes or is_number:
        predictions_panel.show_plain_resize((left, right), None, None, is_number=is_number)
        return
    digit = preprocessing.from_whole_canvas(strokes, side=canvas.SIDE, brush_width=canvas.BRUSH_WIDTH)
    answers = (classifier(left).predict(digit), classifier(right).predict(digit))
    predictions_panel.show_plain_resize((left, right), answers, digit)


@st.fragment(key=canvas.STROKES)
def follow_strokes(left: Run, right: Run, *, panel: DeltaGenerator, below: DeltaGenerator | None) -> None:
    """The canvas and the predictions. When the pen is lifted, or a stroke is taken back, this runs again, and nothing
    else.

    panel: where the predictions are shown. below: where those of the canvas that is simply shrunk are shown, or None.
    """
    answer = None
    try:
        canvas.show_canvas()
        with panel:
            answer = show_answer(left, right)
        if below is not None:
            with below:
                show_plain_resize(left, right)
    except DigitDuelError as error:
        with panel:
            show_error(error)
    keep_answer(answer)


@st.fragment
def duel() -> None:
    """The canvas, the predictions, and all that can be pressed. A press runs this again, and nothing else."""
    begin_page()
    with st.container(key="draw_duel"):
        with st.container(key="draw_left_column"):
            canvas_box, duel_tools = st.container(key="draw_canvas_box"), st.container(key="draw_duel_tools")
            show_tools()
        with st.container(key="draw_right_column"):
            # The message has a place of its own. A panel that moved down for it would appear twice until the run has
            # ended.
            message_place, panel = st.container(key="draw_message"), st.container(key="draw_panel")
            left, right = model_pickers.pick_models("draw")
            show_why_link(left, right)
            with st.container(key="draw_choices"):
                model_pickers.show_recipes("draw", left, right)
                show_compare_link(left, right)
                with_plain_resize = st.toggle("What if it were simply shrunk?", key="draw_plain", bind="query-params")
                st.caption(model_pickers.WHAT_ROBUST_MEANS)
                below = st.container(key="draw_below")
            score_place = st.container(key="draw_score")
        strip_place = st.container(key="draw_strip")
        with canvas_box:
            follow_strokes(left, right, panel=panel, below=below if with_plain_resize else None)
            canvas.show_name()
            live_prediction.follow_pen(left, right)
        if message := st.session_state.pop("draw_message", None):
            with message_place:
                show_warning(message)
        with duel_tools:
            show_duel_tools(left, right)
            show_stage_button()
            mount_keys()
            guard_what_needs_the_drawing(marks={**score.BUTTONS, **typed_number.BUTTONS})
        with score_place:
            show_score(left, right)
        with strip_place:
            show_last_drawings(left, right)
    answer = latest_answer()
    end_page(says_something=bool(message or mark_of(answer) or typed_number.typed(answer)))


show_heading(
    "Draw a digit",
    "Two neural networks, trained on handwritten digits, predict it side by side.",
    words=("MLP", "CNN", "specified", "robust"),
)
if not all_runs():
    st.error(NONE_YET, icon=":material/error:")
    st.stop()
duel()
