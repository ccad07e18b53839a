"""The drawing canvas, and its content: one visitor's drawing, test digit or picture.

Whatever replaces the content (clear, undo, a test digit, a picture) goes to the browser as a new initial drawing.
Until the browser answers, the canvas still reports the drawing that was replaced; `Content.superseded` holds such
drawings, so that they are ignored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import st_canvas

from mnist_core.data.preprocessing import Digit, from_strokes, is_dot
from mnist_core.data.strokes import BRUSH_FRACTION, from_canvas, without_last
from mnist_core.errors import DrawingError
from mnist_core.formatting import ordinal
from mnist_core.reporting.picture_addresses import data_url
from pages.parts.streamlit_seam import dress_canvas, is_run_of_fragments

SIDE = 448
"""Canvas pixels each way.

A narrow screen shows it smaller, see streamlit_seam/streamlit.css; pointer positions follow.
"""

BRUSH_WIDTH = round(SIDE * BRUSH_FRACTION)
BOARD = (24, 29, 38)
CHALK = "#f4f6f8"
PLACEHOLDER = "Draw a digit here"

STROKES, NAME = "draw_strokes", "draw_canvas_name"
"""The keys of the page's fragment that shows the canvas, and of the one that names what is on it."""


@dataclass(frozen=True)
class Content:
    """What the canvas shows.

    shown: a digit, or those of a number side by side, that was put there, with `board`, its picture, and `label`, its
    name. All three are empty for a drawing, except that an unchanged drawing that was put there has a name too.
    remark: a sentence about what is shown. known: the true digit or number of what was put there, as text.
    initial: the strokes that this content began with, as Fabric JSON. superseded: the drawings that the browser may
    still report of earlier contents, until it has answered.
    """

    version: int = 0
    initial: dict[str, Any] | None = None
    superseded: tuple[dict[str, Any] | None, ...] = ()
    shown: Digit | None = None
    board: Image.Image | None = None
    label: str = ""
    remark: str = ""
    known: str | None = None


def content() -> Content:
    """This visitor's canvas content."""
    found: Content = st.session_state.get("draw_content", Content())
    return found


def drawing() -> dict[str, Any]:
    """The strokes on the canvas, as far as they are known, as Fabric JSON; see
    `mnist_core.data.strokes.from_canvas`.
    """
    now, reported = content(), st.session_state.get("draw_reported")
    found = now.initial if _objects(reported) in now.superseded else reported
    return found if isinstance(found, dict) else {}


def digit() -> Digit | None:
    """This visitor's digit as the models get it, drawn or put there; of a number, the digit that was chosen.

    None while there is nothing to predict. Raises DrawingError.
    """
    if digits := number():
        return digits[chosen_digit()]
    now, strokes = content(), from_canvas(drawing())
    if now.shown is not None or not strokes or is_dot(strokes, brush_width=BRUSH_WIDTH):
        return now.shown
    return from_strokes(strokes, brush_width=BRUSH_WIDTH)


def keep_number(digits: Sequence[Digit], *, models: Sequence[str], chosen: int) -> None:
    """Take down the digits of what is on the canvas now.

    models: the names of those that read them. chosen: the one that other pages take up if it is a number; that is
    decided anew for another drawing, and for other models.
    """
    seen = (content().version, _objects(drawing()), *models)
    if st.session_state.get("draw_number", (None, ()))[0] != seen:
        st.session_state.draw_number_digit = chosen
    st.session_state.draw_number = (seen, tuple(digits) if len(digits) > 1 else ())


def number() -> tuple[Digit, ...]:
    """The digits of the number on the canvas; empty if that is a single digit, or nothing."""
    kept: tuple[tuple[Any, ...], tuple[Digit, ...]] = st.session_state.get("draw_number", ((0, None), ()))
    (version, objects, *_), digits = kept
    # A drawing is known by its strokes, also after it was kept for another page; a picture by its version.
    is_here = objects == _objects(drawing()) and (bool(objects) or version == content().version)
    return digits if is_here else ()


def chosen_digit() -> int:
    """The place of the chosen digit of the number, from the left, from 0 on."""
    return min(int(st.session_state.get("draw_number_digit", 0)), max(len(number()) - 1, 0))


def which_digit() -> str:
    """Which digit of the number it is that `digit` gives: 'the 2nd of the 3 digits on your canvas'. Empty if what is
    there is no number.
    """
    count = len(number())
    return f"the {ordinal(chosen_digit() + 1)} of the {count} digits on your canvas" if count else ""


def choose_digit(place: int) -> None:
    """Choose a digit of the number for other pages. place: from the left, from 0 on."""
    st.session_state.draw_number_digit = place


def keep() -> None:
    """Keep the drawing and its name while the visitor is on another page, on which this is called.

    The canvas by itself begins empty.
    """
    now = content()
    if has_strokes(drawing()) and _objects(drawing()) != _objects(now.initial):
        _replace({"objects": _objects(drawing())}, label=now.label, known=now.known)


