"""Draw a digit; on pen-up both models read it, side by side."""

import random

import streamlit as st

from mnist_core.data import pictures
from mnist_core.data import preprocessing as digits
from mnist_core.data.strokes import from_canvas
from mnist_core.errors import DigitDuelError
from mnist_core.metrics.entropy import may_be_no_digit
from mnist_core.runs.promotion import default_pair
from mnist_core.runs.run import Run
from pages.draw import predictions_panel as predictions
from pages.parts import canvas, mnist_digits
from pages.parts.heading import show_heading
from pages.parts.run_picker import NONE_YET, absent_from_link, all_runs, classifier, quoted

EMPTY = ("Draw a digit, 0 to 9.", "Lift the pen, and both models say what they read. Mouse, pen and finger all work.")
MAY_BE_NO_DIGIT = "This may be no digit at all: the models find a little of several in it."
DOT = ("That is a dot.", "Go on: draw a whole digit, 0 to 9.")


def take_test_digit() -> None:
    """Put a random test digit on the canvas."""
    try:
        test = mnist_digits.test_digits()
    except DigitDuelError as error:
        st.session_state.draw_message = str(error)
        return
    index = random.randrange(len(test))
    picture = test.images[index]
    canvas.put(
        digits.from_ink(test.pixels_of(index)),
        canvas.digit_picture(picture),
        f"MNIST test digit {index}, labelled {test.labels[index]}.",
    )


def take_picture(key: str) -> None:
    """Put an uploaded picture on the canvas, or say why it is none."""
    upload = st.session_state.get(key)
    if upload is None:
        return
    try:
        picture = pictures.open_picture(upload.getvalue())
        canvas.put(
            pictures.from_picture(picture),
            pictures.shown(picture, canvas.SIDE),
            f"Your picture {shortened(upload.name)}.",
        )
    except DigitDuelError as error:
        canvas.clear()
        st.session_state.draw_message = f"{shortened(upload.name)}: {error}"


def shortened(name: str) -> str:
    """A file's name, short enough for a line."""
    return name if len(name) <= 40 else f"{name[:24]}…{name[-12:]}"


def show_tools() -> None:
    """The row of buttons under the canvas."""
    now, drawn, here = canvas.content(), canvas.has_strokes(canvas.drawing()), mnist_digits.available()
    upload_key = f"draw_upload_{now.version}"
    with st.container(key="draw_tools"):
        st.button(
            "Undo", icon=":material/undo:", key="draw_undo", width="stretch", disabled=not drawn, on_click=canvas.undo
        )
        st.button(
            "Clear",
            icon=":material/delete:",
            key="draw_clear",
            width="stretch",
            disabled=not drawn and now.shown is None,
            on_click=canvas.clear,
        )
        st.button(
            "Test digit",
            icon=":material/casino:",
            key="draw_test_digit",
            width="stretch",
            disabled=not here,
            on_click=take_test_digit,
        )
        with st.popover("Picture", icon=":material/image:", key=f"draw_picture_{now.version}", width="stretch"):
            st.file_uploader(
                "A picture of one digit",
                type=["png", "jpg", "jpeg", "webp"],
                key=upload_key,
                on_change=take_picture,
                args=(upload_key,),
            )
    if not here:
        st.caption(mnist_digits.WHY_NOT)


def choose() -> tuple[Run, Run, bool]:
    """Which two runs read, and whether the plain resize is shown as well; panels say all that. The choices are in the URL.

    Behind a button, for each widget on the page makes it open later.
    """
    runs = all_runs()
    names = list(runs)
    picked = []
    linked = [
        st.query_params.get(f"draw_{side}") for side in ("left", "right")
    ]  # the pickers drop names that are not here
    with st.popover("Models and options", icon=":material/tune:", key="draw_choices"):
        for side, default in zip(("left", "right"), default_pair(runs), strict=True):
            name = st.selectbox(
                f"Model on the {side}", names, index=names.index(default), key=f"draw_{side}", bind="query-params"
            )
            picked.append(runs.get(name, runs[default]))
        prepared_epoch = st.toggle("Show a plain resize as well", key="draw_plain", bind="query-params")
    absent = [name for name in dict.fromkeys(linked) if name and name.strip() and name not in runs]
    if absent := absent_from_link("draw", absent, [run.name for run in picked]):
        st.caption(
            f":material/info: The link names {' and '.join(map(quoted, absent))}, of which there is no usable model here; others read instead."
        )
    return picked[0], picked[1], prepared_epoch


def answer(left: Run, right: Run) -> None:
    """What both models read in what is on the canvas; an invitation while there is nothing to read."""
    now, strokes = canvas.content(), from_canvas(canvas.drawing())
    if now.shown is not None:
        digit, note = now.shown, now.label
    elif not strokes or digits.is_dot(strokes, brush_width=canvas.BRUSH_WIDTH):
        predictions.show_invitation((left, right), *(DOT if strokes else EMPTY), strokes=len(strokes))
        return
    else:
        digit, note = (
            digits.from_strokes(strokes, brush_width=canvas.BRUSH_WIDTH),
            "What both models see: your digit at 28 × 28 pixels.",
        )
    answers = (classifier(left).predict(digit), classifier(right).predict(digit))
    uncertain = may_be_no_digit(
        [prediction.probabilities for prediction in answers], [run.entropy_threshold for run in (left, right)]
    )
    if uncertain:  # what a test digit is labelled stays to be read
        note = f"{now.label} {MAY_BE_NO_DIGIT}".strip()
    predictions.show_predictions((left, right), answers, digit, note=note, strokes=len(strokes))


def plain_resize(left: Run, right: Run) -> None:
    """What both models would read without MNIST's recipe; only a drawing has a whole canvas to shrink."""
    strokes = from_canvas(canvas.drawing())
    if canvas.content().shown is not None or not strokes:
        st.caption("Draw a digit to see what both models would read if the whole canvas were simply shrunk to 28 × 28.")
        return
    digit = digits.from_whole_canvas(strokes, side=canvas.SIDE, brush_width=canvas.BRUSH_WIDTH)
    predictions.show_plain_resize(
        (left, right), (classifier(left).predict(digit), classifier(right).predict(digit)), digit
    )


@st.fragment
def duel() -> None:
    """Canvas and readings. Pen-up reruns this and nothing else."""
    with st.container(key="draw_duel"):
        with st.container(key="draw_left_column"):
            canvas.show_canvas()
            show_tools()
        with st.container(key="draw_right_column"):
            # The message has a place of its own: a panel that moved down for it would stand on the page twice until the run has ended.
            message_place, panel = st.container(), st.container()
            left, right, prepared_epoch = choose()
            below = st.container()
        if message := st.session_state.pop("draw_message", None):
            message_place.warning(message, icon=":material/error:")
        with panel:
            try:
                answer(left, right)
                if prepared_epoch:
                    with below:
                        plain_resize(left, right)
            except DigitDuelError as error:
                st.error(str(error), icon=":material/error:")


show_heading(
    "Draw a digit",
    "Two neural networks, trained on the handwritten digits of MNIST, read yours as soon as you lift the pen.",
)
if not all_runs():
    st.error(NONE_YET, icon=":material/error:")
    st.stop()
duel()
