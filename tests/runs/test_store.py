"""A run is complete or absent, and nothing damaged takes the others down."""

import dataclasses
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mnist_core.database.database import Database
from mnist_core.errors import DatabaseError, RunError
from mnist_core.models.classifier import Classifier
from mnist_core.runs import processes
from mnist_core.runs.file_format import FILES, describe, load_history
from mnist_core.runs.folders import runs_folder
from mnist_core.runs.processes import mark
from mnist_core.runs.promoted_runs import change_promoted
from mnist_core.runs.promotion import default_pair, in_use, original, promote, promoted, restore
from mnist_core.runs.store import (
    check_free,
    checked_name,
    delete,
    free_name,
    list_runs,
    load_run,
    rename,
    sweep,
    writing,
)
from tests.conftest import ROOT

SHIPPED = ROOT / "trained_models" / "mlp-specified"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good run, 'good'."""
    shutil.copytree(SHIPPED, tmp_path / "runs" / "good")
    return tmp_path / "runs"


def fill(beside: Path) -> None:
    for file in FILES:
        shutil.copy(SHIPPED / file, beside / file)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_run_is_loaded_and_described_alike(folder: Path) -> None:
    run = load_run("good", folder)
    assert run.parameters == 407_050
    assert run.test.count == 10_000
    assert describe(run) == json.loads((folder / "good" / "run.json").read_text())
    assert len(load_history(run)["val_accuracy"]) == run.config["epochs"]


def test_the_data_set_of_an_older_run_has_today_s_name(folder: Path) -> None:
    path = folder / "good" / "run.json"
    path.write_text(path.read_text().replace('"mnist"', '"MNIST"'))
    run = load_run("good", folder)
    assert (run.config["data"], run.data["name"]) == ("mnist", "mnist")


def test_a_written_run_appears_whole(folder: Path) -> None:
    with writing("new-one", folder) as beside:
        fill(beside)
        assert [run.name for run in list_runs(folder)[0]] == ["good"]
    assert [run.name for run in list_runs(folder)[0]] == ["good", "new-one"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, MemoryError])
def test_an_interrupted_run_leaves_nothing(folder: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), writing("new-one", folder) as beside:
        fill(beside)
        raise error
    assert names(folder) == ["good"]


def test_an_incomplete_run_is_not_kept(folder: Path) -> None:
    with pytest.raises(RunError, match=r"not completed: history\.json"), writing("new-one", folder) as beside:
        fill(beside)
        (beside / "history.json").unlink()
    assert names(folder) == ["good"]


def test_a_full_disk_is_a_message_and_leaves_nothing(folder: Path) -> None:
    with pytest.raises(RunError, match="Free some space"), writing("new-one", folder):
        raise OSError(28, "No space left on device")
    assert names(folder) == ["good"]


def test_a_taken_name_is_refused_before_any_work(folder: Path) -> None:
    with pytest.raises(RunError, match="already"), writing("good", folder):
        pytest.fail("the block was entered")


def test_replacing_exchanges_the_run_and_a_failure_keeps_the_old(folder: Path) -> None:
    with pytest.raises(RuntimeError), writing("good", folder, replace=True):
        raise RuntimeError
    assert load_run("good", folder).recipe == "specified"
    with writing("good", folder, replace=True) as beside:
        fill(beside)
        facts = json.loads((beside / "run.json").read_text())
        (beside / "run.json").write_text(json.dumps({**facts, "recipe": "custom"}))
    assert load_run("good", folder).recipe == "custom"
    assert names(folder) == ["good"]


def test_two_writers_of_one_name_do_not_meet(folder: Path) -> None:
    with writing("new-one", folder) as beside:
        assert free_name("new-one", folder) == "new-one-2"
        with pytest.raises(RunError, match="Another process is writing"), writing("new-one", folder):
            pytest.fail("the block was entered")
        fill(beside)
    assert load_run("new-one", folder).name == "new-one"


def test_what_a_killed_writer_left_is_swept_away(folder: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    (folder / f".writing-new-one.{process.pid}").mkdir()
    with writing("new-one", folder) as beside:
        fill(beside)
    assert names(folder) == ["good", "new-one"]


def test_a_folder_that_can_not_be_written_is_a_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="TRAINED_MODELS"), writing("new-one", tmp_path / "file" / "runs"):
        pytest.fail("the block was entered")


@pytest.mark.parametrize(
    "name", ["", "a/b", "../up", ".hidden", "UPPER", "ä", "x" * 61, "a b", "emoji-🙂", "end-", "nul\x00"]
)
def test_names_that_are_no_folder_everywhere_are_refused(folder: Path, name: str) -> None:
    for use in (load_run, free_name):
        with pytest.raises(RunError, match="cannot name a run"):
            use(name, folder)


def test_free_names_count_up(folder: Path) -> None:
    assert free_name("other", folder) == "other"
    assert free_name("good", folder) == "good-2"
    shutil.copytree(folder / "good", folder / "good-2")
    assert free_name("good", folder) == "good-3"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "damaged"),
        ("{", "damaged"),
        ("[]", "damaged"),
        ("{}", "format"),
        ('{"format": 99}', "99"),
        ((SHIPPED / "run.json").read_text().replace("407050", "Infinity"), "damaged"),
        (None, "incomplete"),
        (b"cut", "no whole LiteRT model"),
    ],
)
def test_damaged_runs_are_listed_with_the_reason_beside_the_good_ones(
    folder: Path, text: str | bytes | None, reason: str
) -> None:
    shutil.copytree(folder / "good", folder / "bad")
    model = folder / "bad" / "model.tflite"
    if isinstance(text, bytes):
        model.write_bytes(model.read_bytes()[: model.stat().st_size // 2])
    elif text is None:
        (folder / "bad" / "model.tflite").unlink()
    else:
        (folder / "bad" / "run.json").write_text(text)
    (folder / "stray.txt").write_text("not a run")
    (folder / ".writing-x").mkdir()
    runs, damaged = list_runs(folder)
    assert [run.name for run in runs] == ["good"]
    assert [run.name for run in damaged] == ["bad"]
    assert reason in damaged[0].reason


def test_a_run_json_of_many_megabytes_is_listed_as_damaged_without_being_read(folder: Path) -> None:
    with (folder / "good" / "run.json").open("a") as file:
        file.truncate(500_000_000)  # sparse: it takes no space on the disk
    runs, (broken,) = list_runs(folder)
    assert runs == []
    assert "500,000,000 bytes" in broken.reason


def test_json_nested_without_end_is_listed_as_damaged(folder: Path) -> None:
    (folder / "good" / "run.json").write_text("[" * 100_000)
    runs, (broken,) = list_runs(folder)
    assert runs == []
    assert "damaged" in broken.reason


def test_a_model_with_damaged_bytes_is_listed_as_damaged_or_predicts(folder: Path) -> None:
    model, random = folder / "good" / "model.tflite", np.random.default_rng(0)
    whole = np.frombuffer(model.read_bytes(), np.uint8)
    found = set()
    for _ in range(30):
        damaged = whole.copy()
        place = int(random.integers(len(whole) - 200) if random.random() < 0.5 else len(whole) - 3000)
        damaged[place : place + 200] = random.integers(0, 256, 200)
        model.write_bytes(damaged.tobytes())
        runs, broken = list_runs(folder)
        for run in runs:
            Classifier(run.model_path).predict(np.zeros((28, 28), np.float32))
        found.add(len(broken))
    assert found == {0, 1}


def test_a_run_whose_model_cannot_predict_is_not_promoted(folder: Path) -> None:
    run = load_run("good", folder)
    run.model_path.write_bytes(run.model_path.read_bytes()[:20_000])
    with pytest.raises(RunError, match="not a LiteRT model"):
        promote(run, folder)
    assert promoted(folder) == {}


def test_a_missing_run_is_a_message_with_those_that_exist(folder: Path) -> None:
    with pytest.raises(RunError, match=r"no run 'better'.*good"):
        load_run("better", folder)


def test_no_folder_is_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "nowhere") == ([], [])
    with pytest.raises(RunError, match="Train one"):
        load_run("any", tmp_path / "nowhere")


def test_the_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    assert runs_folder() == tmp_path


@pytest.mark.parametrize("text", ["", "[1]", '{"loss": 5}', '{"loss": ["x"]}'])
def test_a_damaged_history_is_a_message(folder: Path, text: str) -> None:
    (folder / "good" / "history.json").write_text(text)
    with pytest.raises(RunError, match=r"history\.json"):
        load_history(load_run("good", folder))


def test_a_truncated_model_is_listed_as_damaged(folder: Path) -> None:
    model = folder / "good" / "model.keras"
    model.write_bytes(model.read_bytes()[:-1000])
    runs, (broken,) = list_runs(folder)
    assert runs == []
    assert "model.keras" in broken.reason


def test_a_renamed_run_is_the_same_run_and_stays_in_use(folder: Path) -> None:
    before = describe(load_run("good", folder))
    promote(load_run("good", folder), folder)
    assert describe(rename("good", "better", folder)) == before
    assert [run.name for run in list_runs(folder)[0]] == ["better"]
    assert promoted(folder) == {"mlp": "better"}


@pytest.mark.parametrize("name", ["../out", "a/b", "", "x" * 200, "\N{WHITE SMILING FACE}", "taken"])
def test_a_run_cannot_be_renamed_to_what_is_no_name_or_taken(folder: Path, name: str) -> None:
    shutil.copytree(SHIPPED, folder / "taken")
    with pytest.raises(RunError, match=r"cannot name|already"):
        rename("good", name, folder)
    assert names(folder) == ["good", "taken"]


def test_a_deleted_run_is_gone_and_out_of_use(folder: Path) -> None:
    shutil.copytree(SHIPPED, folder / "mlp-specified")
    promote(load_run("good", folder), folder)
    assert default_pair(["good", "mlp-specified"], folder)[0] == "good"
    delete("good", folder)
    assert [run.name for run in list_runs(folder)[0]] == ["mlp-specified"]
    assert default_pair(["mlp-specified"], folder)[0] == "mlp-specified"


@pytest.mark.parametrize("name", ["mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust"])
def test_the_shipped_runs_can_be_neither_deleted_nor_renamed(folder: Path, name: str) -> None:
    shutil.copytree(SHIPPED, folder / name)
    with pytest.raises(RunError, match="part of the project"):
        delete(name, folder)
    with pytest.raises(RunError, match="part of the project"):
        rename(name, "mine", folder)
    assert load_run(name, folder).name == name


def test_a_damaged_run_can_be_deleted_and_an_absent_one_is_a_message(folder: Path) -> None:
    (folder / "good" / "run.json").write_text("{")
    delete("good", folder)
    with pytest.raises(RunError, match="no run 'good'"):
        delete("good", folder)


@pytest.mark.parametrize("text", ["{", "[1]", '{"mlp": 5}', '{"mlp": "not-there"}'])
def test_a_damaged_record_of_the_runs_in_use_is_as_if_there_were_none(folder: Path, text: str) -> None:
    (folder / ".promoted.json").write_text(text)
    assert default_pair(["good", "mlp-robust"], folder)[0] == "mlp-robust"
    promote(load_run("good", folder), folder)
    assert default_pair(["good", "mlp-robust"], folder)[0] == "good"


def test_a_promoted_run_stays_as_it_is_while_the_database_is_away(
    folder: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(load_run("good", folder), folder)
    promoted(folder)

    def away(self: Database) -> None:
        raise DatabaseError("it is away")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Database, "writing", away)
        for change in (lambda: rename("good", "better", folder), lambda: delete("good", folder)):
            with pytest.raises(DatabaseError):
                change()
            assert load_run("good", folder).name == promoted(folder)["mlp"] == "good"
    rename("good", "better", folder)
    assert promoted(folder) == {"mlp": "better"}
    delete("better", folder)
    assert promoted(folder) == {}


def dead_process() -> str:
    """The mark of a process that has ended."""
    said = subprocess.run(
        [sys.executable, "-c", "from mnist_core.runs.processes import mark\nprint(mark())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.strip()


def test_what_dead_processes_left_is_swept_and_an_exchange_that_was_cut_short_is_undone(folder: Path) -> None:
    dead = dead_process()
    for left in (f".writing-half.{dead}", f".deleted-old.{dead}"):
        (folder / left).mkdir()
    (folder / "good").rename(folder / f".replaced-good.{dead}")
    (folder / f".writing-mine.{mark()}").mkdir()
    sweep(folder)
    assert names(folder) == [f".writing-mine.{mark()}", "good"]


def test_what_a_process_of_another_container_writes_is_left_alone_and_keeps_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, started, _ = mark().split("-")
    monkeypatch.setattr(processes, "_place", lambda: "0123abcd")
    there = folder / f".writing-theirs.{int(number) + 1}-{started}-89abcdef"
    there.mkdir()
    sweep(folder)
    with pytest.raises(RunError, match="Another process is writing a run 'theirs'"):
        check_free("theirs", folder)
    assert there.is_dir()
    monkeypatch.setattr(processes, "HOURS_OF_SILENCE", -1.0)  # as if a day had passed
    check_free("theirs", folder)
    assert not there.exists()


@pytest.mark.parametrize(
    ("names", "pair"),
    [
        (["cnn-robust", "cnn-z"], ("cnn-z", "cnn-robust")),
        (["mlp-robust", "mlp-a"], ("mlp-robust", "mlp-a")),
        (["a", "b", "c"], ("a", "b")),
        (["only"], ("only", "only")),
        (["cnn-specified", "mlp-specified", "mlp-robust"], ("mlp-robust", "cnn-specified")),
    ],
)
def test_the_default_pair_is_two_different_runs_wherever_there_are_two(
    folder: Path, names: list[str], pair: tuple[str, str]
) -> None:
    assert default_pair(names, folder) == pair


def test_a_promoted_run_of_a_third_architecture_takes_the_right_side_until_another_one_does(folder: Path) -> None:
    names = ["cnn-robust", "good", "mlp-robust", "tiny-run"]
    tiny, cnn = (
        dataclasses.replace(load_run("good", folder), name=name, architecture=architecture)
        for name, architecture in (("tiny-run", "tiny"), ("cnn-robust", "cnn"))
    )
    promote(load_run("good", folder), folder)
    assert default_pair(names, folder) == ("good", "cnn-robust")
    promote(tiny, folder)
    assert default_pair(names, folder) == ("good", "tiny-run")
    assert in_use("tiny", names, folder) == in_use("cnn", names, folder) == "tiny-run"
    promote(cnn, folder)
    assert default_pair(names, folder) == ("good", "cnn-robust")
    assert in_use("mlp", names, folder) == "good"


def test_a_run_being_written_does_not_block_a_name_that_its_own_begins_with(folder: Path) -> None:
    with writing("a.b", folder) as beside:
        fill(beside)
        assert free_name("a", folder) == "a"
        assert free_name("a.b", folder) == "a.b-2"


def test_a_free_name_is_a_name_also_where_the_stem_is_as_long_as_can_be(folder: Path) -> None:
    for stem in ("x" * 60, "y" * 57 + ".yy"):
        for _ in range(3):
            name = checked_name(free_name(stem, folder))
            (folder / name).mkdir()


def test_a_run_of_an_unknown_kind_of_network_is_listed_as_foreign_with_the_reason(folder: Path) -> None:
    facts = json.loads((folder / "good" / "run.json").read_text())
    (folder / "good" / "run.json").write_text(json.dumps({**facts, "architecture": "transformer"}))
    usable, (foreign,) = list_runs(folder)
    assert usable == []
    assert "'transformer', this version knows mlp, cnn" in foreign.reason


@pytest.mark.parametrize(
    ("error", "advice"),
    [(OSError(28, "No space left on device"), "Free some space"), (PermissionError(13, "denied"), "can be written")],
)
def test_what_cannot_be_written_says_what_to_do(folder: Path, error: OSError, advice: str) -> None:
    with pytest.raises(RunError, match=advice), writing("new", folder):
        raise error
    assert names(folder) == ["good"]


def test_that_nobody_listens_any_more_is_not_taken_for_a_full_disk(folder: Path) -> None:
    with pytest.raises(BrokenPipeError), writing("new", folder):
        raise BrokenPipeError
    assert names(folder) == ["good"]


def test_the_original_comes_back_into_use_on_its_side_alone(folder: Path) -> None:
    for architecture in ("mlp", "cnn"):
        change_promoted(folder, lambda chosen: {"mlp": "good", "cnn": "other"})
        names = ["good", "other", "mlp-robust", "cnn-robust"]
        assert original(architecture, names) == f"{architecture}-robust"
        restore(architecture, folder)
        left = {"mlp": "good", "cnn": "other"}
        del left[architecture]
        assert promoted(folder) == left
