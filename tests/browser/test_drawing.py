"""The draw page's layout in a real Chromium: what is in sight, and that nothing moves when the first stroke arrives."""

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import harness
from tests.conftest import three

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(300)]

PARTS = ", ".join(
    [
        ".st-key-draw_canvas_box",
        ".st-key-draw_tools",
        ".duel .top, .duel .seen",
        ".duel .side, .duel .answer, .duel .confidence",
        ".duel .row, .duel .bar, .duel .percent",
        ".st-key-draw_left, .st-key-draw_right",
        ".st-key-draw_recipe, .st-key-draw_plain",
        ".plain-resize, .plain-resize img",
    ]
)


def boxes(page: Page) -> list[tuple[str, list[float]]]:
    """Tag and place of every part of the page: x, y, width and height."""
    found: list[tuple[str, list[float]]] = page.evaluate(
        """parts => [...document.querySelectorAll(parts)].map((part) => {
            const { x, y, width, height } = part.getBoundingClientRect();
            return [part.tagName, [x, y, width, height].map(Math.round)];
        })""",
        PARTS,
    )
    return found


STAR = [
    np.array([[40.0, 40.0], [240.0, 240.0]]),
    np.array([[240.0, 40.0], [40.0, 240.0]]),
    np.array([[40.0, 140.0], [240.0, 140.0]]),
]
"""No digit, with a long verdict."""


@pytest.mark.parametrize("drawing", [three(), STAR], ids=["digit", "star"])
@pytest.mark.parametrize("size", [(1440, 900), (1280, 720), (768, 1024), (390, 844)])
def test_nothing_moves_when_the_first_stroke_arrives(
    chromium: Browser, address: str, size: tuple[int, int], drawing: list[np.ndarray]
) -> None:
    page = harness.open_page(chromium, f"{address}/?draw_plain=true", viewport={"width": size[0], "height": size[1]})
    expect(page.locator(".st-key-draw_recipe")).to_be_visible()
    harness.until_run(page)
    before = boxes(page)
    assert len(before) > 60
    harness.draw(page, drawing, side=280)
    harness.settle(page, len(drawing))
    harness.until_run(page)
    assert boxes(page) == before
    page.context.close()


@pytest.mark.parametrize("size", [(1440, 900), (1280, 720)])
def test_the_first_screen_shows_the_whole_duel_and_every_choice(
    chromium: Browser, address: str, size: tuple[int, int]
) -> None:
    page = harness.open_page(chromium, address, viewport={"width": size[0], "height": size[1]})
    harness.draw(page, three(), side=280)
    harness.settle(page, 1)
    for part in (
        page.locator("canvas.upper-canvas"),
        page.locator(".duel .verdict"),
        *page.locator(".duel .answer").all(),
        *page.locator(".duel .row").all(),
        page.locator(".st-key-draw_left"),
        page.locator(".st-key-draw_right"),
        page.get_by_role("radiogroup", name="Both models"),
        page.get_by_text("Robust: also trained on"),
        page.get_by_text("What if it were simply shrunk?"),
    ):
        box = part.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= size[1]
    page.context.close()


