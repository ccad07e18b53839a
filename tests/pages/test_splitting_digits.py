"""The button that shows a digit on which the two picked models disagree."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core.data.datasets import DigitSet
from pages.draw import splitting_digits
from tests.conftest import canvas_json, three
from tests.pages.test_draw import app, canvas, digits_predicted, panel, verdict

__all__ = ["canvas"]


def opened(left: str = "mlp-specified", right: str = "cnn-specified") -> AppTest:
    page = app()
    page.query_params["draw_left"], page.query_params["draw_right"] = left, right
    return page.run()


def press(page: AppTest) -> None:
    page.button(key="draw_splitting_digit").click().run()
    page.run()  # the browser reports what it took over
    assert not page.exception


def note(page: AppTest) -> str:
    """The line below the verdict, which says where the digit came from."""
    return re.search(r"class='note'>([^<]*)<", panel(page))[1]  # type: ignore[index]


def test_three_presses_show_a_digit_of_each_source_and_the_models_disagree_on_all(
    canvas: SimpleNamespace, mnist: DigitSet
) -> None:
    page = opened()
    for origin in ("MNIST test digit", "Prepared drawing of a", "Generated drawing of a"):
        press(page)
        assert origin in note(page)
        left, right = digits_predicted(page)
        assert left != right
        assert verdict(page).startswith("They disagree")


@pytest.mark.slow
def test_without_mnist_drawings_take_turns(
    canvas: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "nowhere.npz"))
    page = opened("mlp-robust", "cnn-robust")
    seen = set()
    for _ in range(4):
        press(page)
        left, right = digits_predicted(page)
        assert left != right
        seen.add(note(page).split(" of ")[0])
    assert seen <= {"Prepared drawing", "Generated drawing"}


def test_a_drawing_that_was_put_there_can_be_undone_and_then_has_no_origin(
    canvas: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "nowhere.npz"))
    page = opened()
    press(page)
    assert "Prepared drawing" in note(page)
    page.button(key="draw_undo").click().run()
    assert "Prepared drawing" not in note(page)
    offered = [label for label in range(10) if page.button(key=f"draw_was_{label}").proto.type == "primary"]
    assert offered == []


def test_a_drawing_with_a_stroke_more_is_the_visitors_own(
    canvas: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "nowhere.npz"))
    page = opened()
    press(page)
    canvas.drawing = {"objects": [*canvas.drawing["objects"], *canvas_json(three())["objects"]]}
    page.run()
    assert "Prepared drawing" not in note(page)


def test_one_model_on_both_sides_is_told_that_it_cannot_disagree(canvas: SimpleNamespace) -> None:
    page = opened("cnn-robust", "cnn-robust")
    page.button(key="draw_splitting_digit").click().run()
    assert "cannot disagree with itself" in page.warning[0].value
    assert digits_predicted(page) == ["–", "–"]


def test_a_pair_that_never_disagrees_is_told_so(canvas: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.draw.splitting_digits.SOURCES", (lambda left, right, turn: None,) * 3)
    page = opened()
    page.button(key="draw_splitting_digit").click().run()
    assert "No digit was found on which these two models disagree" in page.warning[0].value


def test_the_only_digit_on_which_they_disagree_is_told_to_be_the_only_one(
    canvas: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    only = splitting_digits.disagreements.prepared_drawings()[:1]
    source = lambda left, right, turn: splitting_digits._putting(only, turn, "Prepared drawing")  # noqa: E731
    monkeypatch.setattr("pages.draw.splitting_digits.SOURCES", (source,) * 3)
    page = opened()
    press(page)
    assert not page.warning
    page.button(key="draw_splitting_digit").click().run()
    assert "No other digit is known" in page.warning[0].value
    assert "Prepared drawing" in note(page)


def test_damaged_test_digits_do_not_stop_the_drawings(
    canvas: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "mnist.npz").write_bytes(b"broken")
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "mnist.npz"))
    st.cache_resource.clear()
    page = opened()
    press(page)
    assert "Prepared drawing" in note(page)
