"""The confusion page, run as Streamlit runs it, with 0 to 20 runs on disk, with and without MNIST."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import sklearn.metrics
from streamlit.testing.v1 import AppTest

from mnist_core.data.datasets import DigitSet
from mnist_core.metrics.accuracy import confusion_matrix
from mnist_core.metrics.calibration import expected_calibration_error
from mnist_core.metrics.confusion_matrix import digit_scores
from mnist_core.runs.predictions import load_test_predictions
from mnist_core.runs.store import load_run
from tests.conftest import ROOT
from tests.pages.comparing_pages import SHIPPED, copy
from tests.pages.runs_on_disk import copies, damage, foreign


def opened(**query: Any) -> AppTest:
    """The page behind a link with these parameters, opened by somebody who has seen nothing else."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.switch_page("pages/confusion/confusion.py")
    page.run()
    assert not page.exception, page.exception
    assert "<h1>Confusion</h1>" in page.get("html")[0].proto.body
    return page


def words(page: AppTest) -> str:
    return " ".join(
        str(element.value)
        for kind in (page.markdown, page.caption, page.info, page.warning, page.error)
        for element in kind
    )


def components(page: AppTest, kind: str) -> list[dict[str, Any]]:
    """What the page sent to its own components of that kind."""
    return [
        json.loads(element.proto.json)
        for element in page.get("bidi_component")
        if element.proto.component_name == f"digit_duel_{kind}"
    ]


def matrices(page: AppTest) -> list[dict[str, Any]]:
    return [matrix for drawn in components(page, "matrix_table") for matrix in drawn["matrices"]]


