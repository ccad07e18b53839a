"""The row of buttons under the canvas: undo, clear, a random test digit, and an uploaded picture."""

import random

import streamlit as st

from mnist_core.data import pictures, preprocessing
from mnist_core.data.datasets import OFFLINE
from mnist_core.data.number_pictures import find_number
from mnist_core.errors import DigitDuelError
from mnist_core.models.number_reader import read_marks, side_by_side
from mnist_core.reporting.agreement import MAY_BE_TWO
from mnist_core.reporting.picture_steps import in_words, picture_steps
from pages.draw.camera import offer_camera
from pages.parts import cached_digits, canvas, model_pickers
from pages.parts.cached_runs import classifier
from pages.parts.streamlit_seam import container_class, forget_upload, upload_of

OFFLINE_DIGIT = "Test digit {} of scikit-learn's small set, labelled {}. MNIST is not on this machine."


def show_tools() -> None:
    """Show the buttons. A problem with what they do is put into st.session_state.draw_message."""
    version = canvas.content().version
    upload_key = f"draw_upload_{version}"
    with st.container(key="draw_tools"):
        st.button("Undo", icon=":material/undo:", key="draw_undo", width="stretch", on_click=undo)
        st.button("Clear", icon=":material/delete:", key="draw_clear", width="stretch", on_click=clear)
        st.button(
            "Test digit",
            icon=":material/casino:",
            key="draw_test_digit",
            width="stretch",
            on_click=take_test_digit,
        )
        with st.popover("Picture", icon=":material/image:", key=f"draw_picture_{version}", width="stretch"):
            offer_camera(container_class(upload_key))
            st.file_uploader(
                "A picture of a digit or a number",
                type=["png", "jpg", "jpeg", "webp"],
                key=upload_key,
                on_change=take_picture,
                args=(upload_key,),
            )


def undo() -> None:
    """Take back the last stroke."""
    canvas.undo()
    canvas.show_again()


def clear() -> None:
    """Empty the canvas."""
    canvas.clear()
    canvas.show_again()


def take_test_digit() -> None:
    """Put a random test digit on the canvas: one of MNIST's, or of the small offline set where MNIST is missing."""
    try:
        if cached_digits.has_mnist():
            test, name = cached_digits.test_digits(), "MNIST test digit {}, labelled {}."
        else:
            test, name = cached_digits.digit_set(OFFLINE).test, OFFLINE_DIGIT
    except DigitDuelError as error:
        st.session_state.draw_message = str(error)
        return
    index = random.randrange(len(test))
    label = int(test.labels[index])
    canvas.put(
        preprocessing.from_ink(test.pixels_of(index)),
        canvas.digit_picture(test.images[index]),
        name.format(index, label),
        known=str(label),
    )


def take_picture(key: str) -> None:
    """Put an uploaded picture on the canvas, or say why that is impossible. key: of the uploader."""
    upload = upload_of(key)
    if upload is None:
        return
    try:
        picture = pictures.open_picture(upload.getvalue())
        marks = find_number(picture)
        digits = read_marks(marks, [classifier(run) for run in model_pickers.pair_in_use()])
        found = marks.as_found(side_by_side(digits))
        if max(picture.size) <= pictures.SMALL_SIDE:  # a finished digit, such as MNIST's
            canvas.put(found.digit, pictures.shown(picture, canvas.SIDE), f"Your picture {shortened(upload.name)}.")
        else:
            outlines = [marks.corners(each.box) for each in digits] if len(digits) > 1 else []
            canvas.put(
                found.digit,
                picture_steps(picture, found, canvas.SIDE, outlines=outlines),
                f"Your picture {shortened(upload.name)}: {in_words(found, digits=len(digits))}.",
                remark=MAY_BE_TWO if any(each.may_be_two for each in digits) else "",
            )
    except DigitDuelError as error:
        canvas.clear()
        st.session_state.draw_message = f"{shortened(upload.name)}: {error}"
    finally:
        forget_upload(upload)


def shortened(name: str) -> str:
    """A file's name, short enough for a line."""
    return name if len(name) <= 40 else f"{name[:24]}…{name[-12:]}"
