"""The page Why in a real Chromium: the digit is dragged, both models follow, and the server's record is the same."""

import io
import re
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from mnist_core.data import datasets
from mnist_core.data.strokes import CANVAS_SIDE
from tests.browser import harness
from tests.conftest import three

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(300)]

NINE = "why?why_digit=drawing-4"

READ = """(bench) => ({
  from: bench.dataset.from,
  said: [...bench.querySelectorAll(".said")].map((each) => each.textContent),
  line: bench.querySelector(".line").textContent,
  widths: [...bench.querySelectorAll(".bar i")].map((bar) => parseFloat(bar.style.width)),
  values: Object.fromEntries([...bench.querySelectorAll(".slider")].map(
    (slider) => [slider.dataset.name, slider.querySelector("input").valueAsNumber])),
  inHand: bench.querySelector(".in-hand").dataset.name,
  curves: [...bench.querySelectorAll(".curve")].map((curve) => curve.getAttribute("points")),
  digit: [...bench.querySelector("canvas").getContext("2d").getImageData(0, 0, 28, 28).data],
})"""


def open_why(page: Page, address: str, link: str = NINE) -> None:
    """Open the page and wait until the browser can predict."""
    page.goto(f"{address}/{link}")
    page.locator(".bench[data-from=server][data-predicts=browser]").wait_for()


def read(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.locator(".bench").evaluate(READ)
    return found


def recorded(page: Page) -> dict[str, Any]:
    """What the bench shows when the server has answered."""
    page.locator(".bench[data-from=server]").wait_for()
    harness.until_run(page)
    return read(page)


def drag(page: Page, right: float, down: float) -> dict[str, Any]:
    """Drag the digit by so many of its pixels; what the bench shows just before it is let go."""
    box = page.locator(".pad").bounding_box()
    assert box
    pixel, x, y = box["width"] / 28, box["x"] + 120, box["y"] + 100
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(x + pixel * right * step / 10, y + pixel * down * step / 10)
    page.locator(".bench[data-from=browser][data-curves=current]").wait_for()  # the curves follow a little later
    live = read(page)
    page.mouse.up()
    return live


def test_a_drag_moves_the_digit_and_both_models_follow_before_it_is_let_go(page: Page, address: str) -> None:
    open_why(page, address)
    before = read(page)
    assert before["said"] == ["The MLP says 9.", "The CNN says 9."]
    live = drag(page, 4, 0)
    assert live["said"] == ["The MLP now says 3.", "The CNN still says 9."]
    assert live["widths"] != before["widths"]
    assert live["values"]["shift_right"] == 4
    assert "why_shift_right" not in page.url


def test_what_the_browser_shows_is_what_the_server_then_says(page: Page, address: str) -> None:
    open_why(page, address, f"{NINE}&why_rotation=10&why_noise=0.06&why_blur=0.4")
    live = drag(page, 2.5, -1.25)
    record = recorded(page)
    assert live["from"] == "browser"
    assert live["values"] == record["values"]
    assert live["digit"] == record["digit"]
    assert max(abs(one - other) for one, other in zip(live["widths"], record["widths"], strict=True)) <= 0.02
    assert (live["said"], live["line"]) == (record["said"], record["line"])
    for one, other in zip(live["curves"], record["curves"], strict=True):
        points = [[float(number) for number in re.split("[ ,]", curve)] for curve in (one, other)]
        assert max(abs(a - b) for a, b in zip(*points, strict=True)) <= 0.11


def test_the_address_reproduces_the_nudge_and_the_slider_in_hand(page: Page, address: str) -> None:
    open_why(page, address)
    slider = page.get_by_role("slider", name="Rotate")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("why_rotation=10"))
    record = recorded(page)
    assert record["inHand"] == "rotation"
    assert record["line"].startswith("Turned clockwise by 10°")
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    page.locator(".bench[data-from=server]").wait_for()
    again = read(page)
    assert {name: again[name] for name in again if name != "curves"} == {
        name: record[name] for name in record if name != "curves"
    }


def test_arrow_keys_move_the_digit(page: Page, address: str) -> None:
    open_why(page, address)
    page.locator(".pad").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    expect(page).to_have_url(re.compile("why_shift_right=-2&why_shift_down=0.25"))
    assert recorded(page)["inHand"] == "shift_down"


