"""The training page: form, queue, live view and what becomes of a run, without a process."""

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core.data.datasets import DigitSet
from mnist_core.errors import DatabaseError
from mnist_core.events import Event
from mnist_core.jobs.estimates import Estimate
from mnist_core.jobs.job import Job
from mnist_core.jobs.prepared_launcher import PreparedLauncher
from mnist_core.jobs.queue import JobQueue
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.reporting.setting_expectations import EXPECTATIONS
from mnist_core.reporting.setting_labels import LABELS
from mnist_core.runs.promotion import promoted
from mnist_core.runs.recipes import TrainingConfig, recipe_config
from mnist_core.runs.store import list_runs, load_run
from mnist_core.sweeps import sweep_store
from pages.parts import cached_digits
from pages.parts.cached_runs import listed
from pages.train import shared_jobs
from tests.conftest import ROOT
from tests.scripted import DONE, SECONDS, Script
from tests.sweeps.sweeps_on_disk import plan

SHIPPED = ROOT / "trained_models"


class Known:
    """Estimates that are there at once."""

    def of(self, config: TrainingConfig) -> Estimate:
        return Estimate(seconds=132)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("mlp-robust", "cnn-robust", "mlp-specified"):
        shutil.copytree(SHIPPED / name, tmp_path / name)
    shutil.copytree(SHIPPED / "mlp-specified", tmp_path / "mine")
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "absent.npz"))
    st.cache_resource.clear()
    return tmp_path


@pytest.fixture
def started() -> list[Script]:
    return []


@pytest.fixture
def jobs(folder: Path, started: list[Script], monkeypatch: pytest.MonkeyPatch) -> Iterator[JobQueue]:
    def launch(config: TrainingConfig, name: str) -> Script:
        started.append(Script(config, name))
        return started[-1]

    every = JobQueue(launch)
    monkeypatch.setattr(shared_jobs, "queue", lambda: every)
    monkeypatch.setattr(shared_jobs, "estimates", Known)
    yield every
    for job in every.jobs():
        every.stop(job.number, keep=False)
    end = time.monotonic() + SECONDS
    while every.active and time.monotonic() < end:
        time.sleep(0.01)


def page(**link: str) -> AppTest:
    """The page as a fresh visitor of that link gets it."""
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for key, value in link.items():
        test.query_params[key] = value
    test.switch_page(str(ROOT / "pages" / "train" / "train.py"))
    test.run()
    assert not test.exception
    return test


def text(test: AppTest) -> str:
    return " ".join(
        [
            *(element.value for element in (*test.markdown, *test.caption, *test.error, *test.success)),
            *(str(html.proto.body) for html in test.get("html")),
        ]
    )


def until_started(started: list[Script], count: int) -> Script:
    end = time.monotonic() + SECONDS
    while len(started) < count:
        assert time.monotonic() < end
        time.sleep(0.01)
    return started[-1]


def progress(**changes: float) -> Event:
    usual = {
        "epoch": 1,
        "epochs": 12,
        "batch": 20,
        "batches": 55,
        "fraction": 0.03,
        "loss": 0.9,
        "accuracy": 0.7,
        "digits_per_second": 5000,
        "seconds_left": 75.0,
    }
    return {"event": "progress", **usual, **changes}


def test_the_form_says_parameters_time_and_differences_before_anything_starts(jobs: JobQueue) -> None:
    shown = text(page())
    assert "407,050" in shown
    assert "about 2 min 10 s" in shown
    assert "this is the specified recipe" not in shown  # for want of MNIST the offline set is chosen, and that differs
    assert "offline" in shown


def test_a_link_restores_the_experiment(jobs: JobQueue, started: list[Script]) -> None:
    test = page(
        train_model="CNN",
        train_recipe="custom",
        train_cnn_epochs="3",
        train_cnn_size="16",
        train_data="small offline set",
        train_seed="7",
        train_name="from-a-link",
    )
    test.button(key="train_start").click().run()
    script = until_started(started, 1)
    assert script.name == "from-a-link"
    config = script.config
    assert (config.architecture, config.epochs, config.width, config.seed, config.data, config.recipe) == (
        "cnn",
        3,
        0.5,
        7,
        "offline",
        "custom",
    )


