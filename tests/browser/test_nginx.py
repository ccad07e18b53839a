"""The app behind nginx as deploy/ sets it up, in a real Chromium: two processes, TLS, a policy and a base path."""

import gzip
import http.client
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests import nginx_front
from tests.browser import harness
from tests.browser.test_live import ROBUST, check_same, draw_live
from tests.conftest import three
from tests.nginx_front import Front

pytestmark = [*harness.NEEDS_CHROMIUM, nginx_front.NEEDS_NGINX, pytest.mark.slow, pytest.mark.timeout(600)]

BASE_PATH = "/duel"
KEY = "the owner's long key"
LINE = np.array([[60.0, 120.0], [120.0, 130.0], [90.0, 190.0]])
UNSIGNED = ssl.create_default_context()
UNSIGNED.check_hostname, UNSIGNED.verify_mode = False, ssl.CERT_NONE
REPORT = """addEventListener("securitypolicyviolation", (event) =>
    console.log("VIOLATION", event.violatedDirective, event.blockedURI.slice(0, 60), event.sourceFile));"""


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """A public server of two processes behind nginx, whose runs are links to the shipped ones."""
    folder = tmp_path_factory.mktemp("front")
    (runs := folder / "runs").mkdir()
    for run in (harness.ROOT / "trained_models").glob("*-[rs]*"):
        (runs / run.name).symlink_to(run)
    settings = {"TRAINED_MODELS": str(runs), "DIGIT_DUEL_ACCESS": "public", "DIGIT_DUEL_OWNER_KEY": KEY}
    with nginx_front.served_behind_nginx(folder, base_path=BASE_PATH, **settings) as running:
        yield running


class Visit:
    """A browser that knows the tour, and what it complained about."""

    def __init__(self, chromium: Browser) -> None:
        self.context: BrowserContext = chromium.new_context(
            ignore_https_errors=True, viewport={"width": 1440, "height": 1000}
        )
        self.context.add_init_script(harness.TOUR_SEEN)
        self.context.add_init_script(REPORT)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "response", lambda got: self.complaints.append(f"{got.status} {got.url}") if self._is_bad(got) else None
        )

    def _is_bad(self, got: Response) -> bool:
        # Where a link leads to a page, Streamlit's front end first asks below that page for the server.
        return got.status >= 400 and not re.search(r"/train/_stcore/(health|host-config)$", got.url)

    def _note(self, kind: str, text: str) -> None:
        if "VIOLATION" in text or "Content Security Policy" in text or (kind == "error" and "status of" not in text):
            self.complaints.append(text)

    def process(self) -> str:
        """The number of the process that this browser is with."""
        cookies = {str(cookie.get("name")): str(cookie.get("value")) for cookie in self.context.cookies()}
        return cookies["digit_duel_process"]


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """A fresh visitor."""
    visit = Visit(chromium)
    yield visit
    visit.context.close()


def opened(visit: Visit, front: Front, query: str = "") -> Page:
    """The draw page, ready to draw and to predict while the pen is down."""
    with visit.page.expect_response(re.compile("/live/networks/cnn-")) as fetched:
        visit.page.goto(f"{front.address}/{query}")
    fetched.value.finished()
    visit.page.locator("canvas.upper-canvas").wait_for()
    harness.until_run(visit.page)
    visit.page.wait_for_timeout(500)
    return visit.page


