"""The digit that the page *Why* starts from, and the buttons that choose another one.

A digit that others can see too has a name in the address, `why_digit`: "test-947" is a test digit of MNIST,
"test-947-fog-3" the same one with fog of strength 3, "offline-12" a digit of the small offline set, and "drawing-8" a
prepared drawing. Without a name it is the visitor's own:
a picture, or what is on the canvas of the draw page.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core.data import pictures, preprocessing
from mnist_core.data.datasets import MNIST, MNIST_DIGEST, OFFLINE, Split
from mnist_core.data.preprocessing import Digit
from mnist_core.distortions.corruptions import CORRUPTIONS, STRENGTHS, corrupted
from mnist_core.errors import DatasetError, DigitDuelError, PictureError
from mnist_core.formatting import ordinal
from mnist_core.runs import disagreements
from mnist_core.runs.disagreements import prepared_drawings
from mnist_core.runs.run import Run
from pages.parts import cached_digits, canvas
from pages.parts.cached_runs import RunKey, classifier, run_key, test_predictions
from pages.parts.why_link import name_of_corrupted_digit, name_of_test_digit
from pages.why.digit_address import NAMED_DIGIT, forget_nudge

EXAMPLE = "drawing-9"
"""A 5 that the robust MLP predicts correctly until it is shifted, and the robust CNN wherever it is."""

EXAMPLE_SHIFT = "4"
"""The example begins shifted to the right by so many pixels, where the robust MLP is wrong."""

SAME_MODEL = "The same model is on both sides, and it cannot disagree with itself. Pick another model for one side."
NONE_FOUND = "No digit was found on which these two models disagree. Draw one yourself, or pick other models."

SPLITTING = 24
"""How many digits that split a pair the button goes through."""


@dataclass(frozen=True)
class Chosen:
    """digit: as the models get it, before any nudge. label: the true digit, or None if nobody knows. note: what it
    is, in a sentence. name: in the address; empty for the visitor's own.
    """

    digit: Digit
    label: int | None
    note: str
    name: str = ""


def chosen_digit() -> Chosen:
    """The digit that the address names, else the visitor's own, else the example, whose name goes into the address.

    Raises DigitDuelError if the name leads to no digit.
    """
    if name := st.query_params.get(NAMED_DIGIT):
        return named_digit(name)
    if own := _own_digit():
        return own
    st.query_params[NAMED_DIGIT] = EXAMPLE
    if not any(parameter.startswith("why_shift") for parameter in st.query_params):
        st.query_params["why_shift_right"] = EXAMPLE_SHIFT
    return named_digit(EXAMPLE)


def named_digit(name: str) -> Chosen:
    """The digit of a name. Raises PictureError if there is none of that name, and DatasetError if its set is not
    here.
    """
    found = re.fullmatch(r"(test|offline|drawing)-(\d{1,5})", name)
    corrupt = re.fullmatch(r"test-(\d{1,5})-([a-z_]+)-(\d)", name)
    if corrupt and corrupt[2] in CORRUPTIONS and int(corrupt[3]) in STRENGTHS:
        return _corrupted_digit(int(corrupt[1]), corrupt[2], int(corrupt[3]))
    if not found:
        raise PictureError(
            f"The link names the digit {name[:40]!r}, expected one such as test-947, test-947-fog-3, offline-12 or "
            "drawing-8."
        )
    kind, number = found[1], int(found[2])
    if kind == "drawing":
        drawings = prepared_drawings()
        if number >= len(drawings):
            raise PictureError(f"There is no prepared drawing {number}: they go from 0 to {len(drawings) - 1}.")
        drawing = drawings[number]
        article = "an" if drawing.label == 8 else "a"
        style = drawing.style.partition(" ")[2]
        return Chosen(drawing.digit(), drawing.label, f"A prepared drawing: {article} {drawing.label} ({style}).", name)
    test, label = _test_digits(MNIST if kind == "test" else OFFLINE, number)
    source = "MNIST test digit" if kind == "test" else "Test digit of scikit-learn's small set,"
    return Chosen(preprocessing.from_ink(test.pixels_of(number)), label, f"{source} {number}, labelled {label}.", name)


def _test_digits(dataset: str, number: int) -> tuple[Split, int]:
    """The test digits of a set, and the label of that one. Raises PictureError and DatasetError as `named_digit`."""
    if dataset == MNIST and not cached_digits.has_mnist():
        raise DatasetError(cached_digits.WHY_NOT)
    test, _ = cached_digits.test_split(dataset)
    if number >= len(test):
        raise PictureError(f"There is no test digit {number}: they go from 0 to {len(test) - 1}.")
    return test, int(test.labels[number])


def _corrupted_digit(number: int, key: str, strength: int) -> Chosen:
    """A test digit of MNIST as the tab Robustness shows it. Raises PictureError and DatasetError as `named_digit`."""
    test, label = _test_digits(MNIST, number)
    corruption = CORRUPTIONS[key]
    (picture,) = corrupted(test.images[[number]], [number], corruption, strength=strength)
    note = f"MNIST test digit {number}, labelled {label}, corrupted: {corruption.title.lower()}, strength {strength}."
    digit = picture.astype(np.float32) / np.float32(255)
    return Chosen(digit, label, note, name_of_corrupted_digit(number, key, strength))


def show_digit_buttons(left: Run, right: Run) -> None:
    """Show the buttons that choose another digit. A problem is put into st.session_state.why_message."""
    with st.container(key="why_digits", horizontal=True, gap="small"):
        st.button("Test digit", icon=":material/casino:", key="why_test_digit", on_click=_take_test_digit)
        version = st.session_state.get("why_uploads", 0)
        with st.popover("Picture", icon=":material/image:", key=f"why_picture_{version}"):
            key = f"why_upload_{version}"
            st.file_uploader(
                "A picture of one digit",
                type=["png", "jpg", "jpeg", "webp"],
                key=key,
                on_change=_take_picture,
                args=(key,),
            )
        st.button(
            "A digit that splits them",
            icon=":material/call_split:",
            key="why_splitting_digit",
            help="Shows a digit on which the two models disagree, without a nudge.",
            on_click=_take_splitting_digit,
            args=(left, right),
        )
        if st.query_params.get(NAMED_DIGIT) and (_canvas_digit() is not None or "why_own" in st.session_state):
            st.button("Your digit", icon=":material/draw:", key="why_own_digit", on_click=_take_own_digit)
        _show_number_digits()


def _show_number_digits() -> None:
    """Show which digit of the visitor's number this page is about, if there is a number on the canvas."""
    count = len(canvas.number())
    if count < 2 or st.query_params.get(NAMED_DIGIT) or "why_own" in st.session_state:
        return
    st.session_state.why_number_digit = canvas.chosen_digit()
    st.segmented_control(
        "Digit of your number",
        range(count),
        format_func=lambda place: ordinal(place + 1),
        key="why_number_digit",
        on_change=_take_number_digit,
        label_visibility="collapsed",
        help="Which digit of the number on your canvas.",
    )