@pytest.mark.parametrize(
    "link",
    [
        {"train_recipe": "custom", "train_mlp_epochs": "-5"},
        {
            "train_recipe": "custom",
            "train_mlp_epochs": "many",
            "train_mlp_rate": "1e99",
            "train_mlp_batch": "0",
            "train_mlp_fraction": "500 %",
        },
        {"train_model": "RNN", "train_recipe": "magic", "train_data": "kmnist", "train_seed": "-1"},
        {"train_run": "nobody"},
        {"train_recipe": "custom", "train_mlp_epochs": "1e400", "train_seed": "-1e400", "train_mlp_patience": "nan"},
    ],
)
def test_impossible_values_in_a_link_are_as_if_they_were_not_there(jobs: JobQueue, link: dict[str, str]) -> None:
    assert page(**{"train_data": "small offline set", **link}).button(key="train_start").disabled is (
        "train_data" in link
    )


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Anna's 2nd/try", "anna-s-2nd-try"),
        ("x" * 200, "x" * 60),
        ("../../etc", "etc"),
        ("\N{PARTY POPPER}", ""),
        ("fine", "fine"),
    ],
)
def test_a_name_is_made_possible_as_soon_as_it_is_typed(
    jobs: JobQueue, started: list[Script], typed: str, name: str
) -> None:
    test = page()
    test.text_input(key="train_name").set_value(typed).run()
    assert test.text_input(key="train_name").value == name
    assert not test.error
    assert page(train_name=typed).text_input(key="train_name").value == name
    test.button(key="train_start").click().run()
    assert not test.exception
    assert until_started(started, 1).name == name or not name


def test_a_name_that_is_taken_is_told_at_the_field_before_anything_starts(jobs: JobQueue) -> None:
    test = page()
    test.text_input(key="train_name").set_value("mine").run()
    (error,) = test.error
    assert "There is a run 'mine' already" in error.value
    assert test.button(key="train_start").disabled


@pytest.mark.parametrize("link", [{"train_data": "MNIST"}, {"train_seed": "5"}])
def test_without_mnist_a_link_to_an_experiment_with_it_stays_one_and_cannot_start(
    jobs: JobQueue, link: dict[str, str]
) -> None:
    test = page(**link)
    assert test.button(key="train_start").disabled
    assert "MNIST is not on this machine" in text(test)


def test_a_training_is_seen_live_by_whoever_opens_the_page(jobs: JobQueue, started: list[Script]) -> None:
    first = page()
    first.button(key="train_start").click().run()
    until_started(started, 1).tell(
        {"event": "started", "parameters": 407050}, progress(), progress(fraction=0.05, loss=0.5)
    )
    end = time.monotonic() + SECONDS
    while not (jobs.jobs()[0].progress and jobs.jobs()[0].progress["fraction"] == 0.05):
        assert time.monotonic() < end
        time.sleep(0.01)
    for visitor in (first.run(), page()):
        shown = text(visitor)
        assert "Epoch" in shown
        assert "1 min 20 s" in shown
        assert "5,000" in shown
        assert visitor.button(key="train_keep_1").disabled  # no epoch has ended
        assert not visitor.button(key="train_discard_1").disabled
        assert "Add to the queue" in visitor.button(key="train_start").label


def test_a_second_visitor_waits_in_a_visible_queue_and_may_leave_it(jobs: JobQueue, started: list[Script]) -> None:
    first, second = page(), page()
    first.button(key="train_start").click().run()
    second.button(key="train_start").click().run()
    until_started(started, 1)
    assert [job.state for job in jobs.jobs()] == ["running", "waiting"]
    second.run()
    assert "1. " in text(second)
    second.button(key="train_remove_2").click().run()
    assert jobs.job(2).state == "stopped"
    assert len(started) == 1


def test_two_presses_on_start_are_one_training_and_the_name_is_free_for_the_next(
    jobs: JobQueue, started: list[Script]
) -> None:
    test = page()
    test.text_input(key="train_name").set_value("first").run()
    for _ in range(2):
        test.button(key="train_start").click().run()
    assert [job.name for job in jobs.jobs()] == ["first"]
    assert "first is this very training" in " ".join(info.value for info in test.info)
    assert test.text_input(key="train_name").value == ""
    test.number_input(key="train_seed").set_value(2).run()
    test.button(key="train_start").click().run()
    assert [job.config.seed for job in jobs.jobs()] == [1, 2]


