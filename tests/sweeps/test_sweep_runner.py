"""Sweeps on disk and the loop that works through them: kept, continued, extended, deleted."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mnist_core.errors import AccessError, ConfigError, RunError
from mnist_core.events import Event
from mnist_core.runs import promotion, store
from mnist_core.runs.processes import mark
from mnist_core.sweeps import sweep_marks, sweep_runner, sweep_store, training_result
from mnist_core.sweeps.sweep_points import points_of
from mnist_core.sweeps.sweep_runner import SweepRunner
from tests.sweeps.sweeps_on_disk import CopiedTraining, Launches, plan


def test_a_sweep_trains_everything_once_and_its_runs_can_be_opened(tmp_path: Path) -> None:
    sweep_store.create_sweep("how-long", plan("epochs=1,2", architectures=("mlp", "cnn"), seeds=(1, 2)), tmp_path)
    launches = Launches(tmp_path)
    sweep = SweepRunner("how-long", launches, folder=tmp_path).run()
    assert len(launches.started) == len(set(launches.started)) == len(sweep.results) == 8
    assert not sweep.missing
    assert not sweep.worked_on
    run = store.load_run("how-long/mlp-epochs-2-seed-1", tmp_path)
    assert (run.name, run.keras_model, run.config["epochs"]) == ("how-long/mlp-epochs-2-seed-1", False, 2)
    assert store.list_runs(tmp_path) == ([], [])  # a sweep's runs are not listed with the others
    points = points_of(sweep)
    assert [(point.architecture, point.values, len(point.results)) for point in points] == [
        ("mlp", (1,), 2),
        ("mlp", (2,), 2),
        ("cnn", (1,), 2),
        ("cnn", (2,), 2),
    ]
    assert points[0].accuracy.incorrect == 188


def test_a_failure_is_noted_and_the_sweep_goes_on_and_tries_again_when_it_is_continued(tmp_path: Path) -> None:
    sweep_store.create_sweep("mine", plan("epochs=1,2,3"), tmp_path)
    sweep = SweepRunner("mine", Launches(tmp_path, "mine/mlp-epochs-2-seed-1"), folder=tmp_path).run()
    assert sweep.failures == {"mlp-epochs-2-seed-1": "it failed"}
    assert [training.run for training in sweep.missing] == ["mlp-epochs-2-seed-1"]
    again = Launches(tmp_path)
    sweep = SweepRunner("mine", again, folder=tmp_path).run()
    assert again.started == ["mine/mlp-epochs-2-seed-1"]
    assert (sweep.failures, sweep.missing) == ({}, ())


def test_several_failures_in_a_row_end_the_sweep_because_the_machine_is_in_trouble(tmp_path: Path) -> None:
    sweep_store.create_sweep("mine", plan("epochs=1,2,3,4,5"), tmp_path)
    launches = Launches(tmp_path, *(f"mine/mlp-epochs-{epochs}-seed-1" for epochs in range(2, 6)))
    with pytest.raises(RunError, match="failed one after the other, the last because: it failed"):
        SweepRunner("mine", launches, folder=tmp_path).run()
    sweep = sweep_store.load_sweep("mine", tmp_path)
    assert (len(launches.started), len(sweep.results), len(sweep.failures)) == (4, 1, 3)
    assert not sweep.worked_on


def test_a_launcher_that_cannot_start_a_process_is_a_failure_of_that_training(tmp_path: Path) -> None:
    sweep_store.create_sweep("mine", plan("epochs=1"), tmp_path)

    def launch(config: object, name: str) -> CopiedTraining:
        raise OSError("no more processes")

    assert SweepRunner("mine", launch, folder=tmp_path).run().failures == {"mlp-epochs-1-seed-1": "no more processes"}


def test_whoever_may_not_train_or_has_no_quota_left_ends_the_sweep(tmp_path: Path) -> None:
    sweep_store.create_sweep("mine", plan("epochs=1,2"), tmp_path)

    def launch(config: object, name: str) -> CopiedTraining:
        raise AccessError("You have 10 runs here")

    with pytest.raises(AccessError, match="10 runs"):
        SweepRunner("mine", launch, folder=tmp_path).run()
    assert not sweep_store.load_sweep("mine", tmp_path).worked_on


def test_a_stopped_sweep_keeps_what_is_finished_and_starts_nothing_more(tmp_path: Path) -> None:
    sweep_store.create_sweep("mine", plan("epochs=1,2,3"), tmp_path)
    launches = Launches(tmp_path)
    runner = SweepRunner("mine", launches, folder=tmp_path, on_event=lambda training, event: runner.stop())
    sweep = runner.run()
    assert (len(launches.started), list(sweep.results), sweep.failures) == (1, ["mlp-epochs-1-seed-1"], {})


def test_another_process_can_stop_a_training_that_runs(tmp_path: Path) -> None:
    sweep = sweep_store.create_sweep("mine", plan("epochs=1,2"), tmp_path)
    assert sweep.folder
    folder, stops = sweep.folder, list[bool]()

    class Stopped(CopiedTraining):
        def events(self) -> Iterator[Event]:
            yield {"event": "preparing", "what": "nothing"}
            sweep_marks.ask_to_stop(folder)  # as another process does
            yield {"event": "preparing", "what": "more"}

        def stop(self, *, keep: bool) -> None:
            stops.append(keep)

    ended = SweepRunner("mine", lambda config, name: Stopped(config, name, tmp_path), folder=tmp_path).run()
    assert (stops, ended.failures, len(ended.missing)) == ([False], {}, 2)
    assert not sweep_marks.is_asked_to_stop(folder)


def test_a_training_that_was_cut_short_is_no_point_of_the_sweep(tmp_path: Path) -> None:
    sweep_store.create_sweep("mine", plan("epochs=1,2"), tmp_path)

    class CutShort(CopiedTraining):
        def events(self) -> Iterator[Event]:
            for event in super().events():
                yield {**event, "stopped": True}  # type: ignore[typeddict-item, misc]

    runner = SweepRunner("mine", lambda config, name: CutShort(config, name, tmp_path), folder=tmp_path)
    sweep = runner.run()
    assert (sweep.results, set(sweep.failures.values())) == ({}, {sweep_runner.CUT_SHORT})
    launches = Launches(tmp_path)
    assert len(SweepRunner("mine", launches, folder=tmp_path).run().results) == len(launches.started) == 2


def test_a_training_that_was_ended_because_others_were_better_is_kept_but_no_result_and_not_trained_again(
    tmp_path: Path,
) -> None:
    made = plan("learning_rate=0.001,0.1,1", seeds=(1, 2), end_worse=True)
    sweep_store.create_sweep("mine", made, tmp_path)
    launches = Launches(tmp_path)
    launches.worse = ("rate-1.0-seed-1", "rate-1.0-seed-2", "rate-0.1-seed-2")
    sweep = SweepRunner("mine", launches, folder=tmp_path).run()
    assert {run: result.ended_after for run, result in sweep.ended_early.items()} == {
        f"mlp-learning-{run}": 3 for run in launches.worse
    }
    assert (len(sweep.results), sweep.missing, sweep.failures) == (3, (), {})
    assert [(point.values, len(point.results)) for point in points_of(sweep)] == [((0.001,), 2), ((0.1,), 1)]
    assert store.load_run(sweep.address("mlp-learning-rate-1.0-seed-1"), tmp_path).test.count == 10_000
    again = Launches(tmp_path)
    SweepRunner("mine", again, folder=tmp_path).run()
    assert again.started == []
    extended = sweep_store.extend_sweep(sweep, sweep.plan.extended({"learning_rate": (0.01,)}))
    assert extended.plan.end_worse
    assert len(SweepRunner("mine", again, folder=tmp_path).run().results) == 5
    assert len(again.started) == 2
    (tmp_path / ".sweeps" / "mine" / "mlp-learning-rate-1.0-seed-1" / "ended_early.json").write_text("[]")
    training_result._read.cache_clear()
    damaged = sweep_store.load_sweep("mine", tmp_path)  # how it ended is not known, so it is no result either
    assert [training.run for training in damaged.missing] == ["mlp-learning-rate-1.0-seed-1"]


def test_a_listener_that_fails_ends_the_training_and_leaves_nothing_behind(tmp_path: Path) -> None:
    sweep_store.create_sweep("mine", plan("epochs=1,2"), tmp_path)
    stops: list[bool] = []

    class Endless(CopiedTraining):
        def events(self) -> Iterator[Event]:
            yield {"event": "preparing", "what": "nothing"}

        def stop(self, *, keep: bool) -> None:
            stops.append(keep)

    def interrupted(training: object, event: Event) -> None:
        raise KeyboardInterrupt

    runner = SweepRunner(
        "mine", lambda config, name: Endless(config, name, tmp_path), folder=tmp_path, on_event=interrupted
    )
    with pytest.raises(KeyboardInterrupt):
        runner.run()
    assert stops == [False]
    assert not sweep_store.load_sweep("mine", tmp_path).worked_on


def test_an_extended_sweep_trains_only_what_is_new(tmp_path: Path) -> None:
    sweep_store.create_sweep("mine", plan("epochs=1,2"), tmp_path)
    sweep = SweepRunner("mine", Launches(tmp_path), folder=tmp_path).run()
    sweep_store.extend_sweep(sweep, sweep.plan.extended({"epochs": (3,)}, seeds=(2,)))
    launches = Launches(tmp_path)
    sweep = SweepRunner("mine", launches, folder=tmp_path).run()
    assert len(sweep.results) == 6
    assert len(launches.started) == 4
    assert "mine/mlp-epochs-1-seed-1" not in launches.started


def test_two_cannot_work_on_one_sweep_and_a_dead_process_does_not_hold_it(tmp_path: Path) -> None:
    sweep = sweep_store.create_sweep("mine", plan(), tmp_path)
    assert sweep.folder
    (sweep.folder / sweep_marks.WORKED_ON).write_text(mark())
    assert sweep_store.load_sweep("mine", tmp_path).worked_on
    with pytest.raises(RunError, match="worked on already"):
        SweepRunner("mine", Launches(tmp_path), folder=tmp_path).run()
    with pytest.raises(RunError, match="worked on just now"):
        sweep_store.delete_sweep("mine", tmp_path)
    with pytest.raises(RunError, match="worked on just now"):
        sweep_store.extend_sweep(sweep, sweep.plan)
    (sweep.folder / sweep_marks.WORKED_ON).write_text("999999999-1")
    assert not sweep_store.load_sweep("mine", tmp_path).worked_on
    assert len(SweepRunner("mine", Launches(tmp_path), folder=tmp_path).run().results) == 2


def test_the_mark_of_another_process_that_came_first_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both found the mark of a dead process; the other one was quicker and has put its own there."""
    path = tmp_path / sweep_marks.WORKED_ON
    path.write_text("999999999-1")
    is_living = sweep_marks._is_living

    def and_then_the_other_comes(looked_at: Path) -> bool:
        found = is_living(looked_at)
        if looked_at == path:
            path.write_text(mark())
        return found

    monkeypatch.setattr(sweep_marks, "_is_living", and_then_the_other_comes)
    with pytest.raises(RunError, match="worked on already"), sweep_marks.working_on(tmp_path):
        pass
    assert path.read_text() == mark()
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    path.write_text("")  # the other one is about to write its mark
    assert is_living(path)


