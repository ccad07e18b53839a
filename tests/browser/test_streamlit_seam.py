"""The app in a real Chromium that takes away what the seam to Streamlit relies on: the pages work all the same."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser import harness

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(300)]

LOCKED_HISTORY = """
for (const name of ["pushState", "replaceState"])
  Object.defineProperty(history, name, { value: history[name].bind(history), writable: false });
"""
CLOSED_SHADOW_ROOTS = """{
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function () { return attachShadow.call(this, { mode: "closed" }) };
}"""


def test_pages_open_and_back_works_where_the_history_cannot_be_repaired(page: Page, address: str) -> None:
    page.add_init_script(LOCKED_HISTORY)
    page.goto(f"{address}/compare")
    expect(page.locator(".conclusion")).to_be_visible()
    harness.until_run(page)
    page.get_by_role("link", name="Curves").first.click()
    harness.two_charts(page)
    harness.until_run(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare")
    assert page.get_by_test_id("stException").count() == 0


def test_a_drawing_is_predicted_where_the_canvas_cannot_be_dressed(page: Page, address: str) -> None:
    page.add_init_script(CLOSED_SHADOW_ROOTS)
    page.goto(address)
    box = page.locator(".st-key-draw_canvas_box")
    box.wait_for()
    harness.until_run(page)
    page.wait_for_timeout(2000)
    place = box.bounding_box()
    assert place
    page.mouse.move(place["x"] + 220, place["y"] + 60)
    page.mouse.down()
    for y in np.linspace(100, 380, 8):
        page.mouse.move(place["x"] + 220, place["y"] + y)
    page.mouse.up()
    harness.settle(page, 1)
    assert page.locator(".duel .side .answer").all_inner_texts() == ["1", "1"]
