"""A public server as visitors, trainers and the owner meet it: on the pages, and straight over the websocket."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import streamlit as st
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from mnist_core.access.audit import DatabaseAuditLog
from mnist_core.access.roles import Person, Role
from mnist_core.access.sign_in import Attempts
from mnist_core.database.location import FILE
from mnist_core.database.opening import open_database
from mnist_core.database.shared_tables import metadata
from mnist_core.runs.promotion import promoted
from mnist_core.runs.recipes import recipe_config
from mnist_core.runs.started_by import write_starter
from pages.parts import access, download_offer
from pages.train import shared_jobs
from tests.browser.harness import served
from tests.conftest import ROOT
from tests.websocket_visitor import Visitor

OWNER_KEY, TRAINER_KEY = "the owner's long key", "the trainers' long key"
TRAINER = Person(Role.TRAINER, "trainer key")


def fill(folder: Path) -> None:
    """Runs, one of them somebody's own, and a training that was lost with another server."""
    for name in ("mlp-robust", "cnn-robust"):
        shutil.copytree(ROOT / "trained_models" / name, folder / name)
    shutil.copytree(ROOT / "trained_models" / "mlp-specified", folder / "mine")
    lost = {"name": "lost", "config": recipe_config("specified", "mlp").to_json(), "state": "running"}
    (folder / ".jobs.999999999-1").write_text(json.dumps([lost]))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runs of a public server, in this process."""
    (tmp_path / "runs").mkdir()
    fill(tmp_path / "runs")
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path / "runs"))
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "absent.npz"))
    monkeypatch.setenv("DIGIT_DUEL_ACCESS", "public")
    monkeypatch.setenv("DIGIT_DUEL_OWNER_KEY", OWNER_KEY)
    monkeypatch.setenv("DIGIT_DUEL_TRAINER_KEY", TRAINER_KEY)
    attempts = Attempts(lambda: 100.0)  # at one moment, however slow the machine is
    monkeypatch.setattr(access, "_attempts", lambda: attempts)
    st.cache_resource.clear()
    return tmp_path / "runs"


class Prepared:
    """Counts how often a process was to be prepared, instead of starting one."""

    times = 0

    def prepare(self) -> None:
        self.times += 1


class NoEstimates:
    """Says that a measurement would have started."""

    def __init__(self) -> None:
        self.asked = 0

    def of(self, config: object) -> object:
        from mnist_core.jobs.estimates import Estimate

        self.asked += 1
        return Estimate(seconds=60)


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> Prepared:
    counter = Prepared()
    monkeypatch.setattr(shared_jobs, "launcher", lambda: counter)
    return counter


@pytest.fixture
def estimates(monkeypatch: pytest.MonkeyPatch) -> NoEstimates:
    known = NoEstimates()
    monkeypatch.setattr(shared_jobs, "estimates", lambda: known)
    return known


def page(name: str = "train") -> AppTest:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    test.switch_page(str(ROOT / "pages" / name / f"{name}.py"))
    test.run()
    assert not test.exception
    return test


def sign_in(test: AppTest, key: str) -> AppTest:
    test.text_input(key="access_key").input(key)
    test.button(key="access_sign_in").click().run()
    assert not test.exception
    return test


def button_keys(test: AppTest) -> set[str]:
    return {str(button.key) for button in test.button}


def texts(test: AppTest) -> str:
    return " ".join(element.value for element in (*test.markdown, *test.caption, *test.error))


def test_a_visitor_reads_why_there_is_no_form_and_how_to_run_an_own_server(
    folder: Path, prepared: Prepared, estimates: NoEstimates
) -> None:
    test = page()
    assert "This server is public." in texts(test)
    assert "digit-duel run" in test.code[0].value
    assert button_keys(test) == {"access_sign_in"}
    assert (prepared.times, estimates.asked) == (0, 0)


def test_the_owner_signs_in_does_everything_and_signs_out(
    folder: Path, prepared: Prepared, estimates: NoEstimates
) -> None:
    test = sign_in(page(), OWNER_KEY)
    keys = {"train_start", "train_promote", "train_rename_mine", "train_delete_mine", "train_dismiss_1"}
    test.selectbox(key="train_run").select("mine").run()
    assert keys < button_keys(test)
    assert prepared.times > 0
    assert estimates.asked > 0
    assert "Signed in as owner" in texts(test)
    assert "access_key" not in test.session_state
    test.button(key="train_delete_mine").click().run()
    assert not (folder / "mine").exists()
    test.run()
    audit = test.dataframe[0].value
    assert list(audit["what"]) == ["delete", "sign in"]
    assert set(audit["who"]) == {"owner key"}
    test.button(key="access_sign_out").click().run()
    assert button_keys(test) == {"access_sign_in"}
    assert not test.dataframe


def test_a_trainer_has_the_form_and_the_buttons_of_own_runs_only(
    folder: Path, prepared: Prepared, estimates: NoEstimates
) -> None:
    shutil.copytree(folder / "mine", folder / "trainers")
    write_starter(folder / "trainers", TRAINER.identity)
    test = sign_in(page(), TRAINER_KEY)
    test.selectbox(key="train_run").select("mine").run()
    assert {"train_start"} <= button_keys(test)
    assert not {"train_promote", "train_rename_mine", "train_delete_mine", "train_dismiss_1"} & button_keys(test)
    test.selectbox(key="train_run").select("trainers").run()
    assert {"train_rename_trainers", "train_delete_trainers"} < button_keys(test)
    assert not test.dataframe


def test_a_wrong_key_is_told_and_the_next_one_has_to_wait(
    folder: Path, prepared: Prepared, estimates: NoEstimates
) -> None:
    test = sign_in(page(), "a wrong key of some length")
    assert "not a key of this server" in texts(test)
    assert button_keys(test) == {"access_sign_in"}
    assert "Too many wrong keys" in texts(sign_in(page(), OWNER_KEY))  # another session, and the right key
    assert [entry.action for entry in DatabaseAuditLog().last()] == ["sign-in refused"]


def test_whoever_has_signed_out_elsewhere_meets_a_refusal_and_no_change(
    folder: Path, prepared: Prepared, estimates: NoEstimates
) -> None:
    test = sign_in(page(), OWNER_KEY)
    test.selectbox(key="train_run").select("mine").run()
    del test.session_state["access_person"]
    for key in ("train_delete_mine", "train_promote", "train_start", "train_dismiss_1", "train_again_1"):
        test.session_state["access_person"] = Person(Role.OWNER, "owner key")
        test.run()
        del test.session_state["access_person"]  # between the page and the press of the button
        test.button(key=key).click().run()
        assert not test.exception
        assert "public" in " ".join(error.value for error in test.error), key
    assert (folder / "mine").is_dir()
    assert promoted() == {}
    assert [job.name for job in shared_jobs.queue().jobs()] == ["lost"]


def test_compare_measures_nothing_for_a_visitor_and_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mnist_core.runs import measurements

    def measure(classifier: object) -> object:
        raise AssertionError("measured for a visitor")

    monkeypatch.setattr(measurements, "measure", measure)
    test = page("compare")
    assert "have models measured on this machine" in texts(test)
    assert "Measuring" not in " ".join(str(html.proto.body) for html in test.get("html"))


def test_mnist_is_not_downloaded_for_a_visitor_and_no_path_is_named(folder: Path) -> None:
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    test.query_params["dataset_view"] = "Gallery"
    test.switch_page(str(ROOT / "pages" / "dataset" / "dataset.py"))
    test.run()
    assert not test.exception
    assert "Its owner can download MNIST" in texts(test)
    assert "absent.npz" not in texts(test)
    assert not any("download" in key for key in button_keys(test))


def test_a_download_is_refused_where_it_starts_even_if_a_visitor_had_the_button(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []

    class Fake:
        current = None

        def start(self) -> None:
            started.append(True)

    monkeypatch.setenv("MNIST_NPZ", "")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(download_offer, "_downloads", Fake)
    monkeypatch.setattr(download_offer, "allowed", lambda action: True)
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    test.query_params["dataset_view"] = "Gallery"
    test.switch_page(str(ROOT / "pages" / "dataset" / "dataset.py"))
    test.run()
    test.button(key="dataset_download_start").click().run()
    assert "Its owner can download data sets" in texts(test)
    assert started == []


def test_pages_change_things_only_by_way_of_the_acts_that_check() -> None:
    changes = re.compile(
        r"\b(store\.(delete|rename)|promotion\.(promote|restore)|queue\(\)\.(submit|stop|forget)"
        r"|estimates\(\)\.of|queue\.(submit|stop|forget))\b"
    )
    found = {
        path.relative_to(ROOT).as_posix(): changes.findall(path.read_text(encoding="utf-8"))
        for path in (ROOT / "pages").rglob("*.py")
    }
    assert {path: names for path, names in found.items() if names} == {}


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, psutil.Process]]:
    """A served public app: its address, its runs and its process."""
    folder = tmp_path_factory.mktemp("runs")
    fill(folder)
    settings = {
        "TRAINED_MODELS": str(folder),
        "MNIST_NPZ": "",
        "KERAS_HOME": str(folder.parent / "absent"),
        "DIGIT_DUEL_ACCESS": "public",
        "DIGIT_DUEL_OWNER_KEY": OWNER_KEY,
        "DIGIT_DUEL_PREPARED_TRAINER": "1",
    }
    with served(**settings) as (address, process):
        yield address, folder, psutil.Process(process.pid)


def contents(folder: Path) -> dict[str, object]:
    """All files of the folder, and when each was changed; of the database, all rows but those of the audit log."""
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(FILE)]
    found: dict[str, object] = {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in paths}
    with open_database(folder).reading() as connection:
        rows = {table: connection.execute(select(table)).all() for table in metadata.sorted_tables}
    return {
        **found,
        **{table.name: row for table, row in rows.items() if table.name not in ("audit_events", "imports")},
    }


BUTTONS = (
    "train_start",
    "train_promote",
    "train_rename_mine",
    "train_delete_mine",
    "train_dismiss_1",
    "train_again_1",
    "train_download_start",
)


@pytest.mark.slow
def test_no_link_starts_a_process(public: tuple[str, Path, psutil.Process]) -> None:
    address, _, process = public
    with Visitor(address) as visitor:
        for name in ("train", "why", "compare", "curves", "confusion", "dataset", ""):
            visitor.open(name, "train_recipe=custom&train_name=mine" if name == "train" else "")
            assert visitor.exceptions() == []
    assert process.children(recursive=True) == []


@pytest.mark.slow
def test_every_action_straight_over_the_websocket_changes_nothing(public: tuple[str, Path, psutil.Process]) -> None:
    address, folder, _ = public
    with Visitor(address) as owner, Visitor(address) as visitor:
        owner.open("train", "train_run=mine&train_data=MNIST")
        owner.fill_in({"access_key": OWNER_KEY}, "access_sign_in")
        owner.open("train", "train_run=mine&train_data=MNIST")
        widgets = {key: owner.id_of(key) for key in BUTTONS}
        before = contents(folder)
        visitor.open("train", "train_run=mine")
        for key, widget in widgets.items():
            assert not visitor.has(key)
            visitor.send(widget, trigger_value=True)
            assert visitor.exceptions() == []
        for state in ("access_person", "access_noted"):  # no message writes the session's own state
            visitor.send(state, json_value='{"role": "owner", "name": "owner key"}')
            visitor.open("train", "train_run=mine")
            assert not visitor.has("train_start")
        assert contents(folder) == before
        assert "Signed in" not in visitor.texts()

        for key in ("train_promote", "train_dismiss_1", "train_delete_mine"):
            owner.open("train", "train_run=mine")
            owner.press(key)
        after = contents(folder)
        assert not any(name.startswith("mine/") for name in after)
        visitor.open("train")
        assert "lost" not in visitor.texts()


@pytest.mark.slow
def test_on_localhost_whoever_comes_through_a_proxy_is_a_visitor_unless_the_mode_is_stated(tmp_path: Path) -> None:
    fill(tmp_path)
    settings = {"TRAINED_MODELS": str(tmp_path), "DIGIT_DUEL_OWNER_KEY": OWNER_KEY}
    with (
        served(**settings) as (address, _),
        Visitor(address) as local,
        Visitor(address, X_Forwarded_For="203.0.113.5") as stranger,
    ):
        local.open("train")
        stranger.open("train")
        assert (local.has("train_start"), local.has("access_sign_in")) == (True, False)
        assert (stranger.has("train_start"), stranger.has("access_sign_in")) == (False, True)
    assert DatabaseAuditLog(tmp_path).last() == []
