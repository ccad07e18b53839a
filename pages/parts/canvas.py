"""The drawing canvas, and what is on it: one visitor's drawing, test digit or picture.

Whatever replaces the content (clear, undo, a test digit, a picture) gives the canvas a new widget key, and so a new,
known content: what the browser still sends of the old one can not be taken for the new.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import st_canvas

from mnist_core.digits import Digit, Stroke
from mnist_core.strokes import BRUSH_SHARE, from_canvas, without_last

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
"""Canvas pixels each way. A narrow screen shows it smaller, see STYLE; pointer positions follow."""

BRUSH_WIDTH = round(SIDE * BRUSH_SHARE)
BOARD = (24, 29, 38)
CHALK = "#f4f6f8"

STYLE = """
<style>
.st-key-draw_canvas_box { width: 448px; height: 448px; border-radius: 10px; overflow: clip; touch-action: none; background: #181d26; }
.st-key-draw_canvas_without_toolbar { position: absolute; }
.st-key-draw_tools { display: grid; grid-template-columns: repeat(4, auto); gap: .5rem; }
.st-key-draw_tools button p { white-space: nowrap; }
@media (max-width: 1099px) {
  .st-key-draw_canvas_box { zoom: 0.75; }
  .st-key-draw_tools { gap: .375rem; }
  .st-key-draw_tools button { padding-left: .5rem; padding-right: .5rem; }
}
</style>
"""


@dataclass(frozen=True)
class Content:
    """What the canvas shows. shown: a digit or picture that was put there, behind the strokes; label: how it is called.

    version: counts replacements. initial: the strokes, as Fabric JSON, that this version began with.
    """

    version: int = 0
    initial: dict[str, Any] | None = None
    shown: Digit | None = None
    backdrop: Image.Image | None = None
    label: str = ""


def content() -> Content:
    """This visitor's canvas content."""
    found: Content = st.session_state.get("draw_content", Content())
    return found


def put(digit: Digit, backdrop: Image.Image, label: str) -> None:
    """Show a ready digit instead of a drawing. backdrop: how it looks on the canvas."""
    st.session_state.draw_content = Content(content().version + 1, shown=digit, backdrop=backdrop, label=label)


def clear() -> None:
    """Empty the canvas."""
    st.session_state.draw_content = Content(content().version + 1)


def undo(drawing: dict[str, Any]) -> None:
    """Take back the last stroke of the drawing."""
    st.session_state.draw_content = Content(content().version + 1, initial=without_last(drawing))


def show_canvas() -> tuple[list[Stroke], dict[str, Any]]:
    """Draw the canvas; returns its strokes and its Fabric JSON. Raises DrawingError when the browser sends nonsense."""
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
            key=f"draw_canvas_{now.version}",
        )
        _without_toolbar(key="draw_canvas_without_toolbar")
    drawing = result.json_data or {}
    strokes = from_canvas(drawing)
    if strokes and now.shown is not None:
        # Drawing on a test digit or picture begins afresh: what was shown goes, the stroke stays.
        st.session_state.draw_content = replace(now, shown=None, backdrop=None, label="")
        st.rerun(scope="fragment")
    return strokes, drawing


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
