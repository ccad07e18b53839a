"""Predictions in the browser while the pen is down. When the pen is lifted, the server's prediction replaces them.

The scripts in the folder live/ follow the pen. They and the two networks are fetched once, from the addresses in
pages/parts/browser_files.py. Where that fails, the page works without them.
"""

import base64
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnist_core.data.preprocessing import Stroke
from mnist_core.runs.run import Run
from pages.parts import canvas
from pages.parts.assets import component
from pages.parts.browser_files import network_address, script_address
from pages.parts.streamlit_seam import canvas_class

MAIN_SCRIPT = Path(__file__).with_name("live") / "live_drawing.js"

_live_prediction = component(Path(__file__).with_suffix(""), isolate_styles=False)


def follow_pen(left: Run, right: Run) -> None:
    """Let the predictions panel follow the pen. Without a model file there is nothing to follow with."""
    networks = [network_address(run) for run in (left, right)]
    if None in networks:
        return
    _live_prediction(
        data={
            "script": script_address(MAIN_SCRIPT),
            "networks": dict(zip(("left", "right"), networks, strict=True)),
            "canvasClass": canvas_class(),
            "canvasSide": canvas.SIDE,
            "brushWidth": canvas.BRUSH_WIDTH,
        },
        key="draw_live_prediction",
    )


def for_browser(strokes: Sequence[Stroke]) -> str:
    """Strokes as one text, with a space between two: float32 x and y of all points, little endian, in base64.

    The panel brings the strokes that the server knows. The browser adds those that it has not sent yet.
    """
    return " ".join(base64.b64encode(np.asarray(stroke, "<f4").tobytes()).decode() for stroke in strokes)
