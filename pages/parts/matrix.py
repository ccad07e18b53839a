"""Confusion matrices as tables whose cells can be pressed: by mouse, finger or keyboard (Tab enters it, arrow keys move in it, Enter picks).

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
      const make = (tag, text, attributes = {}) => {
        const element = document.createElement(tag);
        element.textContent = text;
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
        return element;
      };
      const smooth = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
      const drawMatrix = (matrix, number) => {
        const table = document.createElement("table");
        const caption = make("caption", matrix.title);
        caption.append(make("small", matrix.note));
        const top = document.createElement("tr");
        top.append(make("th", "", { class: "corner" }));
        for (let read = 0; read < 10; read++) top.append(make("th", read, { scope: "col" }));
        const over = document.createElement("tr");
        over.append(make("th", "", { class: "corner" }), make("th", "true digit ↓ \u2003 read as →", { colspan: 10, class: "axis" }));
        const head = document.createElement("thead");
        head.append(over, top);
        const body = document.createElement("tbody");
        const buttons = [];
        matrix.cells.forEach((row, truth) => {
          const line = document.createElement("tr");
          line.append(make("th", truth, { scope: "row" }));
          row.forEach((cell, read) => {
            const at = truth * 10 + read;
            const button = make("button", cell.text, { type: "button", "aria-label": cell.spoken, title: cell.spoken, "data-at": number + ":" + at });
            button.setAttribute("aria-pressed", at === matrix.selected);
            button.style.setProperty("--heat", Math.abs(cell.heat));
            if (matrix.tones.length) button.style.setProperty("--tone", matrix.tones[cell.heat < 0 ? 1 : 0]);
            if (cell.zero) button.className = "zero";
            button.onclick = (event) => {
              setTriggerValue("picked", [number, at]);
              // The digits stand below all matrices: who points is taken there; who uses the keyboard stays in the table.
              if (event.detail > 0) document.querySelector("." + data.leads_to)?.scrollIntoView({ behavior: smooth, block: "start" });
            };
            const td = document.createElement("td");
            td.append(button);
            line.append(td);
            buttons.push(button);
          });
          body.append(line);
        });
        table.append(caption, head, body);
        const again = buttons.find((button) => button.dataset.at === focused);
        const enter = again ?? buttons[matrix.selected ?? 0];
        for (const button of buttons) button.tabIndex = button === enter ? 0 : -1;
        table.onkeydown = (event) => {
          const at = buttons.indexOf(event.target);
          const step = { ArrowRight: at % 10 < 9 ? 1 : 0, ArrowLeft: at % 10 > 0 ? -1 : 0, ArrowDown: 10, ArrowUp: -10 }[event.key];
          if (at < 0 || step === undefined || !buttons[at + step]) return;
          event.preventDefault();
          buttons[at].tabIndex = -1;
          buttons[at + step].tabIndex = 0;
          buttons[at + step].focus();
        };
        const one = make("div", "", { class: "one" });
        one.append(table);
        return one;
      };
      box.replaceChildren(...data.matrices.map(drawMatrix));
      if (focused !== null) [...box.querySelectorAll("button")].find((button) => button.dataset.at === focused)?.focus();
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
    matrices: Sequence[Matrix], *, shown: Callable[[float], str], hidden: bool, key: str, leads_to: str, on_pick: Callable[[int, int, int], None]
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
            "cells": [[_cell(matrix, true, read, shown=shown, hidden=hidden and true == read) for read in range(10)] for true in range(10)],
        }
        for matrix in matrices
    ]
    _matrix(data={"matrices": drawn, "leads_to": f"st-key-{leads_to}"}, key=key, on_picked_change=picked)


def _cell(matrix: Matrix, true: int, read: int, *, shown: Callable[[float], str], hidden: bool) -> dict[str, object]:
    words = "read right" if true == read else f"read as {read}"
    value, names = float(matrix.values[true, read]), matrix.names
    told = shown(value)
    if names:
        told = f"{shown(abs(value))} more by {names[0] if value > 0 else names[1]}" if value else "no difference"
    # Small counts should be seen beside large ones: the root makes a quarter of the largest half as strong.
    heat = 0.0 if hidden or not matrix.largest else round(92 * min(1.0, abs(value) / matrix.largest) ** 0.5) * (1 if value > 0 else -1)
    text = "" if hidden else (shown(value) if value else "·")
    return {
        "text": ("+" if names and value > 0 and not hidden else "") + text.replace("-", "−"),
        "heat": heat,
        "zero": not value,
        "spoken": f"True {true}, {words}: {told}",
    }