def put(digit: Digit, picture: Image.Image, label: str, *, remark: str = "", known: str | None = None) -> None:
    """Show a ready digit instead of the drawing.

    picture: what the canvas shows of it, at most as large as the canvas. label: its name. remark: a sentence about it.
    known: its true digit or number.
    """
    board = Image.new("RGB", (SIDE, SIDE), BOARD)
    board.paste(picture.convert("RGB"), ((SIDE - picture.width) // 2, (SIDE - picture.height) // 2))
    _replace({"objects": []}, shown=digit, board=board, label=label, remark=remark, known=known)


def put_drawing(drawing: dict[str, Any], label: str = "", *, known: str | None = None) -> None:
    """Replace the drawing by another one. drawing: Fabric JSON. label: its name. known: its true digit or number."""
    _replace({"objects": _objects(drawing) or []}, label=label, known=known)


def put_and_open(
    digit: Digit, picture: Image.Image, label: str, *, known: str | None, models: tuple[str, str] | None = None
) -> None:
    """Called on other pages: put a digit on the canvas, see `put`, and open the draw page.

    known: its true digit. models: the names of the two runs that predict it there, left and right; None for those in
    use.
    """
    put(digit, picture, label, known=known)
    # A mapping, even an empty one: without any, Streamlit raises an error, because it does not clear parameters to
    # which widgets are bound.
    chosen = dict(zip(("draw_left", "draw_right"), models, strict=True)) if models else {}
    st.switch_page("pages/draw/draw.py", query_params=chosen)


def clear() -> None:
    """Empty the canvas. Nothing happens if it is empty already."""
    if has_strokes(drawing()) or content().shown is not None:
        _replace({"objects": []})


def undo() -> None:
    """Take back the last stroke. Nothing happens if there is none."""
    if has_strokes(drawing()):
        _replace(without_last(drawing()))


def show_again() -> None:
    """To be called by a button that changed the canvas: only what shows it runs again, not the whole page."""
    if is_run_of_fragments():
        st.rerun([STROKES, NAME])


def _replace(initial: dict[str, Any], **shown: Any) -> None:
    now = content()
    version = now.version + 1
    superseded = (*now.superseded, _objects(now.initial), _objects(st.session_state.get("draw_reported")))
    # The version makes each initial drawing a new one to the browser. Fabric itself ignores it.
    st.session_state.draw_content = Content(version, {**initial, "digit_duel_version": version}, superseded, **shown)


def show_canvas() -> None:
    """Show the canvas and take over what the browser reports. Raises DrawingError if that cannot be read at all."""
    now = content()
    try:
        result = st_canvas(
            stroke_width=BRUSH_WIDTH,
            stroke_color=CHALK,
            # Always an image: a change between a colour and an image would make the canvas start again and lose a
            # stroke.
            background_image=now.board or _empty_board(),
            initial_drawing=now.initial,
            width=SIDE,
            height=SIDE,
            key="draw_canvas",
        )
        reported = result.json_data
        if not isinstance(reported, dict | None):
            raise TypeError(f"{type(reported).__name__} instead of an object")
        if reported and not isinstance(reported.get("objects"), list | None):
            raise TypeError(f"{type(reported['objects']).__name__} instead of a list of strokes")
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        # The package and Streamlit decode the browser's JSON unguarded.
        st.session_state.draw_reported = None
        raise DrawingError(
            f"The canvas sent something that is not a drawing ({type(error).__name__}). Reload the page."
        ) from error
    if reported and _belongs_to_a_lost_session(reported):
        put_drawing(reported)
        st.rerun()
    st.session_state.draw_reported = reported
    objects = _objects(reported)
    if now.superseded and (objects == _objects(now.initial) or objects not in now.superseded):
        # The browser has answered. From now on whatever it reports counts, even the very same strokes again.
        now = st.session_state.draw_content = replace(now, superseded=())
    if now.shown is not None and has_strokes(drawing()):
        # A stroke on a test digit or picture begins a new drawing: the picture goes, the stroke stays.
        st.session_state.draw_content = replace(now, shown=None, board=None, label="", remark="", known=None)
        st.rerun()
    if now.label and now.shown is None and _is_changed():
        st.session_state.draw_content = replace(now, label="", known=None)


def _belongs_to_a_lost_session(reported: dict[str, Any]) -> bool:
    """Whether the browser reports a drawing that this session has never had.

    The process that knew it has ended, and the browser has gone on to another one. Without a new initial drawing, the
    canvas would go back to an empty one.
    """
    if "draw_reported" in st.session_state or "draw_content" in st.session_state:
        return False
    try:
        return bool(from_canvas(reported))
    except DrawingError:
        return False


@st.fragment(key=NAME)
def show_name() -> None:
    """Name what is on the canvas for screen readers, and invite to draw if that is nothing. To be called beside the
    canvas, in its container, which has the key draw_canvas_box.
    """
    now = content()
    is_empty = now.shown is None and not has_strokes(drawing())
    dress_canvas(
        f"Drawing canvas. {now.label}",
        placeholder=PLACEHOLDER if is_empty else "",
        version=now.version,
        box="draw_canvas_box",
        key="draw_canvas_dressed",
    )


def _is_changed() -> bool:
    """Whether the drawing has a stroke more or less than the one that was put there."""
    return len(_objects(drawing()) or ()) != len(_objects(content().initial) or ())


def _objects(json_data: Any) -> Any:
    """The strokes alone. The rest of the JSON differs between what is sent and what comes back."""
    return (json_data.get("objects") or None) if isinstance(json_data, dict) else json_data


def has_strokes(drawing: dict[str, Any]) -> bool:
    """Whether anything was drawn."""
    return isinstance(drawing, dict) and bool(_objects(drawing))


@cache
def _empty_board() -> str:
    """The address of a picture of the empty board. A picture would be encoded again at every stroke."""
    return data_url(np.full((8, 8, 3), BOARD, np.uint8))


def digit_picture(pixels: np.ndarray) -> Image.Image:
    """The picture of a digit, as large as the canvas. pixels: (28, 28) uint8, or several digits side by side."""
    height, width = pixels.shape
    size = (SIDE * width // max(pixels.shape), SIDE * height // max(pixels.shape))
    return Image.fromarray(np.asarray(pixels, np.uint8)).resize(size, Image.Resampling.NEAREST)
