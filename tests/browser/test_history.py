"""From page to page, and Back and Forward, in a real Chromium: at the root of a server and below a base path."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import harness

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(300)]


@pytest.fixture(scope="module", params=["", "/duel"], ids=["at the root", "below a base path"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    with harness.served(base_path=request.param) as (running, _):
        yield running


def test_the_runs_picked_go_along_to_the_next_page(page: Page, address: str) -> None:
    page.goto(f"{address}/compare?compare_runs=cnn-robust&compare_runs=mlp-robust")
    expect(page.locator(".leaders")).to_be_visible(timeout=60_000)
    page.get_by_test_id("stTopNavLink").filter(has_text="Curves").or_(
        page.get_by_role("link", name="Curves")
    ).first.click()
    harness.two_charts(page)
    expect(page.locator(".legend [role=listitem]")).to_have_text(["cnn-robust", "mlp-robust"])
    page.wait_for_function("location.search.includes('curves_runs=cnn-robust')")


def test_a_link_to_a_page_opens_it_and_leads_on_to_others(page: Page, address: str) -> None:
    page.goto(f"{address}/compare")
    expect(page.locator(".conclusion")).to_be_visible()
    page.get_by_role("link", name="Curves").first.click()
    harness.two_charts(page)
    assert page.url.startswith(f"{address}/curves")
    harness.until_run(page)
    page.go_back()
    expect(page.locator(".conclusion")).to_be_visible(timeout=30_000)


def test_back_and_forward_lead_to_the_next_page_and_show_what_was_chosen_there(page: Page, address: str) -> None:
    page.goto(f"{address}/compare?compare_runs=mlp-specified&compare_runs=cnn-specified")
    expect(harness.picked_runs(page)).to_have_count(2)
    before = page.evaluate("history.length")
    page.get_by_role("link", name="Curves").first.click()
    harness.two_charts(page)
    page.get_by_role("combobox", name="Models to compare").click()
    page.get_by_role("option", name="mlp-robust").click()
    expect(page.locator(".legend [role=listitem]")).to_have_text(["mlp-specified", "cnn-specified", "mlp-robust"])
    page.wait_for_function("location.search.includes('curves_runs=mlp-robust')")
    assert page.evaluate("history.length") == before + 1, "one page, one step, whatever was chosen"
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare")
    expect(harness.picked_runs(page)).to_have_count(2)
    page.go_forward()
    expect(page.locator(".legend [role=listitem]")).to_have_text(["mlp-specified", "cnn-specified", "mlp-robust"])
    harness.until_run(page)
    page.get_by_role("link", name="Compare").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare")
    expect(harness.picked_runs(page)).to_have_count(3)
    harness.until_run(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Curves")
    harness.until_run(page)
    page.go_back()
    expect(harness.picked_runs(page)).to_have_count(2)


def test_back_and_forward_pressed_faster_than_the_server_answers_end_on_the_page_of_the_address(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/compare")
    expect(page.locator(".conclusion")).to_be_visible()
    titles = {"curves": "Curves", "confusion": "Confusion", "dataset": "Data set", "train": "Train a model"}
    for title in titles.values():
        harness.until_run(page)
        page.get_by_role("link", name=title.removesuffix(" a model"), exact=True).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
    back, forward = "back", "forward"
    for pause, presses in (
        (30, [back, back, forward]),
        (30, [forward, back, forward]),
        (100, [back, forward, back]),
        (100, [forward, forward]),
    ):
        harness.until_run(page)
        page.evaluate(
            """async ([presses, pause]) => {
                for (const press of presses) {
                    history[press]();
                    await new Promise((done) => setTimeout(done, pause));
                }
            }""",
            [presses, pause],
        )
        page.wait_for_timeout(1500)
        harness.until_run(page)
        shown = page.evaluate("location.pathname").split("/")[-1]
        expect(page.get_by_role("heading", level=1)).to_have_text({"compare": "Compare", **titles}[shown])
    paths = page.evaluate("navigation.entries().map((entry) => new URL(entry.url).pathname)")
    base = urlsplit(address).path
    assert paths == [f"{base}/{name}" for name in ("compare", *titles)], "no page is lost on the way"
