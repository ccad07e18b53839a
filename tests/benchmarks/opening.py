"""Measure how long a page takes to open in a browser, with twenty runs on disk, in turn with an empty page.

    python -m tests.benchmarks.opening             measures every page
    python -m tests.benchmarks.opening compare     measures one of them

A page is open when its first screen, 1440 by 900 pixels, is complete: headings, buttons, tables, charts, matrices,
the nudge bench and the canvas are drawn, no placeholder is left, and the script of the page has ended. What lies
further down, behind a button or in another tab does not count. The time until all parts of the page are there is
printed as well.

Each opening is a fresh tab on a cold address. The browser has opened the page three times before, so its caches of
scripts are filled, as they are for a visitor who returns. The figures are medians. There is no goal for them: they show
whether a change makes pages open later.
"""

import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

from tests.browser import harness

RUNS = 20
OPENINGS = 15
BEFORE = 3
EMPTY_PAGE = Path(__file__).with_name("empty_page.py")
CANVAS_ALONE = Path(__file__).with_name("empty_app.py")

READY = """async () => {
  const inView = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.top < innerHeight && box.bottom > 0;
  };
  const within = (root) => {
    const inner = [...root.querySelectorAll('*')].filter((each) => each.shadowRoot);
    return [root, ...inner.flatMap((each) => within(each.shadowRoot))];
  };
  const drawn = (selector, box) => within(box).some((root) => root.querySelector(selector));
  const all = (selector) => [...document.querySelectorAll(selector)];
  const ready = (counts) => document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'
    && document.querySelector('h1, .duel')
    && !all('[data-testid=stSkeleton], [data-testid=stSpinner]').some(counts)
    && all('[data-testid=stVegaLiteChart]').filter(counts).every((chart) => chart.querySelector('svg.marks, canvas'))
    && (!document.querySelector('.duel') || drawn('canvas.upper-canvas', document.body))
    && all('.st-key-why_bench').filter(counts).every((box) => drawn('.bench[data-from] .plot svg', box))
    && all('.st-key-confusion_tables').filter(counts).every((box) => drawn('table', box));
  const frame = () => new Promise(requestAnimationFrame);
  const until = async (counts) => {
    while (!ready(counts)) await frame();
    await frame();
    return performance.now();
  };
  return [await until(inView), await until(() => true)];
}"""
"""Gives the milliseconds to the frame after the first screen is complete, and to the frame after the whole page is."""


def pages() -> list[str]:
    """The addresses of all pages. The first page is at the root, so its address is empty."""
    scripts = re.findall(r'"pages/\w+/(\w+)\.py"', (harness.ROOT / "app.py").read_text(encoding="utf-8"))
    return ["", *scripts[1:]]


@contextmanager
def twenty_runs() -> Iterator[Path]:
    """A folder with twenty copies of the shipped runs: the four under their names, the others under new ones."""
    shipped = sorted(path for path in (harness.ROOT / "trained_models").iterdir() if (path / "run.json").is_file())[:4]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(RUNS):
            source = shipped[number % len(shipped)]
            shutil.copytree(
                source, Path(folder) / (source.name if number < len(shipped) else f"{source.name}-{number}")
            )
        yield Path(folder)


def opening_times(names: Sequence[str], *, openings: int = OPENINGS) -> dict[str, tuple[float, float]]:
    """Median milliseconds from the address to the first screen and to the whole page, by page.

    The empty pages are 'empty' and 'empty, below the root'. With the first page comes 'the canvas alone', which is the
    canvas of the package on a page without anything else.
    """
    with twenty_runs() as runs, visitor() as browser, ExitStack() as stack:
        app = stack.enter_context(harness.served(TRAINED_MODELS=str(runs)))[0]
        empty = stack.enter_context(harness.served(EMPTY_PAGE))[0]
        # All pages but the first have an address below the root, where Streamlit asks for its server once more.
        # Therefore they are compared with an empty page below the root.
        addresses = {"empty": empty, "empty, below the root": f"{empty}/other"}
        if "" in names:
            addresses["the canvas alone"] = stack.enter_context(harness.served(CANVAS_ALONE))[0]
        addresses |= {name: f"{app}/{name}" for name in names}
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in addresses}
        for turn in range(openings + BEFORE):
            for name, address in addresses.items():
                milliseconds = open_once(browser, address)
                if turn >= BEFORE:
                    times[name].append(milliseconds)
    return {
        name: (statistics.median(first for first, _ in values), statistics.median(last for _, last in values))
        for name, values in times.items()
    }


@contextmanager
def visitor() -> Iterator[BrowserContext]:
    """A Chromium with a profile on disk. Without a profile it keeps no compiled scripts."""
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        viewport = {"width": 1440, "height": 900}
        browser = playwright.chromium.launch_persistent_context(
            profile, executable_path=harness.chromium_path(), args=harness.SWITCHES, viewport=viewport
        )
        yield browser
        browser.close()


def open_once(browser: BrowserContext, address: str) -> tuple[float, float]:
    """Milliseconds from the start of the navigation until the first screen, and until the whole page is there."""
    page = browser.new_page()
    page.goto(address, wait_until="commit")
    first_screen, everything = page.evaluate(READY)
    page.close()
    return float(first_screen), float(everything)


def main(arguments: Sequence[str]) -> None:
    """Print the times and their ratios to the empty page."""
    found = opening_times(list(arguments) or pages())
    first, below = found.pop("empty")[0], found.pop("empty, below the root")[0]
    print(f"empty page: {first:.0f} ms; below the root: {below:.0f} ms; medians of {OPENINGS}")
    if canvas := found.pop("the canvas alone", None):
        ratio = found[""][0] / canvas[0]
        print(
            f"the canvas alone: {canvas[0]:.0f} ms, ratio {canvas[0] / first:.2f}; the first page is {ratio:.2f} of it"
        )
    for name, (screen, everything) in found.items():
        empty = below if name else first
        print(
            f"/{name}: {screen:.0f} ms, ratio {screen / empty:.2f} "
            f"({screen / first:.2f} of the empty page at the root); "
            f"everything: {everything:.0f} ms, ratio {everything / empty:.2f}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
