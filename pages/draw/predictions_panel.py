"""The predictions panel: what two models predict for one digit, as one piece of HTML, so that it appears in one step.

Ten st.progress bars or two charts would be as clear, and cost hundreds of milliseconds a stroke.
"""

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from mnist_core.data.checks import DIGITS
from mnist_core.data.datasets import as_bytes
from mnist_core.data.preprocessing import Digit, Stroke, blank
from mnist_core.formatting import probability
from mnist_core.models.classifier import Prediction
from mnist_core.reporting.agreement import in_words, is_unsure
from mnist_core.runs.run import Run
from pages.draw.live_prediction import for_browser
from pages.parts import canvas
from pages.parts.cached_runs import architecture_style
from pages.parts.templates import render

Pair = tuple[Run, Run]


class _Bar(NamedTuple):
    """One model's probability for one digit. The template gets texts, because it is filled in for every stroke.

    percent: in words. width: of the bar, in percent. won: the class of the digit with the highest probability.
    """

    percent: str
    width: str
    won: str


def show_invitation(runs: Pair, title: str, text: str, *, strokes: Sequence[Stroke]) -> None:
    """Show the panel while there is nothing to predict. It has the same size, so that nothing jumps."""
    _show(runs, (None, None), None, verdict=title, note=text, strokes=strokes, may_be_no_digit=False)


def show_predictions(
    runs: Pair,
    predictions: tuple[Prediction, Prediction],
    digit: Digit,
    *,
    note: str,
    strokes: Sequence[Stroke],
    may_be_no_digit: bool,
    label: int | None = None,
) -> None:
    """Show what both runs predict for the digit.

    note: a line under the verdict. strokes: of the drawing, in canvas pixels. may_be_no_digit: both answers are shown
    as unsure. label: the true digit, if it is known; then each side says whether it is correct.
    """
    names = short_names(runs)
    verdict = in_words(names[0], predictions[0], names[1], predictions[1], may_be_no_digit=may_be_no_digit)
    _show(
        runs,
        predictions,
        digit,
        verdict=verdict,
        note=note,
        strokes=strokes,
        may_be_no_digit=may_be_no_digit,
        label=label,
    )


def show_plain_resize(
    runs: Pair, predictions: tuple[Prediction, Prediction] | None, digit: Digit | None, *, is_number: bool = False
) -> None:
    """Show what both runs predict if the whole canvas is simply shrunk.

    Without predictions it says what to do. It has the same size, so that nothing jumps. is_number: whether there are
    several digits on the canvas; then it says that this is about one.
    """
    named = [] if predictions is None else list(zip(short_names(runs), predictions, strict=True))
    picture = as_bytes(blank() if digit is None else digit)
    st.html(render("draw/plain_resize.html.j2", picture=picture, predictions=named, is_number=is_number))


def short_names(runs: Pair) -> list[str]:
    """The names of the two in a sentence: 'MLP' and 'CNN', or the runs' names if these would be the same."""
    short = [run.title.split(",")[0] for run in runs]
    return short if short[0] != short[1] else [run.name for run in runs]


def _show(
    runs: Pair,
    predictions: Sequence[Prediction | None],
    digit: Digit | None,
    *,
    verdict: str,
    note: str,
    strokes: Sequence[Stroke],
    may_be_no_digit: bool,
    label: int | None = None,
) -> None:
    bars = [_bars(prediction) for prediction in predictions]
    sides = [
        {
            "name": name,
            "title": run.title,
            "colour": architecture_style(run.architecture).colour,
            "prediction": prediction,
            "spoken": ", ".join(f"{digit}: {bar.percent}" for digit, bar in enumerate(its_bars)),
            "is_correct": None if prediction is None or label is None else prediction.digit == label,
            "is_unsure": prediction is not None and (may_be_no_digit or is_unsure(prediction)),
        }
        for name, run, prediction, its_bars in zip(("left", "right"), runs, predictions, bars, strict=True)
    ]
    st.html(
        render(
            "draw/predictions_panel.html.j2",
            picture=as_bytes(blank() if digit is None else digit),
            is_predicted=digit is not None,
            sides=sides,
            bars=zip(*bars, strict=True),
            verdict=verdict,
            note=note,
            strokes=len(strokes),
            known=for_browser(strokes),
            version=canvas.content().version,
            # st.html repaints only what has changed, and the browser may have changed the panel while the pen was down.
            # With a new number each panel is painted, so that the server's answer always stands.
            number=next_number(),
        )
    )


def _bars(prediction: Prediction | None) -> list[_Bar]:
    """A bar for each digit; empty ones without a prediction."""
    if prediction is None:
        return [_Bar("", "0", "")] * DIGITS
    best = prediction.digit
    return [
        _Bar(probability(value), f"{value * 100:.2f}", " won" if digit == best else "")
        for digit, value in enumerate(prediction.probabilities)
    ]


def next_number() -> int:
    """A number that this visitor's panel has not had."""
    st.session_state.draw_panel_number = st.session_state.get("draw_panel_number", 0) + 1
    return int(st.session_state.draw_panel_number)
