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

from mnist_core.digits import Digit
from mnist_core.strokes import BRUSH_SHARE, without_last

_without_toolbar = st.components.v2.component(
    "digit_duel_canvas_without_toolbar",
    js="""
    // The canvas' own toolbar lies, unseen, over its upper right corner and takes the touches there; on a touch screen,
    // where nothing hovers, it never moves away. Undo and Clear stand below the canvas instead.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".dc-toolbar { display: none !important } .dc-canvas { outline: none !important }");
    export default function ({ parentElement }) {
      const box = parentElement.closest(".st-key-draw_canvas_box");
      let frames = 120; // a new canvas gets its shadow root some frames after its element
      const hide = () => {
        for (const { shadowRoot } of box.querySelectorAll("*"))
          if (shadowRoot && !shadowRoot.adoptedStyleSheets.includes(sheet)) shadowRoot.adoptedStyleSheets.push(sheet);
        if (frames-- > 0) requestAnimationFrame(hide);
      };
      const observer = new MutationObserver(() => { frames = 120; hide(); });
      observer.observe(box, { childList: true, subtree: true });
      hide();
      return () => observer.disconnect();
    }
    """,
    isolate_styles=False,
)

SIDE = 448
"""Canvas pixels each way. A narrow screen shows it smaller, see style.css; pointer positions follow."""

BRUSH_WIDTH = round(SIDE * BRUSH_SHARE)
BOARD = (24, 29, 38)
CHALK = "#f4f6f8"


@dataclass(frozen=True)
class Content:
    """What the canvas shows. shown: a digit that was put there, with backdrop, its look, and label, its name; None for a drawing.

    initial: the strokes that this content began with, as Fabric JSON. replaced: what the browser had reported before that.
    """

    version: int = 0
    initial: dict[str, Any] | None = None
    replaced: dict[str, Any] | None = None
    shown: Digit | None = None
    backdrop: Image.Image | None = None
    label: str = ""


def content() -> Content:
    """This visitor's canvas content."""
    found: Content = st.session_state.get("draw_content", Content())
    return found


def put(digit: Digit, backdrop: Image.Image, label: str) -> None:
    """Show a ready digit instead of the drawing. backdrop: how it looks on the canvas."""
    _replace({"objects": []}, shown=digit, backdrop=backdrop, label=label)


def clear(drawing: dict[str, Any]) -> None:
    """Empty the canvas; a second press, while it is empty already, does nothing."""
    if has_strokes(drawing) or content().shown is not None:
        _replace({"objects": []})


def undo(drawing: dict[str, Any]) -> None:
    """Take back the last stroke of the drawing."""
    _replace(without_last(drawing))


def _replace(initial: dict[str, Any], **shown: Any) -> None:
    version = content().version + 1
    # The version makes each initial drawing a new one to the browser; Fabric itself ignores it.
    st.session_state.draw_content = Content(version, {**initial, "digit_duel_version": version}, st.session_state.get("draw_reported"), **shown)


def show_canvas() -> dict[str, Any]:
    """Show the canvas; returns the drawing on it as Fabric JSON, see `mnist_core.strokes.from_canvas`."""
    now = content()
    with st.container(key="draw_canvas_box"):
        result = st_canvas(
            stroke_width=BRUSH_WIDTH,
            stroke_color=CHALK,
            # Always an image: a change between a colour and an image would make the canvas start again and lose a stroke.
            background_image=_board() if now.backdrop is None else _on_board(now.backdrop),
            initial_drawing=now.initial,
            width=SIDE,
            height=SIDE,
            key="draw_canvas",
        )
        _without_toolbar(key="draw_canvas_without_toolbar")
    drawing: dict[str, Any] = result.json_data or {}
    st.session_state.draw_reported = drawing
    if now.replaced is not None and drawing == now.replaced:
        drawing = now.initial or {}
    elif now.replaced is not None:
        # The browser has answered. From here on what it reports counts, even the very same strokes again.
        now = st.session_state.draw_content = replace(now, replaced=None)
    if now.shown is not None and has_strokes(drawing):
        # Drawing on a test digit or picture begins afresh: what was shown goes, the stroke stays.
        st.session_state.draw_content = replace(now, shown=None, backdrop=None, label="")
        st.rerun()
    return drawing


def has_strokes(drawing: dict[str, Any]) -> bool:
    """Whether anything was drawn."""
    return bool(isinstance(drawing, dict) and drawing.get("objects"))


@st.cache_resource(max_entries=1, show_spinner=False)
def _board() -> Image.Image:
    return Image.new("RGB", (8, 8), BOARD)


def _on_board(backdrop: Image.Image) -> Image.Image:
    """The picture in the middle of an empty board, as large as it fits."""
    board = Image.new("RGB", (SIDE, SIDE), BOARD)
    scale = SIDE / max(backdrop.size)
    size = (max(1, round(backdrop.width * scale)), max(1, round(backdrop.height * scale)))
    crisp = max(backdrop.size) <= 64
    fitted = backdrop.convert("RGB").resize(size, Image.Resampling.NEAREST if crisp else Image.Resampling.LANCZOS)
    board.paste(fitted, ((SIDE - size[0]) // 2, (SIDE - size[1]) // 2))
    return board


def digit_picture(pixels: np.ndarray) -> Image.Image:
    """A 28x28 uint8 digit, as a picture for the canvas."""
    return Image.fromarray(np.asarray(pixels, np.uint8))
