"""While the pen is down, the browser predicts what the server then says: with mouse and finger, in a real Chromium."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from mnist_core.data.strokes import CANVAS_SIDE
from mnist_core.handwriting.generator import STYLES, pen_strokes
from tests.browser import harness
from tests.conftest import three

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(600)]

ROBUST = "?draw_left=mlp-robust&draw_right=cnn-robust"
SPECIFIED = "?draw_left=mlp-specified&draw_right=cnn-specified"
STYLES_DRAWN = 12
LINE = np.array([[60.0, 120.0], [120.0, 130.0], [90.0, 190.0]])

READ = """() => {
  const panel = document.querySelector(".duel[data-strokes]");
  const width = (bar) => parseFloat(bar.style.width) / 100;
  return {
    isLive: panel.querySelector("canvas") !== null,
    isOutdated: panel.classList.contains("outdated"),
    verdict: panel.querySelector(".verdict").textContent,
    isBusy: panel.querySelector("[role=status]").getAttribute("aria-busy") === "true",
    answers: ["left", "right"].map((side) => panel.querySelector(`.side[data-side=${side}] .answer`).textContent),
    confidences: ["left", "right"].map(
      (side) => panel.querySelector(`.side[data-side=${side}] .confidence`)?.textContent),
    percents: ["left", "right"].map((side) =>
      [...panel.querySelectorAll(`.percent[data-side=${side}]`)].map((percent) => percent.textContent)),
    probabilities: ["left", "right"].map((side) => [...panel.querySelectorAll(`.bar[data-side=${side}] i`)].map(width)),
  };
}"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with harness.served() as (running, _):
        yield running


def handwritten(count: int, *, seed: int) -> list[list[np.ndarray]]:
    """Generated digits, each in another style, at random places and sizes of the canvas."""
    random = np.random.default_rng(seed)
    drawings = []
    for style in random.choice(list(STYLES), count, replace=False):
        (strokes,) = pen_strokes(str(style), 1, seed=seed)
        points = np.concatenate(strokes)
        low, span = points.min(axis=0), np.ptp(points, axis=0)
        scale = CANVAS_SIDE * random.uniform(0.3, 0.78) / span.max()
        place = 10 + random.uniform(0, 1, 2) * (CANVAS_SIDE - 20 - span * scale)
        drawings.append([(stroke - low) * scale + place for stroke in strokes])
    return drawings


def open_live(chromium: Browser, address: str, **context: object) -> Page:
    """A visitor's page that has fetched all that it needs to predict. It fails on an error in the page."""
    page = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **context}).new_page()
    with page.expect_response(re.compile("/live/networks/cnn-")) as fetched:
        page.goto(address)
    fetched.value.finished()
    page.locator("canvas.upper-canvas").wait_for()
    page.wait_for_timeout(500)
    return page


def draw_live(page: Page, stroke: np.ndarray, *, number: int, finger: bool = False) -> tuple[dict, dict]:
    """Draw a stroke, the drawing's `number`th. What the panel showed before pen-up, and what the server says."""
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box
    path = (np.asarray(stroke) * (box["width"] / CANVAS_SIDE) + [box["x"], box["y"]]).tolist()
    if finger:
        devtools = page.context.new_cdp_session(page)
        for index, (x, y) in enumerate(path):
            kind = "touchMove" if index else "touchStart"
            devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    else:
        page.mouse.move(*path[0])
        page.mouse.down()
        for x, y in path[1:]:
            page.mouse.move(x, y)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    live = page.evaluate(READ)
    if finger:
        devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        devtools.detach()
    else:
        page.mouse.up()
    harness.settle(page, number)
    return live, page.evaluate(READ)


def check_same(live: dict, record: dict) -> None:
    """Both are predictions, the first from the browser and the second from the server, and they agree."""
    assert live["isLive"]
    assert not record["isLive"]
    assert not record["isBusy"]
    assert live["answers"] == record["answers"]
    difference = np.abs(np.array(live["probabilities"]) - np.array(record["probabilities"]))
    assert difference.shape == (2, 10)
    assert difference.max() <= 1e-4


def clear(page: Page) -> None:
    page.get_by_role("button", name="Clear").click(no_wait_after=True)
    harness.settle(page, 0)
    page.wait_for_timeout(100)


