"""Parts that several benchmarks use: a row of the table, a stroke, and a stopwatch in the page."""

import numpy as np
from rich.table import Table

REPAINT_TIMER = """() => {
  window.repaint = new Promise(done => {
    const from = Number(document.querySelector('.duel').dataset.strokes);
    document.addEventListener('mouseup', () => {
      const start = performance.now();
      const check = () => Number(document.querySelector('.duel')?.dataset.strokes) > from
        ? requestAnimationFrame(() => done(performance.now() - start)) : requestAnimationFrame(check);
      check();
    }, {once: true, capture: true});
  });
}"""


def line(number: int) -> np.ndarray:
    """One of many different short strokes on a 280x280 canvas."""
    start = np.random.default_rng(number).uniform(60, 220, 2)
    return np.linspace(start, 280 - start + 7, 6)


def add(table: Table, figure: str, ours: float, other: str, theirs: float, goal: str) -> None:
    """Add a row: the figure of this app, that of the other, and the ratio of the two. goal: for the ratio, or -."""
    table.add_row(figure, f"{ours:,.1f}", f"{theirs:,.1f}  {other}", f"{ours / theirs:.3g}", goal)
