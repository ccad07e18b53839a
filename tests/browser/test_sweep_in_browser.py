"""A sweep in a real browser: the chart is drawn, the address reproduces plan and view, and a run leads to Compare."""

from pathlib import Path

from playwright.sync_api import expect

from mnist_core.sweeps import sweep_store
from mnist_core.sweeps.sweep_runner import SweepRunner
from tests.browser.harness import NEEDS_CHROMIUM, TOUR_SEEN, browser, served
from tests.pages.runs_on_disk import copies
from tests.sweeps.sweeps_on_disk import Launches, plan

pytestmark = NEEDS_CHROMIUM


def test_a_link_shows_the_plan_and_the_view_and_a_run_leads_to_compare(tmp_path: Path) -> None:
    copies(tmp_path, 2)
    sweep_store.create_sweep("how-long", plan("epochs=1,20", architectures=("mlp", "cnn"), seeds=(1, 2)), tmp_path)
    SweepRunner("how-long", Launches(tmp_path), folder=tmp_path).run()
    with (
        served(TRAINED_MODELS=str(tmp_path), KERAS_HOME=str(tmp_path), MNIST_NPZ="") as (address, _),
        browser() as chrome,
    ):
        page = chrome.new_context(viewport={"width": 1280, "height": 1400}).new_page()
        page.add_init_script(TOUR_SEEN)
        plan_link = "train_mode=Sweep&train_sweep_vary=Epochs&train_sweep_epochs=3%2C+5&train_data=small+offline+set"
        page.goto(f"{address}/train?{plan_link}&train_sweep=how-long&train_sweep_across=Parameters")
        expect(page.get_by_role("textbox", name="Values")).to_have_value("3, 5", timeout=30_000)
        expect(page.get_by_text("All 8 trainings finished.")).to_be_visible(timeout=30_000)
        chart = page.locator(".st-key-train_sweep_card").get_by_label("Test accuracy against parameters.")
        expect(chart.first).to_be_visible(timeout=30_000)
        page.locator(".st-key-train_sweep_pick input").click()
        page.get_by_role("option", name="mlp-epochs-20-seed-2").click()
        run = page.locator(".st-key-train_sweep_run")
        expect(run).to_contain_text("mlp-epochs-20-seed-2: test accuracy", timeout=30_000)
        page.wait_for_url("**train_sweep_pick=mlp-epochs-20-seed-2**")
        run.get_by_role("button", name="Compare").click()
        page.wait_for_url("**/compare?**")
        expect(page.get_by_text("how-long/mlp-epochs-20-seed-2").first).to_be_visible(timeout=30_000)
