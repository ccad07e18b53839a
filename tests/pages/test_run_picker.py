"""The picker of runs on the pages that compare, with no, one, two and twenty runs, whole, damaged and foreign."""

import json
import re
from pathlib import Path

import pytest

from pages.parts import cached_runs
from tests.pages.comparing_pages import PAGES, SHIPPED, copy, html, just_trained, named, opened, twenty


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
    assert len(set(re.findall(r"mask:url\([^)]*\)", html(app)))) >= 16  # the styles of a family differ


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
    descriptions = [json.loads(chart.proto.spec)["description"] for chart in charts]
    if page == "compare":
        assert "fraction" in descriptions.pop().lower(), "the chart of the sweep that comes with the project"
    assert len(descriptions) == 2
    for description in descriptions:
        assert "one" in description
        assert "two" in description


@pytest.mark.parametrize("page", PAGES)
def test_the_newest_run_stands_beside_the_shipped_ones(folder: Path, page: str) -> None:
    for name in SHIPPED:
        copy(folder, name, name)
    copy(folder, "as-old-as-the-shipped-ones")
    just_trained(folder, "mine")
    assert named(opened(page)) == [*SHIPPED, "mine"]


def test_a_run_trained_since_joins_what_was_picked(folder: Path) -> None:
    for name in SHIPPED:
        copy(folder, name, name)
    app = opened("compare", runs=["mlp-robust", "cnn-robust"])
    app.switch_page("pages/train/train.py").run()
    just_trained(folder, "mine")
    cached_runs.listed.clear()
    app.switch_page("pages/curves/curves.py").run()
    assert named(app) == ["mlp-robust", "cnn-robust", "mine"]
    app.multiselect(key="curves_runs").set_value(["mlp-robust"]).run()
    app.switch_page("pages/confusion/confusion.py").run()
    assert app.multiselect(key="confusion_runs").value == ["mlp-robust"], "once offered, it does not insist"
