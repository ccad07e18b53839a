"""Runs of every version can be opened, and later versions are refused with the reason."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mnist_core.runs.file_format import FORMAT, RENAMED_SETTINGS, describe, upgraded, upgraded_config
from mnist_core.runs.recipes import SETTINGS, TrainingConfig
from mnist_core.runs.store import list_runs, load_run
from tests.conftest import ROOT

SHIPPED = ("mlp-specified", "cnn-specified", "mlp-robust", "cnn-robust")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "trained_models" / "cnn-robust", tmp_path / "mine")
    return tmp_path


def facts_of(folder: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((folder / "mine" / "run.json").read_text())
    return facts


def write_facts(folder: Path, facts: dict[str, Any]) -> None:
    (folder / "mine" / "run.json").write_text(json.dumps(facts))


def as_version_1(facts: dict[str, Any]) -> dict[str, Any]:
    """The same run as version 1 has it."""
    old_names = {new: old for old, new in RENAMED_SETTINGS.items()}
    old = {key: value for key, value in facts.items() if key != "entropy_threshold"}
    test = {key: value for key, value in facts["test"].items() if key != "incorrect"}
    return {
        **old,
        "format": 1,
        "config": {old_names.get(name, name): value for name, value in facts["config"].items()},
        "doubt_threshold": facts["entropy_threshold"],
        "test": {**test, "wrong": facts["test"]["incorrect"]},
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_runs_have_today_s_version(name: str) -> None:
    facts = json.loads((ROOT / "trained_models" / name / "run.json").read_text())
    assert facts["format"] == FORMAT
    assert describe(load_run(name)) == facts


def test_a_run_of_version_1_has_today_s_names(folder: Path) -> None:
    facts = facts_of(folder)
    facts["config"]["fraction"] = 0.25
    write_facts(folder, facts)
    today, old = load_run("mine", folder), as_version_1(facts)
    assert {"share", "scribbles", "softening", "averaging"} <= set(old["config"])
    write_facts(folder, old)
    assert load_run("mine", folder) == today
    assert (today.config["out_of_distribution"], today.config["fraction"]) == (0.05, 0.25)
    assert today.entropy_threshold is not None
    assert TrainingConfig.from_json(today.config).recipe == "robust"


def test_every_renamed_setting_is_one_of_today_s() -> None:
    assert set(RENAMED_SETTINGS.values()) <= set(SETTINGS)
    assert not set(RENAMED_SETTINGS) & set(SETTINGS)


def test_a_run_of_version_1_without_a_threshold_has_none(folder: Path) -> None:
    old = as_version_1(facts_of(folder))
    del old["doubt_threshold"]
    write_facts(folder, old)
    assert load_run("mine", folder).entropy_threshold is None


@pytest.mark.parametrize("version", [FORMAT + 1, 99, 0, "2", None])
def test_an_unknown_version_is_refused_with_the_known_ones(folder: Path, version: object) -> None:
    write_facts(folder, {**facts_of(folder), "format": version})
    usable, (broken,) = list_runs(folder)
    assert usable == []
    assert f"format {version!r}, this version reads 1 to {FORMAT}" in broken.reason


@pytest.mark.parametrize("version", [1, 2])
def test_unknown_settings_are_kept(folder: Path, version: int) -> None:
    facts = facts_of(folder)
    facts["config"]["sparkle"] = 0.3
    write_facts(folder, as_version_1(facts) if version == 1 else facts)
    run = load_run("mine", folder)
    assert run.config["sparkle"] == 0.3
    assert describe(run)["config"] == facts["config"]


def test_content_of_today_s_version_stays_as_it_is(folder: Path) -> None:
    facts = facts_of(folder)
    assert upgraded(facts) is facts


def test_a_config_of_version_1_makes_a_config_of_today() -> None:
    config = upgraded_config({**load_run("mlp-specified").config, "fraction": 0.5})
    assert TrainingConfig.from_json(config).fraction == 0.5
    old = {"architecture": "mlp", "optimizer": "adam", "learning_rate": 0.1, "batch_size": 5, "epochs": 3, "share": 0.5}
    assert TrainingConfig.from_json(upgraded_config(old)).fraction == 0.5
