"""The data set page, run as Streamlit runs it, with and without MNIST, with 0 to 20 runs on disk."""

import json
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.data.datasets import DigitSet
from mnist_core.dataset_statistics.statistics import load_statistics
from mnist_core.runs.predictions import load_test_predictions
from mnist_core.runs.store import SHIPPED, load_run
from tests.conftest import ROOT, canvas_json, three
from tests.pages.runs_on_disk import copies, damage, foreign

VIEWS = ["Overview", "Shapes", "Gallery", "Map", "Label errors", "Your digit"]


def opened(view: str, *, drawing: dict[str, Any] | None = None, **query: Any) -> AppTest:
    """The page behind a link, opened by somebody who has seen nothing else, or drawn something before."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in {"dataset_view": view, **query}.items():
        page.query_params[name] = value
    if drawing is not None:
        page.session_state["draw_reported"] = drawing
    page.switch_page("pages/dataset/dataset.py")
    page.run()
    assert not page.exception, page.exception
    assert "<h1>Data set</h1>" in page.get("html")[0].proto.body
    return page


def words(page: AppTest) -> str:
    return " ".join(
        str(element.value)
        for kind in (page.markdown, page.caption, page.info, page.warning, page.error)
        for element in kind
    )


def html(page: AppTest) -> str:
    return unescape(" ".join(element.proto.body for element in page.get("html")))


def grid(page: AppTest) -> dict[str, Any]:
    (found,) = [
        json.loads(element.proto.json)
        for element in page.get("bidi_component")
        if element.proto.component_name == "digit_duel_digit_grid"
    ]
    return found


def chart(page: AppTest) -> dict[str, Any]:
    (found,) = page.get("vega_lite_chart")
    return json.loads(found.proto.spec)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("count", [0, 1, 2, 20])
def test_every_view_opens_without_mnist_and_with_any_number_of_runs(
    without_mnist: None, folder: Path, view: str, count: int
) -> None:
    names = copies(folder, count)
    page = opened(view, dataset_runs=names, drawing=canvas_json(three()))
    assert not page.error
    offered = [button for button in page.button if button.key == "dataset_download_start"]
    assert len(offered) == (view in ("Gallery", "Map", "Your digit") or (view == "Label errors" and count > 0))


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_with_mnist_and_offers_no_download(mnist: DigitSet, view: str) -> None:
    page = opened(view)
    assert not page.error
    assert not [button for button in page.button if button.key == "dataset_download_start"]


def test_the_counts_are_the_specification_s_and_need_no_data_set(without_mnist: None) -> None:
    table = html(opened("Overview"))
    for figure in ("5,923", "6,742", "5,949", "60,000", "980", "1,135", "1,009", "10,000"):
        assert f"<td>{figure}</td>" in table
    assert table.count("alt='Average of the") == 10
    assert table.count("alt='Where the training digits labelled") == 10


@pytest.mark.parametrize("feature", ["Ink", "Slant", "Aspect", "Stroke width"])
def test_shapes_are_drawn_and_told_for_each_measure(without_mnist: None, feature: str) -> None:
    spec = chart(opened("Shapes", dataset_feature=feature))
    assert spec["description"].startswith(f"{feature} of MNIST's training digits, the mean of each digit. 0: ")


def test_the_gallery_shows_what_the_link_names(mnist: DigitSet) -> None:
    page = opened(
        "Gallery",
        dataset_split="Test",
        dataset_digit="7",
        dataset_order="Leaning left",
        dataset_page="2",
        dataset_pick="test-0",
    )
    shown = [tile["value"] for tile in grid(page)["tiles"]]
    slants = load_statistics().test_features[:, 1].astype(float)
    sevens = np.flatnonzero(mnist.test.labels == 7)
    assert len(shown) == 60
    assert (mnist.test.labels[shown] == 7).all()
    assert slants[shown].min() >= np.sort(slants[sevens])[59]
    assert (np.diff(slants[shown]) >= 0).all()
    assert "Test digit 0, labelled 7" in html(page)


def test_a_change_of_what_is_shown_begins_at_the_first_page(mnist: DigitSet) -> None:
    page = opened("Gallery", dataset_page="100")
    assert page.number_input(key="dataset_page").value == 100
    page.selectbox(key="dataset_order").set_value("Most ink").run()
    assert page.number_input(key="dataset_page").value == 1


def test_one_can_turn_pages_to_the_last_and_no_further(mnist: DigitSet) -> None:
    page = opened("Gallery", dataset_split="Test", dataset_digit="5")
    assert page.button(key="dataset_previous").disabled
    page.button(key="dataset_next").click().run()
    assert [page.number_input(key="dataset_page").value, grid(page)["label"]] == [2, "60 digits, page 2 of 15"]
    page = opened("Gallery", dataset_split="Test", dataset_digit="5", dataset_page="15")
    assert len(grid(page)["tiles"]) == 892 - 14 * 60
    assert page.button(key="dataset_next").disabled


@pytest.mark.parametrize("page_number", ["0", "-3", "99999999999", "two", "16"])
def test_nonsense_in_a_link_is_passed_over(mnist: DigitSet, page_number: str) -> None:
    page = opened(
        "Gallery",
        dataset_split="Tset",
        dataset_digit="11",
        dataset_order="Loudest",
        dataset_page=page_number,
        dataset_pick="<b>x</b>",
    )
    assert grid(page)["tiles"]
    assert "There is no digit" in words(page)
    assert "<h1>Data set</h1>" in opened("Nowhere").get("html")[0].proto.body


def test_a_named_digit_is_looked_up_and_measured(mnist: DigitSet) -> None:
    page = opened("Gallery")
    page.text_input(key="dataset_pick").set_value("Test #9729").run()
    assert "Test digit 9729, labelled 5" in html(page)
    assert "<dt>Stroke width</dt>" in html(page)
    assert page.button(key="dataset_to_canvas")


@pytest.mark.parametrize("method", ["PCA", "t-SNE"])
def test_the_map_holds_two_thousand_digits_and_needs_no_data_set(without_mnist: None, method: str) -> None:
    spec = chart(opened("Map", dataset_map=method, dataset_map_digit="4"))
    assert spec["description"].startswith(f"2,000 training digits of MNIST on a map by {method}")


def test_a_drawing_is_marked_on_the_pca_map(without_mnist: None) -> None:
    assert (
        "Your drawing is marked" in chart(opened("Map", dataset_map="PCA", drawing=canvas_json(three())))["description"]
    )
    assert "Your drawing" not in chart(opened("Map", dataset_map="t-SNE", drawing=canvas_json(three())))["description"]


def denied_by(names: list[str]) -> list[int]:
    """The test digits for which all these runs predict the same digit and not the label, the most certain first."""
    every = [load_test_predictions(load_run(name)) for name in names]
    labels = every[0].labels
    alike = [
        index
        for index in range(len(labels))
        if len({int(its.predicted[index]) for its in every}) == 1 and every[0].predicted[index] != labels[index]
    ]
    return sorted(alike, key=lambda index: -min(its.probabilities[index].max() for its in every))


@pytest.mark.slow
def test_label_errors_are_the_labels_that_all_chosen_models_deny(mnist: DigitSet) -> None:
    page = opened("Label errors")
    tiles = grid(page)["tiles"]
    denied = denied_by(list(SHIPPED))
    assert [tile["value"] for tile in tiles] == denied
    assert tiles[0]["spoken"].startswith(
        f"Test digit {denied[0]}, labelled {mnist.test.labels[denied[0]]}, predicted as "
    )
    assert "likely" in words(page)
    alone = denied_by(["mlp-specified"])
    assert [tile["value"] for tile in grid(opened("Label errors", dataset_runs=["mlp-specified"]))["tiles"]] == alone[
        :120
    ]
    assert f"{len(alone)} of 10,000" in words(opened("Label errors", dataset_runs=["mlp-specified"]))


@pytest.mark.slow
def test_label_errors_without_mnist_are_named_by_number(without_mnist: None) -> None:
    tiles = grid(opened("Label errors"))["tiles"]
    assert {tile["picture"] for tile in tiles} == {None}
    assert [tile["lines"][1].rpartition("#")[2] for tile in tiles] == [str(index) for index in denied_by(list(SHIPPED))]


def test_damaged_and_foreign_runs_take_nothing_down(folder: Path, without_mnist: None) -> None:
    first, second, third = copies(folder, 3)
    other = foreign(folder)
    damage(folder, first, "test_predictions.npz")
    damage(folder, second, "run.json")
    page = opened("Label errors", dataset_runs=[first, third, other])
    assert f"test_predictions.npz of the run '{first}' is damaged" in words(page)
    assert len(grid(page)["tiles"]) == 120, "the usable one still counts"
    assert any(second in text.value for text in page.text)


def test_without_a_drawing_one_is_asked_for_one() -> None:
    page = opened("Your digit")
    assert "Nothing is on your canvas yet" in words(page)


def test_a_drawing_is_measured_and_laid_beside_its_nearest(mnist: DigitSet) -> None:
    page = opened("Your digit", drawing=canvas_json(three()))
    assert "Your digit among MNIST's 3s" in html(page)
    tiles = grid(page)["tiles"]
    assert len(tiles) == 12
    labels = mnist.train.labels[[tile["value"] for tile in tiles]]
    assert (labels == 3).sum() >= 10
    assert f"{(labels == 3).sum()} are labelled 3" in words(page)
    assert "Your drawing: " in chart(page)["description"]


def test_a_drawing_is_there_again_when_the_visitor_returns_to_the_canvas(mnist: DigitSet) -> None:
    drawing = canvas_json(three())
    page = opened("Your digit", drawing=drawing)
    content = page.session_state["draw_content"]
    assert content.initial["objects"] == drawing["objects"]
    version = content.version
    page.run()
    assert page.session_state["draw_content"].version == version, "once is enough"


def test_sending_a_digit_to_the_canvas_opens_the_draw_page_with_it(
    mnist: DigitSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.parts.canvas.st_canvas", lambda **options: SimpleNamespace(json_data=None))
    page = opened("Gallery", dataset_pick="test-947")
    page.button(key="dataset_to_canvas").click().run()
    assert not page.exception
    assert "<h1>Draw a digit</h1>" in page.get("html")[0].proto.body
    assert page.session_state["draw_content"].label == "MNIST test digit 947, labelled 8."
    assert "MNIST test digit 947, labelled 8." in html(page)
