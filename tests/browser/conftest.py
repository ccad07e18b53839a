"""What the browser tests share: a served app, a Chromium and a visitor's page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import harness


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """One server for all tests that change nothing but their visitor's own page."""
    with harness.served() as (running, _):
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with harness.browser() as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A visitor who has opened nothing yet, and knows the tour."""
    context = chromium.new_context(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    context.set_default_timeout(60_000)
    context.add_init_script(harness.TOUR_SEEN)
    yield context.new_page()
    context.close()


@pytest.fixture
def visitor(chromium: Browser, address: str) -> Iterator[Page]:
    """A visitor at the draw page."""
    page = harness.open_page(chromium, address)
    yield page
    page.context.close()
