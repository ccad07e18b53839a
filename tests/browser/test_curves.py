"""The curves page in a real Chromium: what pointing, choosing, downloading and reloading do."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import harness

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(300)]


def test_pointing_at_the_curves_reads_all_runs_there(page: Page, address: str) -> None:
    page.goto(f"{address}/curves?curves_runs=cnn-specified&curves_runs=mlp-specified")
    harness.two_charts(page)
    chart = page.locator("svg.marks").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box
    for fraction in (0.5, 0.52, 0.54):
        page.mouse.move(box["x"] + fraction * box["width"], box["y"] + 120)
    tooltip = page.locator("#vg-tooltip-element.visible")
    expect(tooltip).to_contain_text("epoch")
    expect(tooltip).to_contain_text("mlp-specified")
    expect(tooltip).to_contain_text("cnn-specified")
    expect(tooltip).to_contain_text("validation")


def test_the_curves_are_downloaded_as_figures_and_pictures(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/curves?curves_runs=mlp-specified")
    harness.two_charts(page)
    beginnings = {"CSV": b"run,epoch,seconds,loss", "PNG": b"\x89PNG", "SVG": b"<?xml"}
    for name, beginning in beginnings.items():
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.name == f"curves.{name.lower()}"
        assert path.read_bytes().startswith(beginning)


def test_choices_are_in_the_address_and_survive_a_reload(page: Page, address: str) -> None:
    page.goto(f"{address}/curves?curves_runs=mlp-specified")
    harness.two_charts(page)
    first_chart = page.get_by_test_id("stVegaLiteChart").first
    page.get_by_role("radio", name="Seconds").or_(page.get_by_role("button", name="Seconds")).first.click()
    expect(first_chart).to_have_attribute("aria-label", re.compile("^Loss against seconds"))
    assert "curves_across=Seconds" in page.url
    assert "curves_runs=mlp-specified" in page.url
    page.reload()
    expect(first_chart).to_have_attribute("aria-label", re.compile("^Loss against seconds"))
    expect(page.locator(".legend [role=listitem]")).to_have_count(1)


def test_other_models_are_picked_and_shown_and_the_address_says_so(page: Page, address: str) -> None:
    page.goto(f"{address}/curves?curves_runs=mlp-specified")
    harness.two_charts(page)
    page.get_by_role("combobox", name="Models to compare").click()
    page.get_by_role("option", name="cnn-specified").click()
    expect(page.locator(".legend [role=listitem]")).to_have_text(["mlp-specified", "cnn-specified"])
    page.wait_for_function("location.search.includes('curves_runs=cnn-specified')")