def test_all_pages_and_a_live_drawing_pass_the_policy(visit: Visit, front: Front, tmp_path: Path) -> None:
    page = opened(visit, front, ROBUST)
    live, record = draw_live(page, three()[0], number=1)
    check_same(live, record)
    assert page.evaluate("performance.getEntriesByType('resource').some(({ name }) => name.endsWith('kernel.wasm'))")
    digits = Image.new("L", (300, 300), "white")
    ImageDraw.Draw(digits).line([(150, 60), (150, 240)], fill="black", width=24)
    digits.save(tmp_path / "one.png")
    page.get_by_role("button", name="Picture").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "one.png")
    expect(page.locator(".duel .note")).to_contain_text("one.png")
    assert harness.read_off(page) == ("1", "1")
    page.keyboard.press("Escape")
    titles = [re.sub(r"^\S+\s+", "", text) for text in page.get_by_test_id("stTopNavLink").all_inner_texts()]
    assert len(titles) >= 7
    for title in [*titles[1:], titles[0]]:
        page.get_by_role("link", name=title, exact=True).first.click()
        expect(page.get_by_role("link", name=title, exact=True).first).to_have_attribute("aria-current", "page")
        page.get_by_role("heading", level=1).wait_for()
        harness.until_run(page)
        page.wait_for_timeout(700)
        assert page.get_by_test_id("stException").count() == 0, title
        if title == "Curves":
            harness.two_charts(page)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Data set")
    page.goto(f"{front.address}/train")
    page.locator(".st-key-access_box summary").click()
    page.get_by_label("Key", exact=True).fill(KEY)
    page.get_by_label("Key", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Start training")).to_be_visible()
    harness.until_run(page)
    page.goto(f"{front.address}/?draw_stage=true")
    page.locator("canvas.upper-canvas").wait_for()
    harness.until_run(page)
    page.wait_for_timeout(1000)
    assert visit.complaints == []


def test_a_drawing_outlives_the_process_that_knew_it(chromium: Browser, front: Front) -> None:
    first = Visit(chromium)
    drawers, pages, same = [first], [opened(first, front)], list[Visit]()
    while len(drawers) < 2:  # nginx may still count connections of visitors who have just left
        assert len(same) < 4, "nginx did not spread the visitors"
        visit = Visit(chromium)
        page = opened(visit, front)
        if visit.process() == first.process():
            same.append(visit)
        else:
            drawers, pages = [first, visit], [*pages, page]
    for visit in same:
        visit.context.close()
    for page in pages:
        # An undo gives the canvas an initial drawing, which only the process knows.
        harness.draw(page, three(), side=448)
        harness.settle(page, 1)
        harness.draw(page, [LINE], side=448)
        harness.settle(page, 2)
        page.get_by_role("button", name="Undo").click(no_wait_after=True)
        harness.settle(page, 1)
        page.wait_for_timeout(500)
    ended = drawers[0].process()
    front.processes[int(ended) - 1].kill()
    front.processes[int(ended) - 1].wait()
    expect(pages[0].locator("canvas.upper-canvas")).to_be_visible()
    for _ in range(80):
        pages[0].wait_for_timeout(250)
        if drawers[0].process() != ended:
            break
    assert drawers[0].process() == drawers[1].process() != ended
    for page in pages:
        harness.until_run(page)
        harness.settle(page, 1)
        assert harness.read_off(page) == ("3", "3")
        harness.draw(page, [LINE + 150], side=448)
        harness.settle(page, 2)
    assert drawers[1].complaints == []
    for drawer in drawers:
        drawer.context.close()


def fetched(address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer, as they come over the wire. headers: of the request, with _ for -."""
    request = urllib.request.Request(
        address, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=30, context=UNSIGNED) as answer:
            return answer.status, dict(answer.headers.items()), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers.items()), error.read()


def test_nginx_compresses_closes_and_protects(front: Front) -> None:
    status, headers, page = fetched(front.address + "/", Accept_Encoding="gzip")
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    expected: dict[str, Any] = {
        "Strict-Transport-Security": "max-age=",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(self)",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Content-Security-Policy": "default-src 'none'",
    }
    assert {name for name, start in expected.items() if not headers.get(name, "").startswith(start)} == set()
    assert "unsafe-eval" not in headers["Content-Security-Policy"].replace("wasm-unsafe-eval", "")
    scripts = re.findall(r'"\./(static/(?:js|css)/[^"]+)"', gzip.decompress(page).decode())
    for script in scripts[:5]:
        _, headers, body = fetched(f"{front.address}/{script}", Accept_Encoding="gzip")
        assert headers.get("Content-Encoding") == "gzip" or len(body) < 500, script
    for closed in ("/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/script-health-check"):
        assert fetched(front.address + closed)[0] == 404, closed
    root = front.address.removesuffix(BASE_PATH)
    assert fetched(root + "/")[0] == fetched(root + "/_stcore/health")[0] == 404
    assert fetched(root + "/_stcore/metrics")[0] == 404
    assert fetched(front.address, Accept_Encoding="identity")[0] == 200  # /duel leads to /duel/


def test_a_class_behind_one_address_gets_in_and_a_flood_does_not(front: Front) -> None:
    """The last test here, because it uses up what one address may open at once."""
    for path, size, status in (("/", 1_100_000, 413), ("/_stcore/upload_file/nobody/1", 22_100_000, 413)):
        assert fetched(front.address + path, Content_Length=str(size))[0] == status, path
    host, port = urlsplit(front.address).netloc.split(":")

    def flood() -> list[int]:
        """Ask again and again over one connection, until it is refused."""
        connection = http.client.HTTPSConnection(host, int(port), context=UNSIGNED, timeout=60)
        statuses: list[int] = []
        while 429 not in statuses and len(statuses) < 500:
            connection.request("GET", f"{BASE_PATH}/_stcore/stream")
            with connection.getresponse() as answer:
                answer.read()
                statuses.append(answer.status)
        connection.close()
        return statuses

    with ThreadPoolExecutor(16) as pool:
        statuses = [status for each in pool.map(lambda _: flood(), range(16)) for status in each]
    assert 429 in statuses
    assert len(statuses) - statuses.count(429) >= 80, "the tests before may have opened some pages of the hundred"
    assert fetched(front.address + "/")[0] == 200, "the page itself still comes"
