"""A confusion matrix as a table whose cells can be pressed: by mouse, finger or keyboard (Tab enters it, arrow keys move in it, Enter picks).

A chart can be clicked but not walked through with the keyboard, and says nothing to a screen reader; a table does both, and shrinks to a phone.
"""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

_matrix = st.components.v2.component(
    "digit_duel_matrix",
    css="""
    .box { --hot: light-dark(#6d2077, #d79bff);
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
      const focused = box.contains(active) ? active.dataset.cell : null;
      box.dataset.drawn = drawn;
      const make = (tag, text, attributes = {}) => {
        const element = document.createElement(tag);
        element.textContent = text;
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
        return element;
      };
      const table = document.createElement("table");
      const caption = make("caption", data.title);
      caption.append(make("small", data.note));
      const top = document.createElement("tr");
      top.append(make("th", "", { class: "corner" }));
      for (let read = 0; read < 10; read++) top.append(make("th", read, { scope: "col" }));
      const over = document.createElement("tr");
      over.append(make("th", "", { class: "corner" }), make("th", "true digit ↓ \u2003 read as →", { colspan: 10, class: "axis" }));
      const head = document.createElement("thead");
      head.append(over, top);
      const body = document.createElement("tbody");
      const buttons = [];
      data.cells.forEach((row, truth) => {
        const line = document.createElement("tr");
        line.append(make("th", truth, { scope: "row" }));
        row.forEach((cell, read) => {
          const at = truth * 10 + read;
          const button = make("button", cell.text, { type: "button", "aria-label": cell.spoken, title: cell.spoken, "data-cell": at });
          button.setAttribute("aria-pressed", at === data.selected);
          button.style.setProperty("--heat", Math.abs(cell.heat));
          if (data.tones.length) button.style.setProperty("--tone", data.tones[cell.heat < 0 ? 1 : 0]);
          if (cell.zero) button.className = "zero";
          button.onclick = (event) => {
            setTriggerValue("picked", at);
            // The digits stand below all matrices: who points is taken there; who uses the keyboard stays in the table.
            const smooth = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
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
      box.replaceChildren(table);
      const enter = buttons[focused ?? data.selected ?? 0] ?? buttons[0];
      for (const button of buttons) button.tabIndex = button === enter ? 0 : -1;
      if (focused !== null) enter.focus();
      table.onkeydown = (event) => {
        const at = buttons.indexOf(event.target);
        const step = { ArrowRight: at % 10 < 9 ? 1 : 0, ArrowLeft: at % 10 > 0 ? -1 : 0, ArrowDown: 10, ArrowUp: -10 }[event.key];
        if (at < 0 || step === undefined || !buttons[at + step]) return;
        event.preventDefault();
        buttons[at].tabIndex = -1;
        buttons[at + step].tabIndex = 0;
        buttons[at + step].focus();
      };
    }
    """,
)


def show_matrix(
    values: NDArray[np.float64],
    *,
    title: str,
    note: str,
    largest: float,
    shown: Callable[[float], str],
    hidden: bool,
    key: str,
    on_pick: Callable[[int, int], None],
    selected: tuple[int, int] | None = None,
    leads_to: str = "",
    names: Sequence[str] = (),
    tones: Sequence[str] = (),
) -> None:
    """Show (10, 10) values, true digit by digit read; on_pick(true, read) runs before the page does, as a callback.

    largest: the value of the full colour, common to all matrices beside each other. shown: a value as text, short. hidden: leave the diagonal empty.
    leads_to: key of the container that shows what was picked. names, tones: two runs and their colours, if these are differences.
    """

    def picked() -> None:
        cell = st.session_state[key].picked
        if isinstance(cell, int) and 0 <= cell < 100:  # a browser can send anything
            on_pick(cell // 10, cell % 10)

    cells = [
        [_cell(true, read, float(values[true, read]), largest=largest, shown=shown, hidden=hidden and true == read, names=names) for read in range(10)]
        for true in range(10)
    ]
    at = None if selected is None else selected[0] * 10 + selected[1]
    _matrix(
        data={"title": title, "note": note, "cells": cells, "selected": at, "leads_to": f"st-key-{leads_to}", "tones": tones},
        key=key,
        on_picked_change=picked,
    )


def _cell(true: int, read: int, value: float, *, largest: float, shown: Callable[[float], str], hidden: bool, names: Sequence[str]) -> dict[str, object]:
    words = "read right" if true == read else f"read as {read}"
    told = shown(value)
    if names:
        told = f"{shown(abs(value))} more by {names[0] if value > 0 else names[1]}" if value else "no difference"
    # Small counts should be seen beside large ones: the root makes a quarter of the largest half as strong.
    heat = 0.0 if hidden or not largest else round(92 * min(1.0, abs(value) / largest) ** 0.5) * (1 if value > 0 else -1)
    text = "" if hidden else (shown(value) if value else "·")
    return {
        "text": ("+" if names and value > 0 and not hidden else "") + text.replace("-", "−"),
        "heat": heat,
        "zero": not value,
        "spoken": f"True {true}, {words}: {told}",
    }
