"""The drawing canvas, and what is on it: one visitor's drawing, test digit or picture.

What replaces the content (clear, undo, a test digit, a picture) goes to the browser as a new initial drawing. Until the
browser answers, the canvas still reports the drawing that was replaced; it is told by being exactly that.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import st_canvas

from mnist_core.data.preprocessing import Digit, from_strokes, is_dot
from mnist_core.data.strokes import BRUSH_FRACTION, from_canvas, without_last

_dressed = st.components.v2.component(
    "digit_duel_canvas_dressed",
    js="""
    // The canvas' own toolbar lies, unseen, over its upper right corner and takes the touches there; on a touch screen,
    // where nothing hovers, it never moves away. Undo and Clear stand below the canvas instead. And the canvas gets a name.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".dc-toolbar { display: none !important } .dc-canvas { outline: none !important }");
    export default function ({ data, parentElement }) {
      const box = parentElement.closest(".st-key-draw_canvas_box");
      let frames = 120; // a new canvas gets its shadow root some frames after its element
      const dress = () => {
        for (const { shadowRoot } of box.querySelectorAll("*")) {
          if (!shadowRoot) continue;
          if (!shadowRoot.adoptedStyleSheets.includes(sheet)) shadowRoot.adoptedStyleSheets.push(sheet);
          for (const canvas of shadowRoot.querySelectorAll("canvas")) {
            if (!canvas.classList.contains("upper-canvas")) canvas.setAttribute("aria-hidden", "true");
            else { canvas.setAttribute("role", "img"); canvas.setAttribute("aria-label", data.label.trim()); }
          }
        }
        if (frames-- > 0) requestAnimationFrame(dress);
      };
      const observer = new MutationObserver(() => { frames = 120; dress(); });
      observer.observe(box, { childList: true, subtree: true });
      dress();
      return () => { frames = 0; observer.disconnect(); };
    }
    """,
    isolate_styles=False,
)

SIDE = 448
"""Canvas pixels each way. A narrow screen shows it smaller, see style.css; pointer positions follow."""

BRUSH_WIDTH = round(SIDE * BRUSH_FRACTION)
BOARD = (24, 29, 38)
CHALK = "#f4f6f8"


@dataclass(frozen=True)
class Content:
    """What the canvas shows. shown: a digit that was put there, with board, its look, and label, its name; None for a drawing.

    initial: the strokes that this content began with, as Fabric JSON. superseded: what the browser may still report of contents
    before this one, until it has answered.
    """

    version: int = 0
    initial: dict[str, Any] | None = None
    superseded: tuple[dict[str, Any] | None, ...] = ()
    shown: Digit | None = None
    board: Image.Image | None = None
    label: str = ""


def content() -> Content:
    """This visitor's canvas content."""
    found: Content = st.session_state.get("draw_content", Content())
    return found


def drawing() -> dict[str, Any]:
    """The strokes on the canvas as far as they are known, as Fabric JSON, see `mnist_core.strokes.from_canvas`."""
    now, reported = content(), st.session_state.get("draw_reported")
    return (now.initial if _objects(reported) in now.superseded else reported) or {}


def digit() -> Digit | None:
    """This visitor's digit as the models get it, drawn or put there; None while there is nothing to read. Raises DrawingError."""
    now, strokes = content(), from_canvas(drawing())
    if now.shown is not None or not strokes or is_dot(strokes, brush_width=BRUSH_WIDTH):
        return now.shown
    return from_strokes(strokes, brush_width=BRUSH_WIDTH)


def keep() -> None:
    """Called on other pages: what was drawn is there again when the visitor comes back to the canvas, which by itself begins empty."""
    if has_strokes(drawing()) and _objects(drawing()) != _objects(content().initial):
        _replace({"objects": _objects(drawing())})


def put(digit: Digit, picture: Image.Image, label: str) -> None:
    """Show a ready digit instead of the drawing. picture: how it looks, at most as large as the canvas."""
    board = Image.new("RGB", (SIDE, SIDE), BOARD)
    board.paste(picture.convert("RGB"), ((SIDE - picture.width) // 2, (SIDE - picture.height) // 2))
    _replace({"objects": []}, shown=digit, board=board, label=label)


def put_and_open(digit: Digit, picture: Image.Image, label: str) -> None:
    """Called on other pages: put a digit there, see `put`, and go to it."""
    put(digit, picture, label)
    # An empty mapping: without any, Streamlit raises an error, for it does not clear parameters to which widgets are bound.
    st.switch_page("pages/draw/draw.py", query_params={})


def clear() -> None:
    """Empty the canvas; a second press, while it is empty already, does nothing."""
    if has_strokes(drawing()) or content().shown is not None:
        _replace({"objects": []})


def undo() -> None:
    """Take back the last stroke."""
    _replace(without_last(drawing()))


def _replace(initial: dict[str, Any], **shown: Any) -> None:
    now = content()
    version = now.version + 1
    superseded = (*now.superseded, _objects(now.initial), _objects(st.session_state.get("draw_reported")))
    # The version makes each initial drawing a new one to the browser; Fabric itself ignores it.
    st.session_state.draw_content = Content(version, {**initial, "digit_duel_version": version}, superseded, **shown)


def show_canvas() -> None:
    """Show the canvas and take in what the browser reports."""
    now = content()
    with st.container(key="draw_canvas_box"):
        result = st_canvas(
            stroke_width=BRUSH_WIDTH,
            stroke_color=CHALK,
            # Always an image: a change between a colour and an image would make the canvas start again and lose a stroke.
            background_image=now.board or _board(),
            initial_drawing=now.initial,
            width=SIDE,
            height=SIDE,
            key="draw_canvas",
        )
        _dressed(data={"label": f"Drawing canvas. {now.label}"}, key="draw_canvas_dressed")
    st.session_state.draw_reported = result.json_data
    reported = _objects(result.json_data)
    if now.superseded and (reported == _objects(now.initial) or reported not in now.superseded):
        # The browser has answered. From here on what it reports counts, even the very same strokes again.
        now = st.session_state.draw_content = replace(now, superseded=())
    if now.shown is not None and has_strokes(drawing()):
        # Drawing on a test digit or picture begins afresh: what was shown goes, the stroke stays.
        st.session_state.draw_content = replace(now, shown=None, board=None, label="")
        st.rerun()


def _objects(json_data: Any) -> Any:
    """The strokes alone: the rest of the JSON differs between what is sent and what comes back."""
    return (json_data.get("objects") or None) if isinstance(json_data, dict) else json_data


def has_strokes(drawing: dict[str, Any]) -> bool:
    """Whether anything was drawn."""
    return isinstance(drawing, dict) and bool(_objects(drawing))


@st.cache_resource(max_entries=1, show_spinner=False)
def _board() -> Image.Image:
    return Image.new("RGB", (8, 8), BOARD)


def digit_picture(pixels: np.ndarray) -> Image.Image:
    """A 28x28 uint8 digit as large as the canvas."""
    return Image.fromarray(np.asarray(pixels, np.uint8)).resize((SIDE, SIDE), Image.Resampling.NEAREST)