def test_while_the_run_is_written_there_is_nothing_to_keep_by_stopping(jobs: JobQueue, started: list[Script]) -> None:
    test = page()
    test.button(key="train_start").click().run()
    epoch = {
        "event": "epoch",
        "epoch": 1,
        "loss": 1.0,
        "accuracy": 0.5,
        "val_loss": 1.0,
        "val_accuracy": 0.5,
        "best": True,
        "mistakes": [],
    }
    until_started(started, 1).tell({"event": "started", "parameters": 407050}, progress(), epoch)
    for disabled, events in ((False, []), (True, [{"event": "measuring", "epoch": 1}])):
        started[0].tell(*events)
        end = time.monotonic() + SECONDS
        while not (jobs.jobs()[0].epochs and bool(jobs.jobs()[0].doing) is disabled):
            assert time.monotonic() < end
            time.sleep(0.01)
        assert test.run().button(key="train_keep_1").disabled is disabled


def test_a_failed_training_says_why_and_can_be_started_again(jobs: JobQueue, started: list[Script]) -> None:
    test = page()
    test.button(key="train_start").click().run()
    until_started(started, 1).tell(None)
    jobs.wait(1, SECONDS)
    test.run()
    assert "memory ran out" in text(test)
    test.button(key="train_again_1").click().run()
    assert until_started(started, 2).config == started[0].config
    assert [job.state for job in jobs.jobs()] == ["running"]


def test_a_training_of_a_sweep_is_neither_kept_early_nor_started_again_from_its_card(
    jobs: JobQueue, started: list[Script], folder: Path
) -> None:
    """A point of a sweep is a whole training, and it is the sweep that is continued."""
    sweep_store.create_sweep("wide", plan("epochs=3"))
    jobs.submit(recipe_config("specified", "mlp", epochs=3), "wide/mlp-epochs-3-seed-1")
    until_started(started, 1)
    test = page()
    buttons = {button.key for button in test.button}
    assert "train_discard_1" in buttons
    assert "train_keep_1" not in buttons
    started[0].tell(None)
    jobs.wait(1, SECONDS)
    test.run()
    buttons = {button.key for button in test.button}
    assert "train_dismiss_1" in buttons
    assert "train_again_1" not in buttons


def test_a_run_is_shown_beside_the_one_in_use_and_put_to_use(folder: Path, jobs: JobQueue) -> None:
    test = page(train_run="mine")
    shown = text(test)
    assert f"{load_run('mine').test.fraction * 100:.2f}\u00a0%" in shown
    assert "99." in shown  # the robust one, which is in use
    assert "McNemar" in shown
    assert test.button(key="train_promote").label == "Make it the default all the same"
    accuracies = [f"{load_run(name).test.fraction * 100:.2f} %" for name in ("mlp-robust", "mine")]
    assert f"This is a step down: the MLP's test accuracy changes from {accuracies[0]} (mlp-robust) to " in shown
    assert f"to {accuracies[1]} (mine)" in shown
    assert "train_restore" not in [button.key for button in test.button]
    test.button(key="train_promote").click().run()
    assert promoted(folder) == {"mlp": "mine"}
    assert "mine is now the default MLP." in text(test)
    assert test.button(key="train_promote").disabled
    test.button(key="train_restore").click().run()
    assert promoted(folder) == {}
    assert "mlp-robust is the default again." in text(test)


def test_a_step_up_needs_no_second_press(folder: Path, jobs: JobQueue) -> None:
    facts = json.loads((folder / "mine" / "run.json").read_text())
    facts["test"] = {**facts["test"], "incorrect": 1}
    (folder / "mine" / "run.json").write_text(json.dumps(facts))
    test = page(train_run="mine")
    assert test.button(key="train_promote").label == "Make it the default MLP"
    assert "step down" not in text(test)
    assert "to 99.99 % (mine)" in text(test)


def test_deleting_is_never_the_first_button_and_says_what_takes_the_place(folder: Path, jobs: JobQueue) -> None:
    test = page(train_run="mine")
    assert test.button(key="train_delete_mine").proto.type == "secondary"
    assert "would take its place" not in text(test)
    test.button(key="train_promote").click().run()
    assert "It is in use on the draw page. **mlp-robust** would take its place there." in text(test)


def test_the_card_of_a_training_follows_its_run(folder: Path, jobs: JobQueue, started: list[Script]) -> None:
    test = page()
    test.text_input(key="train_name").set_value("first").run()
    test.button(key="train_start").click().run()
    script = until_started(started, 1)
    shutil.copytree(SHIPPED / "mlp-specified", folder / "first")
    test_result = {"event": "finished", "accuracy": 0.98, "incorrect": 200, "count": 10000, "stopped": False}
    script.tell({"event": "started", "parameters": 407050}, test_result)
    assert jobs.wait(1, SECONDS).state == "finished"
    listed.clear()
    test.run()
    test.selectbox(key="train_run").set_value("first").run()
    test.text_input(key="train_new_name_first").set_value("Better Name").run()
    test.button(key="train_rename_first").click().run()
    assert "<b>better-name</b>" in text(test).split("After training")[0]
    test.button(key="train_show_1").click().run()
    assert test.selectbox(key="train_run").value == "better-name"
    test.button(key="train_delete_better-name").click().run()
    assert "This run has been deleted since." in text(test)
    assert "train_show_1" not in [button.key for button in test.button]


