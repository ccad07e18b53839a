"""The pages that compare runs, run as Streamlit runs them, with no, one, two and twenty runs, whole, damaged and foreign."""

import json
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.metrics.accuracy import Accuracy
from mnist_core.runs import measurements
from mnist_core.runs.measurements import SHIFTS, Measured
from pages.compare import cached_summaries
from pages.parts import cached_runs
from tests.conftest import ROOT

SHIPPED = ("mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust")
PAGES = ("compare", "curves")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A trained_models/ of one's own, empty. Measuring takes no time: the figures are made up."""
    made_up = Measured(50.0, tuple(Accuracy.from_counts(by * 10, 1000) for by in SHIFTS))
    monkeypatch.setattr(measurements, "measure", lambda classifier: made_up)
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    cached_runs.listed.clear()
    cached_summaries._measurements.clear()
    yield tmp_path
    cached_runs.listed.clear()
    cached_summaries._measurements.clear()


def copy(folder: Path, name: str, source: str = "mlp-specified") -> Path:
    shutil.copytree(ROOT / "trained_models" / source, folder / name)
    return folder / name


def twenty(folder: Path) -> list[str]:
    names = [f"{source}-{number}" for source in SHIPPED for number in range(5)]
    for name in names:
        copy(folder, name, name.rsplit("-", 1)[0])
    return names


def opened(page: str, **query: str | list[str]) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.switch_page(f"pages/{page}/{page}.py")
    for name, value in query.items():
        app.query_params[f"{page}_runs" if name == "runs" else name] = value
    app.run()
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    return "".join(element.proto.body for element in app.get("html") if not element.proto.body.startswith("<style"))


def columns(app: AppTest) -> list[str]:
    """The runs that the page's first table names, in its order."""
    table = re.search(r"<table class='figures.*?</table>", html(app), re.S)
    assert table
    return re.findall(r"<b>([^<]*)</b>|<th scope='row'><span[^>]*></span> ([^<]*)</th>", table[0])


def named(app: AppTest) -> list[str]:
    return [one or other for one, other in columns(app)]


@pytest.mark.parametrize("page", PAGES)
def test_without_runs_the_page_says_how_to_train(folder: Path, page: str) -> None:
    app = opened(page)
    assert "make train" in app.info[0].value
    assert not app.multiselect


@pytest.mark.parametrize("page", PAGES)
def test_one_run_is_shown_alone(folder: Path, page: str) -> None:
    copy(folder, "mine")
    app = opened(page)
    assert named(app) == ["mine"]
    assert not app.selectbox or "compare_left" not in {box.key for box in app.selectbox}


@pytest.mark.parametrize("page", PAGES)
def test_the_page_begins_with_the_shipped_four_or_with_the_default_pair(folder: Path, page: str) -> None:
    for name in ("a-run", "mlp-mine", "cnn-robust"):
        copy(folder, name)
    assert named(opened(page)) == ["cnn-robust"]
    for name in ("mlp-specified", "mlp-robust", "cnn-specified"):
        copy(folder, name)
    cached_runs.listed.clear()
    assert named(opened(page)) == list(SHIPPED)


@pytest.mark.parametrize("page", PAGES)
def test_of_twenty_runs_all_can_be_shown_by_a_link(folder: Path, page: str) -> None:
    names = twenty(folder)
    app = opened(page, runs=names)
    assert named(app) == names
    assert len(set(re.findall(r"mask:url\([^)]*\)", html(app)))) >= 16  # each family's looks differ


@pytest.mark.parametrize("page", PAGES)
def test_a_link_to_two_runs_opens_them_in_their_order(folder: Path, page: str) -> None:
    for name in ("one", "two", "three"):
        copy(folder, name)
    assert named(opened(page, runs=["two", "one"])) == ["two", "one"]


