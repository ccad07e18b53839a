"""Drawings as no canvas sends them: a digit or a DrawingError, and over the websocket never a traceback."""

import json

import numpy as np
import pytest

from mnist_core.data.strokes import from_canvas, without_last
from mnist_core.errors import DrawingError
from mnist_core.models.classifier import Classifier
from mnist_core.models.number_reader import as_text, read_strokes, side_by_side
from tests.abuse import length
from tests.abuse.mutations import mutated
from tests.browser import harness
from tests.conftest import canvas_json, three
from tests.pages.runs_on_disk import SHIPPED
from tests.websocket_visitor import Visitor

DRAWING = canvas_json([*three(), *three(left=200.0)])


def fuzzed(case: int) -> object:
    random = np.random.default_rng([length.SEED, case])
    return mutated(DRAWING, random, times=int(random.integers(1, 6)))


@pytest.mark.timeout(length.seconds(120))
def test_a_fuzzed_drawing_is_a_digit_or_a_number_or_a_clear_error() -> None:
    outcomes = {"digit": 0, "number": 0, "error": 0}
    pair = [Classifier(SHIPPED / name / "model.tflite") for name in ("mlp-robust", "cnn-robust")]
    for case in length.cases(1000):
        drawing = fuzzed(case)
        try:
            strokes = from_canvas(drawing)  # type: ignore[arg-type]
            if isinstance(drawing, dict):
                without_last(drawing)
            read = read_strokes(strokes, pair, brush_width=28)
            assert len(read) > 0 or not any(len(stroke) for stroke in strokes), case
            if read:
                assert np.isfinite(side_by_side(read)).all(), case
                assert all(as_text(read, side).isdecimal() for side in (0, 1)), case
            outcomes["number" if len(read) > 1 else "digit"] += 1
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
