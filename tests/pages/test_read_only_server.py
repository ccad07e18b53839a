"""A served app whose user may only read the folder of runs."""

from pathlib import Path

import pytest

from mnist_core.jobs.job import Job
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.promoted_runs import change_promoted
from mnist_core.runs.recipes import recipe_config
from tests.browser.harness import served
from tests.conftest import ROOT
from tests.scripted import Script, names_in
from tests.unprivileged import read_only
from tests.websocket_visitor import Visitor


@pytest.mark.slow
def test_its_pages_open_and_say_what_is_not_possible(tmp_path: Path) -> None:
    for name in ("mlp-robust", "mlp-specified", "cnn-robust"):
        (tmp_path / name).symlink_to(ROOT / "trained_models" / name)
    change_promoted(tmp_path, lambda chosen: {"mlp": "mlp-specified"})
    JobQueue(Script, tmp_path)._records.add(Job(0, "a", recipe_config("specified", "mlp")), most=20)
    before = names_in(tmp_path)
    with read_only(tmp_path), served(TRAINED_MODELS=str(tmp_path), is_unprivileged=True) as (address, server):
        with Visitor(address) as visitor:
            for page in ("", "confusion"):
                visitor.open(page)
                assert visitor.exceptions() == visitor.alerts() == [], page
                assert "mlp-specified" in visitor.texts(), page
            visitor.open("train", "train_run=mlp-specified")
            assert visitor.exceptions() == visitor.alerts() == []
            assert "This server may only read its files." in visitor.texts()
            assert not visitor.has("train_start")
            visitor.press("train_restore")
            visitor.open("train")
            assert "Nothing can be trained, put in use" in " ".join(visitor.alerts())
            assert visitor.exceptions() == []
        assert server.poll() is None
    assert names_in(tmp_path) == before
