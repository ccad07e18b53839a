"""The score: the visitor says which digit it was, and each model's correct predictions are counted.

Everything stays in the visitor's session: the counts, and the last ten drawings with what the models predicted.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.data.datasets import as_bytes
from mnist_core.data.preprocessing import Digit
from mnist_core.formatting import percent_range
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.models.classifier import Prediction
from mnist_core.runs.run import Run
from pages.parts import canvas
from pages.parts.cached_runs import RunKey, architecture_style, run_key
from pages.parts.digit_grid import Tile, show_grid
from pages.parts.templates import render

KEPT = 10
"""Drawings that can be brought back."""

NOTHING_YET = "Say which digit it was, and each model's correct predictions are counted here."


@dataclass(frozen=True)
class Mark:
    """A drawing whose true digit the visitor has said.

    identity: tells this drawing from others. label: what it was, 0..9. pixels: (28, 28) uint8. answers: what each
    model predicted. objects: the strokes as Fabric JSON, empty for a picture. name: of the content of the canvas.
    """

    identity: str
    label: int
    pixels: NDArray[np.uint8]
    answers: Mapping[RunKey, int]
    objects: Sequence[Any] = ()
    name: str = ""


@dataclass(frozen=True)
class Score:
    """A session's counts, and its last drawings.

    counts: correct predictions and drawings of each model. marks: the last KEPT drawings, the latest one last.
    """

    counts: Mapping[RunKey, tuple[int, int]] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()

    def with_mark(self, mark: Mark) -> "Score":
        """The score with one more drawing, or with a correction if the drawing is among the last ones already."""
        before = self.find(mark.identity)
        counts = dict(self.counts)
        if before is not None:
            mark = replace(mark, answers={**before.answers, **mark.answers})
            _count(counts, before, -1)
        _count(counts, mark, 1)
        marks = [*self.marks]
        if before is None:
            marks = [*marks, mark][-KEPT:]
        else:
            marks[marks.index(before)] = mark
        return Score(counts, tuple(marks))

    def find(self, identity: str) -> Mark | None:
        """The last drawing with that identity."""
        return next((mark for mark in self.marks if mark.identity == identity), None)

    def accuracy(self, run: RunKey) -> Accuracy:
        """How often a model was correct."""
        correct, count = self.counts.get(run, (0, 0))
        return Accuracy.from_counts(count - correct, count)


def _count(counts: dict[RunKey, tuple[int, int]], mark: Mark, by: int) -> None:
    for run, digit in mark.answers.items():
        correct, count = counts.get(run, (0, 0))
        counts[run] = (correct + by * (digit == mark.label), count + by)


def identity_of(digit: Digit) -> str:
    """What tells a digit's pixels from all others."""
    return hashlib.sha256(as_bytes(digit).tobytes()).hexdigest()[:16]


def score() -> Score:
    """This visitor's score."""
    found: Score = st.session_state.get("draw_score_kept", Score())
    return found


def show_score(left: Run, right: Run, answer: tuple[Digit, tuple[Prediction, Prediction]] | None) -> None:
    """Show the ten buttons, the counts of the two models and the last drawings.

    answer: the content of the canvas as a digit, and what the two predict for it; None while there is nothing to
    predict.
    """
    digit, predicted = None, {}
    if answer is not None:
        digit, answers = answer
        predicted = {run_key(run): each.digit for run, each in zip((left, right), answers, strict=True)}
    marked = None if digit is None else score().find(identity_of(digit))
    known = canvas.content().known
    chosen = marked.label if marked else known if digit is not None else None
    with st.container(key="draw_was", horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.html("<span class='was'>It was a</span>", width="content")
        for label in range(10):
            st.button(
                str(label),
                key=f"draw_was_{label}",
                type="primary" if label == chosen else "secondary",
                disabled=digit is None,
                on_click=_mark,
                args=(label, digit, predicted),
            )
        if marked:
            st.html("<span class='was counted' role='status'>counted</span>", width="content")
    _show_counts((left, right))
    _show_last((left, right), marked)


def _mark(label: int, digit: Digit, answers: Mapping[RunKey, int]) -> None:
    """Take down what the drawing was."""
    now, drawing = canvas.content(), canvas.drawing()
    st.session_state.draw_score_kept = score().with_mark(
        Mark(
            identity_of(digit),
            label,
            as_bytes(digit),
            answers,
            () if now.shown is not None else tuple(drawing.get("objects", ())),
            now.label,
        )
    )


def _show_counts(runs: tuple[Run, Run]) -> None:
    titles = [run.title.split(",")[0] for run in runs]
    if titles[0] == titles[1]:
        titles = [run.title for run in runs]
    counted = [
        (
            title,
            architecture_style(run.architecture).colour,
            accuracy,
            percent_range(accuracy.low, accuracy.high, digits=0),
        )
        for title, run in zip(titles, runs, strict=True)
        if (accuracy := score().accuracy(run_key(run))).count
    ]
    with st.container(key="draw_counts", horizontal=True, vertical_alignment="center"):
        st.html(render("draw/score.html.j2", counted=counted, nothing_yet=NOTHING_YET), width="content")
        if score().counts:
            st.button("Start again", key="draw_start_again", type="tertiary", on_click=start_again)


def _show_last(runs: tuple[Run, Run], marked: Mark | None) -> None:
    marks = score().marks
    if not marks:
        return
    tiles = [_tile(number, mark, runs) for number, mark in enumerate(marks)]
    show_grid(
        tiles,
        label="The last drawings",
        key="draw_last_drawings",
        on_pick=bring_back,
        selected=None if marked is None else marks.index(marked),
        tile=64,
    )


def _tile(number: int, mark: Mark, runs: tuple[Run, Run]) -> Tile:
    answers = [mark.answers.get(run_key(run)) for run in runs]
    shown = ["–" if answer is None else str(answer) for answer in answers]
    spoken = [f"{run.title} says {text}" for run, text in zip(runs, shown, strict=True)]
    return Tile(
        number,
        str(mark.label),
        (f"was a {mark.label}", " · ".join(shown)),
        f"It was a {mark.label}. {', '.join(spoken)}. Bring it back.",
        mark.pixels,
    )


def bring_back(number: int) -> None:
    """Put one of the last drawings back on the canvas."""
    mark = score().marks[number]
    if mark.objects:
        canvas.put_drawing({"objects": list(mark.objects)}, mark.name or "One of your last drawings.", known=mark.label)
    else:
        digit = mark.pixels.astype(np.float32) / np.float32(255)
        canvas.put(digit, canvas.digit_picture(mark.pixels), mark.name, known=mark.label)


def start_again() -> None:
    """Forget the counts and the last drawings."""
    st.session_state.draw_score_kept = Score()