def test_a_run_of_ones_own_is_renamed_and_deleted_and_a_shipped_one_is_neither(folder: Path, jobs: JobQueue) -> None:
    test = page(train_run="mine")
    test.text_input(key="train_new_name_mine").set_value("yours").run()
    test.button(key="train_rename_mine").click().run()
    assert "yours" in [run.name for run in list_runs(folder)[0]]
    assert test.selectbox(key="train_run").value == "yours"
    test.button(key="train_delete_yours").click().run()
    assert not test.exception
    assert sorted(run.name for run in list_runs(folder)[0]) == ["cnn-robust", "mlp-robust", "mlp-specified"]
    assert test.selectbox(key="train_run").value in ("cnn-robust", "mlp-robust", "mlp-specified")
    assert f"<b>{test.selectbox(key='train_run').value}</b>" in text(test)
    test.selectbox(key="train_run").set_value("mlp-specified").run()
    test.button(key="train_delete_mlp-specified").click().run()
    assert "part of the project" in text(test)
    assert (folder / "mlp-specified").exists()


def test_a_new_name_that_is_taken_is_told_at_the_field_before_anything_is_renamed(folder: Path, jobs: JobQueue) -> None:
    test = page(train_run="mine")
    test.text_input(key="train_new_name_mine").set_value("CNN Robust").run()
    assert "There is a run 'cnn-robust' already" in text(test)
    assert test.button(key="train_rename_mine").disabled


def test_runs_of_other_digits_are_not_compared_digit_by_digit(folder: Path, jobs: JobQueue) -> None:
    text_of_run = (
        (folder / "mine" / "run.json")
        .read_text()
        .replace("a01671389766172d", "ffffffffffffffff")
        .replace('"mnist"', '"offline"')
    )
    (folder / "mine" / "run.json").write_text(text_of_run)
    assert "cannot be compared" in text(page(train_run="mine"))


def test_a_damaged_run_is_named_and_takes_nothing_down(folder: Path, jobs: JobQueue) -> None:
    model = folder / "mine" / "model.keras"
    model.write_bytes(model.read_bytes()[:5000])
    (folder / "mlp-specified" / "test_predictions.npz").write_bytes(b"PK")
    test = page(train_run="mlp-specified")
    assert "damaged" in text(test) or any("damaged" in warning.value for warning in test.warning)


def test_no_runs_at_all_still_leaves_the_form(folder: Path, jobs: JobQueue) -> None:
    for entry in folder.iterdir():
        shutil.rmtree(entry)
    assert page().button(key="train_start").label == "Start training"


def test_the_page_goes_by_recipes_as_the_command_line_does(jobs: JobQueue, started: list[Script]) -> None:
    test = page(train_recipe="robust", train_model="MLP", train_data="small offline set")
    test.button(key="train_start").click().run()
    assert until_started(started, 1).config == recipe_config("robust", "mlp", data="offline")


