"""A stroke is where it was drawn: the place that the canvas package gives a path is undone exactly."""

import json
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg

from mnist_core.data.strokes import from_canvas
from tests.browser import harness

pytestmark = pytest.mark.browser

ZIGZAGS = [
    [[60, 60], [220, 70], [70, 150], [215, 160], [65, 230]],
    [[40, 200], [140, 40], [240, 200]],
    [[200, 60], [80, 60], [80, 220], [210, 220], [210, 120]],
]
"""Strokes with sharp corners, on a canvas with a side of 280 pixels. The browser draws them with one move a corner."""


def test_strokes_with_corners_stay_where_they_were_drawn(page: Page, address: str) -> None:
    reported: list[dict[str, Any]] = []

    def take(payload: str | bytes) -> None:
        message = BackMsg()
        message.ParseFromString(payload if isinstance(payload, bytes) else payload.encode())
        for widget in message.rerun_script.widget_states.widgets:
            if widget.id.endswith("-draw_canvas") and "drawing" in (state := json.loads(widget.json_value)):
                reported.append(state["drawing"]["raw"])

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", take)

    page.on("websocket", listen)
    page.goto(address)
    page.locator("canvas.upper-canvas").wait_for()
    page.wait_for_timeout(500)
    for number, zigzag in enumerate(ZIGZAGS, start=1):
        harness.draw(page, [np.array(zigzag, float)], side=280)
        harness.settle(page, number)
    drawing = reported[-1]
    assert len(drawing["objects"]) == len(ZIGZAGS)
    for item, stroke in zip(drawing["objects"], from_canvas(drawing), strict=True):
        ends = np.array([command[-2:] for command in item["path"]])
        distances = np.linalg.norm(stroke[:, np.newaxis] - ends, axis=2)
        assert distances.min(axis=0).max() < 1e-3  # every end of a command is among the stroke's points
