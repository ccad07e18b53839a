"""The tab Robustness in a real Chromium: from a cell to its digits, and on to the canvas."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from mnist_core.data import datasets
from mnist_core.formatting import number
from mnist_core.runs.corruption_results import load_corruption_results
from mnist_core.runs.store import load_run
from tests.browser import harness

pytestmark = [
    *harness.NEEDS_CHROMIUM,
    pytest.mark.skipif(not datasets.has_mnist(), reason="MNIST is not on this machine, and the digits are its"),
    pytest.mark.timeout(300),
]

LINK = "compare?compare_view=Robustness&compare_runs=mlp-specified&compare_runs=cnn-specified"


def cell(page: Page, spoken: str) -> Locator:
    return page.get_by_role("button", name=re.compile(f"{spoken}: see these digits$"))


def incorrect(run: str, corruption: str, strength: int) -> int:
    results = load_corruption_results(load_run(run))
    assert results is not None
    return int(results.incorrect_digits(corruption, strength).sum())


def test_a_cell_leads_to_its_digits_its_link_to_the_same_and_a_digit_to_the_canvas(visitor: Page, address: str) -> None:
    harness.go(visitor, address, LINK)
    visitor.get_by_role("radio", name="5", exact=True).click()
    expect(visitor).to_have_url(re.compile("compare_strength=5"))
    cell(visitor, "Fog, cnn-specified").click()
    words = f"{number(incorrect('cnn-specified', 'fog', 5))} of 10,000 digits are misclassified by cnn-specified"
    expect(visitor.get_by_text(words)).to_be_visible()
    digits = visitor.locator(".st-key-compare_cell").get_by_role("button")
    expect(digits.first).to_be_in_viewport()
    harness.until_run(visitor)  # until then the grid may be that of the cell before
    second = digits.nth(1)
    digit = re.search(r"Test digit (\d+), a (\d)", second.get_attribute("aria-label") or "")
    assert digit
    second.click()
    heading = f"Test digit {digit[1]}, labelled {digit[2]}"
    expect(visitor.get_by_role("heading", name=heading)).to_be_visible()
    expect(visitor).to_have_url(re.compile(f"compare_digit={digit[1]}"))

    visitor.goto(visitor.url)  # the link, opened anew
    expect(visitor.get_by_text(words)).to_be_visible()
    expect(visitor.get_by_role("heading", name=heading)).to_be_visible()
    expect(cell(visitor, "Fog, cnn-specified")).to_have_attribute("aria-pressed", "true")

    visitor.get_by_role("button", name="Send to the canvas").click()
    visitor.locator("canvas.upper-canvas").wait_for()
    expect(visitor.locator(".duel .note")).to_contain_text(
        f"MNIST test digit {digit[1]}, labelled {digit[2]}, corrupted: fog"
    )


def test_the_table_is_walked_with_the_keyboard(visitor: Page, address: str) -> None:
    harness.go(visitor, address, LINK)
    cell(visitor, "Shot noise, mlp-specified").focus()
    for key in ("ArrowDown", "End", "ArrowDown", "Enter"):
        visitor.keyboard.press(key)
    expect(visitor.get_by_text("are misclassified by cnn-specified")).to_be_visible()
    expect(cell(visitor, "Glass blur, cnn-specified")).to_be_focused()
    expect(cell(visitor, "Glass blur, cnn-specified")).to_have_attribute("aria-pressed", "true")


def test_on_a_phone_the_first_column_stays_in_sight(visitor: Page, address: str) -> None:
    visitor.set_viewport_size({"width": 390, "height": 844})
    harness.go(visitor, address, "compare?compare_view=Robustness")
    table = visitor.get_by_role("region", name=re.compile("^Accuracy on corrupted digits"))
    table.evaluate("box => box.scrollLeft = box.scrollWidth")
    box, name = table.bounding_box(), visitor.get_by_role("rowheader", name=re.compile("^Fog")).bounding_box()
    assert box
    assert name
    assert abs(name["x"] - box["x"]) <= 2
    assert visitor.evaluate("document.querySelector('.stMain').scrollWidth") <= 390