def test_a_phone_shows_canvas_verdict_and_both_digits_without_scrolling(chromium: Browser, address: str) -> None:
    phone = harness.open_page(chromium, address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    harness.touch(phone, three(), side=280)
    harness.settle(phone, 1)
    for part in ("canvas.upper-canvas", ".duel .verdict", ".duel .side[data-side=left] .answer", ".duel .side .answer"):
        box = phone.locator(part).last.bounding_box()
        assert box
        assert box["y"] + box["height"] <= 844
    phone.context.close()


def test_each_picker_stands_above_its_side_and_the_bars_grow_from_the_middle(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("canvas.upper-canvas").wait_for()
    page.wait_for_timeout(500)
    harness.draw(page, three(), side=280)
    harness.settle(page, 1)

    def place(selector: str) -> tuple[float, float]:
        box = page.locator(selector).bounding_box()
        assert box
        return box["x"], box["x"] + box["width"]

    middle = sum(place(".duel .row[data-digit='3'] b")) / 2
    left, right = place(".st-key-draw_left"), place(".st-key-draw_right")
    assert left[1] < middle < right[0]
    assert place(".duel .side[data-side=left] .answer")[1] < left[0]
    assert place(".duel .side[data-side=right] .answer")[0] > right[1]
    bars = [".duel .row[data-digit='3'] .bar[data-side=" + side + "]" for side in ("left", "right")]
    assert place(f"{bars[0]} i")[1] == place(bars[0])[1] < middle
    assert place(f"{bars[1]} i")[0] == place(bars[1])[0] > middle


def test_what_a_simply_shrunk_canvas_gives_stands_below_the_duel(chromium: Browser, address: str) -> None:
    page = harness.open_page(chromium, f"{address}/?draw_plain=true")
    harness.draw(page, three(), side=280)
    harness.settle(page, 1)
    expect(page.locator(".plain-resize .answers")).to_contain_text("Simply shrunk, the MLP predicts")
    verdict, rows, switch, shrunk = (
        page.locator(part).bounding_box() for part in (".verdict", ".duel .rows", ".st-key-draw_plain", ".plain-resize")
    )
    assert verdict
    assert rows
    assert switch
    assert shrunk
    assert verdict["y"] < rows["y"] < rows["y"] + rows["height"] <= switch["y"] < shrunk["y"]
    page.context.close()


def test_the_verdict_is_the_largest_text_apart_from_the_digits(visitor: Page) -> None:
    sizes = visitor.evaluate(
        """() => [...document.querySelectorAll(".stMain *")].filter((each) => [...each.childNodes].some(
                (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()) && !each.closest("style"))
            .map((each) => [each.closest(".answer") ?? each, parseFloat(getComputedStyle(each).fontSize)])
            .map(([named, size]) => [named.className, size])"""
    )
    (verdict,) = [size for name, size in sizes if name == "verdict"]
    assert max(size for name, size in sizes if name not in ("verdict", "answer", "canvas-placeholder")) < verdict


def test_the_invitation_goes_as_the_pen_touches_the_canvas_and_comes_back_after_clear(visitor: Page) -> None:
    invitation = visitor.locator(".canvas-placeholder")
    expect(invitation).to_have_text("Draw a digit here")
    expect(invitation).to_be_visible()
    box = visitor.locator("canvas.upper-canvas").bounding_box()
    assert box
    visitor.mouse.move(box["x"] + 100, box["y"] + 100)
    visitor.mouse.down()
    expect(invitation).to_be_hidden(timeout=300)
    visitor.mouse.move(box["x"] + 300, box["y"] + 300)
    visitor.mouse.up()
    harness.settle(visitor, 1)
    expect(invitation).to_be_hidden()
    visitor.get_by_role("button", name="Clear").click()
    expect(invitation).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edge_of_the_canvas_can_be_seen(chromium: Browser, address: str, scheme: str) -> None:
    page = harness.open_page(chromium, address, color_scheme=scheme)
    edge, around = page.evaluate(
        """() => {
            const rgb = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
            return [rgb(getComputedStyle(document.querySelector(".st-key-draw_canvas_box")).boxShadow),
                rgb(getComputedStyle(document.querySelector(".stApp")).backgroundColor)];
        }"""
    )

    def luminance(colour: list[float]) -> float:
        red, green, blue = (
            value / 3294.6 if value <= 10 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in colour
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted([luminance(edge), luminance(around)], reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3, (edge, around)
    page.context.close()


def test_one_press_changes_both_models_and_the_pair_stays_in_the_address(visitor: Page) -> None:
    visitor.get_by_role("radio", name="As specified").click()
    expect(visitor.get_by_role("region", name="MLP, specified")).to_be_visible()
    expect(visitor.get_by_role("region", name="CNN, specified")).to_be_visible()
    visitor.wait_for_url("**draw_left=mlp-specified&draw_right=cnn-specified**")
    visitor.reload()
    expect(visitor.get_by_role("region", name="MLP, specified")).to_be_visible()
    expect(visitor.get_by_role("radio", name="As specified")).to_be_checked()


@pytest.mark.parametrize("width", [1440, 768, 701])
def test_the_names_of_the_pages_leave_room_for_the_tour(chromium: Browser, address: str, width: int) -> None:
    page = harness.open_page(chromium, address, viewport={"width": width, "height": 800})
    tour = page.get_by_role("button", name="Tour").bounding_box()
    assert tour
    ends = [link.bounding_box() for link in page.get_by_test_id("stTopNavLink").all()]
    assert all(box is None or box["x"] + box["width"] <= tour["x"] for box in ends), ends
    page.context.close()


def test_a_phone_with_little_height_shows_both_digits_without_scrolling(chromium: Browser, address: str) -> None:
    phone = harness.open_page(chromium, address, viewport={"width": 390, "height": 664}, has_touch=True, is_mobile=True)
    harness.touch(phone, three(), side=280)
    harness.settle(phone, 1)
    assert harness.read_off(phone) == ("3", "3")
    for part in ("canvas.upper-canvas", ".duel .verdict", ".duel .side .answer"):
        box = phone.locator(part).last.bounding_box()
        assert box
        assert box["y"] + box["height"] <= 664
    phone.context.close()
