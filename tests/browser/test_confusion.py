"""The confusion page in a real Chromium: from a count to the digits behind it, by click, key and link."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from mnist_core.data import datasets
from mnist_core.runs.predictions import load_test_predictions
from mnist_core.runs.store import load_run
from tests.browser import harness

pytestmark = [
    *harness.NEEDS_CHROMIUM,
    pytest.mark.skipif(not datasets.has_mnist(), reason="MNIST is not on this machine, and the digits are its"),
    pytest.mark.timeout(300),
]

PAIR = "confusion_runs=mlp-specified&confusion_runs=cnn-specified"


def cell(page: Page, matrix: str, spoken: str) -> Locator:
    return page.get_by_role("table", name=re.compile(f"^{matrix}")).get_by_role("button", name=re.compile(f"^{spoken}"))


def predicted_as(run: str, true: int, predicted: int) -> int:
    """How many digits of the one kind that shipped run predicts as the other."""
    stored = load_test_predictions(load_run(run))
    return int(((stored.labels == true) & (stored.predicted == predicted)).sum())


def test_from_a_cell_to_its_digits_to_the_canvas_where_both_models_predict_it(visitor: Page, address: str) -> None:
    harness.go(visitor, address, f"confusion?{PAIR}")
    count = predicted_as("mlp-specified", 7, 2)
    cell(visitor, "mlp-specified", f"True 7, predicted 2: {count}").click()
    expect(visitor.get_by_text(f"{count} of the 7s are predicted as 2 by mlp-specified")).to_be_visible()
    expect(visitor).to_have_url(
        re.compile("confusion_by=mlp-specified&.*confusion_true=7|confusion_true=7.*confusion_by=mlp-specified")
    )
    digits = visitor.locator(".st-key-confusion_cell").get_by_role("button")
    expect(digits).to_have_count(count)
    expect(digits.first).to_be_in_viewport()
    second = digits.nth(1)
    number = re.search(r"Test digit (\d+)", second.get_attribute("aria-label") or "")
    assert number
    harness.until_run(visitor)
    second.click()
    expect(visitor.get_by_role("heading", name=f"Test digit {number[1]}, labelled 7")).to_be_visible()
    visitor.get_by_role("button", name="Send to the canvas").click()
    visitor.locator("canvas.upper-canvas").wait_for()
    expect(visitor.locator(".duel .note")).to_contain_text(f"MNIST test digit {number[1]}, labelled 7.")
    visitor.wait_for_timeout(1000)
    expect(visitor.locator(".duel .note")).to_contain_text(f"MNIST test digit {number[1]}, labelled 7.")
    assert all(predicted in "0123456789" for predicted in harness.read_off(visitor))
    expect(visitor).to_have_url(re.compile("draw_left=mlp-specified.*draw_right=cnn-specified"))
    expect(visitor.locator(".duel img.seen")).to_be_visible()
    visitor.go_back()
    expect(visitor.get_by_role("heading", name=f"Test digit {number[1]}, labelled 7")).to_be_visible()


def test_another_cell_and_a_confused_pair_show_their_own_digits(visitor: Page, address: str) -> None:
    harness.go(
        visitor,
        address,
        f"confusion?{PAIR}&confusion_by=mlp-specified&confusion_true=7&confusion_predicted=2&confusion_digit=321",
    )
    expect(visitor.get_by_role("heading", name="Test digit 321, labelled 2")).to_be_visible()
    count = predicted_as("cnn-specified", 9, 4)
    cell(visitor, "cnn-specified", f"True 9, predicted 4: {count}").click()
    expect(visitor.get_by_text(f"{count} of the 9s are predicted as 4 by cnn-specified")).to_be_visible()
    expect(visitor.get_by_role("heading", name=re.compile(r"^Test digit \d+, labelled 9$"))).to_be_visible()
    expect(visitor).not_to_have_url(re.compile("confusion_digit"))
    visitor.locator(".st-key-confusion_pair").get_by_text(re.compile("^5 → 3")).click()
    expect(visitor.get_by_text(re.compile("5s are predicted as 3 by cnn-specified"))).to_be_visible()


def test_the_matrix_is_walked_with_the_keyboard(visitor: Page, address: str) -> None:
    harness.go(visitor, address, f"confusion?{PAIR}&confusion_by=mlp-specified")
    start = cell(visitor, "mlp-specified", "True 4, predicted 9")
    start.focus()
    visitor.keyboard.press("ArrowUp")
    visitor.keyboard.press("Home")
    expect(cell(visitor, "mlp-specified", "True 3, predicted 0")).to_be_focused()
    visitor.keyboard.press("End")
    visitor.keyboard.press("ArrowLeft")
    visitor.keyboard.press("Enter")
    expect(
        visitor.get_by_text(f"{predicted_as('mlp-specified', 3, 8)} of the 3s are predicted as 8 by mlp-specified")
    ).to_be_visible()
    expect(cell(visitor, "mlp-specified", "True 3, predicted 8")).to_be_focused()
