"""The reading panel: two models' answers to one digit, as one piece of HTML, so that it paints in one step.

Ten st.progress bars or two charts would be as clear and cost hundreds of milliseconds a stroke.
"""

import base64
import io
from html import escape

import numpy as np
import streamlit as st
from PIL import Image

from mnist_core.classifier import Reading
from mnist_core.comparison import in_words, percent
from mnist_core.digits import Digit

STYLE = """
<style>
.duel { --mlp: light-dark(#b4510f, #f0a35e); --cnn: light-dark(#1f5fa8, #74b2f4); --quiet: color-mix(in srgb, currentColor 62%, transparent);
  --line: color-mix(in srgb, currentColor 14%, transparent); --track: color-mix(in srgb, currentColor 8%, transparent); font-variant-numeric: tabular-nums; }
.duel p { margin: 0; }
.duel .top { display: flex; gap: 1rem; align-items: center; min-height: 112px; margin-bottom: 1rem; }
.duel .seen { width: 112px; height: 112px; image-rendering: pixelated; border-radius: 10px; background: #000; flex: none; }
.duel .seen.empty { background: none; border: 2px dashed var(--line); }
.duel .verdict { font-size: 1.35rem; line-height: 1.3; font-weight: 650; }
.duel .note { font-size: .875rem; line-height: 1.45; color: var(--quiet); margin-top: .3rem; }
.duel .panels { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
.duel .panel { --ink: var(--mlp); border: 1px solid var(--line); border-top: 4px solid var(--ink); border-radius: 10px; padding: .75rem 1rem 1rem; min-width: 0; }
.duel .panel.cnn { --ink: var(--cnn); }
.duel .name { font-weight: 600; }
.duel .head { display: flex; align-items: center; gap: .9rem; margin: .1rem 0 .6rem; }
.duel .digit { font-size: 5rem; line-height: 1.05; font-weight: 700; color: var(--ink); min-width: 3.2rem; text-align: center; }
.duel .digit.none { color: var(--line); }
.duel .sure { font-size: 1.15rem; font-weight: 600; white-space: nowrap; }
.duel .time { font-size: .8125rem; color: var(--quiet); white-space: nowrap; }
.duel .row { display: grid; grid-template-columns: 1ch 1fr 4.1rem; gap: .6rem; align-items: center; font-size: .875rem; line-height: 1.5rem; color: var(--quiet); }
.duel .row span:last-child { text-align: right; white-space: nowrap; }
.duel .bar { height: .75rem; border-radius: 4px; background: var(--track); overflow: hidden; }
.duel .bar i { display: block; height: 100%; border-radius: 4px; background: color-mix(in srgb, var(--ink) 45%, transparent); }
.duel .row.won { color: inherit; font-weight: 700; }
.duel .row.won .bar i { background: var(--ink); }
@media (max-width: 1099px) {
  .duel .top { min-height: 84px; margin-bottom: .6rem; gap: .75rem; }
  .duel .seen { width: 84px; height: 84px; }
  .duel .verdict { font-size: 1.1rem; }
  .duel .panels { gap: .5rem; }
  .duel .panel { padding: .5rem .6rem .7rem; }
  .duel .head { gap: .5rem; }
  .duel .digit { font-size: 3.5rem; min-width: 2.2rem; }
  .duel .sure { font-size: 1rem; }
  .duel .row { grid-template-columns: 1ch 1fr 3.6rem; gap: .35rem; font-size: .8125rem; line-height: 1.35rem; }
}
</style>
"""


def show_invitation(title: str, text: str, models: tuple[tuple[str, str], tuple[str, str]], *, strokes: int) -> None:
    """The same panel while there is nothing to read: friendly, no prediction, nothing jumps. models: architecture and title of each. strokes: on the canvas."""
    panels = "".join(_panel(architecture, title, "–", "&nbsp;", "ready", "No prediction yet", [0.0] * 10) for architecture, title in models)
    st.html(_layout("<div class='seen empty'></div>", title, text, panels, strokes))


def show_readings(digit: Digit, models: tuple[tuple[str, str, Reading], tuple[str, str, Reading]], *, note: str, strokes: int) -> None:
    """What both models read in the digit. models: for each, its architecture, title and reading. note: a line under the verdict. strokes: of the drawing that was read."""
    (_, left_title, left), (_, right_title, right) = models
    short = [title.split(",")[0] for _, title, _ in models]
    names = short if short[0] != short[1] else [left_title, right_title]
    panels = ""
    for architecture, title, reading in models:
        spoken = "Probability of each digit. " + ", ".join(f"{digit}: {percent(probability)}" for digit, probability in enumerate(reading.probabilities))
        panels += _panel(architecture, title, str(reading.digit), escape(percent(reading.confidence)), f"in {reading.milliseconds:.2f} ms", spoken, list(reading.probabilities), reading.digit)
    seen = f"<img class='seen' src='{_data_url(digit)}' alt='The 28 by 28 pixels that both models get'>"
    st.html(_layout(seen, in_words(names[0], left, names[1], right), note, panels, strokes))


def _layout(seen: str, verdict: str, note: str, panels: str, strokes: int) -> str:
    return (
        f"<div class='duel' data-strokes='{strokes}'><div class='top'>{seen}<div role='status'><p class='verdict'>{escape(verdict)}</p><p class='note'>{escape(note)}</p></div></div>"
        f"<div class='panels'>{panels}</div></div>"
    )


def _panel(architecture: str, title: str, digit: str, sure: str, time: str, spoken: str, probabilities: list[float], won: int | None = None) -> str:
    rows = "".join(_row(digit, probability, digit == won, blank=won is None) for digit, probability in enumerate(probabilities))
    return (
        f"<section class='panel {escape(architecture)}' aria-label='{escape(title)}'><p class='name'>{escape(title)}</p>"
        f"<div class='head'><div class='digit{'' if won is not None else ' none'}'>{digit}</div><div><p class='sure'>{sure}</p><p class='time'>{time}</p></div></div>"
        f"<div role='img' aria-label='{escape(spoken)}'>{rows}</div></section>"
    )


def _row(digit: int, probability: float, won: bool, *, blank: bool) -> str:
    return (
        f"<div class='row{' won' if won else ''}'><span>{digit}</span><span class='bar'><i style='width:{probability * 100:.2f}%'></i></span>"
        f"<span>{'' if blank else escape(percent(probability))}</span></div>"
    )


def _data_url(digit: Digit) -> str:
    buffer = io.BytesIO()
    Image.fromarray(np.round(digit * 255).astype(np.uint8)).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