def _take_number_digit() -> None:
    place = st.session_state.why_number_digit
    if place is not None:  # a second press on the same one
        forget_nudge()
        canvas.choose_digit(place)


def _own_digit() -> Chosen | None:
    """The uploaded picture, unless the canvas has changed since; else what is on the canvas; else None."""
    on_canvas = _canvas_digit()
    if "why_own" in st.session_state:
        own, canvas_then = st.session_state.why_own
        if _same(on_canvas, canvas_then):
            return own  # type: ignore[no-any-return]  # what _take_picture has put there
        del st.session_state.why_own
    if on_canvas is None:
        return None
    if which := canvas.which_digit():
        return Chosen(on_canvas, None, f"{which[0].upper()}{which[1:]}.")
    known = canvas.content().known or ""
    return Chosen(on_canvas, int(known) if len(known) == 1 else None, canvas.content().label or "Your drawing.")


def _canvas_digit() -> Digit | None:
    try:
        return canvas.digit()
    except DigitDuelError:  # the draw page says what is wrong with it
        return None


def _same(one: Digit | None, other: Digit | None) -> bool:
    return (one is None and other is None) or (
        one is not None and other is not None and one.tobytes() == other.tobytes()
    )


def _take(name: str) -> None:
    forget_nudge()
    st.query_params[NAMED_DIGIT] = name


def _take_own_digit() -> None:
    forget_nudge()
    st.query_params.pop(NAMED_DIGIT, None)


def _take_test_digit() -> None:
    dataset = MNIST if cached_digits.has_mnist() else OFFLINE
    try:
        test, _ = cached_digits.test_split(dataset)
    except DigitDuelError as error:
        st.session_state.why_message = str(error)
        return
    _take(name_of_test_digit(dataset, random.randrange(len(test))))


def _take_splitting_digit(left: Run, right: Run) -> None:
    if left.name == right.name:
        st.session_state.why_message = SAME_MODEL
        return
    try:
        names = _splitting_names(run_key(left), run_key(right), left, right)
    except DigitDuelError as error:
        st.session_state.why_message = str(error)
        return
    if not names:
        st.session_state.why_message = NONE_FOUND
        return
    shown = st.query_params.get(NAMED_DIGIT)
    _take(names[(names.index(shown) + 1) % len(names) if shown in names else 0])


def _take_picture(key: str) -> None:
    upload = st.session_state.get(key)
    if upload is None:
        return
    try:
        digit = pictures.from_picture(pictures.open_picture(upload.getvalue()))
    except DigitDuelError as error:
        st.session_state.why_message = str(error)
        return
    st.session_state.why_own = (Chosen(digit, None, "Your picture."), _canvas_digit())
    st.session_state.why_uploads = st.session_state.get("why_uploads", 0) + 1  # a new uploader, and the popover closes
    _take_own_digit()


@st.cache_resource(max_entries=32, show_spinner=False)
def _splitting_names(left_key: RunKey, right_key: RunKey, _left: Run, _right: Run) -> Sequence[str]:
    """The names of digits that two runs predict differently, test digits and prepared drawings in turn."""
    tests: list[str] = []
    if cached_digits.has_mnist() and all(run.data.get("digest") == MNIST_DIGEST for run in (_left, _right)):
        found = disagreements.among_test_digits(test_predictions(_left), test_predictions(_right))
        tests = [name_of_test_digit(MNIST, int(index)) for index in found[:SPLITTING]]
    drawings = [f"drawing-{number}" for number in range(len(prepared_drawings()))]
    longest = max(len(tests), len(drawings))
    mixed = [names[turn] for turn in range(longest) for names in (tests, drawings) if turn < len(names)]
    return [name for name in mixed if _disagree(_left, _right, named_digit(name).digit)][:SPLITTING]


def _disagree(left: Run, right: Run, digit: Digit) -> bool:
    return classifier(left).predict(digit).digit != classifier(right).predict(digit).digit
