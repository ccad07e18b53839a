"""A grid of digits to pick one from, by mouse, finger or keyboard: Tab enters it, arrow keys move in it, Enter picks.

Streamlit has no element for this: an st.button cannot show a picture, and an st.image cannot be pressed. The browser
draws the grid from one small message, pictures included.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.reporting.picture_addresses import data_url
from pages.parts.assets import component

_grid = component(Path(__file__).with_suffix(""))


@dataclass(frozen=True)
class Tile:
    """One digit of the grid.

    value: is reported when the tile is picked. picture: (28, 28) uint8, or None; then `letter` stands in its place.
    lines: the text below it. spoken: everything about it in words, for screen readers.
    """

    value: int
    letter: str
    lines: tuple[str, ...]
    spoken: str
    picture: NDArray[np.uint8] | None = None


def show_grid(
    tiles: Sequence[Tile],
    *,
    label: str,
    key: str,
    on_pick: Callable[[int], None],
    selected: int | None = None,
    tile: int = 76,
) -> None:
    """Show the tiles. on_pick(value) is a callback: it runs before the page runs again.

    label: names the whole grid. selected: the value of the tile that stands out. tile: the smallest width of a tile,
    in pixels.
    """
    values = {each.value for each in tiles}

    def picked() -> None:
        value = st.session_state[key].picked
        if isinstance(value, int) and value in values:  # a browser can send anything
            on_pick(value)

    shown = [
        {
            "value": each.value,
            "letter": each.letter,
            "lines": each.lines,
            "spoken": each.spoken,
            "picture": None if each.picture is None else data_url(each.picture),
        }
        for each in tiles
    ]
    _grid(data={"tiles": shown, "label": label, "selected": selected, "tile": tile}, key=key, on_picked_change=picked)
