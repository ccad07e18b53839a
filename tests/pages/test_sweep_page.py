"""A sweep on the training page: plan, start, chart, continue, extend, delete, without a process."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core.access import sweep_acts
from mnist_core.access.sweep_acts import SweepActs
from mnist_core.errors import ConfigError, DatabaseError
from mnist_core.jobs.cluster_launcher import ClusterFacts
from mnist_core.jobs.cluster_survey import ClusterSurvey
from mnist_core.jobs.estimates import Estimate
from mnist_core.jobs.queue import JobQueue
from mnist_core.reporting.sweep_chart import PICKED
from mnist_core.runs.recipes import TrainingConfig
from mnist_core.sweeps import sweep_store
from mnist_core.sweeps.background_sweeps import BackgroundSweeps
from mnist_core.sweeps.sweep_runner import SweepRunner
from pages.train import shared_jobs, shared_sweeps, sweep_form, sweep_panel
from tests.conftest import ROOT
from tests.pages.runs_on_disk import copies
from tests.scripted import SECONDS
from tests.sweeps.sweeps_on_disk import Launches, plan


class Known:
    """Estimates that are there at once."""

    def of(self, config: TrainingConfig) -> Estimate:
        return Estimate(seconds=60.0)


@pytest.fixture
def launches(folder: Path, without_mnist: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Launches]:
    """What the page starts. Trainings take no time."""
    copies(folder, 2)
    launches = Launches(folder)
    queue, background = JobQueue(launches), BackgroundSweeps()
    monkeypatch.setattr(shared_jobs, "queue", lambda: queue)
    monkeypatch.setattr(shared_jobs, "estimates", Known)
    monkeypatch.setattr(shared_sweeps, "background", lambda: background)
    monkeypatch.setattr(shared_sweeps, "estimates_of_one_core", Known)
    facts = ClusterFacts("10.0.0.1:6379", nodes=2, cores=2)
    survey = ClusterSurvey(lambda: nullcontext(SimpleNamespace(facts=facts)))  # type: ignore[arg-type]
    monkeypatch.setattr(shared_sweeps, "survey", lambda: survey)
    st.cache_resource.clear()
    yield launches
    until(lambda: not queue.active and not background.works_on("mlp-cnn-width"))


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def page(**link: str) -> AppTest:
    """The training page in its mode for sweeps, as a fresh visitor of that link gets it."""
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in {"train_mode": "Sweep", **link}.items():
        test.query_params[key] = value
    test.switch_page(str(ROOT / "pages" / "train" / "train.py"))
    test.run()
    assert not test.exception
    return test


def text(test: AppTest) -> str:
    return " ".join(element.value for element in (*test.markdown, *test.caption, *test.error, *test.info))


def charts(test: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in test.get("vega_lite_chart")]


def test_a_sweep_is_planned_started_watched_extended_and_deleted(launches: Launches) -> None:
    test = page(
        train_sweep_vary="Epochs", train_sweep_epochs="1, 2", train_sweep_seeds="2", train_data="small offline set"
    )
    assert "8 trainings, about 8 min on this machine" in text(test)
    test.text_input(key="train_sweep_name").set_value("My sweep!")
    test.run()
    test.button(key="train_sweep_start").click().run()
    assert not test.exception
    until(lambda: len(sweep_store.load_sweep("my-sweep").results) == 8)
    until(lambda: not shared_sweeps.background().works_on("my-sweep"))
    test.run()
    assert "All 8 trainings finished" in text(test)
    (spec,) = charts(test)
    assert spec["description"].startswith("Test accuracy against epochs. MLP: 98.12 % at 1")
    assert "`digit-duel evaluate my-sweep --data corruptions`" in test.selectbox(key="train_sweep_up").help
    assert test.session_state.train_sweep == "my-sweep"
    assert test.query_params["train_sweep"] == "my-sweep"

    test.text_input(key="train_sweep_more_epochs").set_value("3")
    test.number_input(key="train_sweep_more_seeds").set_value(3)
    test.button(key="train_sweep_extend").click().run()
    until(lambda: len(sweep_store.load_sweep("my-sweep").results) == 18)
    until(lambda: not shared_sweeps.background().works_on("my-sweep"))
    assert len(launches.started) == 18  # nothing was trained again
    test.run()
    test.button(key="train_sweep_delete").click().run()
    assert not test.exception
    assert "my-sweep" not in sweep_store.sweep_names()


def test_an_interrupted_sweep_is_found_and_continued(launches: Launches, folder: Path) -> None:
    sweep_store.create_sweep("mine", plan("epochs=1,2", "batch_size=100,500"))
    SweepRunner("mine", Launches(folder, "mine/mlp-epochs-2-batch-size-500-seed-1")).run()
    test = page(train_sweep="mine")
    shown = text(test)
    assert "MLP by epochs and batch size, 1 seed" in shown
    assert "**mlp-epochs-2-batch-size-500-seed-1**: it failed" in shown
    (spec,) = charts(test)
    assert len(spec["layer"][0]["data"]["values"]) == 3  # a heat table with a cell for each finished pair
    assert "train_sweep_compare" not in {button.key for button in test.button}
    test.selectbox(key="train_sweep_pick").select("mlp-epochs-1-batch-size-500-seed-1").run()
    assert "**mlp-epochs-1-batch-size-500-seed-1**: test accuracy 98.12 % (188 incorrect of 10,000" in text(test)
    assert "mlp-specified" in test.selectbox(key="train_sweep_other").options
    test.button(key="train_sweep_compare").click().run()
    assert not test.exception
    assert test.multiselect[0].value[0] == "mine/mlp-epochs-1-batch-size-500-seed-1"
    test = page(train_sweep="mine")
    test.button(key="train_sweep_resume").click().run()
    until(lambda: not sweep_store.load_sweep("mine").missing)
    assert launches.started == ["mine/mlp-epochs-2-batch-size-500-seed-1"]
    until(lambda: not shared_sweeps.background().works_on("mine"))


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ({"train_sweep_epochs": "many", "train_sweep_vary": "Epochs"}, "epochs is 'many', expected 1 to 1,000"),
        ({"train_sweep_width": "3"}, "number of units in the last hidden layer of the MLP"),
        ({"train_sweep_width": "<b>![x](y)"}, "width is '"),
        ({"train_sweep": "../../etc"}, ""),
        ({"train_sweep_models": "nothing"}, ""),
    ],
)
def test_whatever_the_address_holds_the_page_says_what_is_wrong(
    link: dict[str, str], message: str, launches: Launches
) -> None:
    assert message.replace("[", "\\[") in text(page(**link))
    assert launches.started == []


class OpenedLaunches(Launches):
    """A launcher that has to be entered, as that of a cluster."""

    def __enter__(self) -> "OpenedLaunches":
        self.started.append("entered")
        return self

    def __exit__(self, *error: object) -> None:
        self.started.append("left")


def test_a_sweep_goes_to_the_cluster_that_is_configured_also_when_it_is_continued(
    launches: Launches, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = {"train_sweep_vary": "Epochs", "train_sweep_epochs": "1, 2", "train_data": "small offline set"}
    assert "train_sweep_on" not in [control.key for control in page(**link).segmented_control]
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    cluster = OpenedLaunches(folder, "mlp-cnn-epochs/mlp-epochs-2-seed-1")
    monkeypatch.setattr(sweep_acts, "ClusterLauncher", lambda *, started_by: cluster)
    assert "about 4 min on this machine" in text(page(**link))
    assert "train_sweep_end_worse" not in [box.key for box in page(**link, train_sweep_end_worse="true").checkbox]
    test = page(**link, train_sweep_on="the Ray cluster")
    assert test.segmented_control(key="train_sweep_on").value == "the Ray cluster"
    until(lambda: not shared_sweeps.survey().answer().asking)
    test.run()
    assert "about 2 min on the cluster if its cores are as fast as those here" in text(test)
    assert "The cluster: 2 nodes with 2 cores." in text(test)
    test.checkbox(key="train_sweep_end_worse").check().run()
    assert "Worse trainings cannot be ended early where epochs varies" in text(test)
    test.checkbox(key="train_sweep_end_worse").uncheck().run()
    test.button(key="train_sweep_start").click().run()
    assert not test.exception
    until(lambda: cluster.started[-1:] == ["left"])
    sweep = sweep_store.load_sweep("mlp-cnn-epochs")
    assert (sweep.on_cluster, len(sweep.results), launches.started) == (True, 3, [])
    cluster.broken = set()
    test = page(train_sweep="mlp-cnn-epochs")
    test.button(key="train_sweep_resume").click().run()
    until(lambda: not sweep_store.load_sweep("mlp-cnn-epochs").missing)
    until(lambda: cluster.started[-1:] == ["left"])
    assert (cluster.started[0], cluster.started[-3:], launches.started) == (
        "entered",
        ["entered", "mlp-cnn-epochs/mlp-epochs-2-seed-1", "left"],
        [],
    )


def test_a_link_can_ask_the_cluster_to_end_worse_trainings_and_the_page_tells_which_were(
    launches: Launches, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    cluster = OpenedLaunches(folder)
    cluster.worse = ("rate-1.0-seed-1",)
    monkeypatch.setattr(sweep_acts, "ClusterLauncher", lambda *, started_by: cluster)
    link = {"train_sweep_models": "MLP", "train_sweep_vary": "Learning rate", "train_sweep_learning_rate": "0.001, 1"}
    link |= {"train_sweep_on": "the Ray cluster", "train_data": "small offline set"}
    test = page(**link, train_sweep_end_worse="true")
    until(lambda: not shared_sweeps.survey().answer().asking)
    test.run()
    assert "2 trainings, at most about 1 min on the cluster" in text(test)
    test.button(key="train_sweep_start").click().run()
    assert not test.exception
    until(lambda: cluster.started[-1:] == ["left"])
    assert sweep_store.load_sweep("mlp-learning_rate").plan.end_worse
    test = page(train_sweep="mlp-learning_rate")
    assert "1 of 2 trainings finished, 1 ended early." in (shown := text(test))
    assert "1 of 2 trainings were ended early, because others had a better validation accuracy" in shown
    assert "**mlp-learning-rate-1.0-seed-1**: ended after 3 of 12 epochs" in shown
    assert "train_sweep_resume" not in {button.key for button in test.button}
    assert len(charts(test)[0]["layer"][-1]["data"]["values"]) == 1
    assert "for good" in shown
    assert "with its 2 runs" in shown


def test_compare_shows_the_worked_example_and_leads_to_it(launches: Launches) -> None:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    test.query_params["compare_view"] = "Cost and quality"
    test.switch_page(str(ROOT / "pages" / "compare" / "compare.py"))
    test.run()
    assert not test.exception
    words = [spec["description"] for spec in charts(test)]
    assert any(text.startswith("Test accuracy against fraction of the digits. MLP: ") for text in words)
    test.button(key="compare_to_sweep").click().run()
    assert not test.exception
    assert "This sweep comes with the project" in text(test)
    assert "train_sweep_delete" not in {button.key for button in test.button}


def test_runs_of_a_sweep_are_shown_where_the_address_names_them_and_nowhere_else(
    launches: Launches, folder: Path
) -> None:
    sweep_store.create_sweep("mine", plan("epochs=1,2"))
    SweepRunner("mine", Launches(folder)).run()

    def compare(**link: list[str]) -> AppTest:
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        for key, value in link.items():
            test.query_params[key] = value
        test.switch_page(str(ROOT / "pages" / "compare" / "compare.py"))
        test.run()
        assert not test.exception
        return test

    assert compare().multiselect[0].options == ["cnn-specified", "mlp-specified"]
    named = ["mine/mlp-epochs-1-seed-1", "cnn-specified", "mine/none", "../mine/mlp-epochs-1-seed-1"]
    shown = compare(compare_runs=named).multiselect[0]
    assert shown.value == ["mine/mlp-epochs-1-seed-1", "cnn-specified"]


def test_what_the_database_says_of_itself_is_not_shown(launches: Launches, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object, **options: object) -> None:
        raise DatabaseError("The database postgresql://db.internal/digits cannot be used")

    sweep_store.create_sweep("mine", plan("epochs=1,2"))
    test = page(train_sweep="mine", train_data="small offline set")
    monkeypatch.setattr(SweepActs, "resume", away)
    monkeypatch.setattr(SweepActs, "start", away)
    for button in ("train_sweep_resume", "train_sweep_start"):
        test.button(key=button).click().run()
        assert "The database of this server cannot be used at the moment" in text(test)
        assert "db.internal" not in text(test)


def test_a_sweep_with_more_seeds_than_the_form_offers_is_shown(launches: Launches) -> None:
    sweep_store.create_sweep("mine", plan("epochs=1,2", seeds=tuple(range(1, 13))))
    assert page(train_sweep="mine").number_input(key="train_sweep_more_seeds").value == 12


@pytest.mark.parametrize("picked", ["text", 7, [7], [None], {"name": "mlp"}, [{"name": 7}]])
def test_a_selection_that_no_chart_makes_chooses_nothing(picked: object, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = SimpleNamespace(selection={PICKED: picked})
    monkeypatch.setattr(sweep_panel.st, "session_state", {"chart": chart})
    sweep_panel._take_from("chart")
    assert sweep_panel.st.session_state == {"chart": chart}


def test_a_setting_that_the_form_does_not_offer_is_a_message() -> None:
    field = SimpleNamespace(text_input=lambda title, value, **options: value)
    with pytest.raises(ConfigError, match="'nonsense' cannot be varied"):
        sweep_form._pick_values(field, "nonsense")  # type: ignore[arg-type]


def test_a_browser_that_has_the_caches_cleared_makes_no_second_queue_and_loses_no_sweep(folder: Path) -> None:
    shared = [shared_jobs.queue, shared_jobs.launcher, shared_jobs.estimates, shared_sweeps.background]
    shared += [shared_sweeps.survey, shared_sweeps.estimates_of_one_core]
    before = [get() for get in shared]
    st.cache_resource.clear()
    assert [get() for get in shared] == before
