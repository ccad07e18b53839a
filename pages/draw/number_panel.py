"""The panel of a number: what two models read, and each digit with their confidence. It replaces the predictions panel.

It is one piece of HTML as well, see predictions_panel.py.
"""

from collections.abc import Sequence

import streamlit as st

from mnist_core.data.datasets import as_bytes
from mnist_core.data.preprocessing import Stroke
from mnist_core.formatting import probability
from mnist_core.metrics.entropy import may_be_no_digit
from mnist_core.models.classifier import Prediction
from mnist_core.models.number_reader import NumberDigit, as_text
from mnist_core.reporting.agreement import MAY_BE_TWO, is_unsure
from mnist_core.runs.run import Run
from pages.draw.live_prediction import for_browser
from pages.draw.predictions_panel import next_number, short_names
from pages.parts import canvas
from pages.parts.cached_runs import architecture_style
from pages.parts.templates import render

Pair = tuple[Run, Run]

DRAWN = "Each digit is predicted by itself. Below, say what it was, digit by digit."


def show_number(
    runs: Pair, digits: Sequence[NumberDigit], *, note: str, strokes: Sequence[Stroke], label: int | None = None
) -> None:
    """Show what both runs read.

    note: a line under the verdict. strokes: of the drawing, in canvas pixels. label: the true number, if it is known.
    """
    names = short_names(runs)
    texts = [as_text(digits, side) for side in range(len(runs))]
    differ = [left != right for left, right in zip(*texts, strict=True)]
    doubted = [_is_doubted(each, runs) for each in digits]
    touching = bool(strokes) and any(each.may_be_two for each in digits)
    sides = [
        {
            "name": name,
            "title": f"{run.title}: {texts[side]}",
            "colour": architecture_style(run.architecture).colour,
            "digits": list(zip(texts[side], differ, strict=True)),
            "is_correct": None if label is None else int(texts[side]) == label,
            "is_unsure": False,
        }
        for side, (name, run) in enumerate(zip(("left", "right"), runs, strict=True))
    ]
    rows = [
        {
            "picture": as_bytes(each.digit),
            "differs": differ[place],
            "left": _cell(each.predictions[0], is_doubted=doubted[place]),
            "right": _cell(each.predictions[1], is_doubted=doubted[place]),
            "spoken": f"Digit {place + 1}: "
            + ", ".join(
                f"{name} {prediction.digit}, {probability(prediction.confidence)}"
                for name, prediction in zip(names, each.predictions, strict=True)
            ),
        }
        for place, each in enumerate(digits)
    ]
    st.html(
        render(
            "draw/number_panel.html.j2",
            sides=sides,
            rows=rows,
            verdict=verdict(names, texts),
            note=f"{note} {_doubt(doubted)} {MAY_BE_TWO if touching else ''}".strip(),
            strokes=len(strokes),
            known=for_browser(strokes),
            version=canvas.content().version,
            number=next_number(),
        )
    )


def verdict(names: Sequence[str], texts: Sequence[str]) -> str:
    """One sentence: whether both read the same number, and where they differ.

    >>> verdict(["MLP", "CNN"], ["1984", "1984"])
    'Both read 1984.'
    >>> verdict(["MLP", "CNN"], ["1984", "1934"])
    'They differ at digit 3: the MLP reads 1984, the CNN reads 1934.'
    """
    if texts[0] == texts[1]:
        return f"Both read {texts[0]}."
    places = [str(place) for place, (one, other) in enumerate(zip(*texts, strict=True), start=1) if one != other]
    where = f"digit {places[0]}" if len(places) == 1 else f"digits {', '.join(places[:-1])} and {places[-1]}"
    return f"They differ at {where}: the {names[0]} reads {texts[0]}, the {names[1]} reads {texts[1]}."


def most_interesting(digits: Sequence[NumberDigit]) -> int:
    """The digit that is worth a look: where the models differ, else the one that they are least confident about."""
    return min(
        range(len(digits)),
        key=lambda place: (
            len({each.digit for each in digits[place].predictions}) == 1,
            min(each.confidence for each in digits[place].predictions),
        ),
    )


def _is_doubted(digit: NumberDigit, runs: Pair) -> bool:
    return may_be_no_digit([each.probabilities for each in digit.predictions], [run.entropy_threshold for run in runs])


def _doubt(doubted: Sequence[bool]) -> str:
    places = [str(place) for place, is_doubted in enumerate(doubted, start=1) if is_doubted]
    if not places:
        return ""
    return f"What stands at {'place' if len(places) == 1 else 'places'} {', '.join(places)} may be no digit."


def _cell(prediction: Prediction, *, is_doubted: bool) -> dict[str, str]:
    unsure = is_doubted or is_unsure(prediction)
    return {
        "digit": f"{prediction.digit}{'?' if unsure else ''}",
        "percent": probability(prediction.confidence),
        "width": f"{prediction.confidence * 100:.2f}",
        "won": "" if unsure else " won",
    }
