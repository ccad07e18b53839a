"""Duels in a real browser: a digit that splits the models, the score, the last drawings, the keys and the stage."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import harness
from tests.conftest import three

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(600)]

ON_STAGE = re.compile(r"[?&]stage=true")
SPECIFIED = "?draw_left=mlp-specified&draw_right=cnn-specified"


@pytest.fixture
def duel(chromium: Browser, address: str) -> Iterator[Page]:
    """A visitor with the specified pair, on a projector."""
    page = harness.open_page(chromium, f"{address}/{SPECIFIED}", viewport={"width": 1280, "height": 720})
    page.set_default_timeout(30_000)
    yield page
    page.context.close()


def verdict(page: Page) -> Locator:
    return page.locator(".duel .verdict")


def counts(page: Page) -> Locator:
    return page.locator(".counts")


def drawn(page: Page) -> None:
    harness.draw(page, three(), side=280)
    harness.settle(page, 1)


def test_n_shows_digits_on_which_they_disagree_and_they_arrive_as_strokes(duel: Page) -> None:
    origins = set()
    for _ in range(3):
        before = duel.locator(".duel .note").inner_text()
        duel.keyboard.press("n")
        expect(duel.locator(".duel .note")).not_to_have_text(before, timeout=30_000)
        expect(verdict(duel)).to_contain_text("They disagree", timeout=30_000)
        origins.add(duel.locator(".duel .note").inner_text().split(" of ")[0].split(" digit")[0])
    assert {"Prepared drawing", "Generated drawing"} <= origins
    duel.keyboard.press("Control+z")
    expect(verdict(duel)).not_to_contain_text("They disagree")


def test_a_digit_key_marks_what_was_drawn_and_another_one_corrects_it(duel: Page) -> None:
    drawn(duel)
    duel.keyboard.press("3")
    expect(counts(duel)).to_contain_text("MLP 1 of 1")
    duel.keyboard.press("8")
    expect(counts(duel)).to_contain_text("MLP 0 of 1")
    expect(duel.get_by_role("button", name="More digits")).to_be_visible()
    duel.keyboard.press("+")
    expect(duel.get_by_text("8…")).to_be_visible()
    duel.keyboard.press("4")
    expect(duel.get_by_text("84…")).to_be_visible()
    duel.keyboard.press("Enter")
    expect(duel.get_by_text("84, counted")).to_be_visible()
    expect(counts(duel)).to_contain_text("MLP 0 of 1")
    duel.get_by_role("button", name="Start again").click()
    expect(counts(duel)).to_contain_text("counted here")
    duel.get_by_role("button", name="It was a 3", exact=True).click()
    duel.get_by_role("button", name="More digits").click()
    duel.get_by_role("button", name="It was a 7", exact=True).click()
    expect(duel.get_by_text("37…")).to_be_visible()
    duel.keyboard.press("Enter")  # the 7 has the focus, but only because it was clicked
    expect(duel.get_by_text("37, counted")).to_be_visible()
    duel.keyboard.press("Enter")
    harness.until_run(duel)
    expect(duel.get_by_text("37, counted")).to_be_visible()
    harness.draw(duel, three(), side=280)
    harness.settle(duel, 2)
    duel.get_by_role("button", name="Undo").click()
    harness.settle(duel, 1)
    duel.keyboard.press("Enter")  # presses what was clicked, as everywhere
    harness.settle(duel, 0)


def test_one_of_the_last_drawings_comes_back_and_counts_once(duel: Page) -> None:
    drawn(duel)
    duel.keyboard.press("3")
    expect(counts(duel)).to_contain_text("CNN 1 of 1")
    duel.keyboard.press("c")
    harness.settle(duel, 0)
    duel.get_by_role("button", name="It was a 3.").click()
    harness.settle(duel, 1)
    expect(verdict(duel)).to_contain_text("3")
    duel.keyboard.press("3")
    harness.until_run(duel)
    expect(counts(duel)).to_contain_text("CNN 1 of 1")
    duel.keyboard.press("z")
    harness.settle(duel, 0)


def test_each_side_says_whether_it_is_correct_once_the_true_digit_is_known(duel: Page) -> None:
    drawn(duel)
    expect(duel.locator(".duel .time b")).to_have_count(0)
    duel.keyboard.press("3")
    expect(duel.locator(".duel .time b")).to_have_text(["✓ correct", "✓ correct"])
    duel.emulate_media(color_scheme="dark")  # has Streamlit call its components again
    duel.wait_for_function("getComputedStyle(document.querySelector('.stApp')).colorScheme == 'dark'")
    duel.keyboard.press("8")
    expect(duel.locator(".duel .time b")).to_have_text(["✗ incorrect", "✗ incorrect"])


NEED_A_DRAWING = ("Undo", "Clear", *(f"It was {'an' if digit == 8 else 'a'} {digit}" for digit in range(10)))


def enabled(page: Page) -> list[str]:
    """The names of those buttons that can be pressed, of the ones that need a drawing."""
    found: list[str] = page.evaluate(
        """names => [...document.querySelectorAll(".stMain button")].filter(button => !button.disabled)
            .map(button => button.ariaLabel ?? button.querySelector("p")?.textContent)
            .filter(name => names.includes(name))""",
        list(NEED_A_DRAWING),
    )
    return sorted(found)


def test_what_needs_a_drawing_can_be_pressed_from_the_first_stroke_until_the_canvas_is_empty(duel: Page) -> None:
    for button in NEED_A_DRAWING:
        expect(duel.get_by_role("button", name=button, exact=True)).to_be_disabled()
    drawn(duel)
    expect(duel.get_by_role("button", name="Undo")).to_be_enabled()
    assert enabled(duel) == sorted(NEED_A_DRAWING)
    duel.keyboard.press("z")
    expect(duel.get_by_role("button", name="Undo")).to_be_disabled()
    assert enabled(duel) == []
    duel.keyboard.press("t")  # a test digit has no strokes to take back
    expect(duel.get_by_role("button", name="Clear")).to_be_enabled()
    assert enabled(duel) == sorted({*NEED_A_DRAWING} - {"Undo"})
    duel.keyboard.press("c")
    duel.keyboard.press("c")  # comes before the answer
    expect(duel.get_by_role("button", name="Clear")).to_be_disabled()
    expect(duel.locator("button[aria-busy=true]")).to_have_count(0)
    duel.keyboard.press("3")
    harness.until_run(duel)
    expect(counts(duel)).to_contain_text("counted here")


def test_a_stroke_on_a_counted_drawing_begins_one_that_is_not_counted_yet(duel: Page) -> None:
    drawn(duel)
    duel.keyboard.press("3")
    expect(duel.locator(".counted")).to_have_count(1)
    tile = duel.get_by_role("button", name="It was a 3.")
    expect(tile).to_have_attribute("aria-pressed", "true")
    harness.draw(duel, [three()[0] * 0.5], side=280)
    harness.settle(duel, 2)
    expect(duel.locator(".counted")).to_have_count(0)
    expect(tile).to_have_attribute("aria-pressed", "false")
    expect(duel.locator(".duel .time b")).to_have_count(0)
    tile.click()
    harness.settle(duel, 1)
    canvas = duel.locator("canvas.upper-canvas")
    expect(canvas).to_have_attribute("aria-label", re.compile("One of your last drawings"))
    duel.evaluate("document.querySelector('.stMain').scrollTo(0, 0)")
    duel.wait_for_timeout(500)
    harness.draw(duel, [three()[0] * 0.5], side=280)
    harness.settle(duel, 2)
    expect(canvas).to_have_attribute("aria-label", "Drawing canvas.")


def test_a_message_goes_with_the_next_stroke(chromium: Browser, address: str) -> None:
    page = harness.open_page(chromium, f"{address}/?draw_left=mlp-specified&draw_right=mlp-specified")
    page.keyboard.press("n")
    expect(page.get_by_text("it cannot disagree with itself")).to_be_visible()
    drawn(page)
    expect(page.get_by_text("it cannot disagree with itself")).to_have_count(0)
    page.context.close()


CONTRAST_OF_OFFERED = """() => {
    const rgb = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const text = document.querySelector(".st-key-draw_was button[data-testid$=-primary] p");
    return [rgb(getComputedStyle(text).color), rgb(getComputedStyle(document.querySelector(".stApp")).backgroundColor)];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_digit_that_is_offered_can_be_read(chromium: Browser, address: str, scheme: str) -> None:
    page = harness.open_page(chromium, f"{address}/{SPECIFIED}", color_scheme=scheme)
    page.keyboard.press("n")
    expect(verdict(page)).to_contain_text("They disagree", timeout=30_000)
    page.locator(".st-key-draw_was button[data-testid$=-primary]").wait_for()
    text, ground = page.evaluate(CONTRAST_OF_OFFERED)
    assert abs(sum(text) - sum(ground)) > 400, (text, ground)
    page.context.close()


def test_why_leads_to_its_page_with_the_pair_and_back_to_the_digit_and_moves_nothing(duel: Page) -> None:
    link = duel.get_by_role("link", name="Why?", exact=True)
    expect(link).to_have_count(0)
    before = [duel.locator(part).first.bounding_box() for part in (".duel .rows", ".duel .side", ".st-key-draw_score")]
    drawn(duel)
    expect(link).to_be_visible()
    after = [duel.locator(part).first.bounding_box() for part in (".duel .rows", ".duel .side", ".st-key-draw_score")]
    assert after == before
    link.click()
    duel.wait_for_url("**/why?why_left=mlp-specified&why_right=cnn-specified")
    expect(duel.get_by_role("heading", level=1, name="Why?")).to_be_visible()
    duel.get_by_role("link", name="Draw").first.click()
    harness.settle(duel, 1)
    assert "3" in verdict(duel).inner_text()


def test_which_one_to_trust_compares_the_pair(duel: Page) -> None:
    duel.get_by_role("link", name="Which one to trust?").click()
    duel.wait_for_url("**/compare?compare_runs=mlp-specified&compare_runs=cnn-specified")
    expect(harness.picked_runs(duel)).to_have_text(["mlp-specified", "cnn-specified"])


def test_keys_are_left_to_a_field_in_which_the_visitor_types(duel: Page) -> None:
    drawn(duel)
    duel.evaluate("document.body.append(document.createElement('input')); document.body.lastChild.focus()")
    duel.keyboard.type("c3")
    assert duel.evaluate("document.body.lastChild.value") == "c3"
    duel.wait_for_timeout(700)
    assert duel.locator(".duel").get_attribute("data-strokes") == "1"
    expect(counts(duel)).to_contain_text("counted here")


def test_the_question_mark_lists_the_keys_and_no_key_works_behind_the_list(duel: Page) -> None:
    drawn(duel)
    duel.keyboard.press("?")
    dialog = duel.get_by_role("dialog", name="Keys")
    expect(dialog).to_contain_text("A digit that splits them")
    duel.keyboard.press("c")
    duel.wait_for_timeout(700)
    assert duel.locator(".duel").get_attribute("data-strokes") == "1"
    duel.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_the_stage_fills_the_screen_with_large_labels_and_escape_leaves_it(duel: Page) -> None:
    duel.keyboard.press("f")
    expect(duel).to_have_url(ON_STAGE)
    duel.wait_for_function("document.fullscreenElement !== null")
    expect(duel.get_by_role("button", name="Tour")).to_be_hidden()
    duel.keyboard.press("n")
    expect(verdict(duel)).to_contain_text("They disagree", timeout=30_000)
    expect(duel.get_by_role("link", name="Train")).to_be_hidden()
    harness.until_run(duel)
    smallest = duel.evaluate(  # in one step, since a run that is not over yet may replace the panel between two
        "Math.min(...[...document.querySelectorAll('.duel .row span, .duel .row b')]"
        ".filter(one => one.textContent.trim())"
        ".map(one => parseFloat(getComputedStyle(one).fontSize) * one.currentCSSZoom))"
    )
    assert 20 <= smallest < float("inf")
    lowest = duel.evaluate(
        "Math.max(...[...document.querySelectorAll('.duel .row')].map(row => row.getBoundingClientRect().bottom))"
    )
    assert 0 < lowest <= 720
    duel.keyboard.press("Escape")
    expect(duel).not_to_have_url(ON_STAGE)
    expect(duel.get_by_role("link", name="Train")).to_be_visible()
    duel.wait_for_function("document.fullscreenElement === null")


def test_whoever_leaves_the_full_screen_in_the_browser_s_own_way_leaves_the_stage(duel: Page) -> None:
    duel.keyboard.press("f")
    expect(duel).to_have_url(ON_STAGE)
    duel.wait_for_function("document.fullscreenElement !== null")
    duel.evaluate("document.exitFullscreen()")
    expect(duel).not_to_have_url(ON_STAGE)
    expect(duel.get_by_role("button", name="Leave stage")).to_have_count(0)
    harness.until_run(duel)
    duel.keyboard.press("Escape")  # means something on the stage alone
    harness.until_run(duel)
    expect(duel).not_to_have_url(ON_STAGE)


def test_a_link_opens_the_stage_where_one_can_draw_and_a_press_leaves_it(chromium: Browser, address: str) -> None:
    page = harness.open_page(chromium, f"{address}/{SPECIFIED}&stage=true", viewport={"width": 1280, "height": 720})
    drawn(page)
    assert "3" in verdict(page).inner_text()
    harness.until_run(page)
    top_of_counts = "document.querySelector('.counts').getBoundingClientRect().top"
    before = page.evaluate(top_of_counts)
    page.keyboard.press("3")
    expect(counts(page)).to_contain_text("MLP 1 of 1")
    expect(page.get_by_role("button", name="More digits")).to_be_visible()
    harness.until_run(page)
    assert page.evaluate(top_of_counts) == before
    page.get_by_role("button", name="Leave stage").click()
    expect(page.get_by_role("link", name="Train")).to_be_visible()
    page.context.close()
