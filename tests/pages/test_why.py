"""The page Why, run as Streamlit runs it: where its digit comes from, and what the browser is given."""

import base64
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.data.datasets import DigitSet
from mnist_core.data.preprocessing import from_strokes
from mnist_core.data.strokes import from_canvas
from mnist_core.distortions.nudges import RANGES, Nudge, nudged
from mnist_core.models.classifier import Classifier
from mnist_core.runs.disagreements import prepared_drawings
from mnist_core.runs.store import load_run
from pages.parts import canvas
from tests.conftest import ROOT, canvas_json, three
from tests.pages.runs_on_disk import copies


def opened(**query: Any) -> AppTest:
    """The page behind a link with these parameters, opened by somebody who has seen nothing else."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.switch_page("pages/why/why.py").run()
    assert not page.exception, page.exception
    return page


def bench(page: AppTest) -> dict[str, Any]:
    """What the browser is given."""
    (found,) = [
        json.loads(element.proto.json)
        for element in page.get("bidi_component")
        if element.proto.component_name == "digit_duel_nudge_bench"
    ]
    return found


def digit_in(given: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(given["digit"]), "<f4").reshape(28, 28)


def words(page: AppTest) -> str:
    return " ".join(str(each.value) for kind in (page.caption, page.info, page.warning, page.error) for each in kind)


def address(page: AppTest) -> dict[str, str]:
    """The page's own parameters."""
    given = {name: value if isinstance(value, str) else value[-1] for name, value in page.query_params.items()}
    return {name: value for name, value in given.items() if name.startswith("why_")}


def test_without_runs_the_page_says_how_to_get_some(folder: Path) -> None:
    assert "make train" in words(opened())


@pytest.mark.usefixtures("without_mnist")
def test_with_nothing_it_begins_with_an_example_that_the_mlp_falls_for_and_the_cnn_does_not() -> None:
    page = opened()
    given = bench(page)
    assert np.array_equal(digit_in(given), prepared_drawings()[9].digit())
    assert address(page) == {"why_digit": "drawing-9", "why_shift_right": "4"}
    assert [int(np.argmax(each)) for each in given["now"]] == [3, 5]
    assert [int(np.argmax(each)) for each in given["before"]] == [5, 5]
    assert given["label"] == 5
    assert given["targets"] == [5, 5]


def test_the_record_is_the_prediction_of_the_nudged_digit() -> None:
    given = bench(opened(why_digit="drawing-4", why_rotation="12", why_blur="0.8", why_noise="0.1", why_noise_seed="7"))
    digit = nudged(prepared_drawings()[4].digit(), Nudge(rotation=12, blur=0.8, noise=0.1, noise_seed=7))
    for name, now in zip(("mlp-robust", "cnn-robust"), given["now"], strict=True):
        expected = Classifier(load_run(name).model_path).predict(digit).probabilities
        np.testing.assert_allclose(now, expected, atol=1e-6)


