"""The reading panel: two models' answers to one digit, as one piece of HTML, so that it paints in one step.

Ten st.progress bars or two charts would be as clear and cost hundreds of milliseconds a stroke.
"""

from html import escape

import streamlit as st

from mnist_core.data.datasets import as_bytes
from mnist_core.data.preprocessing import Digit
from mnist_core.formatting import probability as percent
from mnist_core.models.classifier import Prediction
from mnist_core.reporting.agreement import in_words
from mnist_core.reporting.digit_pictures import data_url
from mnist_core.runs.run import Run

Pair = tuple[Run, Run]


def show_invitation(runs: Pair, title: str, text: str, *, strokes: int) -> None:
    """The panel while there is nothing to read: friendly, no prediction, and of the same size, so that nothing jumps."""
    _show("<div class='seen empty'>28 × 28</div>", title, text, [_panel(run, None) for run in runs], strokes)


def show_predictions(
    runs: Pair, predictions: tuple[Prediction, Prediction], digit: Digit, *, note: str, strokes: int
) -> None:
    """What both runs read in the digit. note: a line under the verdict. strokes: of the drawing that was read."""
    names = _names(runs)
    seen = f"<img class='seen' src='{data_url(as_bytes(digit))}' alt='The 28 by 28 pixels that both models get'>"
    verdict = in_words(names[0], predictions[0], names[1], predictions[1])
    _show(
        seen,
        verdict,
        note,
        [_panel(run, prediction) for run, prediction in zip(runs, predictions, strict=True)],
        strokes,
    )


def show_plain_resize(runs: Pair, predictions: tuple[Prediction, Prediction], digit: Digit) -> None:
    """The lesson: what both runs would read if the whole canvas were simply shrunk."""
    words = " and ".join(
        f"the {name} reads {prediction.digit} ({percent(prediction.confidence)})"
        for name, prediction in zip(_names(runs), predictions, strict=True)
    )
    st.html(
        f"<div class='duel plain'><div class='top'><img class='seen' src='{data_url(as_bytes(digit))}' alt='The whole canvas at 28 by 28 pixels'>"
        f"<div role='status'><p class='verdict'>Simply shrunk, {escape(words).replace(' %', '&nbsp;%')}.</p>"
        "<p class='note'>The whole canvas at 28 × 28. MNIST's digits were cropped, brought to one size and centred, and these models "
        "know no others: that is why your drawing goes the same way first.</p></div></div></div>"
    )


def _names(runs: Pair) -> list[str]:
    """What to call the two in a sentence: 'MLP' and 'CNN', or the whole titles where these would be the same."""
    short = [run.title.split(",")[0] for run in runs]
    return short if short[0] != short[1] else [run.title for run in runs]


def _show(seen: str, verdict: str, note: str, panels: list[str], strokes: int) -> None:
    """strokes goes into the page as well: by it one can see which drawing the panel speaks of."""
    st.html(
        f"<div class='duel' data-strokes='{strokes}'>"
        f"<div class='top'>{seen}<div role='status'><p class='verdict'>{escape(verdict)}</p><p class='note'>{escape(note)}</p></div></div>"
        f"<div class='panels'>{''.join(panels)}</div></div>"
    )


def _panel(run: Run, prediction: Prediction | None) -> str:
    if prediction is None:
        digit, sure, took, spoken = "–", "&nbsp;", "&nbsp;", "No prediction yet"
    else:
        digit, sure, took = (
            str(prediction.digit),
            escape(percent(prediction.confidence)),
            f"in {prediction.milliseconds:.2f} ms",
        )
        spoken = "Probability of each digit. " + ", ".join(
            f"{digit}: {percent(probability)}" for digit, probability in enumerate(prediction.probabilities)
        )
    rows = "".join(_row(row, prediction) for row in range(10))
    return (
        f"<section class='panel {escape(run.architecture)}' aria-label='{escape(run.title)}'><p class='name'>{escape(run.title)}</p>"
        f"<div class='head'><div class='digit{' none' if prediction is None else ''}'>{digit}</div>"
        f"<div><p class='sure'>{sure}</p><p class='time'>{took}</p></div></div>"
        f"<div role='img' aria-label='{escape(spoken)}'>{rows}</div></section>"
    )


def _row(digit: int, prediction: Prediction | None) -> str:
    probability = prediction.probabilities[digit] if prediction else 0.0
    return (
        f"<div class='row{' won' if prediction and digit == prediction.digit else ''}'><span>{digit}</span>"
        f"<span class='bar'><i style='width:{probability:.2%}'></i></span><span>{escape(percent(probability)) if prediction else ''}</span></div>"
    )
