"""The tour in a real Chromium: shown once, ended with one press, and each step leads to where it happens."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pages.parts.tour import STEPS
from tests.browser import harness

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(300)]

HEADINGS = {"": "Draw a digit", "compare": "Compare", "confusion": "Confusion", "train": "Train a model"}


def bar_of(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Tour")


@pytest.fixture
def newcomer(chromium: Browser, address: str) -> Iterator[Page]:
    """Somebody who opens the app for the first time."""
    page = chromium.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.goto(address)
    expect(bar_of(page)).to_contain_text("1 of 5: Draw.")
    yield page
    page.context.close()


def test_each_step_leads_to_where_it_happens(newcomer: Page) -> None:
    for number, step in enumerate(STEPS, start=1):
        if number > 1:
            bar_of(newcomer).get_by_role("link", name=f"Next: {step.title}").click()
        expect(bar_of(newcomer)).to_contain_text(f"{number} of 5: {step.title}.")
        expect(newcomer.get_by_role("heading", level=1)).to_have_text(HEADINGS[step.page])
        for view in step.choices.values():
            expect(newcomer.get_by_role("tab", name=view)).to_have_attribute("aria-selected", "true")
    bar_of(newcomer).get_by_role("link", name="1: Draw").click()
    expect(newcomer.get_by_role("heading", level=1)).to_have_text(HEADINGS[""])
    expect(bar_of(newcomer)).to_contain_text("1 of 5: Draw.")


def test_a_step_is_a_link_that_can_be_opened_elsewhere(newcomer: Page, address: str) -> None:
    link = bar_of(newcomer).get_by_role("link", name="4: Mistakes")
    newcomer.goto(str(link.evaluate("link => link.href")))
    expect(newcomer.get_by_role("heading", level=1)).to_have_text("Confusion")
    expect(newcomer.get_by_role("tab", name="All mistakes")).to_have_attribute("aria-selected", "true")


def test_skipped_with_one_press_it_comes_back_only_by_its_link(newcomer: Page, address: str) -> None:
    bar_of(newcomer).get_by_role("button", name="Skip tour").click()
    expect(bar_of(newcomer)).to_be_hidden()
    newcomer.get_by_role("link", name="Compare").first.click()
    expect(newcomer.get_by_role("heading", level=1)).to_have_text("Compare")
    expect(newcomer.get_by_role("button", name="Tour", exact=True)).to_be_visible()
    expect(bar_of(newcomer)).to_be_hidden()
    newcomer.reload()
    newcomer.get_by_role("button", name="Tour", exact=True).press("Enter")
    expect(bar_of(newcomer)).to_contain_text("1 of 5: Draw.")


def test_a_tour_that_was_only_seen_is_not_shown_a_second_time(newcomer: Page) -> None:
    newcomer.reload()
    expect(newcomer.get_by_role("button", name="Tour", exact=True)).to_be_visible()
    newcomer.wait_for_timeout(1000)
    expect(bar_of(newcomer)).to_be_hidden()


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (768, 1024), (390, 844)], ids=str)
def test_the_bar_moves_nothing_and_leaves_the_canvas_free(
    chromium: Browser, address: str, size: tuple[int, int]
) -> None:
    page = chromium.new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    page.goto(address)
    canvas = page.locator("canvas.upper-canvas")
    canvas.wait_for()
    expect(bar_of(page)).to_be_visible()
    page.wait_for_timeout(500)
    before, bar = canvas.bounding_box(), bar_of(page).bounding_box()
    bar_of(page).get_by_role("button", name="Skip tour").click()
    expect(bar_of(page)).to_be_hidden()
    after = canvas.bounding_box()
    page.context.close()
    assert before
    assert bar
    assert before == after
    assert before["y"] + before["height"] <= bar["y"]
    assert bar["x"] == 0
    assert bar["width"] == size[0]
