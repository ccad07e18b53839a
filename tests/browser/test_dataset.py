"""The data set page in a real Chromium: what a key, a click and a link lead to."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from mnist_core.data import datasets
from tests.browser import harness
from tests.conftest import three

pytestmark = [
    *harness.NEEDS_CHROMIUM,
    pytest.mark.skipif(not datasets.has_mnist(), reason="MNIST is not on this machine, and the digits are its"),
    pytest.mark.timeout(300),
]

PAIR = "confusion_runs=mlp-specified&confusion_runs=cnn-specified"
WIDTHS = [(1440, 900), (768, 1024), (390, 844)]


def test_the_counts_are_a_table_whose_head_stands_above_its_rows(visitor: Page, address: str) -> None:
    harness.go(visitor, address, "dataset")
    expect(visitor.locator(".digit-counts")).to_have_css("display", "table")
    expect(visitor.locator(".digit-counts tbody tr")).to_have_count(10)


def test_a_picture_in_the_gallery_is_picked_with_the_keyboard_and_its_link_opens_it_again(
    visitor: Page, address: str
) -> None:
    harness.go(visitor, address, "dataset?dataset_view=Gallery")
    tiles = visitor.locator(".st-key-dataset_gallery").get_by_role("button")
    expect(tiles).to_have_count(60)
    tiles.first.focus()
    visitor.keyboard.press("ArrowRight")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("heading", name="Training digit 1, labelled 0")).to_be_visible()
    expect(visitor).to_have_url(re.compile("dataset_pick=train-1"))
    visitor.goto(visitor.url)
    expect(visitor.get_by_role("heading", name="Training digit 1, labelled 0")).to_be_visible()


def test_a_digit_on_the_map_is_looked_up_by_a_click(visitor: Page, address: str) -> None:
    harness.go(visitor, address, "dataset?dataset_view=Map")
    point = visitor.locator(".st-key-dataset_map_chart svg g.mark-text text").nth(700)
    point.wait_for()
    label = point.text_content()
    point.dispatch_event("click")
    expect(visitor.get_by_role("heading", name=re.compile(rf"^Training digit \d+, labelled {label}$"))).to_be_visible()


def test_a_drawing_is_measured_on_the_data_set_page_and_still_there_on_return(visitor: Page) -> None:
    harness.draw(visitor, three(), side=448)
    harness.settle(visitor, 1)
    visitor.get_by_role("link", name="Data set").click()
    visitor.get_by_role("tab", name="Your digit").click()
    expect(visitor.get_by_role("heading", name="Your digit among MNIST's 3s")).to_be_visible()
    expect(visitor.locator(".st-key-dataset_nearest").get_by_role("button")).to_have_count(12)
    visitor.get_by_role("link", name="Draw").first.click()
    harness.settle(visitor, 1)
    assert harness.read_off(visitor) == ("3", "3")


@pytest.mark.parametrize(("width", "height"), WIDTHS)
@pytest.mark.parametrize(
    "link",
    [
        f"confusion?{PAIR}",
        f"confusion?{PAIR}&confusion_view=By+digit",
        "dataset",
        "dataset?dataset_view=Gallery",
        "dataset?dataset_view=Map",
    ],
)
def test_no_page_is_wider_than_its_window(chromium: Browser, address: str, link: str, width: int, height: int) -> None:
    page = chromium.new_context(viewport={"width": width, "height": height}).new_page()
    harness.go(page, address, link)
    page.wait_for_timeout(1000)
    assert (
        page.evaluate(
            """Math.max(...[...document.querySelectorAll('[data-testid=stMain], html')]
            .map((box) => box.scrollWidth - box.clientWidth))"""
        )
        <= 0
    )
    page.context.close()