@pytest.mark.parametrize("pair", [ROBUST, SPECIFIED])
def test_what_the_pen_shows_is_what_the_server_says(chromium: Browser, address: str, pair: str) -> None:
    page = open_live(chromium, f"{address}/{pair}")
    answers = set()
    for strokes in handwritten(STYLES_DRAWN, seed=len(pair)):
        for number, stroke in enumerate(strokes, start=1):
            live, record = draw_live(page, stroke, number=number)
            check_same(live, record)
        answers |= set(record["answers"])
        clear(page)
    assert len(answers) > 3
    page.context.close()


@pytest.mark.parametrize(
    "screen",
    [{"color_scheme": "dark"}, {"viewport": {"width": 960, "height": 640}, "device_scale_factor": 1.5}],
    ids=["dark", "zoomed to 150 %"],
)
def test_the_pen_is_followed_on_other_screens(chromium: Browser, address: str, screen: dict[str, object]) -> None:
    page = open_live(chromium, f"{address}/{ROBUST}", **screen)
    for number, stroke in enumerate([three()[0], LINE], start=1):
        check_same(*draw_live(page, stroke, number=number))
    page.context.close()


NUMBER = """() => {
  const panel = document.querySelector(".duel.number");
  const texts = (selector) => [...panel.querySelectorAll(selector)].map((each) => each.textContent);
  return {
    isLive: panel.querySelector("canvas") !== null,
    answers: texts(".answer"),
    digits: texts(".row b"),
    percents: texts(".percent"),
    pictures: panel.querySelectorAll(".row :is(img, canvas)").length,
  };
}"""


def test_a_number_is_followed_from_its_second_digit_on_and_undone_to_one_digit(chromium: Browser, address: str) -> None:
    page = open_live(chromium, f"{address}/{ROBUST}")
    check_same(*draw_live(page, three(110, left=30, top=80)[0], number=1))
    for number, left in ((2, 110), (3, 190)):
        stroke = three(100, left=left, top=85)[0] * (448 / CANVAS_SIDE)
        box = page.locator("canvas.upper-canvas").bounding_box()
        assert box
        points = (stroke * (box["width"] / 448) + [box["x"], box["y"]]).tolist()
        page.mouse.move(*points[0])
        page.mouse.down()
        for x, y in points[1:]:
            page.mouse.move(x, y)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        live = page.evaluate(NUMBER)
        page.mouse.up()
        harness.settle(page, number)
        record = page.evaluate(NUMBER)
        assert live.pop("isLive")
        assert not record.pop("isLive")
        assert live == record
        assert live["answers"] == ["3" * number] * 2
        expect(page.get_by_role("button", name="It was a 3", exact=True)).to_be_enabled()
    for number in (2, 1):
        page.get_by_role("button", name="Undo").click(no_wait_after=True)
        harness.settle(page, number)
    expect(page.locator(".duel:not(.number) .side[data-side=left] .answer")).to_have_text("3")
    expect(page.locator(".row[data-digit]")).to_have_count(10)
    page.context.close()


def test_a_finger_on_a_phone_is_followed(chromium: Browser, address: str) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "has_touch": True, "is_mobile": True}
    page = open_live(chromium, f"{address}/{ROBUST}", **phone)
    for strokes in handwritten(3, seed=5):
        for number, stroke in enumerate(strokes, start=1):
            check_same(*draw_live(page, stroke, number=number, finger=True))
        clear(page)
    page.context.close()


def test_a_stroke_after_undo_joins_those_that_are_left(chromium: Browser, address: str) -> None:
    page = open_live(chromium, f"{address}/{ROBUST}")
    draw_live(page, three()[0], number=1)
    draw_live(page, LINE, number=2)
    page.get_by_role("button", name="Undo").click(no_wait_after=True)
    harness.settle(page, 1)
    page.wait_for_timeout(500)
    check_same(*draw_live(page, LINE + 20, number=2))
    page.context.close()


def test_a_stroke_begun_before_the_server_has_answered_joins_the_one_before(chromium: Browser, address: str) -> None:
    page = open_live(chromium, f"{address}/{ROBUST}")
    harness.draw(page, three(), side=CANVAS_SIDE)
    check_same(*draw_live(page, LINE, number=2))
    page.context.close()


