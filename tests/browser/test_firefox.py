"""The bars follow the pen in Firefox too, and the server then says the same."""

import numpy as np
import pytest

from mnist_core.data.strokes import CANVAS_SIDE
from tests.browser import harness
from tests.browser.bidi import FirefoxPage, firefox, firefox_path
from tests.browser.test_live import READ, ROBUST, check_same
from tests.conftest import three

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        firefox_path() is None, reason="there is no Firefox; install it (Debian: apt install firefox-esr)"
    ),
    pytest.mark.timeout(300),
]

CANVAS = """(() => {
  const inside = (root) => root.querySelector("canvas.upper-canvas")
    ?? [...root.querySelectorAll("*")].map((each) => each.shadowRoot && inside(each.shadowRoot)).find(Boolean);
  const box = inside(document)?.getBoundingClientRect();
  return box ? [box.left, box.top, box.width] : null;
})()"""
NETWORKS = """performance.getEntriesByType("resource")
  .filter((entry) => entry.name.includes("/live/networks/") && entry.responseEnd > 0).length === 2"""


def path_of(page: FirefoxPage, stroke: np.ndarray) -> np.ndarray:
    left, top, width = page.evaluate(CANVAS)
    return np.asarray(stroke) * (width / CANVAS_SIDE) + [left, top]


def test_what_the_pen_shows_in_firefox_is_what_the_server_says() -> None:
    with harness.served() as (address, _), firefox() as page:
        page.open(f"{address}/{ROBUST}")
        page.wait_for(f"{CANVAS} !== null")
        page.wait_for(NETWORKS)
        page.evaluate("new Promise((done) => setTimeout(done, 500))")
        page.press_and_move(path_of(page, three()[0]).tolist())
        page.wait_for('document.querySelector("canvas.seen") !== null')
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")
        live = page.evaluate(f"({READ})()")
        page.release()
        page.wait_for("""document.querySelector(".duel[data-strokes='1']") !== null""")
        record = page.evaluate(f"({READ})()")
    check_same(live, record)
    assert record["answers"] == ["3", "3"]