@pytest.mark.parametrize("page", PAGES)
def test_names_in_a_link_that_are_not_here_are_left_out_with_a_note(folder: Path, page: str) -> None:
    copy(folder, "mine")
    app = opened(page, runs=["mine", "gone", "\n\n    [code](https://a.b) `", "../../etc/passwd"])
    assert named(app) == ["mine"]
    note = next(caption.value for caption in app.caption if "no usable model" in caption.value)
    assert "The link names `gone`, `[code](https://a.b) '`, `../../etc/passwd`, of which" in note
    assert any(caption.value == note for caption in app.run().caption)
    other = next(other for other in PAGES if other != page)
    app.switch_page(f"pages/{other}/{other}.py").run()
    assert named(app) == ["mine"]
    assert not any("The link names" in caption.value for caption in app.caption)


@pytest.mark.parametrize("page", PAGES)
def test_a_link_in_which_nothing_is_right_still_opens_the_page(folder: Path, page: str) -> None:
    for name in ("one", "two"):
        copy(folder, name)
    nonsense = dict.fromkeys(
        (
            "compare_left",
            "compare_right",
            "compare_cost",
            "compare_quality",
            "curves_across",
            "curves_log",
            "curves_lines",
        ),
        "nonsense",
    )
    app = opened(page, runs="nonsense", curves_smoothing="-7e400", compare_view="Overview", **nonsense)
    assert sorted(named(app)) == ["one", "two"]


@pytest.mark.parametrize("page", PAGES)
def test_with_nothing_picked_the_page_asks_for_a_choice(folder: Path, page: str) -> None:
    copy(folder, "mine")
    app = opened(page, runs="")
    assert app.info[0].value == "Choose one model or more."
    assert "<table" not in html(app)


@pytest.mark.parametrize("page", PAGES)
def test_damaged_runs_are_listed_with_the_reason_and_the_others_shown(folder: Path, page: str) -> None:
    copy(folder, "good")
    (copy(folder, "half") / "history.json").unlink()
    (copy(folder, "broken") / "run.json").write_text("{")
    (folder / "notes").mkdir()
    app = opened(page, runs=["good", "half"])
    assert named(app) == ["good"]
    assert app.expander[0].label == "3 folders are no usable model"
    reasons = {text.value.split(":")[0]: text.value for text in app.expander[0].text}
    assert "history.json is missing" in reasons["half"]
    assert "run.json of the run 'broken' is damaged" in reasons["broken"]
    assert "incomplete" in reasons["notes"]


@pytest.mark.parametrize("page", PAGES)
def test_a_run_with_damaged_contents_is_reported_and_takes_nothing_down(folder: Path, page: str) -> None:
    copy(folder, "good")
    bad = copy(folder, "bad")
    (bad / "test_predictions.npz").write_bytes(b"no archive")
    (bad / "history.json").write_text('{"loss": "high"}')
    app = opened(page, runs=["good", "bad"])
    assert "good" in named(app)
    assert any("of the run 'bad' is damaged" in warning.value for warning in app.warning)


@pytest.mark.parametrize("page", PAGES)
def test_a_run_with_strange_values_is_shown_as_it_is(folder: Path, page: str) -> None:
    copy(folder, "good")
    path = copy(folder, "foreign") / "run.json"
    facts = json.loads(path.read_text())
    facts.update(
        recipe="<i>?</i>", title="<script>", parameters=-1, config={"<b>": [1, {"a": None}]}, data={}, best_epoch=10**9
    )
    facts["test"]["loss"] = float("nan")
    path.write_text(json.dumps(facts))
    app = opened(page, runs=["good", "foreign"])
    assert named(app) == ["good", "foreign"]
    assert "<script>" not in html(app)
    assert "<i>" not in html(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_run_of_an_unknown_network_is_listed_as_unusable_with_the_reason(folder: Path, page: str) -> None:
    copy(folder, "good")
    path = copy(folder, "foreign") / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "architecture": "<i>transformer</i>"}))
    app = opened(page, runs=["good", "foreign"])
    assert named(app) == ["good"]
    assert any("this version knows mlp, cnn" in text.value for text in app.text)
    assert "<i>" not in html(app)