def html(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


def numbers(matrix: dict[str, Any]) -> np.ndarray:
    return np.array([[int(cell["spoken"].rsplit(" ", 1)[1]) for cell in row] for row in matrix["cells"]])


def test_without_any_run_the_page_says_how_to_get_one(folder: Path) -> None:
    page = opened()
    assert "make train" in words(page)
    assert matrices(page) == []


def test_one_run_has_a_matrix_and_no_difference(folder: Path) -> None:
    (name,) = copies(folder, 1)
    (matrix,) = matrices(opened())
    stored = load_test_predictions(load_run(name, folder))
    assert matrix["title"] == name
    assert matrix["note"] == f"{(stored.predicted != stored.labels).sum()} incorrect of 10,000"
    assert np.array_equal(numbers(matrix), confusion_matrix(stored.predicted, stored.labels))


def test_two_runs_stand_side_by_side_on_one_scale_with_their_difference(folder: Path) -> None:
    names = copies(folder, 2)
    left, right, difference = matrices(opened())
    assert [left["title"], right["title"], difference["title"]] == [*names, "Difference"]
    (heat,) = {
        cell["heat"] for matrix in (left, right) for row in matrix["cells"] for cell in row if cell["text"] == "5"
    }
    assert 0 < heat < 92, "a 5 has the same colour in both, and is not the largest"
    counts = [
        confusion_matrix(stored.predicted, stored.labels)
        for stored in (load_test_predictions(load_run(name, folder)) for name in names)
    ]
    more = counts[0] - counts[1]
    np.fill_diagonal(more, 0)
    for true, predicted in (np.unravel_index(more.argmax(), more.shape), np.unravel_index(more.argmin(), more.shape)):
        by = int(more[true, predicted])
        cell = difference["cells"][true][predicted]
        assert cell["text"] == f"{'+' if by > 0 else '−'}{abs(by)}"
        assert (
            cell["spoken"]
            == f"True {true}, predicted {predicted}: {abs(by)} more by {names[0] if by > 0 else names[1]}"
        )


def test_the_diagonal_is_left_out_until_it_is_asked_for(folder: Path) -> None:
    (name,) = copies(folder, 1)
    (hidden,) = matrices(opened())
    (shown,) = matrices(opened(confusion_diagonal="true"))
    stored = load_test_predictions(load_run(name, folder))
    counts = confusion_matrix(stored.predicted, stored.labels)
    assert (hidden["cells"][1][1]["text"], shown["cells"][1][1]["text"]) == ("", str(counts[1, 1]))
    np.fill_diagonal(counts, 0)
    true, predicted = np.unravel_index(counts.argmax(), counts.shape)
    assert hidden["cells"][true][predicted]["heat"] > 90 > 20 > shown["cells"][true][predicted]["heat"] > 0


@pytest.mark.parametrize("scale", ["Per true digit", "Per predicted digit"])
def test_fractions_are_on_the_scale_that_the_link_names(folder: Path, scale: str) -> None:
    (name,) = copies(folder, 1)
    (matrix,) = matrices(opened(confusion_scale=scale, confusion_diagonal="true"))
    stored = load_test_predictions(load_run(name, folder))
    expected = 100 * sklearn.metrics.confusion_matrix(
        stored.labels, stored.predicted, normalize="true" if scale == "Per true digit" else "pred"
    )
    assert matrix["cells"][4][9]["text"] == f"{expected[4, 9]:.1f}"
    assert matrix["cells"][8][8]["text"] == f"{expected[8, 8]:.0f}"


def test_twenty_runs_have_twenty_matrices(folder: Path) -> None:
    names = copies(folder, 20)
    page = opened(confusion_runs=names)
    assert [matrix["title"] for matrix in matrices(page)] == [*names, "Difference"]
    assert html(opened(confusion_runs=names, confusion_view="By digit")).count("scope='colgroup'") == 20


@pytest.mark.parametrize("view", ["Matrices", "By digit", "Disagreements", "Calibration"])
@pytest.mark.parametrize("count", [0, 1, 2, 20])
def test_every_view_opens_with_any_number_of_runs_and_without_mnist(
    folder: Path, without_mnist: None, view: str, count: int
) -> None:
    names = copies(folder, count)
    page = opened(confusion_view=view, confusion_runs=names)
    assert not page.error
    if count and view != "Matrices":
        assert matrices(page) == []
    if view == "Calibration" and count:
        assert len(page.get("vega_lite_chart")) == 2


def test_damaged_runs_are_named_with_the_reason_and_the_others_shown(folder: Path) -> None:
    first, second, third = copies(folder, 3)
    damage(folder, first, "test_predictions.npz")
    damage(folder, second, "run.json")
    page = opened(confusion_runs=[first, second, third])
    assert [matrix["title"] for matrix in matrices(page)] == [third]
    assert f"test_predictions.npz of the run '{first}' is damaged" in page.warning[0].value
    assert any(second in text.value and "damaged" in text.value for text in page.text)


def test_runs_of_different_digits_are_not_compared_digit_by_digit(folder: Path) -> None:
    (name,) = copies(folder, 1)
    other = foreign(folder)
    page = opened(confusion_runs=[name, other])
    assert "not all tested on the same digits" in words(page)
    assert [matrix["title"] for matrix in matrices(page)] == [name, other]
    alone = opened(confusion_runs=[name, other], confusion_view="Disagreements")
    assert "two models that were tested on the same digits" in words(alone)
    assert "scope='col'>Digits" in html(opened(confusion_runs=[name, other], confusion_view="By digit"))


def test_a_foreign_run_shows_its_digits_without_pictures(folder: Path, mnist: DigitSet) -> None:
    name = foreign(folder)
    page = opened(confusion_runs=[name], confusion_true="0", confusion_predicted="1", confusion_digit="9000")
    (grid,) = components(page, "digit_grid")
    assert [tile["picture"] for tile in grid["tiles"]] == [None] * 20
    assert "Test digit 0, labelled 0" in html(page)


def test_a_cold_link_opens_the_very_cell_and_digit(folder: Path) -> None:
    mlp, cnn = copies(folder, 2)
    page = opened(
        confusion_by=mlp, confusion_true="9", confusion_predicted="4", confusion_digit="1232", confusion_runs=[mlp, cnn]
    )
    stored = load_test_predictions(load_run(mlp, folder))
    indices = np.flatnonzero((stored.labels == 9) & (stored.predicted == 4))
    (grid,) = components(page, "digit_grid")
    assert sorted(tile["value"] for tile in grid["tiles"]) == sorted(indices.tolist())
    confidence = [float(stored.probabilities[tile["value"], 4]) for tile in grid["tiles"]]
    assert confidence == sorted(confidence, reverse=True)
    assert grid["selected"] == 1232
    assert "Test digit 1232, labelled 9" in html(page)
    assert f"{mlp} predicts 4" in grid["tiles"][0]["spoken"]
    assert cnn in grid["tiles"][0]["spoken"]


def test_nonsense_in_a_link_is_passed_over(folder: Path) -> None:
    copies(folder, 2)
    nonsense = {
        "confusion_by": "nobody",
        "confusion_true": "x",
        "confusion_predicted": "77",
        "confusion_digit": "-5",
        "confusion_scale": "Furlongs",
    }
    page = opened(
        **nonsense,
        confusion_view="Elsewhere",
        confusion_diagonal="perhaps",
        confusion_left="<b>",
        confusion_runs=["nobody", "mlp-specified", "cnn-specified"],
    )
    assert len(matrices(page)) == 3
    assert "The link names `nobody`" in words(page)


def test_the_selectors_lead_to_a_cell_as_a_click_does(folder: Path) -> None:
    mlp, _ = copies(folder, 2)
    page = opened()
    page.selectbox(key="confusion_by").set_value(mlp)
    page.selectbox(key="confusion_true").set_value(7)
    page.selectbox(key="confusion_predicted").set_value(2).run()
    assert not page.exception
    assert f"8 of the 7s are predicted as 2 by {mlp}" in words(page)
    matrix = matrices(page)[0]
    assert matrix["selected"] == 72


def test_an_empty_cell_says_so(folder: Path) -> None:
    copies(folder, 2)
    page = opened(confusion_true="1", confusion_predicted="0", confusion_by="cnn-specified")
    assert "None of the 1s is predicted as 0 by cnn-specified" in words(page)
    assert components(page, "digit_grid") == []


def test_without_mnist_digits_are_numbers_and_the_download_is_offered(folder: Path, without_mnist: None) -> None:
    copies(folder, 2)
    page = opened()
    (grid,) = components(page, "digit_grid")
    assert all(tile["picture"] is None for tile in grid["tiles"])
    assert page.button(key="confusion_download_start").label == "Download, 11 MB"
    assert not [button for button in page.button if button.key == "confusion_to_canvas"]


def test_with_mnist_the_digits_are_shown(folder: Path, mnist: DigitSet) -> None:
    copies(folder, 2)
    page = opened()
    (grid,) = components(page, "digit_grid")
    assert all(tile["picture"].startswith("data:image/png") for tile in grid["tiles"])
    assert page.button(key="confusion_to_canvas")


@pytest.mark.parametrize(
    ("link", "models"),
    [
        ({"confusion_left": "mlp-specified", "confusion_right": "cnn-robust"}, ("mlp-specified", "cnn-robust")),
        (
            {"confusion_view": "All mistakes", "confusion_mistakes_by": "mlp-specified"},
            ("mlp-specified", "cnn-robust"),
        ),
        ({"confusion_runs": ["cnn-specified"]}, ("mlp-robust", "cnn-specified")),
    ],
)
def test_a_digit_takes_the_models_in_view_along_to_the_canvas(
    folder: Path, mnist: DigitSet, monkeypatch: pytest.MonkeyPatch, link: dict[str, Any], models: tuple[str, str]
) -> None:
    for name in SHIPPED:
        copy(folder, name, name)
    monkeypatch.setattr("pages.parts.canvas.st_canvas", lambda **options: SimpleNamespace(json_data=None))
    page = opened(**link)
    page.button(key="confusion_to_canvas").click().run()
    assert not page.exception
    assert tuple(page.selectbox(key=f"draw_{side}").value for side in ("left", "right")) == models


def test_digits_that_only_one_predicts_correctly(folder: Path) -> None:
    mlp, cnn = copies(folder, 2)
    left, right = (load_test_predictions(load_run(name, folder)) for name in (mlp, cnn))
    only = int(((left.predicted == left.labels) & (right.predicted != right.labels)).sum())
    page = opened(confusion_view="Disagreements", confusion_only=mlp)
    assert f"{only} digits that {mlp} predicts correctly and {cnn} incorrectly" in words(page)
    (grid,) = components(page, "digit_grid")
    assert len(grid["tiles"]) == only
    assert all(
        left.predicted[tile["value"]] == left.labels[tile["value"]] != right.predicted[tile["value"]]
        for tile in grid["tiles"]
    )


def test_changing_the_pair_leaves_no_broken_choice(folder: Path) -> None:
    names = copies(folder, 4)
    page = opened(
        confusion_runs=names,
        confusion_view="Disagreements",
        confusion_left=names[0],
        confusion_right=names[1],
        confusion_only=names[0],
    )
    page.selectbox(key="confusion_left").set_value(names[2]).run()
    assert not page.exception
    page.multiselect(key="confusion_runs").set_value(names[1:3]).run()
    assert not page.exception
    assert set(page.segmented_control(key="confusion_only").options) == {names[1], names[2]}


def test_calibration_and_selective_accuracy_are_told_in_figures_and_words(folder: Path) -> None:
    copies(folder, 2)
    page = opened(confusion_view="Calibration")
    shown, charts = words(page), [json.loads(chart.proto.spec)["description"] for chart in page.get("vega_lite_chart")]
    for name in ("mlp-specified", "cnn-specified"):
        its = load_test_predictions(load_run(name, folder))
        error = expected_calibration_error(its.probabilities, its.labels)
        surest = np.argsort(-its.probabilities.max(axis=1), kind="stable")[:9900]
        incorrect = int((its.predicted[surest] != its.labels[surest]).sum())
        assert (
            f"| {name} | {error * 100:.2f} % | {(1 - incorrect / 9900) * 100:.2f} % ({incorrect:,} incorrect) |"
            in shown
        )
        assert f"{name} {error * 100:.2f} %" in charts[0]
        assert f"{name} {(1 - incorrect / 9900) * 100:.2f} %" in charts[1]


def test_bold_marks_the_best_of_the_models_for_each_digit(folder: Path) -> None:
    names = copies(folder, 2)
    shown = html(opened(confusion_view="By digit"))
    recalls = [
        digit_scores(confusion_matrix(its.predicted, its.labels))[4].recall
        for its in (load_test_predictions(load_run(name, folder)) for name in names)
    ]
    row = re.findall(r"<td( class='best')?>([\d.]+)</td>", shown.split("<th scope='row'>4</th>")[1].split("</tr>")[0])
    assert [row[2][0] != "", row[5][0] != ""] == [recalls[0] > recalls[1], recalls[1] > recalls[0]]
    assert [row[2][1], row[5][1]] == [f"{100 * recall:.2f}" for recall in recalls]
    assert "class='best'" not in html(opened(confusion_view="By digit", confusion_runs=names[:1]))
