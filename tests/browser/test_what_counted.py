"""The section "What counted" of the page Why in a real Chromium: maps, the target, and the change step by step."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import harness
from tests.conftest import three

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(300)]


TO_WHY = "[...document.querySelectorAll('a')].find(link => link.pathname.endsWith('/why')).click()"
"""A script that follows the link to the page, which a phone hides behind a button."""


def open_why(page: Page) -> None:
    """Draw a 3 and go to the page Why, where it is explained."""
    harness.draw(page, three(), side=280)
    harness.settle(page, 1)
    page.evaluate(TO_WHY)
    page.locator(".counted").wait_for(timeout=90_000)
    page.wait_for_timeout(500)  # an open list would close when the rest of the page arrives
    harness.until_run(page)


def changes(page: Page) -> None:
    """Have a change searched, and wait for the players."""
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.locator(".st-key-why_change_of_mind section")).to_have_count(2, timeout=60_000)


def test_maps_of_both_models_appear_and_the_method_can_be_switched_by_keyboard(visitor: Page) -> None:
    open_why(visitor)
    maps = visitor.locator(".counted img.map")
    expect(maps).to_have_count(2)
    before = maps.first.get_attribute("src")
    assert all(maps.nth(index).evaluate("image => image.naturalWidth") == 28 for index in range(2))
    occlusion = (
        visitor.get_by_role("radio", name="Occlusion").or_(visitor.get_by_role("button", name="Occlusion")).first
    )
    occlusion.focus()
    visitor.keyboard.press("Enter")
    expect(maps.first).not_to_have_attribute("src", str(before))
    expect(visitor).to_have_url(re.compile("why_method=Occlusion"))


def test_the_change_plays_by_itself_and_a_target_is_chosen(visitor: Page) -> None:
    open_why(visitor)
    visitor.get_by_role("combobox", name="Make it predict").click()
    visitor.keyboard.type("8")
    visitor.get_by_role("option", name="8").first.wait_for()
    visitor.keyboard.press("Enter")
    expect(visitor).to_have_url(re.compile("why_target=8"))
    changes(visitor)
    players = visitor.locator(".st-key-why_change_of_mind section")
    expect(players.first.get_by_role("heading")).to_contain_text(
        re.compile("into an? 8|The search found no|predicts 8 already")
    )
    first = players.filter(has=visitor.locator("input")).first
    slider = first.get_by_role("slider")
    last = str(slider.get_attribute("max"))
    expect(first).to_have_attribute("data-step", last, timeout=15_000)
    expect(first.get_by_role("button")).to_have_text("Play again")
    # By keyboard: one step back, and all of it again.
    slider.focus()
    visitor.keyboard.press("ArrowLeft")
    expect(first).to_have_attribute("data-step", str(int(last) - 1))
    first.get_by_role("button").focus()
    visitor.keyboard.press("Enter")
    expect(first.get_by_role("button")).to_have_text("Play again", timeout=15_000)


def test_nothing_moves_for_those_who_prefer_that_and_a_phone_shows_one_below_the_other(
    chromium: Browser, address: str
) -> None:
    page = harness.open_page(
        chromium, address, viewport={"width": 390, "height": 844}, reduced_motion="reduce", has_touch=True
    )
    open_why(page)
    boxes = [page.locator(".counted section").nth(index).bounding_box() for index in range(2)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    changes(page)
    player = page.locator(".st-key-why_change_of_mind section").filter(has=page.locator("input")).first
    expect(player).to_have_attribute("data-step", str(player.get_by_role("slider").get_attribute("max")))
    expect(player.get_by_role("button")).to_have_text("Play again")
    page.context.close()
