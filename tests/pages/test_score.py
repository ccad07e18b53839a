"""The score of the draw page: what was it, and which model was correct."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.data.datasets import DigitSet
from pages.draw.score import KEPT, Mark, Score
from tests.conftest import canvas_json, three
from tests.pages.test_draw import app, canvas, digits_predicted

__all__ = ["canvas"]

MLP, CNN = ("mlp", "then", "there"), ("cnn", "then", "there")


def mark(identity: str, label: str, mlp: str, cnn: str) -> Mark:
    return Mark(identity, label, np.zeros((28, 28), np.uint8), {MLP: mlp, CNN: cnn})


def counts(page: AppTest) -> str:
    html = next(html.proto.body for html in page.get("html") if "class='counts'" in html.proto.body)
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_each_drawing_counts_once_and_another_digit_corrects_it() -> None:
    score = Score().with_mark(mark("a", "7", mlp="2", cnn="7")).with_mark(mark("b", "3", mlp="3", cnn="3"))
    assert dict(score.counts) == {MLP: (1, 2), CNN: (2, 2)}
    score = score.with_mark(mark("a", "2", mlp="2", cnn="7"))
    assert dict(score.counts) == {MLP: (2, 2), CNN: (1, 2)}
    assert [each.identity for each in score.marks] == ["a", "b"]


def test_the_same_drawing_before_other_models_counts_for_these_as_well() -> None:
    pixels = np.zeros((28, 28), np.uint8)
    score = Score().with_mark(Mark("a", "7", pixels, {MLP: "2"})).with_mark(Mark("a", "7", pixels, {CNN: "7"}))
    assert dict(score.counts) == {MLP: (0, 1), CNN: (1, 1)}
    assert len(score.marks) == 1


def test_zeros_at_the_front_are_digits() -> None:
    score = Score().with_mark(mark("a", "007", mlp="007", cnn="7")).with_mark(mark("b", "7", mlp="07", cnn="7"))
    assert dict(score.counts) == {MLP: (1, 2), CNN: (1, 2)}


def test_only_the_last_drawings_are_kept_and_all_are_counted() -> None:
    score = Score()
    for number in range(KEPT + 5):
        score = score.with_mark(mark(str(number), "1", mlp="1", cnn="4"))
    assert [each.identity for each in score.marks] == [str(number) for number in range(5, KEPT + 5)]
    assert score.accuracy(MLP).count == KEPT + 5
    assert score.accuracy(CNN).incorrect == KEPT + 5


def test_an_empty_canvas_cannot_be_marked(canvas: SimpleNamespace) -> None:
    page = app().run()
    for label in range(10):
        page.button(key=f"draw_was_{label}").click().run()
    assert not page.exception
    assert "counted here" in counts(page)


def test_it_was_a_3_counts_for_both_and_can_be_corrected_and_forgotten(canvas: SimpleNamespace) -> None:
    canvas.drawing = canvas_json(three())
    page = app().run()
    page.button(key="draw_was_3").click().run()
    assert not page.exception
    assert "MLP 1 of 1 95 % interval 21 to 100 % CNN 1 of 1" in counts(page)
    page.button(key="draw_was_8").click().run()
    assert "MLP 0 of 1 95 % interval 0 to 79 % CNN 0 of 1" in counts(page)
    page.button(key="draw_start_again").click().run()
    assert "counted here" in counts(page)
    assert digits_predicted(page) == ["3", "3"]


def test_the_label_of_a_test_digit_is_offered_and_does_not_count_by_itself(
    canvas: SimpleNamespace, mnist: DigitSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.randrange", lambda count: 0)
    page = app().run()
    page.button(key="draw_test_digit").click().run()
    offered = [label for label in range(10) if page.button(key=f"draw_was_{label}").proto.type == "primary"]
    assert offered == [7]
    assert "counted here" in counts(page)
    page.button(key="draw_was_7").click().run()
    assert "MLP 1 of 1" in counts(page)