def test_an_answer_that_comes_while_the_pen_is_down_does_not_stay(chromium: Browser, address: str) -> None:
    page = open_live(chromium, f"{address}/{ROBUST}")
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 100, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 100, box["y"] + 260)
    expect(page.locator("canvas.seen")).to_be_visible()
    # As Streamlit paints an answer: new HTML in the place of the panel.
    page.evaluate("() => { const box = document.querySelector('.duel').parentElement; box.innerHTML = box.innerHTML; }")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate(READ)["isLive"]
    assert page.evaluate(READ)["verdict"] == "Both say 1 so far."
    page.context.close()


def test_the_panel_says_that_the_stroke_goes_on_and_shows_every_part(chromium: Browser, address: str) -> None:
    page = open_live(chromium, f"{address}/{ROBUST}")
    live, record = draw_live(page, three()[0], number=1)
    assert live["isBusy"]
    assert live["verdict"] == "Both say 3 so far."
    assert record["verdict"] == "Both predict a 3."
    assert live["confidences"] == record["confidences"]
    assert live["percents"] == record["percents"]
    page.context.close()


NOTE_STROKES = """() => {
  const strokes = () => document.querySelector(".duel[data-strokes]")?.dataset.strokes ?? "none";
  window.noted = [strokes()];
  const note = () => { if (strokes() !== noted.at(-1)) noted.push(strokes()); };
  new MutationObserver(note).observe(document.body, { childList: true, subtree: true });
}"""


def test_what_is_pressed_right_after_pen_up_waits_for_the_stroke_and_for_the_press_before(
    chromium: Browser, address: str
) -> None:
    page = open_live(chromium, f"{address}/{ROBUST}&stage=true")
    page.get_by_role("button", name="Leave stage").wait_for()
    harness.until_run(page)
    harness.draw(page, [*three(100, left=30, top=80), *three(100, left=150, top=85)], side=CANVAS_SIDE)
    page.keyboard.type("33")  # the canvas sends the strokes 200 ms after pen-up
    expect(page.locator(".typed")).to_have_text("33, counted", timeout=60_000)
    harness.until_run(page)
    page.evaluate(NOTE_STROKES)
    harness.draw(page, [np.array([[250.0, 20.0], [250.0, 260.0]])], side=CANVAS_SIDE)
    page.keyboard.press("z")
    page.wait_for_function("noted.length > 2", timeout=60_000)
    assert page.evaluate("noted") == ["2", "3", "2"]
    page.context.close()


def test_nothing_is_sent_while_the_pen_is_down(chromium: Browser, address: str) -> None:
    page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    with page.expect_response(re.compile("/live/networks/cnn-")) as fetched:
        page.goto(f"{address}/{ROBUST}")
    fetched.value.finished()
    page.locator("canvas.upper-canvas").wait_for()
    harness.until_run(page)
    page.wait_for_timeout(1000)
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 100, box["y"] + 60)
    page.mouse.down()
    before, requests = len(sent), []
    page.on("request", lambda request: requests.append(request))
    for step in range(100):
        page.mouse.move(box["x"] + 100 + step, box["y"] + 60 + 2 * step)
    page.wait_for_timeout(500)
    assert page.evaluate(READ)["isLive"]
    assert (len(sent), requests) == (before, [])
    page.mouse.up()
    harness.settle(page, 1)
    assert len(sent) > before
    page.context.close()


@pytest.mark.parametrize(("place", "live"), [(170, "canvas.seen"), (50, ".duel.number .rows canvas")])
def test_a_cancelled_touch_brings_back_what_the_server_said(
    chromium: Browser, address: str, place: int, live: str
) -> None:
    # Within the 3 it is the same digit, beside it a number.
    page = open_live(chromium, f"{address}/{ROBUST}", has_touch=True)
    _, record = draw_live(page, three()[0], number=1)
    box = page.locator("canvas.upper-canvas").bounding_box()
    assert box
    devtools = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": box["x"] + place, "y": box["y"] + 50}]),
        ("touchMove", [{"x": box["x"] + place, "y": box["y"] + 300}]),
    ):
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page.locator(live).first).to_be_visible()
    devtools.send("Input.dispatchTouchEvent", {"type": "touchCancel", "touchPoints": []})
    expect(page.locator(live)).to_have_count(0)
    assert page.evaluate(READ) == record
    assert page.evaluate("document.querySelector('.duel').style.length") == 0
    page.context.close()


