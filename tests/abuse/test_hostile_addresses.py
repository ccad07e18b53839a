"""Addresses as no page makes them: every page opens, with a message or without, and never shows a traceback."""

import re
from urllib.parse import quote

import numpy as np
import pytest

from tests.abuse import length
from tests.browser import harness
from tests.conftest import ROOT
from tests.websocket_visitor import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(length.seconds(300))]

PAGES = sorted(path.parent.name for path in (ROOT / "pages").glob("*/*.py") if path.stem == path.parent.name)
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "pages").rglob("*.py"))
VALUES = [
    "",
    "-1",
    "1e400",
    "nan",
    "9" * 5000,
    "../../etc/passwd",
    "%00",
    "\u202e",
    "\x00",
    "<script>alert(1)</script>",
    "![x](http://example.org/a.png)",
    "true",
    "no-such-run",
    "cnn-robust",
    "mlp-robust",
    "[1, 2",
    "{}",
    "4-9",
    "x" * 3000,
    "'; DROP TABLE jobs; --",
    "¾",
    "٣",
]


def parameters(page: str) -> list[str]:
    """The names that the page may look for in its address."""
    names = set(re.findall(rf'"({page}_[a-z_]+)"', SOURCES))
    return sorted(names | {f"{page}_left", f"{page}_right", f"{page}_runs", f"{page}_view", "stage", "nobody"})


def hostile(case: int) -> tuple[str, str]:
    """A page and a query string."""
    random = np.random.default_rng([length.SEED, case])
    page = PAGES[case % len(PAGES)]
    names = random.choice(parameters(page), random.integers(1, 6))
    pairs = [(str(name), VALUES[int(random.integers(len(VALUES)))]) for name in names]
    return page, "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)


def test_every_page_opens_at_hostile_addresses() -> None:
    failures = []
    with harness.served(DIGIT_DUEL_ACCESS="public") as (address, server):
        for case in length.cases(70):
            page, query = hostile(case)
            with Visitor(address) as visitor:
                visitor.open("" if page == "draw" else page, query)
                if found := visitor.exceptions():
                    failures.append((case, page, query[:300], found))
                assert visitor.elements, (case, page, query)
        assert server.poll() is None
    assert failures == []


def test_the_addresses_reach_what_the_pages_look_for() -> None:
    assert len(PAGES) >= 7
    assert {"why_left", "why_view"} <= set(parameters("why"))
    assert len(parameters("compare")) > 8