def test_a_finger_moves_the_digit(chromium: Browser, address: str) -> None:
    page = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).new_page()
    page.add_init_script(harness.TOUR_SEEN)
    open_why(page, address)
    page.locator(".pad").scroll_into_view_if_needed()
    box = page.locator(".pad").bounding_box()
    assert box
    devtools = page.context.new_cdp_session(page)
    x, y, pixel = box["x"] + 70, box["y"] + 70, box["width"] / 28
    for step in range(9):
        point = {"x": x - pixel * step / 2, "y": y}
        kind = "touchMove" if step else "touchStart"
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page).to_have_url(re.compile("why_shift_right=-4"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


def test_another_slider_in_hand_gets_its_curves_without_the_server(page: Page, address: str) -> None:
    open_why(page, address)
    page.get_by_role("slider", name="Scale").focus()
    expect(page.locator(".bench figcaption")).to_contain_text("Scale")
    assert read(page)["curves"]
    assert "why_slider" not in page.url


def test_the_weakest_spots_are_a_press_away(page: Page, address: str) -> None:
    open_why(page, address)
    page.get_by_role("button", name="Find the weakest spot").click()
    row = page.locator(".weakest tr", has_text="Shift right")
    cell = row.get_by_role("button").first
    expect(cell).to_contain_text("falls for 3")
    cell.click()
    expect(page).to_have_url(re.compile("why_shift_right="))
    record = recorded(page)
    assert record["said"][0] in ("The MLP now says 3.", "The MLP now guesses 3.")
    assert record["said"][1] == "The CNN still says 9."
    assert "first fails here" in record["line"]


def test_undo_all_brings_the_digit_back(page: Page, address: str) -> None:
    open_why(page, address, f"{NINE}&why_rotation=30&why_thickness=1")
    page.get_by_role("button", name="Undo all").click()
    expect(page).not_to_have_url(re.compile("why_rotation"))
    assert recorded(page)["said"] == ["The MLP says 9.", "The CNN says 9."]


def test_the_chart_has_its_values_as_a_table_and_in_words(page: Page, address: str) -> None:
    open_why(page, address)
    expect(page.locator(".plot svg")).to_have_attribute("aria-label", re.compile(r"MLP, probability of 9: first fails"))
    page.get_by_text("The chart as a table").click()
    expect(page.locator(".values tbody tr")).to_have_count(57)
    expect(page.locator(".values tbody tr").nth(28)).to_contain_text("0 px")


def test_a_drawing_on_the_canvas_comes_along(visitor: Page) -> None:
    harness.draw(visitor, three(), side=CANVAS_SIDE)
    harness.settle(visitor, 1)
    visitor.get_by_role("link", name="Why").first.click()
    visitor.locator(".bench[data-from=server]").wait_for()
    expect(visitor.locator(".bench .note")).to_have_text("Your drawing.")
    assert read(visitor)["said"] == ["The MLP says 3.", "The CNN says 3."]
    assert "why_digit" not in visitor.url


def test_a_picture_can_be_explained(page: Page, address: str) -> None:
    picture = Image.new("L", (200, 200), "white")
    ImageDraw.Draw(picture).line([(100, 30), (100, 170)], fill="black", width=18)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    open_why(page, address)
    page.get_by_role("button", name="Picture").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "one.png", "mimeType": "image/png", "buffer": buffer.getvalue()}
    )
    expect(page.locator(".bench .note")).to_have_text("Your picture.")
    assert read(page)["said"] == ["The MLP says 1.", "The CNN says 1."]


@pytest.mark.skipif(not datasets.has_mnist(), reason="MNIST is not on this machine, and the digit is its")
def test_the_confusion_page_leads_here_with_its_digit_and_its_pair(page: Page, address: str) -> None:
    page.goto(f"{address}/confusion?confusion_view=All+mistakes&confusion_digit=947")
    page.get_by_role("button", name="Why?").click()
    page.locator(".bench[data-from=server]").wait_for()
    expect(page.locator(".bench .note")).to_contain_text("MNIST test digit 947")
    expect(page).to_have_url(re.compile("why_digit=test-947"))


def test_without_the_browser_s_networks_the_server_answers_when_the_digit_is_let_go(page: Page, address: str) -> None:
    page.route("**/live/networks/**", lambda route: route.abort())
    page.goto(f"{address}/{NINE}")
    page.locator(".bench[data-from=server]").wait_for()
    page.locator(".pad").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".said").first).to_have_text("The MLP now says 3.")
    expect(page).to_have_url(re.compile("why_shift_right=4"))
