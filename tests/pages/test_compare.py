"""The compare page, run as Streamlit runs it."""

import dataclasses
import json
import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.errors import RunError
from mnist_core.runs import measurements
from mnist_core.runs.measurements import Measured
from mnist_core.runs.store import load_run
from pages.compare import cached_summaries
from pages.parts.cached_runs import run_key
from tests.pages.comparing_pages import SHIPPED, copy, html, just_trained, named, opened


def test_a_run_is_measured_once_and_its_figures_fill_the_page(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy(folder, "mine")
    calls: list[int] = []
    made_up = measurements.measure(None)  # type: ignore[arg-type]
    monkeypatch.setattr(measurements, "measure", lambda classifier: calls.append(1) or made_up)
    app = opened("compare")
    assert "50 µs" in html(app)
    assert "97.00 %" in html(app)
    app.run()
    opened("compare")
    assert len(calls) == 1


def test_a_run_whose_model_cannot_be_read_is_reported_and_not_measured_for_ever(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy(folder, "good")
    (copy(folder, "bad") / "model.tflite").write_bytes(b"no model")
    app = opened("compare", runs=["good", "bad"])
    assert any(text.value.startswith("bad: ") and "no whole LiteRT model" in text.value for text in app.text)
    assert "50 µs" in html(app)


def test_mcnemar_s_test_is_between_the_two_in_the_link(folder: Path) -> None:
    for name in SHIPPED:
        copy(folder, name, name)
    app = opened("compare", compare_view="Head to head", compare_left="cnn-specified", compare_right="cnn-robust")
    words = next(markdown.value for markdown in app.markdown if "Only cnn-robust is correct" in markdown.value)
    stored = [np.load(folder / name / "test_predictions.npz") for name in ("cnn-specified", "cnn-robust")]
    correct = [arrays["probabilities"].argmax(axis=1) == arrays["labels"] for arrays in stored]
    assert (
        f"Only cnn-robust is correct on {(correct[1] & ~correct[0]).sum()} digits, only cnn-specified on "
        f"{(correct[0] & ~correct[1]).sum()}." in words
    )
    app.selectbox(key="compare_right").set_value("cnn-specified").run()
    assert any("Choose two different models." in caption.value for caption in app.caption)


def test_runs_tested_on_different_digits_are_not_compared_digit_by_digit(folder: Path) -> None:
    copy(folder, "one")
    path = copy(folder, "two") / "run.json"
    path.write_text(path.read_text().replace('"digest": "a0', '"digest": "b1'))
    app = opened("compare", runs=["one", "two"])
    assert any("not all tested on the same digits" in info.value for info in app.info)
    app = opened("compare", runs=["one", "two"], compare_view="Head to head")
    assert any("cannot be compared digit by digit" in caption.value for caption in app.caption)
    assert not any("Only cnn-robust is correct" in markdown.value for markdown in app.markdown)


def test_every_count_leads_to_its_digits(folder: Path) -> None:
    for name in SHIPPED:
        copy(folder, name, name)
    pair = {"compare_view": "Head to head", "compare_left": "mlp-specified", "compare_right": "cnn-robust"}
    links = re.findall(
        r"<a href='([^']*)'[^>]*>([\d,]+)</a>", html(opened("compare")) + html(opened("compare", **pair))
    )
    assert len(links) == len(SHIPPED) + 2
    for link, count in links:
        query = parse_qs(unescape(link).removeprefix("confusion?"))
        app = opened("confusion", **query)
        assert any(f"{count} " in markdown.value for markdown in app.markdown if "digits" in markdown.value), link


def test_the_first_words_say_which_is_simpler_faster_and_more_often_correct(folder: Path) -> None:
    for name in SHIPPED:
        copy(folder, name, name)
    said = re.search(r"<div class='conclusion'>.*?</div>", html(opened("compare")))
    assert said
    mlp, cnn = re.findall(r"<b>(?:mlp|cnn)-robust</b> is ([^<]*)", said[0])
    assert "simpler" in mlp
    assert "more accurate" in cnn
    incorrect = {
        name: json.loads((folder / name / "run.json").read_text())["test"]["incorrect"]
        for name in ("mlp-robust", "cnn-robust")
    }
    assert f"{incorrect['cnn-robust']} incorrect, not {incorrect['mlp-robust']}" in cnn
    assert "conclusion" not in html(opened("compare", runs="mlp-robust"))


@pytest.mark.parametrize(
    "cost", ["Time for a digit", "Multiply-adds a digit", "Parameters", "Size of the model file", "Training time"]
)
def test_any_cost_can_be_held_against_any_quality(folder: Path, cost: str) -> None:
    for name in ("mlp-specified", "cnn-specified"):
        copy(folder, name, name)
    for quality in ("Test accuracy", "Moved by 3 pixels", "Other handwriting"):
        app = opened("compare", compare_view="Cost and quality", compare_cost=cost, compare_quality=quality)
        description = json.loads(app.get("vega_lite_chart")[0].proto.spec)["description"]
        assert description.startswith(f"{quality} against {cost.lower()}: ")


def conclusion(app: AppTest) -> str:
    said = re.search(r"<div class='conclusion'>.*?</div>", html(app), re.S)
    assert said
    return unescape(said[0])


def test_a_run_that_was_just_trained_is_in_the_figures_and_in_the_conclusion(folder: Path) -> None:
    for name in SHIPPED:
        copy(folder, name, name)
    just_trained(folder, "mine")
    app = opened("compare")
    assert named(app) == [*SHIPPED, "mine"]
    incorrect = {name: load_run(name, folder).test.incorrect for name in ("mine", "mlp-robust")}
    assert (
        f"<b>mine</b> is nowhere ahead of mlp-robust; mlp-robust is more accurate ({incorrect['mlp-robust']} "
        f"incorrect, not {incorrect['mine']})" in conclusion(app)
    )


def test_a_run_of_other_digits_is_no_winner_by_its_mistakes(folder: Path) -> None:
    for name in SHIPPED:
        copy(folder, name, name)
    path = just_trained(folder, "small") / "run.json"
    facts = json.loads(path.read_text())
    facts["data"]["digest"], facts["test"] = "another", {**facts["test"], "count": 360, "incorrect": 2}
    path.write_text(json.dumps(facts))
    said = conclusion(opened("compare"))
    assert "tested on different digits" in said
    assert "2 incorrect" not in said


def test_nobody_has_won_before_every_run_is_measured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SHIPPED:
        copy(folder, name, name)
    monkeypatch.setattr(cached_summaries, "measure_missing", lambda runs: None)
    done = cached_summaries._measurements().by_run
    measured = [measurements.measure(None) for _ in SHIPPED]  # type: ignore[arg-type]
    for count, name in enumerate(SHIPPED):
        app = opened("compare")
        assert f"Measuring … {count} of 4 models are measured" in conclusion(app)
        assert "more accurate" not in conclusion(app)
        fastest = html(app).split("Fastest")[1].split("</section>")[0]
        assert "measuring" in fastest
        assert "<li>" not in fastest
        done[run_key(load_run(name, folder))] = dataclasses.replace(measured[count], microseconds=50.0 + count)
    app = opened("compare")
    assert "Measuring" not in conclusion(app)
    assert "more accurate" in conclusion(app)
    assert "<li>" in html(app).split("Fastest")[1].split("</section>")[0]


def test_a_run_that_cannot_be_measured_does_not_hold_the_others_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "three"):
        copy(folder, name)
    made_up, calls = measurements.measure(None), []  # type: ignore[arg-type]

    def measure(classifier: object) -> Measured:
        calls.append(classifier)
        if len(calls) == 2:
            raise RunError("no such operation")
        return made_up

    monkeypatch.setattr(measurements, "measure", measure)
    app = opened("compare", runs=["one", "two", "three"])
    assert len(calls) == 3
    assert "easuring …" not in html(app)
    assert "<li>" in html(app).split("Fastest")[1].split("</section>")[0]


def test_the_settings_say_who_taught_whom_in_the_form_s_words(folder: Path) -> None:
    for name in SHIPPED:
        copy(folder, name, name)
    shown = html(opened("compare", compare_view="Settings"))
    assert "taught by cnn-robust" in shown
    assert "<th scope='row'>Epochs, at most</th>" in shown
    assert "learning_rate" not in shown