def test_noting_a_failure_keeps_a_plan_that_was_extended_meanwhile(tmp_path: Path) -> None:
    before = sweep_store.create_sweep("mine", plan("epochs=1,2"), tmp_path)
    extended = sweep_store.extend_sweep(before, before.plan.extended({"epochs": (3,)}))
    sweep_store.note_failure(before, "mlp-epochs-1-seed-1", "it failed")
    after = sweep_store.load_sweep("mine", tmp_path)
    assert (after.plan, after.failures) == (extended.plan, {"mlp-epochs-1-seed-1": "it failed"})
    assert before.folder
    written = (before.folder / sweep_store.FILE).stat().st_ino
    sweep_store.note_failure(before, "mlp-epochs-2-seed-1", "")
    assert (before.folder / sweep_store.FILE).stat().st_ino == written  # nothing is new, so nothing is written


def test_deleting_a_sweep_deletes_its_runs_and_its_name_is_free_again(tmp_path: Path) -> None:
    sweep_store.create_sweep("mine", plan(), tmp_path)
    SweepRunner("mine", Launches(tmp_path), folder=tmp_path).run()
    with pytest.raises(RunError, match="There is a sweep 'mine' already"):
        sweep_store.create_sweep("mine", plan(), tmp_path)
    assert sweep_store.free_sweep_name("mine", tmp_path) == "mine-2"
    sweep_store.delete_sweep("mine", tmp_path)
    assert not list((tmp_path / ".sweeps").iterdir())
    with pytest.raises(RunError, match="no sweep 'mine'"):
        sweep_store.load_sweep("mine", tmp_path)


