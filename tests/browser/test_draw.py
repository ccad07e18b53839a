"""The served app in a real Chromium: what a visitor does, and what the page then says."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from mnist_core.data.preprocessing import from_strokes
from mnist_core.data.strokes import CANVAS_SIDE, PenDigits, drawn_anywhere, load_pen_digits
from tests.browser import harness
from tests.conftest import three
from tests.photographed import jpeg, on_paper, on_table, photographed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        harness.chromium_path() is None,
        reason="there is no Chromium; install it (Debian: apt install chromium) or name one in CHROMIUM",
    ),
    pytest.mark.timeout(600),
]

DIGITS = 24
WIDTHS = [(1440, 900), (768, 1024), (390, 844)]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with harness.served() as running:
        yield running


@pytest.fixture(scope="module")
def address(server: tuple[str, subprocess.Popen[bytes]]) -> str:
    return server[0]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with harness.browser() as running:
        yield running


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    opened = harness.open_page(chromium, address)
    yield opened
    opened.context.close()


def chosen(pen: PenDigits, count: int) -> list[tuple[list[np.ndarray], int]]:
    """Seeded digits as somebody draws them: at any place and size of the canvas."""
    picked = set(np.random.default_rng(2026).choice(len(pen), count, replace=False).tolist())
    return [
        (strokes, int(pen.labels[index]))
        for index, strokes in enumerate(drawn_anywhere(pen, seed=2026))
        if index in picked
    ]


def clear(page: Page) -> None:
    page.get_by_role("button", name="Clear").click(no_wait_after=True)
    harness.settle(page, 0)


@pytest.mark.timeout(600)  # about 1.7 s a digit, most of it the canvas' own waiting
def test_pen_digits_drawn_with_the_mouse_are_predicted(chromium: Browser, address: str, pen_path: Path) -> None:
    page = harness.open_page(chromium, f"{address}/?draw_left=mlp-specified&draw_right=cnn-specified")
    correct = np.zeros(2)
    for strokes, label in chosen(load_pen_digits(pen_path), DIGITS):
        harness.draw(page, strokes, side=CANVAS_SIDE)
        harness.settle(page, len(strokes))
        correct += [digit == str(label) for digit in harness.read_off(page)]
        clear(page)
    page.context.close()
    mlp, cnn = correct / DIGITS
    print(f"correct on the page: MLP {mlp:.1%}, CNN {cnn:.1%} of {DIGITS} pen digits")
    assert mlp >= 0.84
    assert cnn >= 0.93


def test_pen_digits_drawn_with_a_finger_are_predicted_and_the_page_stands_still(
    chromium: Browser, address: str, pen_path: Path
) -> None:
    phone = harness.open_page(
        chromium, address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    correct = 0
    for strokes, label in chosen(load_pen_digits(pen_path), 6):
        harness.touch(phone, strokes, side=CANVAS_SIDE)
        harness.settle(phone, len(strokes))
        correct += harness.read_off(phone)[1] == str(label)
        assert phone.evaluate("[scrollX, document.querySelector('.stMain').scrollTop]") == [0, 0]
        phone.get_by_role("button", name="Clear").tap()
        harness.settle(phone, 0)
    phone.context.close()
    assert correct >= 5


def test_every_corner_of_the_canvas_can_be_drawn_on_with_a_finger(chromium: Browser, address: str) -> None:
    phone = harness.open_page(chromium, address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    corners = [(8, 8), (272, 8), (272, 272), (8, 272)]
    for count, (x, y) in enumerate(corners, start=1):
        harness.touch(phone, [np.linspace([x, y], [140, 140], 5)], side=280)
        harness.settle(phone, count)
    phone.context.close()


def test_a_dot_and_a_blank_canvas_get_no_prediction(page: Page) -> None:
    expect(page.locator(".duel .verdict")).to_have_text("Draw a digit, 0 to 9.")
    harness.draw(page, [np.array([[140.0, 140.0]])], side=280)
    harness.settle(page, 1)
    expect(page.locator(".duel .verdict")).to_have_text("That is a dot.")
    assert harness.read_off(page) == ("–", "–")


def test_undo_and_clear_are_at_hand_and_pressed_twice_do_no_harm(page: Page) -> None:
    harness.draw(
        page, [*three(), np.array([[20.0, 20.0], [30.0, 250.0]]), np.array([[250.0, 20.0], [240.0, 250.0]])], side=280
    )
    harness.settle(page, 3)
    undo = page.get_by_role("button", name="Undo")
    undo.click()
    harness.settle(page, 2)
    undo.click()
    harness.settle(page, 1)
    assert harness.read_off(page) == ("3", "3")
    page.get_by_role("button", name="Clear").dblclick(delay=20)
    harness.settle(page, 0)
    harness.draw(page, three(), side=280)
    harness.settle(page, 1)
    assert harness.read_off(page) == ("3", "3")


def test_after_undo_in_haste_the_panel_speaks_of_what_is_on_the_canvas(page: Page) -> None:
    harness.draw(page, [np.array([[30.0 * n, 40.0], [30.0 * n, 240.0]]) for n in range(1, 9)], side=280)
    harness.settle(page, 8)
    for _ in range(4):  # a busy server may take two presses in one run for one
        page.get_by_role("button", name="Undo").click(no_wait_after=True)
    page.wait_for_timeout(3000)
    left = int(page.locator(".duel").get_attribute("data-strokes") or 8)
    assert 4 <= left <= 7
    harness.draw(page, three(), side=280)
    harness.settle(page, left + 1)


def test_the_canvas_has_a_name_that_says_what_is_on_it(page: Page, mnist: object) -> None:
    expect(page.get_by_role("img", name="Drawing canvas.")).to_be_visible()
    page.get_by_role("button", name="Test digit").click()
    expect(page.get_by_role("img", name="Drawing canvas. MNIST test digit")).to_be_visible()


def test_a_test_digit_shows_its_label_and_drawing_replaces_it(page: Page, mnist: object) -> None:
    page.get_by_role("button", name="Test digit").click()
    expect(page.locator(".duel .note")).to_contain_text("MNIST test digit")
    label = page.locator(".duel .note").inner_text().rstrip(".")[-1]
    assert label.isdigit()
    harness.draw(page, three(), side=280)
    harness.settle(page, 1)
    assert harness.read_off(page) == ("3", "3")
    expect(page.locator(".duel .note")).not_to_contain_text("test digit")


def test_a_picture_is_read_and_a_broken_one_is_a_message(page: Page, tmp_path: Path) -> None:
    Image.fromarray((255 - from_strokes(three()) * 255).astype(np.uint8)).resize((300, 300)).save(
        tmp_path / "three.png"
    )
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    page.get_by_role("button", name="Picture").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "broken.png")
    expect(page.get_by_text("expected PNG, JPEG or WebP")).to_be_visible()
    page.evaluate(
        """() => {
            window.most = 0;
            const count = () => { window.most = Math.max(window.most, document.querySelectorAll(".duel").length) };
            new MutationObserver(count).observe(document.body, { childList: true, subtree: true });
            count();
        }"""
    )
    page.locator("input[type=file]").set_input_files(tmp_path / "three.png")
    expect(page.locator(".duel .note")).to_contain_text("three.png")
    assert harness.read_off(page) == ("3", "3")
    assert page.evaluate("window.most") == 1, "the panel stood on the page twice while the message above it went"


def test_a_phone_takes_a_photograph_with_one_press_and_sees_what_was_found(
    chromium: Browser, address: str, tmp_path: Path
) -> None:
    photograph = tmp_path / "desk.jpg"
    photograph.write_bytes(jpeg(photographed(on_table(on_paper(three(150, left=190, top=90))))))
    phone = harness.open_page(chromium, address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone.get_by_role("button", name="Picture").click()
    with phone.expect_file_chooser() as chooser:
        phone.get_by_role("button", name="Take a photo").click()
    chooser.value.set_files(photograph)
    expect(phone.locator(".duel .note")).to_contain_text(
        "desk.jpg: the sheet (yellow) and the digit (blue)", timeout=30_000
    )
    expect(phone.get_by_test_id("stException")).to_have_count(0)
    assert harness.read_off(phone) == ("3", "3")
    phone.context.close()


def test_a_mouse_gets_no_camera_button(page: Page) -> None:
    page.get_by_role("button", name="Picture").click()
    expect(page.locator("input[type=file]")).to_be_attached()
    expect(page.get_by_role("button", name="Take a photo")).to_be_hidden()


def test_the_pair_of_models_is_in_the_url_and_survives_a_reload(page: Page) -> None:
    page.get_by_role("combobox", name="Model on the left").click()
    page.get_by_role("option", name="cnn-specified").click()
    expect(page.locator(".duel .side[data-side=left]")).to_have_attribute("aria-label", "CNN, specified")
    assert "draw_left=cnn-specified" in page.url
    page.reload()
    expect(page.locator(".duel .side[data-side=left]")).to_have_attribute("aria-label", "CNN, specified")


def test_two_visitors_do_not_see_each_other_s_drawings(page: Page, chromium: Browser, address: str) -> None:
    other = harness.open_page(chromium, address)
    harness.draw(page, three(), side=280)
    harness.settle(page, 1)
    harness.draw(other, [np.array([[140.0, 40.0], [140.0, 240.0]])], side=280)
    harness.settle(other, 1)
    assert harness.read_off(page) == ("3", "3")
    assert harness.read_off(other) == ("1", "1")
    other.context.close()


@pytest.mark.parametrize("path", ["/", "/draw"])
def test_a_cold_link_shows_the_whole_page_at_every_width_without_scrolling_sideways(
    chromium: Browser, path: str
) -> None:
    with harness.served() as (cold, _):
        for width, height in WIDTHS:
            page = harness.open_page(chromium, cold + path, viewport={"width": width, "height": height})
            expect(page).to_have_title("Digit Duel")
            expect(page.get_by_test_id("stHeader").locator("img")).to_be_visible()
            expect(page.get_by_role("heading", name="Draw a digit", exact=True)).to_be_visible()
            expect(page.get_by_role("button", name="Clear")).to_be_visible()
            box = page.locator("canvas.upper-canvas").bounding_box()
            assert box
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["width"] >= 300
            assert box["y"] + box["height"] < height
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.context.close()


def test_the_page_asks_nothing_of_other_hosts(chromium: Browser, address: str) -> None:
    hosts: set[str] = set()
    page = chromium.new_page()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]) if request.url.startswith("http") else None)
    page.goto(address)
    page.locator("canvas.upper-canvas").wait_for()
    harness.draw(page, three(), side=280)
    harness.settle(page, 1)
    page.close()
    assert hosts == {address.removeprefix("http://")}


@pytest.mark.skipif(
    not Path("/proc").is_dir(), reason="the modules of a process are read from /proc, which this system lacks"
)
def test_the_server_never_loads_tensorflow(page: Page, server: tuple[str, subprocess.Popen[bytes]]) -> None:
    harness.draw(page, three(), side=280)
    harness.settle(page, 1)
    maps = Path(f"/proc/{server[1].pid}/maps").read_text()
    assert "ai_edge_litert" in maps
    assert "/tensorflow/" not in maps
