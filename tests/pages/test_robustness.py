"""The tab Robustness of the compare page, run as Streamlit runs it."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.data.datasets import DigitSet
from mnist_core.distortions.corruptions import CORRUPTIONS, corrupted
from mnist_core.formatting import percent
from mnist_core.models.classifier import Classifier
from mnist_core.reporting.picture_addresses import data_url
from mnist_core.runs.corruption_results import FILE, CorruptionResults, write_corruption_results
from mnist_core.runs.store import load_run
from tests.conftest import ROOT
from tests.pages.comparing_pages import copy, html, opened
from tests.runs.made_up_results import made_up_results

VIEW = {"compare_view": "Robustness"}
PAIR = ("mlp-specified", "cnn-specified")


@pytest.fixture
def results(folder: Path) -> dict[str, CorruptionResults]:
    """Two runs with made-up measurements, and `mine` without one."""
    found = {}
    for number, name in enumerate(PAIR):
        copy(folder, name, name)
        found[name] = made_up_results(10_000, fraction=0.1 / (1 + number), seed=number)
        write_corruption_results(load_run(name, folder), found[name])
    (copy(folder, "mine") / FILE).unlink(missing_ok=True)
    return found


def sent(app: AppTest, kind: str) -> list[dict[str, Any]]:
    return [
        json.loads(element.proto.json)
        for element in app.get("bidi_component")
        if element.proto.component_name == f"digit_duel_{kind}"
    ]


def cells(app: AppTest) -> dict[str, str]:
    """The text of each cell that can be pressed, by what it reports."""
    (table,) = sent(app, "pressable_table")
    return dict(re.findall(r"data-cell='([^']*)'.*?style='[^']*'>([^<]*)<", table["html"]))


def words(app: AppTest) -> str:
    return " ".join(element.value for kind in (app.markdown, app.caption, app.info) for element in kind)


@pytest.mark.slow
def test_each_cell_tells_the_accuracy_at_the_strength_that_was_chosen(results: dict[str, CorruptionResults]) -> None:
    for strength, query in ((None, {}), (5, {"compare_strength": "5"})):
        shown = cells(opened("compare", runs=list(PAIR), **VIEW, **query))
        assert len(shown) == 2 * len(CORRUPTIONS)
        for key in CORRUPTIONS:
            for column, name in enumerate(PAIR):
                assert shown[f"{key}:{column}"] == percent(results[name].fraction(key, strength), digits=1)


def test_errors_can_be_told_relative_to_the_specified_mlp_that_is_not_picked(
    results: dict[str, CorruptionResults],
) -> None:
    shown = cells(opened("compare", runs=["cnn-specified"], **VIEW, compare_tells="Errors relative to mlp-specified"))
    mlp, cnn = (results[name].counts for name in PAIR)
    for row, key in enumerate(CORRUPTIONS):
        assert shown[f"{key}:0"] == percent(cnn[row].sum() / mlp[row].sum(), digits=0)


def test_a_run_without_the_measurement_says_how_to_get_it(results: dict[str, CorruptionResults]) -> None:
    app = opened("compare", runs=["mine", "cnn-specified"], **VIEW)
    assert "mine: not measured on corrupted digits" in words(app)
    assert app.code[0].value == "digit-duel evaluate mine --data corruptions"
    assert {cell.split(":")[1] for cell in cells(app)} == {"1"}
    alone = opened("compare", runs=["mine"], **VIEW)
    assert sent(alone, "pressable_table") == []
    assert alone.code[0].value == "digit-duel evaluate mine --data corruptions"


def test_a_link_opens_the_very_cell_and_digit_as_corrupted(
    results: dict[str, CorruptionResults], mnist: DigitSet, folder: Path
) -> None:
    app = opened(
        "compare",
        runs=list(PAIR),
        **VIEW,
        compare_corruption="Zigzag",
        compare_by="cnn-specified",
        compare_cell_strength="4",
        compare_digit="77",
    )
    incorrect = np.flatnonzero(results["cnn-specified"].incorrect_digits("zigzag", 4))
    assert f"{len(incorrect)} of 10,000 digits are misclassified by cnn-specified" in words(app)
    (grid,) = sent(app, "digit_grid")
    assert [tile["value"] for tile in grid["tiles"]] == incorrect[: len(grid["tiles"])].tolist()
    first = int(incorrect[0])
    picture = corrupted(mnist.test.images[[first]], [first], CORRUPTIONS["zigzag"], strength=4)
    assert grid["tiles"][0]["picture"] == data_url(picture[0])
    for name in PAIR:
        predicted = Classifier(load_run(name, folder).model_path).probabilities(picture.astype(np.float32) / 255)
        assert f"{name} predicts {predicted[0].argmax()}" in grid["tiles"][0]["spoken"]
    assert f"Test digit 77, labelled {mnist.test.labels[77]}" in html(app)


def test_without_mnist_the_counts_stay_and_a_sentence_says_what_is_missing(
    results: dict[str, CorruptionResults], without_mnist: None
) -> None:
    app = opened("compare", runs=list(PAIR), **VIEW)
    assert len(cells(app)) == 2 * len(CORRUPTIONS)
    assert "are computed from MNIST's test digits, which are not on this machine" in words(app)
    assert sent(app, "digit_grid") == []


def test_nonsense_in_a_link_is_passed_over(results: dict[str, CorruptionResults]) -> None:
    nonsense = {"compare_strength": "9", "compare_tells": "x", "compare_corruption": "rain", "compare_by": "nobody"}
    app = opened("compare", runs=list(PAIR), **VIEW, **nonsense, compare_cell_strength="0", compare_digit="-3")
    assert len(cells(app)) == 2 * len(CORRUPTIONS)


def test_a_damaged_measurement_is_reported_and_the_rest_of_the_page_stands(
    results: dict[str, CorruptionResults], folder: Path
) -> None:
    (folder / "mlp-specified" / FILE).write_text("{")
    app = opened("compare", runs=list(PAIR), **VIEW)
    assert any(f"{FILE} of the run 'mlp-specified' is damaged" in warning.value for warning in app.warning)
    assert {cell.split(":")[1] for cell in cells(app)} == {"1"}


def test_a_measurement_made_meanwhile_counts_at_once(results: dict[str, CorruptionResults], folder: Path) -> None:
    app = opened("compare", runs=["mine", "mlp-specified"], **VIEW)
    assert "mine: not measured" in words(app)
    write_corruption_results(load_run("mine", folder), results["mlp-specified"])
    assert "mine: not measured" not in words(app.run())


@pytest.mark.slow
def test_a_digit_goes_along_to_why_as_it_was_corrupted(results: dict[str, CorruptionResults], mnist: DigitSet) -> None:
    link = {"compare_corruption": "Rotate", "compare_cell_strength": "2", "compare_digit": "5"}
    app = opened("compare", runs=list(PAIR), **VIEW, **link)
    app.button(key="compare_to_why").click().run()
    assert not app.exception
    (picture,) = corrupted(mnist.test.images[[5]], [5], CORRUPTIONS["rotate"], strength=2)
    why = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)  # the link, as somebody else opens it
    for name, value in app.query_params.items():
        why.query_params[name] = value
    why.switch_page("pages/why/why.py").run()
    assert not why.exception
    (given,) = sent(why, "nudge_bench")
    pixels = np.frombuffer(base64.b64decode(given["digit"]), "<f4").reshape(28, 28)
    np.testing.assert_allclose(pixels, picture / 255, atol=1e-6)
    assert given["note"] == f"MNIST test digit 5, labelled {mnist.test.labels[5]}, corrupted: rotate, strength 2."
    assert (given["label"], given["slider"]) == (int(mnist.test.labels[5]), "shift_right")


@pytest.mark.slow
def test_going_to_why_leaves_the_drawing_on_the_canvas(results: dict[str, CorruptionResults], mnist: DigitSet) -> None:
    app = opened("compare", runs=list(PAIR), **VIEW, compare_digit="5")
    before = app.session_state.draw_content if "draw_content" in app.session_state else None
    app.button(key="compare_to_why").click().run()
    assert (app.session_state.draw_content if "draw_content" in app.session_state else None) == before
