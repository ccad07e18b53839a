"""Two served apps on one folder of runs, and one whose database is away."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mnist_core.jobs.job import FAILED, RUNNING, STOPPED
from mnist_core.jobs.queue import JobQueue
from mnist_core.runs.recipes import recipe_config
from tests.browser.harness import served
from tests.conftest import ROOT
from tests.scripted import SECONDS, Script
from tests.websocket_visitor import Visitor

pytestmark = pytest.mark.slow


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def onlooker(folder: Path) -> JobQueue:
    """The queue as a process has it that trains nothing itself."""
    jobs = JobQueue(Script, folder)
    jobs._start_worker = lambda: None  # type: ignore[method-assign]
    return jobs


def test_visitors_of_two_servers_see_one_queue_and_a_killed_server_s_training_is_told_by_the_other(
    tmp_path: Path, database: str
) -> None:
    for name in ("mlp-robust", "cnn-robust"):
        (tmp_path / name).symlink_to(ROOT / "trained_models" / name)
    settings = {"TRAINED_MODELS": str(tmp_path), "DIGIT_DUEL_PREPARED_TRAINER": "0"}
    jobs = onlooker(tmp_path)
    link = "train_data=small+offline+set&train_recipe=custom&train_mlp_epochs=200&train_mlp_size=2048&train_name=long"
    with served(**settings) as (first_address, first), served(**settings) as (second_address, _):
        with Visitor(first_address) as starter, Visitor(second_address) as watcher:
            starter.open("train", link)
            starter.press("train_start")
            until(lambda: [job.state for job in jobs.jobs()] == [RUNNING])
            watcher.open("train")
            assert watcher.has("train_discard_1")
        first.kill()
        first.wait()
        until(lambda: jobs.jobs()[0].state == FAILED)
        with Visitor(second_address) as watcher:

            def is_told() -> bool:
                watcher.open("train")
                return "The app was stopped while this training ran" in watcher.texts()

            until(is_told)
            assert watcher.has("train_again_1")
            watcher.press("train_dismiss_1")
        until(lambda: jobs.jobs() == ())


def test_a_server_that_starts_goes_on_with_what_waits_before_anybody_comes(tmp_path: Path) -> None:
    jobs = onlooker(tmp_path)
    number = jobs.submit(recipe_config("specified", "mlp", data="offline"), "waited").number
    with served(TRAINED_MODELS=str(tmp_path)):
        until(lambda: jobs.job(number).state == RUNNING)
        jobs.stop(number, keep=False)
        until(lambda: jobs.job(number).state == STOPPED)


@pytest.mark.parametrize("url", ["postgresql://ada:secret@127.0.0.1:1/digits", "mysql://ada:secret@host/digits"])
def test_a_server_whose_database_cannot_be_used_says_so_and_ends(url: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mnist_core", "run", "--port", "8697"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "TRAINED_MODELS": str(tmp_path), "DIGIT_DUEL_DATABASE": url},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert "DIGIT_DUEL_DATABASE" in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stdout + done.stderr


def test_while_the_database_is_away_the_other_pages_go_on_and_the_training_page_says_so(
    tmp_path: Path, database: str
) -> None:
    if database == "SQLite":
        pytest.skip("a file is not away")
    for name in ("mlp-robust", "cnn-robust"):
        shutil.copytree(ROOT / "trained_models" / name, tmp_path / name)
    with served(TRAINED_MODELS=str(tmp_path)) as (address, _), Visitor(address) as visitor:
        visitor.open("train")
        assert visitor.has("train_start")
        rename(tmp_path, "alembic_version")
        rename(tmp_path, "jobs")
        time.sleep(0.2)
        visitor.open("train")
        assert "The database of this server cannot be used at the moment" in visitor.texts()
        assert visitor.exceptions() == []
        visitor.open("")
        assert visitor.exceptions() == []


def rename(folder: Path, table: str) -> None:
    """Have a table be away."""
    from sqlalchemy import text

    from mnist_core.database.opening import open_database

    with open_database(folder).writing() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO {table}_away"))
