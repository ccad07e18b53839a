"""Training in the served app, in a real Chromium, on the small offline set: watched, reloaded, stopped, put to use."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from mnist_core.runs.promotion import promoted
from tests.browser import harness
from tests.conftest import ROOT, three

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        harness.chromium_path() is None,
        reason="there is no Chromium; install it (Debian: apt install chromium) or name one in CHROMIUM",
    ),
    pytest.mark.timeout(600),
]

PATIENCE = 120_000
"""Milliseconds; TensorFlow alone takes some seconds to start, and more on a busy machine."""

SMALL = "/train?train_data=small+offline+set&train_recipe=custom&train_mlp_batch=32"
LONG = {"mlp_epochs": "200", "mlp_size": "2048"}
"""Settings with which a training does not end before it is stopped, however slow the browser."""


GROWN = """before => {
  const paths = [...document.querySelectorAll(".st-key-train_running svg.marks path")];
  const lines = paths.map(path => path.getAttribute("d") || "");
  return lines.map(line => line.split("L").length).reduce((a, b) => a + b, 0) > before + 20;
}"""
"""Whether the curves have become longer."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    runs = tmp_path_factory.mktemp("runs")
    for name in ("mlp-specified", "cnn-specified"):
        shutil.copytree(ROOT / "trained_models" / name, runs / name)
    return runs


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with harness.served(TRAINED_MODELS=str(folder), MNIST_NPZ=str(folder / "absent.npz")) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with harness.browser() as running:
        yield running


@pytest.fixture
def page(chromium: Browser, server: tuple[str, subprocess.Popen[bytes]]) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 1400})
    context.add_init_script(harness.TOUR_SEEN)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    yield opened
    context.close()


def open_form(page: Page, server: tuple[str, subprocess.Popen[bytes]], **settings: str) -> None:
    page.goto(server[0] + SMALL + "".join(f"&train_{name}={value}" for name, value in settings.items()))
    expect(page.get_by_role("button", name=re.compile("Start training|Add to the queue"))).to_be_enabled(
        timeout=PATIENCE
    )
    expect(page.locator(".outlook .pending")).to_have_count(0, timeout=PATIENCE)


def points(page: Page) -> int:
    """How far the loss curve has come, in pieces of line."""
    lines = page.locator(
        ".st-key-train_running svg.marks path[aria-roledescription='line mark'], "
        ".st-key-train_running svg.marks .mark-line path"
    )
    return sum((line.get_attribute("d") or "").count("L") for line in lines.all())


def test_a_short_run_is_watched_reloaded_promoted_and_predicts_a_drawing(
    page: Page, server: tuple[str, subprocess.Popen[bytes]], folder: Path
) -> None:
    open_form(page, server, name="short", mlp_epochs="2", mlp_fraction="50+%25")
    page.get_by_role("button", name="Start training").click()
    ended = page.locator("[class*=st-key-train_ended_]").filter(has_text="short")
    ended.wait_for()
    expect(ended).to_contain_text("finished")
    expect(ended).to_contain_text("incorrect of 360")
    # Its card comes by itself, beside the run in use.
    expect(page.locator(".st-key-train_card")).to_contain_text("short")
    page.get_by_role("button", name="Make it the default MLP").click()
    expect(page.get_by_role("button", name="The default MLP")).to_be_disabled(timeout=PATIENCE)
    assert promoted(folder) == {"mlp": "short"}

    page.get_by_role("link", name="Draw").click()
    page.locator("canvas.upper-canvas").wait_for()
    page.wait_for_timeout(500)
    harness.draw(page, three(), side=280)
    harness.settle(page, 1)
    left, right = harness.read_off(page)
    assert left in "0123456789"
    assert right == "3"
    expect(page.get_by_role("region", name="MLP, custom", exact=True)).to_be_visible()

    # The run takes part wherever runs are compared, and the original is one press away.
    for name in ("Compare", "Curves", "Confusion"):
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
        expect(harness.picked_runs(page).filter(has_text="short")).to_have_count(1)
    page.get_by_role("link", name="Train", exact=True).first.click()
    page.get_by_role("button", name="Restore the original, mlp-specified").click()
    expect(page.locator(".st-key-train_card")).to_contain_text("mlp-specified is the default again.")


def test_a_name_becomes_possible_as_it_is_typed_and_a_taken_one_is_told_at_the_field(
    page: Page, server: tuple[str, subprocess.Popen[bytes]]
) -> None:
    open_form(page, server)
    name = page.get_by_role("textbox", name="Name of the run")
    name.fill("My Run: 7")
    name.press("Enter")
    expect(name).to_have_value("my-run-7")
    name.fill("cnn-specified")
    name.press("Enter")
    form = page.locator(".st-key-train_form")
    expect(form.get_by_role("alert")).to_contain_text("cnn-specified")
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()