@pytest.mark.parametrize("page", PAGES)
def test_every_chart_says_in_words_what_it_shows(folder: Path, page: str) -> None:
    for name in ("one", "two"):
        copy(folder, name)
    charts = opened(page, **({"compare_view": "Cost and quality"} if page == "compare" else {})).get("vega_lite_chart")
    assert len(charts) == 2
    for chart in charts:
        description = json.loads(chart.proto.spec)["description"]
        assert "one" in description
        assert "two" in description


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
    app = opened("compare", compare_view="Two of them", compare_left="cnn-specified", compare_right="cnn-robust")
    words = next(markdown.value for markdown in app.markdown if "alone reads" in markdown.value)
    stored = [np.load(folder / name / "test_predictions.npz") for name in ("cnn-specified", "cnn-robust")]
    right = [arrays["probabilities"].argmax(axis=1) == arrays["labels"] for arrays in stored]
    assert (
        f"cnn-robust alone reads {(right[1] & ~right[0]).sum()} right, cnn-specified alone {(right[0] & ~right[1]).sum()}."
        in words
    )
    app.selectbox(key="compare_right").set_value("cnn-specified").run()
    assert any("Choose two different models." in caption.value for caption in app.caption)


def test_runs_tested_on_different_digits_are_not_compared_digit_by_digit(folder: Path) -> None:
    copy(folder, "one")
    path = copy(folder, "two") / "run.json"
    path.write_text(path.read_text().replace('"digest": "a0', '"digest": "b1'))
    app = opened("compare", runs=["one", "two"])
    assert any("not all tested on the same digits" in info.value for info in app.info)
    app = opened("compare", runs=["one", "two"], compare_view="Two of them")
    assert any("cannot be compared digit by digit" in caption.value for caption in app.caption)
    assert not any("alone reads" in markdown.value for markdown in app.markdown)


def test_every_count_leads_to_its_digits(folder: Path) -> None:
    for name in SHIPPED:
        copy(folder, name, name)
    pair = {"compare_view": "Two of them", "compare_left": "mlp-specified", "compare_right": "cnn-robust"}
    links = re.findall(
        r"<a href='([^']*)'[^>]*>([\d,]+)</a>", html(opened("compare")) + html(opened("compare", **pair))
    )
    assert len(links) == len(SHIPPED) + 2
    for link, count in links:
        query = parse_qs(unescape(link).removeprefix("confusion?"))
        app = opened("confusion", **query)
        assert any(f"{count} " in markdown.value for markdown in app.markdown if "digits" in markdown.value), link


def test_the_first_words_say_which_is_simpler_faster_and_more_often_right(folder: Path) -> None:
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
    assert f"{incorrect['cnn-robust']} wrong, not {incorrect['mlp-robust']}" in cnn
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


def test_the_choices_of_the_curves_are_taken_from_the_link(folder: Path) -> None:
    copy(folder, "mine")
    app = opened("curves", curves_across="Seconds", curves_lines=["Training"], curves_log="", curves_smoothing="0.5")
    spec = json.loads(app.get("vega_lite_chart")[1].proto.spec)
    assert spec["description"].startswith("Accuracy against seconds.")
    assert "seconds of training" in json.dumps(spec)
    assert '"type": "log"' not in json.dumps(spec)
    assert any("Smoothed by 0.50" in caption.value for caption in app.caption)


def test_a_chart_is_drawn_once_for_all_visitors(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mnist_core.reporting import charts

    copy(folder, "mine-alone")
    drawn: list[str] = []
    original = charts.learning_chart
    monkeypatch.setattr(
        charts,
        "learning_chart",
        lambda curves, run_styles, measure, view: drawn.append(measure) or original(curves, run_styles, measure, view),
    )
    opened("curves").run()
    opened("curves")
    assert drawn == ["loss", "accuracy"]
