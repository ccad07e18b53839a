"""What counted for each model's answer: a map of the evidence, and what it predicts without a part of the digit."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core.data.preprocessing import Digit, is_blank
from mnist_core.explanations.evidence import METHODS, Model, Question, question_of
from mnist_core.explanations.parts import Part, WithoutPart, parts_of, without_parts
from mnist_core.models.network import Array
from mnist_core.reporting import evidence_pictures
from mnist_core.reporting.evidence_pictures import Picture
from pages.parts.cached_runs import RunKey, classifier, run_key
from pages.parts.templates import render
from pages.why.change_of_mind import show_change_of_mind
from pages.why.sides import Side

KEPT = 256
"""Explanations in the cache, a few kilobytes each. A visitor who nudges a digit needs two for each place."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """What counted for one model. probabilities: (10,). evidence: (28, 28), see `evidence`."""

    probabilities: Array
    question: Question
    evidence: Array
    without: WithoutPart | None


def show_what_counted(digit: Digit, sides: tuple[Side, Side]) -> None:
    """Show for each model what spoke for and against its answer. digit: as both models see it, (28, 28) in 0..1."""
    with st.container(key="why_what_counted"):
        if is_blank(digit):
            st.html(render("why/what_counted.html.j2", sides=[], colours=evidence_pictures, line=""))
            return
        _show_maps(digit, sides)
        show_change_of_mind(digit, [(name, side, model_of(side)) for name, side in _named(sides)])


@st.fragment
def _show_maps(digit: Digit, sides: tuple[Side, Side]) -> None:
    heading, choice = st.container(key="why_what_counted_top").columns([3, 2], vertical_alignment="bottom")
    name = choice.segmented_control(
        "Measured by",
        list(METHODS),
        format_func=lambda each: METHODS[each].title,
        default=next(iter(METHODS)),
        required=True,
        key="why_method",
        bind="query-params",
        label_visibility="collapsed",
    )
    method = METHODS[name if name in METHODS else next(iter(METHODS))]
    heading.html(render("why/section_heading.html.j2", title="What counted", text=method.line))
    found = [(title, side, explain(digit, side, method.name)) for title, side in _named(sides)]
    shares = [each.evidence / max(float(np.abs(each.evidence).sum()), 1e-12) for _, _, each in found]
    full = evidence_pictures.full_colour(shares)
    shown = [
        {
            "name": title,
            "colour": side.colour,
            "question": each.question,
            "probability": float(each.probabilities[each.question.answer]),
            "picture": evidence_pictures.evidence_picture(digit, share, full=full),
            "spoken": _in_words(digit, share),
            "on_paper": float(np.abs(share * (1 - digit)).sum()),
            "without": each.without,
            "rest": None if each.without is None else _rest_picture(digit, each.without),
        }
        for (title, side, each), share in zip(found, shares, strict=True)
    ]
    st.html(render("why/what_counted.html.j2", sides=shown, colours=evidence_pictures, line=method.line))


def model_of(side: Side) -> Model:
    """The side's network, for gradients, and its prediction, fast. Raises RunError."""
    return Model(side.network, classifier(side.run).probabilities)


def explain(digit: Digit, side: Side, method: str) -> Explanation:
    """What counted for that model, by a method of METHODS. Digits seen before are not computed again."""
    return _explanation(run_key(side.run), digit.tobytes(), method, digit, side)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _explanation(key: RunKey, pixels: bytes, method: str, _digit: Digit, _side: Side) -> Explanation:
    model = model_of(_side)
    probabilities = model.predict(_digit[None])[0]
    question = question_of(probabilities)
    evidence = METHODS[method].evidence(model, _digit, question)
    return Explanation(probabilities, question, evidence, without_parts(model.predict, _digit))


def _named(sides: tuple[Side, Side]) -> list[tuple[str, Side]]:
    """The sides by the names that a sentence uses: 'MLP' and 'CNN', or the runs' names if these would be the same."""
    alike = sides[0].title == sides[1].title
    return [(side.run.name if alike else side.title, side) for side in sides]


def _rest_picture(digit: Digit, without: WithoutPart) -> Picture:
    return evidence_pictures.change_picture(digit, without.digit)


def _in_words(digit: Digit, share: Array) -> str:
    """The map for those who cannot see it: which parts speak most for the answer and against it."""
    sums = [(float(share[part.inked].sum()), part) for part in parts_of(digit)]
    if not sums:
        return "Faint ink only."
    (most, strongest), (least, weakest) = max(sums, key=_first), min(sums, key=_first)
    spoken = [f"Most for it: {strongest.name}." if most > 0 else "No part of the ink speaks for it."]
    if least < 0:
        spoken.append(f"Most against it: {weakest.name}.")
    return " ".join(spoken)


def _first(pair: tuple[float, Part]) -> float:
    return pair[0]
