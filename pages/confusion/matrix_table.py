"""Confusion matrices as tables whose cells can be pressed: by mouse, finger or keyboard (Tab enters it, arrow keys, Home and End move in it,
Enter picks).

A chart can be clicked but not walked through with the keyboard, and says nothing to a screen reader; a table does both, and shrinks to a phone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

_matrix = st.components.v2.component(
    "digit_duel_matrix",
    css="""
    .box { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 325px), 1fr)); gap: 1.5rem; }
    .one { --hot: light-dark(#6d2077, #d79bff);
      --quiet: color-mix(in srgb, var(--st-text-color) 65%, transparent);
      container-type: inline-size; color: var(--st-text-color); font-family: var(--st-font); font-variant-numeric: tabular-nums; padding: 2px; }
    table { border-collapse: separate; border-spacing: 2px; table-layout: fixed; width: 100%; }
    caption { text-align: left; font-weight: 600; font-size: .9375rem; padding: 0 0 .35rem; overflow-wrap: anywhere; }
    caption small { font-weight: 400; font-size: .8125rem; color: var(--quiet); margin-left: .5rem; }
    th { font-weight: 600; font-size: clamp(.6875rem, 3.2cqi, .8125rem); padding: 0; color: var(--quiet); }
    .axis { font-weight: 400; text-align: center; }
    .corner { width: 7%; }
    td { padding: 0; }
    button { all: unset; box-sizing: border-box; display: grid; place-items: center; width: 100%; aspect-ratio: 1; cursor: pointer;
      border-radius: 4px; white-space: nowrap; --ground: var(--st-secondary-background-color);
      font-size: clamp(.5625rem, 2.9cqi, .8125rem); --filled: color-mix(in srgb, var(--tone, var(--hot)) calc(var(--heat) * 1%), var(--ground));
      background: var(--filled); color: oklch(from var(--filled) clamp(0, (.57 - l) * 1000, 1) 0 0); /* black or white, whichever is read better on it */ }
    button.zero { color: color-mix(in srgb, var(--st-text-color) 25%, transparent); }
    button:hover { outline: 1px solid var(--st-text-color); }
    button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
    button[aria-pressed=true] { outline: 2px solid var(--st-text-color); }
    """,
    html="<div class='box'></div>",
    js="""
    export default function ({ data, parentElement, setTriggerValue }) {
      const box = parentElement.querySelector(".box");
      const drawn = JSON.stringify(data);
      if (box.dataset.drawn === drawn) return;
      const active = box.getRootNode().activeElement;
      const focused = box.contains(active) ? active.dataset.at : null;
      box.dataset.drawn = drawn;
      // Hundreds of buttons: built from one string, and heard at one place.
      const plain = (text) => String(text).replace(/[&<>"']/g, (letter) => "&#" + letter.charCodeAt(0) + ";");
      const columns = Array.from({ length: 10 }, (_, read) => `<th scope="col">${read}</th>`).join("");
      const cellMarkup = (matrix, number, cell, at, enter) => {
        const tone = matrix.tones.length ? `;--tone:${matrix.tones[cell.heat < 0 ? 1 : 0]}` : "";
        return `<td><button type="button" data-at="${number}:${at}" tabindex="${at === enter ? 0 : -1}" aria-pressed="${at === matrix.selected}"
          aria-label="${plain(cell.spoken)}" title="${plain(cell.spoken)}" class="${cell.zero ? "zero" : ""}" style="--heat:${Math.abs(cell.heat)}${tone}"
          >${plain(cell.text)}</button></td>`;
      };
      const [heldMatrix, heldCell] = (focused ?? ":").split(":").map(Number);
      box.innerHTML = data.matrices.map((matrix, number) => {
        const enter = focused !== null && heldMatrix === number ? heldCell : (matrix.selected ?? 0);
        const row = (cells, truth) => cells.map((cell, read) => cellMarkup(matrix, number, cell, truth * 10 + read, enter)).join("");
        const rows = matrix.cells.map((cells, truth) => `<tr><th scope="row">${truth}</th>${row(cells, truth)}</tr>`).join("");
        return `<div class="one"><table><caption>${plain(matrix.title)}<small>${plain(matrix.note)}</small></caption><thead>
          <tr><th class="corner"></th><th colspan="10" class="axis">true digit ↓ \u2003 read as →</th></tr>
          <tr><th class="corner"></th>${columns}</tr></thead><tbody>${rows}</tbody></table></div>`;
      }).join("");
      const button = (number, at) => box.querySelector(`[data-at="${number}:${at}"]`);
      if (focused !== null) button(heldMatrix, heldCell)?.focus({ preventScroll: true }); // it would end the way to the digits below
      box.onclick = (event) => {
        const pressed = event.target.closest("button");
        if (!pressed) return;
        setTriggerValue("picked", pressed.dataset.at.split(":").map(Number));
        // The digits stand below all matrices: who points is taken there; who uses the keyboard stays in the table.
        const smooth = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
        if (event.detail > 0) document.querySelector("." + data.leads_to)?.scrollIntoView({ behavior: smooth, block: "start" });
      };
      box.onkeydown = (event) => {
        if (event.altKey || event.ctrlKey || event.metaKey) return; // the browser's own, such as Alt and Left for Back
        if (!event.target.dataset.at) return;
        const [number, at] = event.target.dataset.at.split(":").map(Number);
        const column = at % 10;
        const step = { ArrowRight: column < 9 ? 1 : 0, ArrowLeft: column > 0 ? -1 : 0, ArrowDown: 10, ArrowUp: -10, Home: -column, End: 9 - column }[event.key];
        const next = step === undefined ? null : button(number, at + step);
        if (!next) return;
        event.preventDefault();
        event.target.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      };
    }
    """,
)


@dataclass(frozen=True)
class Matrix:
    """values: (10, 10), true digit by digit read. note: beside the title. selected: the cell that stands out, true and read.

    names, tones: two runs and their colours, if the values are differences. largest: the value of the full colour.
    """

    values: NDArray[np.float64]
    title: str
    note: str
    largest: float
    selected: tuple[int, int] | None = None
    names: Sequence[str] = ()
    tones: Sequence[str] = ()


def show_matrices(
    matrices: Sequence[Matrix],
    *,
    shown: Callable[[float], str],
    hidden: bool,
    key: str,
    leads_to: str,
    on_pick: Callable[[int, int, int], None],
) -> None:
    """Show them side by side; on_pick(matrix, true, read) runs before the page does, as a callback.

    shown: a value as text, short. hidden: leave the diagonals empty. leads_to: key of the container that shows what was picked.
    """

    def picked() -> None:
        asked = st.session_state[key].picked
        try:  # a browser can send anything
            number, cell = map(int, asked)
        except (TypeError, ValueError):
            return
        if 0 <= number < len(matrices) and 0 <= cell < 100:
            on_pick(number, cell // 10, cell % 10)

    drawn = [
        {
            "title": matrix.title,
            "note": matrix.note,
            "tones": matrix.tones,
            "selected": None if matrix.selected is None else matrix.selected[0] * 10 + matrix.selected[1],
            "cells": [
                [
                    _cell(matrix, true, predicted, shown=shown, hidden=hidden and true == predicted)
                    for predicted in range(10)
                ]
                for true in range(10)
            ],
        }
        for matrix in matrices
    ]
    _matrix(data={"matrices": drawn, "leads_to": f"st-key-{leads_to}"}, key=key, on_picked_change=picked)


def _cell(
    matrix: Matrix, true: int, predicted: int, *, shown: Callable[[float], str], hidden: bool
) -> dict[str, object]:
    words = "read right" if true == predicted else f"read as {predicted}"
    value, names = float(matrix.values[true, predicted]), matrix.names
    told = shown(value)
    if names:
        told = f"{shown(abs(value))} more by {names[0] if value > 0 else names[1]}" if value else "no difference"
    # Small counts should be seen beside large ones: the root makes a quarter of the largest half as strong.
    heat = (
        0.0
        if hidden or not matrix.largest
        else round(92 * min(1.0, abs(value) / matrix.largest) ** 0.5) * (1 if value > 0 else -1)
    )
    text = "" if hidden else (shown(value) if value else "·")
    return {
        "text": ("+" if names and value > 0 and not hidden else "") + text.replace("-", "−"),
        "heat": heat,
        "zero": not value,
        "spoken": f"True {true}, {words}: {told}",
    }
