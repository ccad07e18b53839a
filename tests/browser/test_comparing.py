"""The pages that compare, in a real Chromium: what pointing, choosing, downloading and reloading do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import harness

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        harness.chromium_path() is None,
        reason="there is no Chromium; install it (Debian: apt install chromium) or name one in CHROMIUM",
    ),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with harness.browser() as running:
        yield running


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with harness.served() as (running, _):
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def two_charts(page: Page) -> None:
    expect(page.locator("[data-testid=stVegaLiteChart] svg.marks")).to_have_count(2, timeout=60_000)


def test_pointing_at_the_curves_reads_all_runs_there(page: Page, address: str) -> None:
    page.goto(f"{address}/curves?curves_runs=cnn-specified&curves_runs=mlp-specified")
    two_charts(page)
    chart = page.locator("svg.marks").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box
    for fraction in (0.5, 0.52, 0.54):
        page.mouse.move(box["x"] + fraction * box["width"], box["y"] + 120)
    tooltip = page.locator("#vg-tooltip-element.visible")
    expect(tooltip).to_contain_text("epoch")
    expect(tooltip).to_contain_text("mlp-specified")
    expect(tooltip).to_contain_text("cnn-specified")
    expect(tooltip).to_contain_text("validation")


def test_the_curves_are_downloaded_as_figures_and_pictures(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(f"{address}/curves?curves_runs=mlp-specified")
    two_charts(page)
    beginnings = {"CSV": b"run,epoch,seconds,loss", "PNG": b"\x89PNG", "SVG": b"<?xml"}
    for name, beginning in beginnings.items():
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.name == f"curves.{name.lower()}"
        assert path.read_bytes().startswith(beginning)


def test_choices_are_in_the_address_and_survive_a_reload(page: Page, address: str) -> None:
    page.goto(f"{address}/curves?curves_runs=mlp-specified")
    two_charts(page)
    page.get_by_role("radio", name="Seconds").or_(page.get_by_role("button", name="Seconds")).first.click()
    page.wait_for_function(
        "document.querySelector('[data-testid=stVegaLiteChart]')?.getAttribute('aria-label')?.startsWith('Loss against seconds')"
    )
    assert "curves_across=Seconds" in page.url
    assert "curves_runs=mlp-specified" in page.url
    page.reload()
    page.wait_for_function(
        "document.querySelector('[data-testid=stVegaLiteChart]')?.getAttribute('aria-label')?.startsWith('Loss against seconds')"
    )
    expect(page.locator(".legend [role=listitem]")).to_have_count(1)


def test_the_runs_picked_go_along_to_the_next_page(page: Page, address: str) -> None:
    page.goto(f"{address}/compare?compare_runs=cnn-robust&compare_runs=mlp-robust")
    expect(page.locator(".leaders")).to_be_visible(timeout=60_000)
    page.get_by_test_id("stTopNavLink").filter(has_text="Curves").or_(
        page.get_by_role("link", name="Curves")
    ).first.click()
    two_charts(page)
    expect(page.locator(".legend [role=listitem]")).to_have_text(["cnn-robust", "mlp-robust"])
    page.wait_for_function("location.search.includes('curves_runs=cnn-robust')")


def test_other_models_are_picked_and_shown_and_the_address_says_so(page: Page, address: str) -> None:
    page.goto(f"{address}/curves?curves_runs=mlp-specified")
    two_charts(page)
    page.get_by_role("combobox", name="Models to compare").click()
    page.get_by_role("option", name="cnn-specified").click()
    expect(page.locator(".legend [role=listitem]")).to_have_text(["mlp-specified", "cnn-specified"])
    page.wait_for_function("location.search.includes('curves_runs=cnn-specified')")


def test_a_page_below_the_root_finds_its_server_at_once_and_leads_on_to_others(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/compare")
    expect(page.locator(".conclusion")).to_be_visible()
    assert {url for url in asked if url.endswith("/_stcore/health")} == {
        f"{address}/_stcore/health"
    }  # on a busy machine it asks there again
    page.get_by_role("link", name="Curves").first.click()
    two_charts(page)
    assert page.url.startswith(f"{address}/curves")
    page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
    page.go_back()
    expect(page.locator(".conclusion")).to_be_visible(timeout=30_000)


def test_back_and_forward_lead_to_the_next_page_and_show_what_was_chosen_there(page: Page, address: str) -> None:
    page.goto(f"{address}/compare?compare_runs=mlp-specified&compare_runs=cnn-specified")
    expect(picked(page)).to_have_count(2)
    before = page.evaluate("history.length")
    page.get_by_role("link", name="Curves").first.click()
    two_charts(page)
    page.get_by_role("combobox", name="Models to compare").click()
    page.get_by_role("option", name="mlp-robust").click()
    expect(page.locator(".legend [role=listitem]")).to_have_text(["mlp-specified", "cnn-specified", "mlp-robust"])
    page.wait_for_function("location.search.includes('curves_runs=mlp-robust')")
    assert page.evaluate("history.length") == before + 1, "one page, one step, whatever was chosen"
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare")
    expect(picked(page)).to_have_count(2)
    page.go_forward()
    expect(page.locator(".legend [role=listitem]")).to_have_text(["mlp-specified", "cnn-specified", "mlp-robust"])
    page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
    page.get_by_role("link", name="Compare").first.click()
    expect(picked(page)).to_have_count(3)
    page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Curves")
    page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
    page.go_back()
    expect(picked(page)).to_have_count(2)


def test_back_and_forward_pressed_faster_than_the_server_answers_end_on_the_page_of_the_address(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/compare")
    expect(page.locator(".conclusion")).to_be_visible()
    titles = {"curves": "Curves", "confusion": "Confusion", "dataset": "Data set", "train": "Train a model"}
    for title in titles.values():
        page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
        page.get_by_role("link", name=title.removesuffix(" a model"), exact=True).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
    back, forward = "back", "forward"
    for pause, presses in (
        (30, [back, back, forward]),
        (30, [forward, back, forward]),
        (100, [back, forward, back]),
        (100, [forward, forward]),
    ):
        page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
        page.evaluate(
            "async ([presses, pause]) => { for (const press of presses) { history[press](); await new Promise((done) => setTimeout(done, pause)) } }",
            [presses, pause],
        )
        page.wait_for_timeout(1500)
        page.locator(".stApp[data-test-script-state=notRunning]").wait_for()
        shown = page.evaluate("location.pathname").strip("/")
        expect(page.get_by_role("heading", level=1)).to_have_text({"compare": "Compare", **titles}[shown])
    paths = page.evaluate("navigation.entries().map((entry) => new URL(entry.url).pathname)")
    assert paths == ["/compare", *(f"/{name}" for name in titles)], "no page is lost on the way"


def test_a_count_of_mistakes_leads_to_their_digits(page: Page, address: str) -> None:
    page.goto(f"{address}/compare?compare_runs=mlp-specified&compare_runs=cnn-specified")
    count = page.locator("table.figures td a").first
    number = count.inner_text()
    count.click()
    expect(page.get_by_text(f"{number} of 10,000 digits are misclassified by mlp-specified")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 768, 390])
def test_no_page_scrolls_sideways_at_any_width(chromium: Browser, address: str, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    for name in ("compare?compare_view=Cost+and+quality", "curves"):
        page.goto(f"{address}/{name}")
        two_charts(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= width
    context.close()
