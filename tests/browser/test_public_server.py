"""The place for signing in to a public server, in Chromium: on a phone, with the keyboard, and as axe sees it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from mnist_core.access.audit import DatabaseAuditLog
from tests.browser import harness
from tests.browser.openid_provider import Provider, openid_provider
from tests.browser.test_access import open_link, violations

pytestmark = [*harness.NEEDS_CHROMIUM, pytest.mark.timeout(600)]

KEY = "the owner's long key"


def link_runs(folder: Path) -> None:
    """Have two of the shipped runs in that folder."""
    for run in (harness.ROOT / "trained_models").glob("*-robust"):
        (folder / run.name).symlink_to(run)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A public server with the shipped runs, whose log goes to a folder of its own."""
    folder = tmp_path_factory.mktemp("server")
    link_runs(folder)
    with harness.served(TRAINED_MODELS=str(folder), DIGIT_DUEL_ACCESS="public", DIGIT_DUEL_OWNER_KEY=KEY) as (
        running,
        _,
    ):
        yield running


def sign_in_box(page: Page) -> None:
    """Unfold the place for signing in, with the keyboard."""
    summary = page.locator(".st-key-access_box summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Key", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_a_visitor_reads_what_is_not_possible(
    chromium: Browser, address: str, scheme: str
) -> None:
    page = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme).new_page()
    page.add_init_script(harness.TOUR_SEEN)
    open_link(page, address, "train")
    sign_in_box(page)
    page.wait_for_timeout(300)
    found = violations(page)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.context.close()
    assert (found, wide) == ([], 0)


def test_the_owner_signs_in_and_out_with_the_keyboard(page: Page, address: str) -> None:
    open_link(page, address, "train")
    expect(page.get_by_role("button", name="Start training")).to_have_count(0)
    sign_in_box(page)
    page.get_by_label("Key", exact=True).focus()
    page.keyboard.type(KEY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Start training")).to_be_visible()
    expect(page.get_by_text("Signed in as owner")).to_be_visible()
    harness.until_run(page)
    assert violations(page) == []
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_text("This server is public.")).to_be_visible()
    expect(page.get_by_role("button", name="Start training")).to_have_count(0)


def test_the_draw_page_has_nothing_about_signing_in(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("canvas.upper-canvas").wait_for()
    harness.until_run(page)
    expect(page.get_by_text("Sign in")).to_have_count(0)
    expect(page.get_by_text("public")).to_have_count(0)


def test_an_account_has_the_role_of_its_address_once_that_is_verified(chromium: Browser, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    link_runs(tmp_path / "runs")
    (tmp_path / ".streamlit").mkdir()
    settings = {"HOME": str(tmp_path), "TRAINED_MODELS": str(tmp_path / "runs"), "DIGIT_DUEL_ACCESS": "public"}
    with openid_provider() as provider:
        (tmp_path / ".streamlit" / "secrets.toml").write_text(provider.secrets())
        with harness.served(**settings, DIGIT_DUEL_OWNER_EMAILS="ada@example.org") as (address, _):
            page = sign_in_by_account(chromium, address, provider, is_verified=False)
            page.locator(".st-key-access_box summary").click()
            expect(page.get_by_text("Your account has no role")).to_be_visible()
            expect(page.get_by_role("button", name="Start training")).to_have_count(0)
            page.context.close()
            page = sign_in_by_account(chromium, address, provider, is_verified=True)
            expect(page.get_by_text("Signed in as owner, ada@example.org")).to_be_visible()
            expect(page.get_by_role("button", name="Start training")).to_be_visible()
            page.get_by_role("button", name="Sign out").click()
            page.wait_for_url(f"{address}/")
            open_link(page, address, "train")
            expect(page.get_by_role("button", name="Start training")).to_have_count(0)
            page.context.close()
    entries = [(entry.name, entry.action) for entry in reversed(DatabaseAuditLog(tmp_path / "runs").last())]
    assert entries == [("ada@example.org", "sign in"), ("ada@example.org", "sign out")]


def sign_in_by_account(chromium: Browser, address: str, provider: Provider, *, is_verified: bool) -> Page:
    """The training page of a fresh visitor with ada's account. is_verified: what the provider says of the address."""
    provider.claims = {"email": "Ada@example.org", "email_verified": is_verified}
    page = chromium.new_context().new_page()
    page.add_init_script(harness.TOUR_SEEN)
    open_link(page, address, "train")
    page.locator(".st-key-access_box summary").click()
    page.get_by_role("button", name="Sign in with your account").click()
    page.wait_for_url(f"{address}/")  # the provider leads back to the first page
    open_link(page, address, "train")
    return page
