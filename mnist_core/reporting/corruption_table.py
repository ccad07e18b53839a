"""The heat table of robustness: a row for each corruption, a column for each run. Its style is in tables.css."""

from collections.abc import Mapping
from itertools import groupby
from typing import Literal, NamedTuple

import numpy as np
from markupsafe import Markup

from mnist_core.distortions.corruptions import CORRUPTIONS
from mnist_core.formatting import percent, percent_range
from mnist_core.reporting.html_templates import render
from mnist_core.reporting.run_styles import RunStyle, swatch
from mnist_core.runs.corruption_results import CorruptionResults

REFERENCE = "mlp-specified"
"""The run to whose errors those of all others are compared."""

FULL = 0.5
"""The accuracy at which, and below which, a cell has the full colour."""

Tells = Literal["accuracy", "relative"]


class Cell(NamedTuple):
    """A figure, and the strength of its colour, 0..100, which always tells the accuracy."""

    text: str
    heat: int


class Column(NamedTuple):
    """The foot of a run's column. mean: None if the run is not measured. detail: the interval of the mean."""

    name: str
    mean: Cell | None
    detail: str
    relative: str


def corruption_table(
    results: Mapping[str, CorruptionResults | None],
    run_styles: Mapping[str, RunStyle],
    *,
    strength: int | None = None,
    tells: Tells = "accuracy",
    reference: CorruptionResults | None = None,
    pressable: bool = False,
    selected: tuple[str, str] | None = None,
) -> Markup:
    """The table as HTML.

    results: of each run by its name; None if it is not measured. strength: 1..5, or None for the mean of the five.
    tells: whether cells tell the accuracy or the errors relative to those of `reference`, the results of REFERENCE.
    pressable: whether cells are buttons, for the page. selected: the key of the corruption and the run of the cell that
    stands out.
    """
    groups = []
    for kind, corruptions in groupby(CORRUPTIONS.values(), key=lambda each: each.kind):
        rows = [
            (each, [_cell(its, each.key, strength, tells, reference) for its in results.values()])
            for each in corruptions
        ]
        groups.append((kind, rows))
    what = "Accuracy on corrupted digits" if tells == "accuracy" else f"Errors relative to {REFERENCE}"
    return render(
        "corruption_table.html.j2",
        caption=f"{what}, {f'strength {strength}' if strength else 'mean of five strengths'}",
        columns=[_column(name, its, strength, reference) for name, its in results.items()],
        groups=groups,
        strength=strength,
        full=FULL,
        reference=REFERENCE if reference else "",
        pressable=pressable,
        selected=selected,
        run_styles=run_styles,
        swatch=swatch,
    )


def relative_error(
    results: CorruptionResults, reference: CorruptionResults, key: str, strength: int | None
) -> float | None:
    """How many errors a run makes for each error of the reference at a corruption. None if the reference makes none."""
    errors = 1 - reference.fraction(key, strength)
    return (1 - results.fraction(key, strength)) / errors if errors else None


def _cell(
    results: CorruptionResults | None,
    key: str,
    strength: int | None,
    tells: Tells,
    reference: CorruptionResults | None,
) -> Cell | None:
    if results is None:
        return None
    fraction = results.fraction(key, strength)
    if tells == "accuracy" or reference is None:
        return Cell(percent(fraction, digits=1), _heat(fraction))
    return Cell(_ratio(relative_error(results, reference, key, strength)), _heat(fraction))


def _column(
    name: str, results: CorruptionResults | None, strength: int | None, reference: CorruptionResults | None
) -> Column:
    if results is None:
        return Column(name, None, "", "–")
    mean = float(np.mean([results.fraction(key, strength) for key in CORRUPTIONS]))
    detail = "" if strength else f"95 %: {percent_range(results.mean.low, results.mean.high, digits=1)}"
    ratios = [relative_error(results, reference, key, strength) for key in CORRUPTIONS] if reference else []
    known = [ratio for ratio in ratios if ratio is not None]
    return Column(name, Cell(percent(mean, digits=1), _heat(mean)), detail, _ratio(np.mean(known) if known else None))


def _ratio(ratio: float | np.floating | None) -> str:
    return "–" if ratio is None else percent(float(ratio), digits=0)


def _heat(fraction: float) -> int:
    return round(100 * min(1.0, (1 - fraction) / (1 - FULL)))