def test_a_long_run_grows_survives_a_reload_is_seen_by_a_second_visitor_and_stops_to_keep(
    page: Page, server: tuple[str, subprocess.Popen[bytes]], chromium: Browser, folder: Path
) -> None:
    open_form(page, server, name="long", **LONG)
    page.get_by_role("button", name="Start training").click()
    running = page.locator(".st-key-train_running")
    running.locator("svg.marks").first.wait_for()
    before = points(page)
    page.wait_for_function(GROWN, arg=before)
    running.locator(".digit-strip img").first.wait_for()

    page.reload()
    expect(running).to_contain_text("long")
    other = chromium.new_context().new_page()
    other.goto(server[0] + "/train")
    expect(other.locator(".st-key-train_running")).to_contain_text("long", timeout=PATIENCE)
    other.context.close()

    page.get_by_role("button", name="Stop, keep the best epoch").click()
    ended = page.locator("[class*=st-key-train_ended_]").filter(has_text="long")
    ended.wait_for()
    expect(ended).to_contain_text("its best epoch kept")
    assert (folder / "long" / "model.tflite").is_file()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_pressing_start_keeps_the_live_panel_in_view(
    page: Page, server: tuple[str, subprocess.Popen[bytes]], width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    open_form(page, server, name=f"seen-{width}", **LONG)
    page.get_by_role("button", name="Start training").click()
    running = page.locator(".st-key-train_running")
    running.locator("svg.marks").first.wait_for()
    page.wait_for_timeout(1000)
    box = running.bounding_box()
    assert box
    assert -10 <= box["y"] < height / 3, "the top of the panel is in sight"
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("[class*=st-key-train_ended_]").filter(has_text=f"seen-{width}")).to_be_visible()


def test_a_run_that_is_thrown_away_leaves_nothing(
    page: Page, server: tuple[str, subprocess.Popen[bytes]], folder: Path
) -> None:
    open_form(page, server, name="gone", **LONG)
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Discard").click()
    ended = page.locator("[class*=st-key-train_ended_]").filter(has_text="gone")
    ended.wait_for()
    expect(ended).to_contain_text("Nothing was kept")
    assert not list(folder.glob("*gone*"))


def test_the_form_and_the_run_are_as_they_were_after_another_page_and_a_reload(
    page: Page, server: tuple[str, subprocess.Popen[bytes]]
) -> None:
    start, offline, cnn = (
        page.get_by_role("button", name="Start training"),
        page.get_by_role("radio", name="small offline set"),
        page.get_by_role("radio", name="CNN"),
    )
    run = page.get_by_role("combobox", name="Run", exact=True)

    def elsewhere() -> None:
        page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
        page.get_by_role("link", name="Compare").first.click()
        page.locator(".conclusion").wait_for()

    page.goto(server[0] + "/train")
    expect(offline).to_be_checked(timeout=PATIENCE)
    cnn.click()
    expect(page.locator(".outlook")).to_contain_text("241,546", timeout=PATIENCE)
    run.click()
    picked = page.get_by_role("option").first
    name = picked.inner_text()
    picked.click()
    expect(page.locator(".st-key-train_card thead")).to_contain_text(name, timeout=PATIENCE)
    elsewhere()
    page.go_back()
    for again in (page.reload, elsewhere):
        expect(start).to_be_enabled(timeout=PATIENCE)
        expect(offline).to_be_checked(timeout=PATIENCE)
        expect(cnn).to_be_checked(timeout=PATIENCE)
        expect(run).to_have_value(name)
        page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
        again()
    page.get_by_role("link", name="Train").first.click()
    expect(offline).to_be_checked(timeout=PATIENCE)
    expect(start).to_be_enabled(timeout=PATIENCE)


def test_the_first_visitor_of_a_new_server_gets_the_page_of_a_link_without_a_dialog_or_sideways_scrolling(
    chromium: Browser,
) -> None:
    with harness.served() as (cold, _):
        for width in (1440, 768, 390):
            page = chromium.new_page(viewport={"width": width, "height": 900})
            page.goto(cold + "/train?train_recipe=custom&train_model=CNN")
            expect(page.get_by_role("heading", name="Train a model")).to_be_visible(timeout=PATIENCE)
            page.wait_for_timeout(1500)
            assert page.get_by_text("Page not found").count() == 0
            main = page.get_by_test_id("stMain")
            assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
            assert page.evaluate("history.length") == 2, (
                "the empty tab and this page: no other page on the way, to which Back would lead"
            )
            page.close()