def test_below_a_base_path_the_pen_is_followed(chromium: Browser) -> None:
    with harness.served(base_path="/some/where") as (address, _):
        page = open_live(chromium, f"{address}/{ROBUST}")
        check_same(*draw_live(page, three()[0], number=1))
        page.context.close()


def test_behind_a_server_that_adds_a_prefix_the_pen_is_followed(chromium: Browser) -> None:
    with harness.served(Path(__file__).with_name("prefixed_app.py"), PREFIX="/lab") as (address, _):
        page = open_live(chromium, f"{address}/lab/{ROBUST}")
        check_same(*draw_live(page, three()[0], number=1))
        assert page.request.get(f"{address}/_stcore/stream").status == 404
        page.context.close()


@pytest.mark.parametrize("missing", ["**/live/scripts/**/live_drawing.js", "**/live/networks/**", "**/kernel.wasm"])
def test_without_the_files_the_page_works_as_before(chromium: Browser, address: str, missing: str) -> None:
    page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
    errors: list[object] = []
    page.on("pageerror", lambda error: errors.append(error))

    def refuse(route: Route) -> None:
        route.fulfill(status=404)

    page.route(missing, refuse)
    page.goto(f"{address}/{ROBUST}")
    page.locator("canvas.upper-canvas").wait_for()
    page.wait_for_timeout(1500)
    live, record = draw_live(page, three()[0], number=1)
    assert live["isLive"] == ("wasm" in missing)  # plain JavaScript predicts without WebAssembly
    assert record["answers"] == ["3", "3"]
    assert errors == []
    assert page.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0
    page.context.close()


@pytest.mark.parametrize(
    ("policy", "is_live"),
    [
        ("script-src 'self' 'unsafe-inline' blob:", True),  # no WebAssembly: plain JavaScript predicts
        ("script-src 'self' 'unsafe-inline'", False),  # no script that a component of this project brings
    ],
)
def test_under_a_strict_policy_the_page_works(chromium: Browser, policy: str, is_live: bool) -> None:
    with harness.served(Path(__file__).with_name("strict_app.py"), POLICY=policy) as (address, _):
        page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
        errors: list[object] = []
        page.on("pageerror", lambda error: errors.append(error))
        page.goto(f"{address}/{ROBUST}")
        page.locator("canvas.upper-canvas").wait_for()
        page.wait_for_timeout(2500)
        live, record = draw_live(page, three()[0], number=1)
        assert live["isLive"] == is_live
        assert record["answers"] == ["3", "3"]
        assert errors == []
        page.context.close()


def test_files_are_kept_for_good_and_others_are_not_found(page: Page, address: str) -> None:
    with page.expect_response(re.compile("/live/networks/mlp-")) as fetched:
        page.goto(f"{address}/{ROBUST}")
    headers = fetched.value.headers
    assert "immutable" in headers["cache-control"]
    assert headers["content-encoding"] == "gzip"
    found = fetched.value.url
    for wrong in (
        re.sub(r"[0-9a-f]{16}", "0" * 16, found),
        found.replace("mlp-robust", "mlp-specified"),
        found.replace("mlp-robust", "nobody"),
        f"{address}/live/scripts/{'0' * 16}/draw/live/live_drawing.js",
    ):
        assert page.request.get(wrong).status == 404
    plain = page.request.get(found, headers={"Accept-Encoding": "identity"})
    assert plain.headers.get("content-encoding") is None
    assert plain.body()[:4] == b"DDN1"


def test_another_pair_is_followed_once_it_is_picked(chromium: Browser, address: str) -> None:
    page = open_live(chromium, f"{address}/{ROBUST}")
    draw_live(page, three()[0], number=1)
    with page.expect_response(re.compile("/live/networks/cnn-specified")) as fetched:
        page.goto(f"{address}/{SPECIFIED}")
    fetched.value.finished()
    page.wait_for_timeout(1000)
    check_same(*draw_live(page, LINE, number=1))
    page.context.close()
