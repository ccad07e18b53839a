"""What would change a model's mind: the fewest pixels or the shortest added stroke, shown step by step."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from mnist_core.data.preprocessing import Digit
from mnist_core.explanations.counterfactuals import (
    LONGEST_STROKE,
    MOST_PIXELS,
    Counterfactual,
    fewest_pixels,
    shortest_stroke,
)
from mnist_core.explanations.evidence import Model, question_of
from mnist_core.formatting import plural, probability
from mnist_core.reporting.evidence_pictures import change_picture
from mnist_core.reporting.picture_addresses import data_url
from pages.parts.assets import component
from pages.parts.cached_runs import RunKey, run_key
from pages.parts.templates import render
from pages.why.digit_address import is_asked
from pages.why.sides import Side

KEPT = 64
"""Counterfactuals in the cache, up to 130 kB each."""

PIXELS, STROKE = "pixels", "stroke"
SEARCHES: dict[str, Callable[[Model, Digit, int], Counterfactual]] = {PIXELS: fewest_pixels, STROKE: shortest_stroke}
TITLES = {PIXELS: "Fewest pixels", STROKE: "Shortest stroke"}
RUNNER_UP = "the runner-up"
TARGETS = [RUNNER_UP, *map(str, range(10))]

_player = component(Path(__file__).with_suffix(""))

Named = tuple[str, Side, Model]


@st.fragment
def show_change_of_mind(digit: Digit, models: list[Named]) -> None:
    """Let the visitor choose a target and a kind of change, and show what turns each model's answer into the target.

    digit: (28, 28) in 0..1. models: each with the name that a sentence uses.
    """
    with st.container(key="why_change_of_mind"):
        text = (
            "The smallest change that the search finds, with what the model itself predicts at each step. "
            "Added ink is yellow, erased ink violet."
        )
        st.html(render("why/section_heading.html.j2", title="What would change its mind?", text=text))
        kind, target, find = st.container(key="why_change_choices").columns([3, 2, 1], vertical_alignment="bottom")
        chosen = kind.segmented_control(
            "Change",
            list(TITLES),
            format_func=TITLES.__getitem__,
            default=PIXELS,
            required=True,
            key="why_change",
            bind="query-params",
        )
        aim = target.selectbox("Make it predict", TARGETS, key="why_target", bind="query-params")
        wanted = (digit.tobytes(), chosen, aim)
        is_pressed = find.button("Find", key="why_find", type="primary", width="stretch")
        if not is_asked("why_found", wanted, is_pressed=is_pressed):
            return
        with st.spinner("Searching …"):
            sides = [_side(digit, named, str(chosen), aim) for named in models]
        _player(data={"sides": sides}, key="why_player")


def _side(digit: Digit, named: Named, kind: str, aim: str) -> dict[str, Any]:
    """What the player shows of one model."""
    name, side, model = named
    question = question_of(model.predict(digit[None])[0])
    target = question.rival if aim == RUNNER_UP else int(aim)
    if target == question.answer:
        return {
            "name": name,
            "colour": side.colour,
            "headline": f"The {name} predicts {target} already.",
            "note": "",
            "frames": [],
            "plain": "",
        }
    found = _counterfactual(run_key(side.run), digit.tobytes(), kind, target, model, digit)
    return {
        "name": name,
        "colour": side.colour,
        "headline": _headline(name, question.answer, found, kind),
        "note": _note(found),
        "frames": [
            {
                "src": data_url(change_picture(digit, step)),
                "text": f"predicts {predicted}, {probability(float(its.max()))}",
            }
            for step, predicted, its in zip(found.steps, found.predicted, found.probabilities, strict=True)
        ],
        "unit": "pixel" if kind == PIXELS else "step",
    }


def _headline(name: str, answer: int, found: Counterfactual, kind: str) -> str:
    if not found.found:
        most = (
            f"change of up to {MOST_PIXELS} pixels"
            if kind == PIXELS
            else f"stroke of up to {LONGEST_STROKE:.0f} pixels"
        )
        return f"The search found no {most} that makes the {name} predict {found.target}."
    if kind == PIXELS:
        change = f"{plural(int(found.size), 'pixel')} {'turns' if found.size == 1 else 'turn'}"
    else:
        change = f"A stroke {found.size:.0f} pixels long turns" if found.size else "A dot turns"
    return f"{change} the {name}’s {answer} into {'an' if found.target == 8 else 'a'} {found.target}."


def _note(found: Counterfactual) -> str:
    end = float(found.probabilities[-1, found.target])
    if found.found:
        return f"In the end, the probability of {found.target} is {probability(end)}."
    return f"The closest attempt brings the probability of {found.target} to {probability(end)}."


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _counterfactual(key: RunKey, pixels: bytes, kind: str, target: int, _model: Model, _digit: Digit) -> Counterfactual:
    return SEARCHES[kind](_model, _digit, target)