def test_the_form_says_that_the_recipe_goes_without_pen_strokes_where_there_are_none(
    jobs: JobQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def captions(recipe: str) -> str:
        test = page(train_recipe=recipe, train_model="MLP", train_data="small offline set")
        return " ".join(caption.value for caption in test.caption)

    monkeypatch.setenv("UCI_PENS_NPZ", str(tmp_path / "absent.npz"))
    assert "digit-duel download --pens" in captions("robust")
    assert "pens" not in captions("specified")
    (tmp_path / "pens.npz").touch()
    monkeypatch.setenv("UCI_PENS_NPZ", str(tmp_path / "pens.npz"))
    assert "pens" not in captions("robust")


def test_a_run_that_another_visitor_has_just_deleted_takes_nothing_down(folder: Path, jobs: JobQueue) -> None:
    test = page(train_run="mine")
    shutil.rmtree(folder / "mine")
    test.run()
    assert not test.exception
    assert test.selectbox(key="train_run").value != "mine"


def test_a_running_training_can_be_watched_beside_one_that_has_ended(jobs: JobQueue, started: list[Script]) -> None:
    numbers = [jobs.submit(recipe_config("specified", name, data="offline"), name).number for name in ("mlp", "cnn")]
    until_started(started, 1).tell(progress(loss=0.93), DONE, None)
    jobs.wait(numbers[0], SECONDS)
    until_started(started, 2).tell(progress(loss=0.31))
    end = time.monotonic() + SECONDS
    while not jobs.job(numbers[1]).points:
        assert time.monotonic() < end
        time.sleep(0.01)
    test = page()
    assert [metric for metric in charts(test) if metric[1] == "Loss"] == [(None, "Loss")]
    test.selectbox(key="train_beside_2").set_value(1).run()
    assert not test.exception
    assert charts(test) == [((0.3, 1.0), "Loss"), ((0.7, 0.8), "Accuracy")] * 2


def charts(test: AppTest) -> list[tuple[tuple[float, float] | None, str]]:
    """The limits of the y axis, None where the chart finds them itself, and the title of each chart of curves."""
    found = [json.loads(chart.proto.spec) for chart in test.get("vega_lite_chart")]
    scales = [chart["layer"][0]["encoding"]["y"]["scale"] for chart in found]
    limits = [tuple(scale["domain"]) if "domain" in scale else None for scale in scales]
    return list(zip(limits, [chart["title"] for chart in found], strict=True))


@pytest.mark.parametrize("model", ["MLP", "CNN"])
def test_every_custom_setting_says_what_to_expect_from_it(jobs: JobQueue, model: str) -> None:
    test = page(train_model=model, train_recipe="custom")
    prefix = f"train_{model.lower()}_"
    widgets = [*test.number_input, *test.selectbox, *test.select_slider, *test.slider, *test.toggle]
    helps = [widget.help for widget in widgets if str(widget.key).startswith(prefix)]
    assert len(helps) >= 9
    for text_ in helps:
        assert any(text_.endswith(expectation) for expectation in EXPECTATIONS.values()), text_
    assert len(set(helps)) == len(helps)


def test_whoever_opens_the_page_has_a_training_process_prepared(
    jobs: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(PreparedLauncher, "prepare", lambda self: asked.append(True))
    page()
    assert asked


def test_the_digits_that_are_not_shown_are_one_press_away(
    folder: Path, jobs: JobQueue, mnist: DigitSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNIST_NPZ")
    monkeypatch.setattr(cached_digits, "digit_set", lambda name: mnist)
    links = [link.proto for link in page(train_run="mine").get("page_link")]
    assert all(re.fullmatch(r"and \d+ more", link.label) for link in links)
    for link, only in zip(links, ("mine", "mlp-robust"), strict=True):
        assert parse_qs(link.query_string) == {
            "confusion_runs": ["mine", "mlp-robust"],
            "confusion_view": ["Disagreements"],
            "confusion_only": [only],
        }


def test_tables_of_settings_use_the_form_s_own_labels(jobs: JobQueue) -> None:
    test = page(train_recipe="custom")
    fields = [
        field.label
        for kind in ("select_slider", "slider", "number_input", "selectbox", "button_group", "segmented_control")
        for field in test.get(kind)
        if field.key.startswith("train_") and field.key not in ("train_run", "train_mode")
    ]
    sizes = [architecture.size_title for architecture in ARCHITECTURES.values()]
    assert len(fields) > 10
    assert set(fields) - set(sizes) <= set(LABELS.values())


def test_a_database_that_goes_away_at_any_moment_of_the_page_is_a_message_without_what_it_says(
    jobs: JobQueue, started: list[Script], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.submit(recipe_config("specified", "mlp"), "running")
    until_started(started, 1).tell(progress())
    test = page()
    test.text_input(key="train_name").set_value("wanted").run()
    look = jobs.jobs

    def look_so_often(count: int) -> Callable[[], tuple[Job, ...]]:
        left = ["look"] * count

        def look_or_fail() -> tuple[Job, ...]:
            if not left:
                raise DatabaseError("no route to db.example.org")
            left.pop()
            return look()

        return look_or_fail

    with monkeypatch.context() as meanwhile:
        for count in range(8):
            meanwhile.setattr(jobs, "jobs", look_so_often(count))
            if count % 2 and any(button.key == "train_start" for button in test.button):
                test.button(key="train_start").click()
            test.run()
            assert not test.exception
            assert "The database of this server cannot be used at the moment" in text(test)
            assert "db.example.org" not in text(test)
    test.run()
    assert not test.error
    until_started(started, 1).tell(None)