def test_what_comes_below_gets_the_digit_after_the_nudge(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[np.ndarray] = []
    for name in ("what_counted.show_what_counted", "look_inside.show_inside"):
        monkeypatch.setattr(f"pages.why.{name}", lambda digit, sides: shown.append(digit))
    opened(why_digit="drawing-4", why_shift_down="3")
    expected = nudged(prepared_drawings()[4].digit(), Nudge(shift_down=3))
    assert len(shown) == 2
    for digit in shown:
        np.testing.assert_array_equal(digit, expected)


def test_the_sweep_is_that_of_the_slider_in_hand() -> None:
    given = bench(opened(why_digit="drawing-4", why_slider="scale", why_scale="0.7"))
    values = RANGES["scale"].values()
    assert given["slider"] == "scale"
    assert [len(side) for side in given["sweep"]] == [len(values)] * 2
    np.testing.assert_allclose(given["sweep"][1][values.index(0.7)], given["now"][1], atol=2e-5)


def test_a_link_names_the_pair_the_digit_and_the_nudge() -> None:
    page = opened(why_left="mlp-specified", why_right="cnn-specified", why_digit="offline-12", why_contrast="0.5")
    given = bench(page)
    assert page.selectbox(key="why_left").value == "mlp-specified"
    assert page.button_group(key="why_recipe").value == "specified"
    assert "mlp-specified" in given["networks"]["left"]
    assert "scikit-learn" in given["note"]
    assert given["amounts"]["contrast"] == 0.5


@pytest.mark.parametrize("name", ["test-", "test-99999", "drawing-99", "offline-400", "../../etc/passwd", "7"])
def test_a_link_to_a_digit_that_is_not_there_says_so_and_shows_the_example(name: str) -> None:
    page = opened(why_digit=name)
    assert "The example is shown instead." in words(page)
    assert np.array_equal(digit_in(bench(page)), prepared_drawings()[9].digit())


@pytest.mark.usefixtures("without_mnist")
def test_without_mnist_a_link_to_a_test_digit_says_what_is_missing() -> None:
    assert "MNIST, which is not on this machine" in words(opened(why_digit="test-3"))


@pytest.mark.parametrize(("value", "amount"), [("abc", 0.0), ("1e400", 0.0), ("99", 60.0), ("11.2", 12.0)])
def test_an_amount_in_a_link_that_is_no_value_of_its_slider_is_left_out_or_the_nearest(
    value: str, amount: float
) -> None:
    page = opened(why_digit="drawing-4", why_rotation=value)
    assert bench(page)["amounts"]["rotation"] == amount
    assert ("'abc' for rotation, expected a number" in words(page)) == (value == "abc")


def test_two_models_of_one_architecture_are_told_apart_by_their_names() -> None:
    given = bench(opened(why_left="cnn-specified", why_right="cnn-robust"))
    assert [side["name"] for side in given["sides"]] == ["cnn-specified", "cnn-robust"]


def test_one_run_is_on_both_sides_without_an_error(folder: Path) -> None:
    copies(folder, 1)
    page = opened()
    page.button(key="why_splitting_digit").click().run()
    assert "cannot disagree with itself" in words(page)


def test_the_digit_on_the_canvas_comes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.parts.canvas.st_canvas", lambda **_: SimpleNamespace(json_data=canvas_json(three())))
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    page.switch_page("pages/why/why.py").run()
    given = bench(page)
    expected = from_strokes(from_canvas(canvas_json(three())), brush_width=canvas.BRUSH_WIDTH)
    np.testing.assert_array_equal(digit_in(given), expected)
    assert given["label"] is None
    assert "why_digit" not in page.query_params
    page.button(key="why_splitting_digit").click().run()
    assert "why_digit" in page.query_params
    page.button(key="why_own_digit").click().run()
    np.testing.assert_array_equal(digit_in(bench(page)), expected)


def test_the_pair_of_the_draw_page_comes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.parts.canvas.st_canvas", lambda **_: SimpleNamespace(json_data=None))
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.query_params["draw_left"], page.query_params["draw_right"] = "mlp-specified", "cnn-specified"
    page.run()
    page.switch_page("pages/why/why.py").run()
    assert [side["name"] for side in bench(page)["sides"]] == ["MLP", "CNN"]
    assert address(page)["why_left"] == "mlp-specified"


@pytest.mark.usefixtures("without_mnist")
def test_a_digit_that_splits_the_pair_does_so_and_the_next_press_gives_another() -> None:
    page = opened(why_left="mlp-specified", why_right="cnn-specified", why_shift_right="2")
    seen = []
    for _ in range(2):
        page.button(key="why_splitting_digit").click().run()
        given = bench(page)
        assert np.argmax(given["now"][0]) != np.argmax(given["now"][1])
        assert given["amounts"]["shift_right"] == 0
        seen.append(given["digit"])
    assert seen[0] != seen[1]


@pytest.mark.usefixtures("without_mnist")
def test_without_mnist_a_test_digit_is_one_of_the_offline_set() -> None:
    page = opened()
    page.button(key="why_test_digit").click().run()
    assert address(page)["why_digit"].startswith("offline-")
    assert "labelled" in bench(page)["note"]


@pytest.mark.mnist
def test_a_test_digit_of_mnist_is_named_in_the_address(mnist: DigitSet) -> None:
    given = bench(opened(why_digit="test-947"))
    assert given["label"] == int(mnist.test.labels[947])
    np.testing.assert_allclose(digit_in(given), mnist.test.images[947] / 255, atol=1e-6)


def test_a_link_shows_the_weakest_spots_and_the_change_of_mind_until_another_digit_is_chosen() -> None:
    page = opened(why_digit="drawing-9", why_weakest="yes", why_found="yes")
    names = [each.proto.component_name for each in page.get("bidi_component")]
    assert "digit_duel_change_of_mind" in names
    assert bench(page)["weakest"] is not None
    page.query_params["why_digit"] = "drawing-4"
    page.run()
    assert bench(page)["weakest"] is None
    assert "digit_duel_change_of_mind" not in [each.proto.component_name for each in page.get("bidi_component")]
    assert {"why_weakest", "why_found"}.isdisjoint(address(page))


def test_the_weakest_spots_are_looked_for_when_they_are_asked_for() -> None:
    page = opened(why_digit="drawing-9")
    assert bench(page)["weakest"] is None
    keys = ((run.name, run.created, str(run.folder)) for run in map(load_run, ("mlp-robust", "cnn-robust")))
    page.session_state["why_weakest"] = (prepared_drawings()[9].digit().tobytes(), *keys, 1)
    page.run()
    mlp, cnn = bench(page)["weakest"]
    assert address(page)["why_weakest"] == "yes"
    assert mlp["shift_right"]["answer"] != 5
    assert "shift_right" not in cnn
