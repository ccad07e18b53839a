"""Draws the layers of both models in the browser: maps, weights, sums and outputs that can be pointed at.

The scripts that draw are in the folder layers/. They are fetched once, from an address in pages/parts/browser_files.py.
"""

from collections.abc import Sequence
from pathlib import Path

from mnist_core.explanations.layer_views import LayerView
from pages.parts.assets import component
from pages.parts.browser_files import script_address
from pages.why.layer_payload import payload
from pages.why.sides import Side

MAIN_SCRIPT = Path(__file__).with_name("layers") / "figure.js"

_layer_figure = component(Path(__file__).with_suffix(""))


def show_figure(sides: Sequence[Side], views: Sequence[LayerView], *, nudge: int, key: str) -> None:
    """Show both models' layers side by side. nudge: pixels of the second pass of the views, or 0."""
    _layer_figure(data=payload(sides, views, script=script_address(MAIN_SCRIPT), nudge=nudge), key=key)