def test_a_run_of_a_sweep_can_be_deleted_but_neither_renamed_nor_promoted(tmp_path: Path) -> None:
    sweep_store.create_sweep("mine", plan("epochs=1,2"), tmp_path)
    SweepRunner("mine", Launches(tmp_path), folder=tmp_path).run()
    name = "mine/mlp-epochs-1-seed-1"
    with pytest.raises(RunError, match="belongs to the sweep 'mine' and keeps its name"):
        store.rename(name, "own", tmp_path)
    with pytest.raises(RunError, match="would go with it"):
        promotion.promote(store.load_run(name, tmp_path), tmp_path)
    store.delete(name, tmp_path)
    assert [training.run for training in sweep_store.load_sweep("mine", tmp_path).missing] == ["mlp-epochs-1-seed-1"]
    with pytest.raises(RunError, match="sweep --resume mine"):
        store.load_run(name, tmp_path)


@pytest.mark.parametrize("name", ["../mine", "a/b/c", "mine/..", "/mine", "mine/", ".sweeps/mine", "mine/../../x"])
def test_no_address_leads_out_of_the_folder_of_runs(name: str, tmp_path: Path) -> None:
    for reach in (store.load_run, store.delete, store.check_free):
        with pytest.raises(RunError, match="cannot name a run"):
            reach(name, tmp_path)


