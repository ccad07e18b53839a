"""The button that puts a digit on the canvas on which the two picked models disagree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.data import preprocessing
from mnist_core.data.datasets import MNIST_DIGEST
from mnist_core.data.preprocessing import Digit
from mnist_core.data.strokes import centred, to_canvas
from mnist_core.errors import DigitDuelError
from mnist_core.models.classifier import Classifier
from mnist_core.runs import disagreements
from mnist_core.runs.disagreements import Drawing
from mnist_core.runs.run import Run
from pages.parts import cached_digits, canvas
from pages.parts.cached_runs import RunKey, classifier, run_key, test_predictions

SAME_MODEL = "The same model is on both sides, and it cannot disagree with itself. Pick another model for one side."
NONE_FOUND = (
    "No digit was found on which these two models disagree: they agree on every {digits}. Draw one yourself, or pick "
    "other models."
)

NO_OTHER = (
    "No other digit is known here on which these two models disagree. Draw one yourself, or pick other models, for "
    "example those as specified."
)


@dataclass(frozen=True)
class Turns:
    """Which digits this visitor has seen of a pair of models.

    pair: the keys of the runs. source: the number of the next source. seen: how many digits of each source.
    """

    pair: tuple[RunKey, RunKey]
    source: int = 0
    seen: tuple[int, ...] = (0, 0, 0)


def show_duel_tools(left: Run, right: Run) -> None:
    """Show the button. What it puts on the canvas has its origin and its true digit as its name."""
    st.button(
        "A digit that splits them",
        icon=":material/call_split:",
        key="draw_splitting_digit",
        type="primary",
        width="stretch",
        on_click=take_splitting_digit,
        args=(left, right),
    )


def take_splitting_digit(left: Run, right: Run) -> None:
    """Put the next digit on the canvas on which the two disagree. The sources take turns."""
    pair = (run_key(left), run_key(right))
    if pair[0] == pair[1]:
        st.session_state.draw_message = SAME_MODEL
        return
    turns: Turns = st.session_state.get("draw_splitting_turns", Turns(pair))
    if turns.pair != pair:
        turns = Turns(pair)
    for source in np.roll(range(len(SOURCES)), -turns.source).tolist():
        try:
            put = SOURCES[source](left, right, turns.seen[source])
        except DigitDuelError:  # a damaged source: the others still have digits
            continue
        if put is not None:
            seen = tuple(count + (number == source) for number, count in enumerate(turns.seen))
            st.session_state.draw_splitting_turns = Turns(pair, (source + 1) % len(SOURCES), seen)
            before = _on_canvas()
            put()
            if _on_canvas() == before:
                st.session_state.draw_message = NO_OTHER
            return
    known = "MNIST test digit, prepared drawing" if cached_digits.has_mnist() else "prepared drawing"
    st.session_state.draw_message = NONE_FOUND.format(digits=f"{known} and generated digit that was tried")


def _on_canvas() -> tuple[str, object]:
    """The name and the strokes of what was put on the canvas."""
    now = canvas.content()
    return now.label, (now.initial or {}).get("objects")


def _test_digit(left: Run, right: Run, turn: int) -> Callable[[], None] | None:
    """A test digit of MNIST, by the predictions that are stored with the runs."""
    if not cached_digits.has_mnist() or any(run.data.get("digest") != MNIST_DIGEST for run in (left, right)):
        return None
    test, found = cached_digits.test_digits(), _test_digits(run_key(left), run_key(right), left, right)
    for offset in range(len(found)):
        index = int(found[(turn + offset) % len(found)])
        digit = preprocessing.from_ink(test.pixels_of(index))
        if _disagree(left, right, digit):  # a few of MNIST's digits are changed a little on their way to the canvas
            picture, label = canvas.digit_picture(test.images[index]), int(test.labels[index])
            return lambda: canvas.put(digit, picture, f"MNIST test digit {index}, labelled {label}.", known=str(label))
    return None


def _prepared_drawing(left: Run, right: Run, turn: int) -> Callable[[], None] | None:
    found = disagreements.among_drawings(
        disagreements.prepared_drawings(), Classifier(left.model_path), Classifier(right.model_path)
    )
    return _putting(found, turn, "Prepared drawing")


def _generated_drawing(left: Run, right: Run, turn: int) -> Callable[[], None] | None:
    return _putting(_handwriting(run_key(left), run_key(right), left, right), turn, "Generated drawing")


SOURCES = (_test_digit, _prepared_drawing, _generated_drawing)
"""Each takes the two runs and how many of its digits were shown, and gives what puts the next one on the canvas, or
None if it has none. Raises DigitDuelError.
"""


def _putting(drawings: Sequence[Drawing], turn: int, kind: str) -> Callable[[], None] | None:
    if not drawings:
        return None
    drawing = drawings[turn % len(drawings)]
    strokes = centred(drawing.strokes, side=canvas.SIDE)
    name = f"{kind} of {'an' if drawing.label == 8 else 'a'} {drawing.style.replace(' ', ' (', 1)})."
    objects = to_canvas(strokes, brush_width=canvas.BRUSH_WIDTH, colour=canvas.CHALK)
    return lambda: canvas.put_drawing(objects, name, known=str(drawing.label))


def _disagree(left: Run, right: Run, digit: Digit) -> bool:
    return classifier(left).predict(digit).digit != classifier(right).predict(digit).digit


@st.cache_resource(max_entries=32, show_spinner=False)
def _test_digits(left_key: RunKey, right_key: RunKey, _left: Run, _right: Run) -> NDArray[np.intp]:
    return disagreements.among_test_digits(test_predictions(_left), test_predictions(_right))


@st.cache_resource(max_entries=32, show_spinner=False)
def _handwriting(left_key: RunKey, right_key: RunKey, _left: Run, _right: Run) -> list[Drawing]:
    # Models of its own: nobody who is drawing waits for this search.
    return disagreements.in_handwriting(Classifier(_left.model_path), Classifier(_right.model_path))
