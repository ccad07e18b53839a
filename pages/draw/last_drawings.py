"""The strip of the last drawings whose true digit the visitor has said. Each can be brought back to the canvas."""

import numpy as np
import streamlit as st

from mnist_core.runs.run import Run
from pages.draw.answer import latest_answer
from pages.draw.predictions_panel import short_names
from pages.draw.score import Mark, mark_of, score, start_again
from pages.parts import canvas
from pages.parts.cached_runs import run_key
from pages.parts.digit_grid import Tile, show_grid


def show_last_drawings(left: Run, right: Run) -> None:
    """Show the strip. Nothing appears before the first drawing. If one of them is on the canvas, it stands out."""
    marks = score().marks
    if not marks:
        return
    shown = mark_of(latest_answer())
    with st.container(key="draw_strip_head", horizontal=True, vertical_alignment="center"):
        st.html("<h2 class='strip'>Your last drawings</h2>", width="content")
        st.button("Start again", key="draw_start_again", type="tertiary", on_click=start_again)
    show_grid(
        [_tile(number, mark, (left, right)) for number, mark in enumerate(marks)],
        label="The last drawings",
        key="draw_last_drawings",
        on_pick=bring_back,
        selected=None if shown is None else marks.index(shown),
        tile=92,
    )


def _tile(number: int, mark: Mark, runs: tuple[Run, Run]) -> Tile:
    answers = [mark.answers.get(run_key(run), "–") for run in runs]
    predicted = [f"{name} {answer}" for name, answer in zip(short_names(runs), answers, strict=True)]
    was = f"was {'a ' if len(mark.label) == 1 else ''}{mark.label}"
    return Tile(
        number,
        mark.label,
        (was, " · ".join(predicted)) if max(map(len, answers)) == 1 else (was, *predicted),
        f"It {was}. Bring it back.",
        mark.pixels,
    )


def bring_back(number: int) -> None:
    """Put one of the last drawings back on the canvas."""
    marks = score().marks
    if number >= len(marks):  # they were forgotten in the same moment
        return
    mark = marks[number]
    if mark.objects:
        canvas.put_drawing({"objects": list(mark.objects)}, mark.name or "One of your last drawings.", known=mark.label)
    else:
        digit = mark.pixels.astype(np.float32) / np.float32(255)
        canvas.put(digit, canvas.digit_picture(mark.pixels), mark.name, known=mark.label)
