"""The score: the visitor says which digit or number it was, and each model's correct predictions are counted.

Everything stays in the visitor's session: the counts, and the last ten drawings with what the models predicted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.data.datasets import as_bytes
from mnist_core.formatting import percent_range
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.runs.run import Run
from pages.draw import typed_number
from pages.draw.answer import Answer, latest_answer
from pages.draw.predictions_panel import short_names
from pages.parts import canvas
from pages.parts.cached_runs import RunKey, architecture_style, run_key
from pages.parts.templates import render

KEPT = 10
"""Drawings that can be brought back."""

BUTTONS = {f"draw_was_{label}": f"It was {'an' if label == 8 else 'a'} {label}" for label in range(10)}
"""The names of the buttons that say which digit it was, by their keys."""

NOTHING_YET = "Say which digit it was, and each model's correct predictions are counted here."


@dataclass(frozen=True)
class Mark:
    """A drawing of which the visitor has said what it was.

    identity: tells this drawing from others. label: what it was, one to twelve digits; a number may begin with zeros.
    pixels: (28, 28) uint8, or as many digits side by side as the models found, which may be another count. answers:
    what each model predicted, as text too. objects: the strokes as Fabric JSON, empty for a picture. name: of the
    content of the canvas.
    """

    identity: str
    label: str
    pixels: NDArray[np.uint8]
    answers: Mapping[RunKey, str]
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
    for run, predicted in mark.answers.items():
        correct, count = counts.get(run, (0, 0))
        counts[run] = (correct + by * (predicted == mark.label), count + by)


def score() -> Score:
    """This visitor's score."""
    found: Score = st.session_state.get("draw_score_kept", Score())
    return found


def mark_of(answer: Answer | None) -> Mark | None:
    """What the visitor has said of what is on the canvas."""
    return None if answer is None else score().find(answer.identity)


def true_number(identity: str) -> str | None:
    """What the digit or number on the canvas was: what the visitor said of it, or else its label. None if neither is
    known.

    identity: of its pixels.
    """
    marked = score().find(identity)
    return marked.label if marked else canvas.content().known


def show_score(left: Run, right: Run) -> None:
    """Show the ten buttons, what was said, and the counts of the two models."""
    answer = latest_answer()
    is_number = answer is not None and (answer.digits > 1 or typed_number.typed(answer))
    chosen = None if answer is None or is_number else true_number(answer.identity)
    with st.container(key="draw_was", horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.html("<span class='was'>It was a</span>", width="content")
        for label, key in enumerate(BUTTONS):
            st.button(
                str(label),
                key=key,
                type="primary" if str(label) == chosen else "secondary",
                on_click=_press,
                args=(str(label),),
            )
        if answer is not None:
            typed_number.show_typed(answer, _said(answer), on_press=_press)
    _show_counts((left, right))


def _said(answer: Answer) -> str:
    """What the visitor has said of this drawing; empty before."""
    said = mark_of(answer)
    return said.label if said else ""


def _press(what: str) -> None:
    """Note the press. It counts for the drawing that the canvas reports in the same run, which may be a newer one."""
    st.session_state.draw_pressed = what


def pressed() -> str | None:
    """What was pressed, once: a digit, typed_number.DONE or typed_number.MORE; None if nothing was."""
    what: str | None = st.session_state.pop("draw_pressed", None)
    return what


def mark(answer: Answer, what: str) -> None:
    """Take down what the drawing on the canvas was, or the next part of it. what: was pressed, see `pressed`."""
    label = typed_number.press(answer, what, said=_said(answer))
    if label is None:
        return
    now = canvas.content()
    st.session_state.draw_score_kept = score().with_mark(
        Mark(
            answer.identity,
            label,
            as_bytes(answer.digit),
            answer.predicted,
            () if now.shown is not None else tuple(canvas.drawing().get("objects", ())),
            now.label,
        )
    )


def _show_counts(runs: tuple[Run, Run]) -> None:
    counted = [
        (
            title,
            architecture_style(run.architecture).colour,
            accuracy,
            percent_range(accuracy.low, accuracy.high, digits=0),
        )
        for title, run in zip(short_names(runs), runs, strict=True)
        if (accuracy := score().accuracy(run_key(run))).count
    ]
    st.html(render("draw/score.html.j2", counted=counted, nothing_yet=NOTHING_YET))


def start_again() -> None:
    """Forget the counts and the last drawings."""
    st.session_state.draw_score_kept = Score()
