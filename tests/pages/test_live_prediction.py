"""What the draw page gives the browser so that it can predict while the pen is down."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from starlette.requests import Request
from starlette.routing import Match
from streamlit.testing.v1 import AppTest

from mnist_core.data.strokes import from_canvas
from mnist_core.errors import RunError
from mnist_core.runs.store import load_run
from mnist_core.sweeps import sweep_store
from mnist_core.sweeps.sweep_runner import SweepRunner
from pages.parts import browser_files
from tests.conftest import ROOT, canvas_json, three
from tests.sweeps.sweeps_on_disk import Launches, plan


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the page gives the browser, once a run of the page; there is a 3 on the canvas."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr("pages.parts.canvas.st_canvas", lambda **_: SimpleNamespace(json_data=canvas_json(three())))
    monkeypatch.setattr("pages.draw.live_prediction._live_prediction", lambda **options: calls.append(options["data"]))
    return calls


@pytest.fixture
def unknown_networks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Networks whose layers browsers do not know."""

    def refuse(path: Path) -> None:
        raise RunError(f"{path} has an unknown layer.")

    monkeypatch.setattr(browser_files, "read_network", refuse)
    browser_files._network.cache_clear()
    yield
    browser_files._network.cache_clear()


def draw_page() -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()


def panels(page: AppTest) -> list[str]:
    return [html.proto.body for html in page.get("html") if "class='duel'" in html.proto.body]


def test_the_browser_gets_the_strokes_and_both_networks_by_address(given: list[dict[str, Any]]) -> None:
    page = draw_page()
    assert not page.exception
    (data,) = given
    (known,) = re.findall(r"data-known='([^']*)'", panels(page)[0])
    (stroke,) = (np.frombuffer(base64.b64decode(text), "<f4").reshape(-1, 2) for text in known.split(" "))
    np.testing.assert_allclose(stroke, from_canvas(canvas_json(three()))[0], atol=1e-4)
    for side, name in (("left", "mlp-robust"), ("right", "cnn-robust")):
        assert re.fullmatch(rf"live/networks/{name}/[0-9a-f]{{16}}\.network", data["networks"][side])
    assert re.fullmatch(r"live/scripts/[0-9a-f]{16}/draw/live/live_drawing\.js", data["script"])


def test_each_panel_of_the_server_is_painted_even_if_it_says_the_same(given: list[dict[str, Any]]) -> None:
    page = draw_page()
    first = panels(page)[0]
    second = panels(page.run())[0]
    assert re.sub(r"data-number='\d+'|in [\d.]+ ms", "", first) == re.sub(r"data-number='\d+'|in [\d.]+ ms", "", second)
    numbers = [re.findall(r"data-number='(\d+)'", panel) for panel in (first, second)]
    assert numbers[0] != numbers[1]


def test_a_network_that_browsers_do_not_know_is_not_found(unknown_networks: None) -> None:
    name, file = str(browser_files.network_address(load_run("mlp-robust"))).split("/")[-2:]
    digest = file.removesuffix(".network")
    request = Request({"type": "http", "headers": [], "path_params": {"name": name, "digest": digest}})
    assert browser_files._send_network(request).status_code == 404


def status_of(path: str) -> int:
    """What the server answers to a request for that path, as it is after decoding."""
    scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    for route in browser_files.routes():
        match, found = route.matches(scope)
        if match is Match.FULL:
            status: int = found["endpoint"](Request({**scope, **found})).status_code
            return status
    return 404


def test_the_network_of_a_run_of_a_sweep_is_sent_and_no_address_leads_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINED_MODELS", str(tmp_path))
    sweep_store.create_sweep("mine", plan("epochs=1"))
    SweepRunner("mine", Launches(tmp_path)).run()
    address = str(browser_files.network_address(load_run("mine/mlp-epochs-1-seed-1")))
    assert status_of(f"/{address}") == 200
    assert status_of(f"/{address}".replace("mine/", "../mine/")) == 404


def test_without_a_model_file_the_browser_gets_nothing(
    given: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.draw.live_prediction.network_address", lambda run: None)
    page = draw_page()
    assert not page.exception
    assert given == []
    assert "Both predict a 3." in panels(page)[0]
