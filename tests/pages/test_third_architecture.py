"""An architecture that is nothing but one more file shows up on every page."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mnist_core.models.registry import VARIABLE
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

TINY = ROOT / "tests" / "models" / "tiny_architecture.py"
RUNS = ["my-tiny", "mlp-specified"]
PAGES: dict[str, dict[str, Any]] = {
    "draw": {},
    "train": {"train_run": "my-tiny"},
    "compare": {"compare_runs": RUNS},
    "curves": {"curves_runs": RUNS},
    "confusion": {"confusion_runs": RUNS},
    "dataset": {},
    "why": {},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shipped runs and one of the tiny architecture, which is in use on the draw page."""
    folder = tmp_path_factory.mktemp("runs")
    for name in ("mlp-specified", "cnn-specified"):
        shutil.copytree(ROOT / "trained_models" / name, folder / name)
    run_python(folder, "mnist_core", "train", "tiny", "--data", "offline", "--epochs", "5", "--name", "my-tiny")
    (folder / ".promoted.json").write_text(json.dumps({"tiny": "my-tiny"}))
    return folder


def run_python(folder: Path, module: str, *arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, VARIABLE: str(TINY), "TRAINED_MODELS": str(folder)},
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def open_pages(folder: Path, pages: dict[str, dict[str, Any]]) -> dict[str, Any]:
    said = run_python(folder, "tests.pages.open_pages", json.dumps(pages))
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def shown(folder: Path) -> dict[str, Any]:
    return open_pages(folder, PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens(shown: dict[str, Any], page: str) -> None:
    assert shown[page]["exceptions"] == []


@pytest.mark.parametrize("page", ["draw", "train", "compare", "curves", "confusion"])
def test_a_run_of_it_can_be_chosen_where_runs_are(shown: dict[str, Any], page: str) -> None:
    assert any("my-tiny" in options for options in shown[page]["options"])


@pytest.mark.parametrize("page", ["compare", "curves", "confusion"])
def test_the_pages_that_compare_show_its_run(shown: dict[str, Any], page: str) -> None:
    assert "my-tiny" in shown[page]["text"]


def test_the_draw_page_has_the_promoted_run_of_it_on_the_right(shown: dict[str, Any]) -> None:
    assert "Tiny" in shown["draw"]["text"]


def test_the_training_form_offers_it(shown: dict[str, Any]) -> None:
    assert ["MLP", "CNN", "Tiny"] in shown["train"]["options"]


def test_its_settings_can_be_changed_in_the_form(folder: Path) -> None:
    train = open_pages(folder, {"train": {"train_model": "Tiny", "train_recipe": "custom"}})["train"]
    assert train["exceptions"] == []
    assert ["4", "8", "16", "24", "32"] in train["options"]


def test_its_runs_have_its_own_colours(shown: dict[str, Any]) -> None:
    assert "#b4510f" in shown["compare"]["text"]  # The MLP's.
    assert "#3f7d20" in shown["compare"]["text"]
