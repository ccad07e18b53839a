"""The pages for people who use a keyboard or a screen reader, or who need contrast: axe-core and keys, in Chromium."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from mnist_core.data import datasets
from mnist_core.data.strokes import CANVAS_SIDE
from pages.parts import glossary
from tests.browser import harness
from tests.conftest import three

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(600)]

OPTIONS = {
    "resultTypes": ["violations"],
    "rules": {"label-content-name-mismatch": {"enabled": True}},  # axe leaves it out by default
}

COLOURS = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
"""Nothing but colours is different in the dark."""

NOTHING_MOVES = """() => document.getAnimations().every(
    (each) => each.playState !== "running" || each.effect.getComputedTiming().endTime === Infinity
)"""
"""Colours may change step by step."""

LINKS = ["", "why", "train", "train?train_recipe=custom", "compare", "curves", "confusion", "dataset"]
"""The pages. The test opens their tabs by itself."""


def open_link(page: Page, address: str, link: str) -> None:
    """Open a link and wait until the page is complete."""
    page.goto(f"{address}/{link}")
    page.get_by_role("heading", level=1).wait_for()
    harness.until_run(page)
    page.wait_for_timeout(700)  # charts and tables are drawn after the script has ended


def violations(page: Page) -> list[str]:
    """What axe finds on a page in light colours, and then wrong colours on the same page in dark ones, a line for each
    element. Nothing is left out, Streamlit's own elements count as well.
    """
    found = []
    for scheme, options in (("light", OPTIONS), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(
            "scheme => getComputedStyle(document.querySelector('.stApp')).colorScheme == scheme", arg=scheme
        )
        page.wait_for_timeout(300)  # charts are drawn anew in the other colours
        harness.until_run(page)
        page.wait_for_function(NOTHING_MOVES)
        found += [
            f"{each['id']}: {node['html'][:200]} {node['any'][0]['message'] if node['any'] else ''} ({scheme})"
            for each in Axe().run(page, options=options).response["violations"]
            for node in each["nodes"]
        ]
    return found


def found_on(page: Page) -> dict[str, list[str]]:
    """What axe finds on the open page, and then on each of its other tabs, by the tab's name."""
    found = {"": violations(page)}
    tabs = page.get_by_role("tab")
    for number in range(1, tabs.count()):
        tabs.nth(number).click()
        expect(tabs.nth(number)).to_have_attribute("aria-selected", "true")
        page.wait_for_timeout(300)
        harness.until_run(page)
        page.wait_for_timeout(700)
        found[tabs.nth(number).inner_text()] = violations(page)
    return {tab: lines for tab, lines in found.items() if lines}


@pytest.mark.parametrize("link", LINKS)
def test_axe_finds_nothing_on_any_view_of_a_page(chromium: Browser, address: str, link: str) -> None:
    page = harness.open_page(chromium, address)
    open_link(page, address, link)
    found = found_on(page)
    page.context.close()
    assert not found


def test_axe_finds_nothing_with_a_drawing(chromium: Browser, address: str) -> None:
    page = harness.open_page(chromium, address)
    harness.draw(page, three(), side=CANVAS_SIDE)
    harness.settle(page, 1)
    found = {"draw": violations(page)}
    page.get_by_role("link", name="Data set").first.click()
    page.get_by_role("tab", name="Your digit").click()
    page.get_by_role("heading", name=re.compile("^Your digit among")).wait_for()
    harness.until_run(page)
    found["your digit"] = violations(page)
    page.context.close()
    assert found == {"draw": [], "your digit": []}


def test_axe_finds_nothing_with_a_known_digit_a_score_and_on_stage(chromium: Browser, address: str) -> None:
    page = harness.open_page(chromium, f"{address}/?draw_left=mlp-specified&draw_right=cnn-specified&draw_plain=true")
    page.keyboard.press("n")
    expect(page.locator(".duel .verdict")).to_contain_text("They disagree", timeout=30_000)
    found = {"offered": violations(page)}
    page.keyboard.press("3")
    expect(page.locator(".counts")).to_contain_text("MLP")
    page.wait_for_timeout(700)
    found["counted"] = violations(page)
    page.keyboard.press("f")
    page.get_by_role("button", name="Leave stage").wait_for()
    page.wait_for_timeout(700)
    found["on stage"] = violations(page)
    page.context.close()
    assert found == {"offered": [], "counted": [], "on stage": []}


def test_axe_finds_nothing_in_the_tour(chromium: Browser, address: str) -> None:
    page = chromium.new_context().new_page()
    open_link(page, address, "compare")
    expect(page.get_by_role("complementary", name="Tour")).to_be_visible()
    found = violations(page)
    page.context.close()
    assert not found


def test_axe_finds_nothing_with_weakest_spots_and_the_chart_as_a_table(chromium: Browser, address: str) -> None:
    page = chromium.new_context().new_page()
    page.add_init_script(harness.TOUR_SEEN)
    open_link(page, address, "why?why_patch_size=4&why_noise=0.1")
    page.get_by_role("button", name="Find the weakest spot").click()
    page.locator(".weakest table").wait_for()
    page.get_by_text("The chart as a table").click()
    page.locator(".values table").wait_for()
    found = violations(page)
    page.context.close()
    assert not found


def test_axe_does_find_what_is_wrong(page: Page, address: str) -> None:
    open_link(page, address, "compare")
    page.locator(".heading p").evaluate("element => { element.style.color = '#c8c8c8'; }")
    assert [line.split(":")[0] for line in violations(page)] == ["color-contrast"]
    page.locator(".heading p").evaluate("element => { element.style.color = '#333333'; }")
    (line,) = violations(page)
    assert line.startswith("color-contrast")
    assert line.endswith("(dark)")


FOCUSED = """() => {
  let element = document.activeElement;
  while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  return {
    element: element.outerHTML.slice(0, 200),
    outline: outlineStyle === "none" ? 0 : parseFloat(outlineWidth),
    isPage: element === document.body,
  };
}"""


@pytest.mark.parametrize("link", ["", "why", "train?train_recipe=custom", "confusion", "dataset?dataset_view=Gallery"])
def test_whatever_the_keyboard_reaches_shows_that_it_has_the_focus(page: Page, address: str, link: str) -> None:
    open_link(page, address, link)
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused["isPage"]:
            break
        reached.append(focused)
    assert len(reached) > 10
    assert [each["element"] for each in reached if each["outline"] < 2] == []


def test_the_canvas_says_what_to_use_instead_of_drawing(visitor: Page) -> None:
    canvas = visitor.locator("canvas.upper-canvas")
    expect(canvas).to_have_attribute("aria-description", re.compile("Test digit and Picture"))
    expect(visitor.get_by_role("button", name="Test digit")).to_be_visible()
    expect(visitor.get_by_role("button", name="Picture")).to_be_visible()


@pytest.mark.skipif(not datasets.has_mnist(), reason="MNIST is not on this machine, and the digit is its")
def test_a_test_digit_is_put_on_the_canvas_by_keyboard(visitor: Page) -> None:
    button = visitor.get_by_role("button", name="Test digit")
    for _ in range(40):
        visitor.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    visitor.keyboard.press("Enter")
    expect(visitor.locator(".duel .note")).to_contain_text("test digit")


def test_the_words_of_the_field_are_explained_where_they_appear(page: Page, address: str) -> None:
    open_link(page, address, "compare")
    page.get_by_text("What do MLP, CNN, specified, robust, loss mean?").click()
    expect(page.get_by_role("definition")).to_have_count(5)
    expect(page.get_by_role("definition").last).to_have_text(glossary.SENTENCES["loss"])
