"""The compare page in a real Chromium: its links, and its width."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import harness

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(300)]


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
    for name, charts in {"compare?compare_view=Cost+and+quality": 3, "curves": 2}.items():
        page.goto(f"{address}/{name}")
        harness.charts(page, charts)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= width
    context.close()
