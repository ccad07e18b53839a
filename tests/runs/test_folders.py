"""Where runs lie: in a checkout, in an installed package, and where somebody says."""

import shutil
from pathlib import Path

import pytest

from mnist_core.errors import RunError
from mnist_core.runs import folders
from mnist_core.runs.folders import runs_folder, search_folders, shipped_folder
from mnist_core.runs.promotion import default_pair, promote, promoted
from mnist_core.runs.store import check_free, delete, free_name, list_runs, load_run, rename, writing
from tests.conftest import ROOT


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with one shipped run. The user's data folder is beside it."""
    package = tmp_path / "site-packages" / "mnist_core"
    shutil.copytree(ROOT / "trained_models" / "mlp-specified", package / "app" / "trained_models" / "mlp-specified")
    monkeypatch.delenv("TRAINED_MODELS", raising=False)
    monkeypatch.setattr(folders, "PACKAGE", package)
    monkeypatch.setattr("platformdirs.user_data_path", lambda name, appauthor: tmp_path / "data" / name)
    return package


def write_run(name: str) -> None:
    with writing(name, replace=True) as partial:
        shutil.copytree(ROOT / "trained_models" / "mlp-specified", partial, dirs_exist_ok=True)


def test_in_a_checkout_all_runs_lie_in_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRAINED_MODELS", raising=False)
    assert runs_folder() == shipped_folder() == ROOT / "trained_models"
    assert search_folders() == (ROOT / "trained_models",)


def test_a_named_folder_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINED_MODELS", "~/digits")
    assert search_folders() == (Path.home() / "digits",)


def test_an_installed_package_writes_to_the_user_s_data_and_lists_the_shipped_runs_too(
    installed: Path, tmp_path: Path
) -> None:
    assert runs_folder() == tmp_path / "data" / "digit-duel" / "trained_models"
    assert not runs_folder().exists()
    assert [run.name for run in list_runs()[0]] == ["mlp-specified"]
    write_run("mine")
    assert [run.name for run in list_runs()[0]] == ["mine", "mlp-specified"]
    assert load_run("mine").folder.parent == runs_folder()
    assert load_run("mlp-specified").folder.parent == installed / "app" / "trained_models"
    with pytest.raises(RunError, match=r"There are: mine, mlp-specified\."):
        load_run("absent")


def test_the_name_of_a_shipped_run_is_taken_and_a_replaced_one_comes_first(installed: Path) -> None:
    assert free_name("mlp-specified") == "mlp-specified-2"
    with pytest.raises(RunError, match="already"):
        check_free("mlp-specified")
    write_run("mlp-specified")
    assert load_run("mlp-specified").folder.parent == runs_folder()
    assert [run.name for run in list_runs()[0]] == ["mlp-specified"]
    assert (installed / "app" / "trained_models" / "mlp-specified").is_dir()


def test_own_runs_of_an_installed_package_are_renamed_promoted_and_deleted(installed: Path) -> None:
    promote(load_run("mlp-specified"))
    assert promoted() == {"mlp": "mlp-specified"}
    write_run("mine")
    promote(rename("mine", "better"))
    assert default_pair([run.name for run in list_runs()[0]]) == ("better", "mlp-specified")
    delete("better")
    assert [run.name for run in list_runs()[0]] == ["mlp-specified"]
    assert promoted() == {}
