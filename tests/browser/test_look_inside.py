"""The figure of the layers on the page *Why*: pointing by mouse, finger and keyboard, the nudge, a phone."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from mnist_core.data.strokes import CANVAS_SIDE
from mnist_core.explanations.receptive_fields import receptive_fields
from mnist_core.models.weights import read_network
from tests.browser import harness
from tests.conftest import ROOT, three

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(300)]


def opened(chromium: Browser, address: str, **context: object) -> Page:
    """The section for a drawn 3."""
    page = harness.open_page(chromium, address, **context)
    harness.draw(page, three(), side=CANVAS_SIDE)
    harness.settle(page, 1)
    page.locator("a[href$='/why']").first.evaluate("link => link.click()")
    page.locator(".figure .sides").wait_for()
    return page


@pytest.fixture(scope="module")
def desk(chromium: Browser, address: str) -> Iterator[Page]:
    page = opened(chromium, address)
    yield page
    page.context.close()


def stage(page: Page, side: int, number: int) -> Locator:
    """A stage of a model's figure, the first of each is 0."""
    return page.locator(".figure .side").nth(side).locator(".stage").nth(number)


def picture(stage: Locator, name: str) -> Locator:
    """A large picture of a stage by the beginning of its name."""
    return stage.locator(f".pictures .picture[aria-label^='{name}']").first


def point(picture: Locator, row: int, column: int, *, cells: int) -> None:
    """Move the mouse to a cell of a picture with that many rows."""
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box
    picture.hover(position={"x": (column + 0.5) * box["width"] / cells, "y": (row + 0.5) * box["height"] / cells})


def marked(first: range, second: range) -> str:
    """How the figure says which rows and columns of a picture are marked."""
    return f"{first.start},{first.stop},{second.start},{second.stop}"


def test_both_models_have_a_figure_from_the_digit_to_the_ten_outputs(desk: Page) -> None:
    for side, stages in ((0, 3), (1, 6)):
        expect(desk.locator(".figure .side").nth(side).locator(".stage")).to_have_count(stages)
        expect(stage(desk, side, stages - 1).locator(".outputs .answer b")).to_have_text("3")
    expect(stage(desk, 0, 0).locator(".tile.unit")).to_have_count(12)
    expect(stage(desk, 1, 0).locator(".tile .filter")).to_have_count(16)
    expect(desk.get_by_text("The MLP looks at fixed places")).to_be_visible()
    expect(desk.get_by_text("The CNN looks for shapes, wherever they are")).to_be_visible()