def test_a_run_of_a_sweep_that_was_deleted_meanwhile_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no sweep 'gone'"), store.writing("gone/mlp-seed-1", tmp_path):
        pass
    assert not list(tmp_path.iterdir())


def test_what_ended_processes_left_in_a_sweep_is_removed(tmp_path: Path) -> None:
    sweep = sweep_store.create_sweep("mine", plan(), tmp_path)
    assert sweep.folder
    (sweep.folder / ".writing-mlp-epochs-1-seed-1.999999999-1").mkdir()
    (tmp_path / ".sweeps" / ".deleted-old.999999999-1").mkdir()
    store.sweep(tmp_path)
    assert sorted(path.name for path in sweep.folder.iterdir()) == ["sweep.json"]
    assert [path.name for path in (tmp_path / ".sweeps").iterdir()] == ["mine"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 9}', '{"format": 1, "plan": {}, "created": "", "failures": {}}', "[" * 100_000]
)
def test_a_damaged_sweep_is_a_message_and_can_be_deleted(text: str, tmp_path: Path) -> None:
    sweep_store.create_sweep("mine", plan(), tmp_path)
    (tmp_path / ".sweeps" / "mine" / "sweep.json").write_text(text)
    with pytest.raises(RunError, match=r"sweep\.json of the sweep 'mine' is damaged"):
        sweep_store.load_sweep("mine", tmp_path)
    _, damaged = sweep_store.list_sweeps(tmp_path)
    assert len(damaged) == 1
    sweep_store.delete_sweep("mine", tmp_path)


def test_a_shipped_sweep_has_results_and_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep_store.create_sweep("mine", plan(), tmp_path)
    sweep = SweepRunner("mine", Launches(tmp_path), folder=tmp_path).run()
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "ours.json").write_text(json.dumps(sweep.to_json()))
    monkeypatch.setattr(sweep_store, "SHIPPED_SWEEPS", shipped)
    ours = sweep_store.load_sweep("ours", tmp_path)
    assert (ours.results, ours.is_shipped, ours.missing) == (sweep.results, True, ())
    with pytest.raises(RunError, match="part of the project"):
        sweep_store.delete_sweep("ours", tmp_path)
    with pytest.raises(RunError, match="part of the project"):
        SweepRunner("ours", Launches(tmp_path), folder=tmp_path).run()
    with pytest.raises(RunError, match="already"):
        sweep_store.create_sweep("ours", plan(), tmp_path)


def test_a_full_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = sweep_store.create_sweep("mine", plan(), tmp_path)

    def full(self: Path, *args: object, **options: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(RunError, match="No space left"):
        sweep_store.extend_sweep(sweep, sweep.plan.extended({"epochs": (3,)}))
    with pytest.raises(RunError, match="No space left"):
        sweep_store.create_sweep("another", plan(), tmp_path)
    sweep_store.check_sweep_free("another", tmp_path)  # nothing is left of it
    monkeypatch.undo()
    assert sweep_store.load_sweep("mine", tmp_path).plan == sweep.plan


def test_settings_that_cannot_be_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        plan("epochs=0")
    with pytest.raises(RunError, match="cannot name a run"):
        sweep_store.create_sweep("../x", plan(), tmp_path)
    assert not list(tmp_path.iterdir())
