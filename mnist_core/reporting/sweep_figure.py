"""The chart of a sweep as a file, drawn with Matplotlib: lines for one varied setting, heat tables for two.

Importing Matplotlib takes a second, so modules import this one only when somebody asks for a file.
"""

import secrets
from contextlib import suppress
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mnist_core.errors import ReportError
from mnist_core.formatting import percent, plural
from mnist_core.models.registry import ARCHITECTURES
from mnist_core.reporting.matplotlib_figures import as_file
from mnist_core.reporting.run_styles import RunStyle, run_styles
from mnist_core.reporting.sweep_view import (
    FIGURES,
    SweepView,
    ended_early_in_words,
    is_logarithmic,
    point_rows,
    seed_rows,
    setting_title,
    usual_view,
    value_text,
)
from mnist_core.reporting.symbols import SYMBOLS
from mnist_core.sweeps.sweep_plan import SweepPlan
from mnist_core.sweeps.sweep_points import SweepPoint, points_of
from mnist_core.sweeps.sweep_store import Sweep

CAPTION = "Bars: 95 % interval over the test digits. Shaded, with a dot for each seed: the range over the seeds."


def sweep_figure(sweep: Sweep, view: SweepView | None = None) -> Figure:
    """The figure of a sweep with at least one result. view: as usual unless given."""
    points = points_of(sweep)
    if len(sweep.plan.varied) > 1:
        figure = _heat_figure(sweep.plan, points)
    else:
        figure = _line_figure(sweep.plan, points, view or usual_view(sweep.plan))
    if text := ended_early_in_words(sweep):
        figure.suptitle(text, fontsize=8, color="0.35", wrap=True)
    return figure


def write_sweep_figure(sweep: Sweep, path: Path, view: SweepView | None = None) -> None:
    """Write the figure in one step. path: ends in .svg or .png. Raises ReportError if it cannot be written."""
    beside = path.parent / f".{path.name}.{secrets.token_hex(8)}.partial"
    try:
        beside.write_bytes(as_file(sweep_figure(sweep, view), path.suffix[1:].lower()))
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise ReportError(
            f"The chart cannot be written to {path} ({error.strerror or error}). Name a file in a folder that exists "
            "and can be written."
        ) from error


def _line_figure(plan: SweepPlan, points: list[SweepPoint], view: SweepView) -> Figure:
    figure = Figure(figsize=(8, 5), dpi=150, layout="constrained")
    axes = figure.subplots()
    rows, seeds = point_rows(plan, points, view), seed_rows(plan, points, view)
    texts: dict[object, str] = {}
    if not plan.varied[0].is_numeric and view.across == "setting":
        places = {value: place for place, value in enumerate(dict.fromkeys(row["x"] for row in rows))}
        texts = {place: str(value) for value, place in places.items()}
        for row in (*rows, *seeds):
            row["x"] = places[row["x"]]
    styles = run_styles({ARCHITECTURES[name].title: name for name in plan.architectures})
    for title, run_style in styles.items():
        own = sorted((row for row in rows if row["run"] == title), key=lambda row: row["x"])
        if own:
            _draw_line(axes, title, own, [row for row in seeds if row["run"] == title], run_style)
    axes.set_xlabel(view.title_across(plan))
    axes.set_ylabel(view.title_up)
    if is_logarithmic(plan, points, view):
        axes.set_xscale("log")
    if view.across == "setting":
        ticks = list(texts) or [float(value) for value in plan.varied[0].values]
        labels = list(texts.values()) or [value_text(plan.varied[0], value) for value in plan.varied[0].values]
        axes.set_xticks(ticks, labels)  # type: ignore[arg-type]
        axes.minorticks_off()
    if FIGURES[view.up].is_fraction:
        axes.yaxis.set_major_formatter(lambda value, _: f"{value * 100:g} %")
    axes.grid(alpha=0.2)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.has_data():
        axes.legend(frameon=False)
    figure.supxlabel(CAPTION + f" {plural(len(plan.seeds), 'seed')}.", fontsize=8, color="0.35")
    return figure


def _draw_line(
    axes: Axes, title: str, rows: list[dict[str, float]], seeds: list[dict[str, float]], run_style: RunStyle
) -> None:
    """One architecture: its mean, its interval over test digits, its range over seeds, and a dot for each run."""
    x, y = [row["x"] for row in rows], [row["y"] for row in rows]
    colour, marker = run_style.light, SYMBOLS[run_style.symbol].marker
    axes.fill_between(
        x, [row["lowest"] for row in rows], [row["highest"] for row in rows], color=colour, alpha=0.18, lw=0
    )
    if rows[0]["low"] is not None:
        below = [max(0.0, row["y"] - row["low"]) for row in rows]
        above = [max(0.0, row["high"] - row["y"]) for row in rows]
        axes.errorbar(x, y, yerr=[below, above], fmt="none", ecolor=colour, elinewidth=1, capsize=4)
    axes.plot(x, y, color=colour, marker=marker, markersize=7, linewidth=1.8, label=title)
    axes.plot([row["x"] for row in seeds], [row["y"] for row in seeds], ".", color=colour, markersize=4, alpha=0.8)


def _heat_figure(plan: SweepPlan, points: list[SweepPoint]) -> Figure:
    """A heat table of the test accuracy for each architecture. The first setting goes across, the second up."""
    across, up = plan.varied
    width = max(4.0, 1.1 * len(across.values) + 1.5)
    figure = Figure(figsize=(width * len(plan.bases), 0.7 * len(up.values) + 2.2), dpi=150, layout="constrained")
    fractions = [point.accuracy.fraction for point in points]
    for axes, architecture in zip(
        figure.subplots(1, len(plan.bases), squeeze=False)[0], plan.architectures, strict=True
    ):
        table = np.full((len(up.values), len(across.values)), np.nan)
        for point in points:
            if point.architecture == architecture:
                table[up.values.index(point.values[1]), across.values.index(point.values[0])] = point.accuracy.fraction
        low, high = min(fractions), max(fractions)
        axes.imshow(table, cmap="viridis", vmin=low, vmax=max(high, low + 1e-6), aspect="auto", origin="lower")
        for (row, column), fraction in np.ndenumerate(table):
            if not np.isnan(fraction):
                is_dark = fraction < (low + high) / 2
                axes.text(column, row, percent(fraction), ha="center", va="center", color="w" if is_dark else "k")
        axes.set_xticks(range(len(across.values)), [value_text(across, value) for value in across.values])
        axes.set_yticks(range(len(up.values)), [value_text(up, value) for value in up.values])
        axes.set_xlabel(setting_title(across))
        axes.set_ylabel(setting_title(up))
        axes.set_title(f"{ARCHITECTURES[architecture].title}: test accuracy")
    figure.supxlabel(f"Mean over {plural(len(plan.seeds), 'seed')}.", fontsize=8, color="0.35")
    return figure
