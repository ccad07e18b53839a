"""A grid of digits to pick one from, by mouse, finger or keyboard: Tab enters it, arrow keys move in it, Enter picks.

Streamlit has no element for that: an st.button cannot show a picture, and an st.image cannot be pressed. The grid is drawn by the browser from
one small message, pictures included.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.reporting.digit_pictures import data_url

_grid = st.components.v2.component(
    "digit_duel_grid",
    css="""
    .grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--tile), 1fr)); gap: .5rem; margin: 0; padding: 3px; }
    button { all: unset; box-sizing: border-box; cursor: pointer; text-align: center; border-radius: 8px; border: 1px solid var(--st-border-color);
      padding: 5px 5px 4px; color: var(--st-text-color); font: 400 .75rem/1.35 var(--st-font); font-variant-numeric: tabular-nums; min-width: 0; }
    button:hover { border-color: var(--st-primary-color); }
    button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
    button[aria-pressed=true] { border-color: var(--st-primary-color); box-shadow: inset 0 0 0 1px var(--st-primary-color); }
    img, .none { display: block; width: 100%; aspect-ratio: 1; border-radius: 5px; image-rendering: pixelated; background: #000; margin-bottom: 3px; }
    .none { background: var(--st-secondary-background-color); display: grid; place-items: center; font-size: 1.5rem; font-weight: 650;
      color: color-mix(in srgb, var(--st-text-color) 55%, transparent); }
    span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    span + span { color: color-mix(in srgb, var(--st-text-color) 70%, transparent); }
    """,
    html="<div class='grid' role='group'></div>",
    js="""
    export default function ({ data, parentElement, setTriggerValue }) {
      const grid = parentElement.querySelector(".grid");
      const drawn = JSON.stringify(data);
      if (grid.dataset.drawn === drawn) return;
      const again = grid.contains(grid.getRootNode().activeElement) ? grid.getRootNode().activeElement.dataset.value : null;
      grid.dataset.drawn = drawn;
      grid.setAttribute("aria-label", data.label);
      grid.style.setProperty("--tile", data.tile + "px");
      const buttons = data.tiles.map((tile) => {
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.value = tile.value;
        button.setAttribute("aria-label", tile.spoken);
        button.setAttribute("aria-pressed", tile.value === data.selected);
        const picture = document.createElement(tile.picture ? "img" : "div");
        if (tile.picture) { picture.src = tile.picture; picture.alt = ""; } else { picture.className = "none"; picture.textContent = tile.letter; }
        button.append(picture);
        for (const line of tile.lines) { const span = document.createElement("span"); span.textContent = line; span.title = line; button.append(span); }
        button.onclick = () => setTriggerValue("picked", tile.value);
        return button;
      });
      const enter = buttons.find((button) => button.dataset.value === String(data.selected)) || buttons[0];
      for (const button of buttons) button.tabIndex = button === enter ? 0 : -1;
      grid.replaceChildren(...buttons);
      if (again !== null) (buttons.find((button) => button.dataset.value === again) || enter)?.focus();
      grid.onkeydown = (event) => {
        if (event.altKey || event.ctrlKey || event.metaKey) return; // the browser's own, such as Alt and Left for Back
        const at = buttons.indexOf(event.target);
        const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
        const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -at, End: buttons.length - 1 - at }[event.key];
        if (at < 0 || step === undefined || !buttons[at + step]) return;
        event.preventDefault();
        buttons[at].tabIndex = -1;
        buttons[at + step].tabIndex = 0;
        buttons[at + step].focus();
      };
    }
    """,
)


@dataclass(frozen=True)
class Tile:
    """One digit. value: what is picked with it. letter: stands in its place where there is no picture. lines: below it. spoken: all of it in words."""

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
    """Show them; on_pick(value) runs before the page does, as a callback. label: of the whole grid. tile: smallest width of one, pixels."""
    values = {each.value for each in tiles}

    def picked() -> None:
        value = st.session_state[key].picked
        if value in values:  # a browser can send anything
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