def test_pointing_at_a_cell_marks_its_receptive_field_and_a_pixel_the_cells_that_see_it(desk: Page) -> None:
    network = read_network(ROOT / "trained_models" / "cnn-robust" / "model.tflite")
    sizes = {layer.name: layer.output_shape[0] for layer in network if layer.kind in ("convolution", "pooling")}
    fields = receptive_fields(network)
    for number in (1, 2, 3):
        block = stage(desk, 1, number - 1)
        digit = picture(block, "The digit")
        for kind, shown in (("convolution", block.locator(".pictures .picture").nth(1)), ("pooling", None)):
            layer = f"{kind}_{number}"
            target = shown or block.locator(".pictures .picture[aria-label*='after pooling']").first
            if number == 1 and kind == "convolution":
                target = picture(block, "Map")
            count = sizes[layer]
            for row, column in ((0, 0), (count - 1, count // 2)):
                point(target, row, column, cells=count)
                expected = marked(fields[layer].pixels(row), fields[layer].pixels(column))
                expect(digit).to_have_attribute("data-marked", expected)
            point(digit, 9, 14, cells=28)
            seen = marked(fields[layer].cells(9, count=count), fields[layer].cells(14, count=count))
            expect(target).to_have_attribute("data-marked", seen)
            expect(picture(stage(desk, 0, 0), "Weights")).to_have_attribute("data-marked", "9,10,14,15")


def test_the_keyboard_points_as_well(desk: Page) -> None:
    block = stage(desk, 1, 1)
    digit, shown = picture(block, "The digit"), picture(block, "Map")
    digit.focus()
    desk.keyboard.press("Tab")
    expect(shown).to_be_focused()
    expect(block.locator(".readout")).to_contain_text("Cell in row")
    for _ in range(14):
        desk.keyboard.press("ArrowUp")
        desk.keyboard.press("ArrowLeft")
    expect(block.locator(".readout")).to_contain_text("row 1, column 1")
    expect(digit).to_have_attribute("data-marked", "0,5,0,5")
    desk.keyboard.press("ArrowDown")
    expect(digit).to_have_attribute("data-marked", "0,7,0,5")


def test_the_keyboard_chooses_a_map_and_the_others_can_be_shown(desk: Page) -> None:
    block = stage(desk, 1, 2)
    tiles = block.locator(".tile")
    tiles.first.focus()
    desk.keyboard.press("ArrowRight")
    expect(tiles.nth(1)).to_be_focused()
    desk.keyboard.press("Enter")
    expect(tiles.nth(1)).to_have_attribute("aria-pressed", "true")
    name = tiles.nth(1).get_attribute("aria-label")
    expect(picture(block, f"{name},")).to_be_visible()
    block.get_by_role("button", name="Show all").click()
    expect(tiles).to_have_count(192)
    expect(tiles.nth(16)).to_be_focused()


def test_the_nudge_shows_both_passes_and_how_alike_they_are(chromium: Browser, address: str) -> None:
    page = opened(chromium, address)
    page.get_by_text("4 px right", exact=True).click()
    page.locator(".figure[data-nudge='4']").wait_for()
    assert "why_layers_nudge=4" in page.url
    rows = {}
    for side in (0, 1):
        table = page.locator(".figure .side").nth(side).locator(".alike tbody tr")
        rows[side] = {line.split("\t")[0].strip(): line for line in table.all_inner_texts()}
    assert set(rows[0]) == {"The digit itself", "Hidden layer", "The ten outputs"}
    assert len(rows[1]) == 9
    share = {side: float(rows[side]["Hidden layer"].split("\t")[1]) for side in (0, 1)}
    assert share[0] < share[1]
    assert float(rows[1]["Block 1: maps"].split("\t")[2].split()[0]) > 0.95
    expect(stage(page, 0, 0).locator(".tile.unit")).to_have_count(24)
    expect(stage(page, 1, 0).locator(".row")).to_have_count(2)
    page.get_by_text("4 px left", exact=True).click()
    page.locator(".figure[data-nudge='-4']").wait_for()
    expect(page.locator(".figure .verdict").nth(1)).to_contain_text("Moved 4 pixels to the left, the CNN")
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_of_it_without_sideways_scrolling_and_axe_finds_nothing(
    chromium: Browser, address: str, scheme: str
) -> None:
    page = opened(
        chromium, address, viewport={"width": 390, "height": 844}, color_scheme=scheme, has_touch=True, is_mobile=True
    )
    page.get_by_text("3 px right", exact=True).click()
    page.locator(".figure[data-nudge='3']").wait_for()
    figure = page.locator(".figure")
    assert figure.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = """box => [...box.querySelectorAll("*")].filter((each) =>
      [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) &&
      parseFloat(getComputedStyle(each).fontSize) < 15).map((each) => each.textContent)"""
    assert figure.evaluate(small) == []
    block = stage(page, 1, 1)
    box = picture(block, "Map").bounding_box()
    assert box
    picture(block, "Map").tap(position={"x": 6.5 * box["width"] / 14, "y": 6.5 * box["height"] / 14})
    expect(block.locator(".readout")).to_contain_text("Cell in row")
    expect(picture(block, "The digit")).to_have_attribute("data-marked", "9,17,9,17")  # 8 × 8 pixels
    found = Axe().run(page).response["violations"]
    inside = [(each["id"], node["html"][:150]) for each in found for node in each["nodes"]]
    page.context.close()
    assert inside == []
