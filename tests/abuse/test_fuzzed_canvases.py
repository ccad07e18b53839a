"""Drawings as no canvas sends them: a digit or a DrawingError, and over the websocket never a traceback."""

import json

import numpy as np
import pytest

from mnist_core.data.preprocessing import from_strokes
from mnist_core.data.strokes import from_canvas, without_last
from mnist_core.errors import DrawingError
from tests.abuse import length
from tests.abuse.mutations import mutated
from tests.browser import harness
from tests.conftest import canvas_json, three
from tests.websocket_visitor import Visitor

DRAWING = canvas_json([*three(), *three(left=200.0)])


def fuzzed(case: int) -> object:
    random = np.random.default_rng([length.SEED, case])
    return mutated(DRAWING, random, times=int(random.integers(1, 6)))


@pytest.mark.timeout(length.seconds(120))
def test_a_fuzzed_drawing_is_a_digit_or_a_clear_error() -> None:
    outcomes = {"digit": 0, "error": 0}
    for case in length.cases(1000):
        drawing = fuzzed(case)
        try:
            strokes = from_canvas(drawing)  # type: ignore[arg-type]
            if isinstance(drawing, dict):
                without_last(drawing)
            if strokes:
                digit = from_strokes(strokes, brush_width=28)
                assert digit.shape == (28, 28)
                assert np.isfinite(digit).all(), case
            outcomes["digit"] += 1
        except DrawingError:
            outcomes["error"] += 1
        except Exception as error:
            pytest.fail(f"case {case}: {error!r}")
    assert min(outcomes.values()) > 50, outcomes


@pytest.mark.slow
@pytest.mark.timeout(length.seconds(300))
def test_a_server_answers_fuzzed_drawings_without_a_traceback_and_serves_others_meanwhile() -> None:
    with harness.served() as (address, server), Visitor(address) as other:
        other.open()
        for case in length.cases(20):
            with Visitor(address) as visitor:
                visitor.open()
                visitor.report("draw_canvas", json.dumps({"drawing": {"raw": fuzzed(case), "data": None}}))
                assert visitor.exceptions() == [], case
                assert visitor.has("draw_canvas"), case
        other.report("draw_canvas", json.dumps({"drawing": {"raw": DRAWING, "data": None}}))
        assert other.exceptions() == other.alerts() == []
        assert server.poll() is None
