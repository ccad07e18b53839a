"""Pictures for files: a grid of misclassified digits, and learning curves. They are Matplotlib figures.

Importing Matplotlib takes a second, so modules import this one only when somebody asks for a file.

>>> figure = mistakes_grid(digits, labels, probabilities)   # doctest: +SKIP
>>> figure.savefig("mistakes.png")                          # doctest: +SKIP
"""

import io
from collections.abc import Mapping, Sequence
from typing import Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from mnist_core.formatting import number, percent, short_percent
from mnist_core.reporting.axes import CURVE_TITLES
from mnist_core.reporting.run_styles import RunStyle
from mnist_core.reporting.symbols import SYMBOLS
from mnist_core.runs.learning_curves import MEASURES, LearningCurve, View, drawn

COLUMNS = 10
"""Digits in a row."""

RUNS_IN_A_ROW = 4
"""Names in a row of the legend."""

MOST_SHOWN = 60
"""Digits in a picture."""


def mistakes_grid(
    digits: NDArray[np.float32], labels: NDArray[np.integer], probabilities: NDArray[np.floating], *, title: str = ""
) -> Figure:
    """The misclassified digits, those with the highest confidence first, each with 'label → predicted' and confidence.

    digits: (n, 28, 28) in 0..1. labels: (n,). probabilities: (n, 10). At most 60 digits are shown. If all predictions
    are correct, the title says so.
    """
    predicted = probabilities.argmax(axis=1)
    incorrect = np.flatnonzero(predicted != labels)
    shown = incorrect[np.argsort(-probabilities[incorrect, predicted[incorrect]], kind="stable")][:MOST_SHOWN]
    rows = max(1, -(-len(shown) // COLUMNS))
    figure = Figure(figsize=(COLUMNS, 1.25 * rows + 0.6), dpi=100, layout="constrained")
    found = f"{number(len(incorrect))} incorrect of {number(len(labels))}" if len(incorrect) else "no mistakes"
    figure.suptitle(f"{title}: {found}")
    for place, axes in enumerate(figure.subplots(rows, COLUMNS, squeeze=False).flat):
        axes.axis("off")
        if place < len(shown):
            index = shown[place]
            confidence = percent(float(probabilities[index].max()), digits=0)
            axes.imshow(digits[index], cmap="gray_r", vmin=0, vmax=1)
            axes.set_title(f"{labels[index]} → {predicted[index]}  {confidence}", fontsize=8)
    return figure


def learning_figure(curves: Sequence[LearningCurve], run_styles: Mapping[str, RunStyle], view: View) -> Figure:
    """Loss beside accuracy on a white background, with a legend below. See `curve_charts.learning_chart`."""
    rows = -(-len(curves) // RUNS_IN_A_ROW)
    figure = Figure(figsize=(11, 4.4 + 0.25 * rows), dpi=150, layout="constrained")
    for axes, measure in zip(figure.subplots(1, 2), MEASURES, strict=True):
        for curve in curves:
            _draw(axes, curve, run_styles[curve.run], measure, view)
        axes.set_xlabel(CURVE_TITLES[view.axis])
        axes.set_ylabel(view.name_of(measure))
        axes.set_xscale("log" if view.log_axis else "linear")
        axes.set_yscale("log" if view.log_values else "linear")
        for ticks, logarithmic in ((axes.xaxis, view.log_axis), (axes.yaxis, view.log_values)):
            in_percent = measure == "accuracy" and ticks is axes.yaxis
            ticks.set_major_formatter(_percent_label if in_percent else _plain_label)
            if logarithmic:
                ticks.set_minor_formatter(NullFormatter())
        axes.grid(alpha=0.2)
        axes.spines[["top", "right"]].set_visible(False)
    if keys := _legend_keys(curves, run_styles, view):
        figure.legend(
            handles=keys,
            loc="outside lower center",
            ncols=min(len(keys), RUNS_IN_A_ROW),
            frameon=False,
            handlelength=3.5,
            fontsize=9,
        )
    return figure


def _draw(axes: Axes, curve: LearningCurve, run_style: RunStyle, measure: str, view: View) -> None:
    """The lines of one run, and a symbol at the epoch that was kept."""
    x = curve.across(view.axis)
    hidden = ~view.shows(x)
    for split in reversed(view.splits):
        raw, line = (np.where(hidden, np.nan, values) for values in drawn(curve, measure, split, view))
        width = 1.7 if split == "validation" else 0.8
        if view.smoothing:
            axes.plot(x, raw, color=run_style.light, linewidth=0.6, alpha=0.3)
        axes.plot(x, line, color=run_style.light, linestyle=_line_style(run_style), linewidth=width)
        if split == view.splits[0] and 1 <= curve.best_epoch <= len(x):
            at = curve.best_epoch - 1
            marker = SYMBOLS[run_style.symbol].marker
            axes.plot(x[at], line[at], marker, color=run_style.light, markersize=6)


def _legend_keys(curves: Sequence[LearningCurve], run_styles: Mapping[str, RunStyle], view: View) -> list[Line2D]:
    keys = []
    for curve in curves:
        run_style = run_styles[curve.run]
        marker = SYMBOLS[run_style.symbol].marker
        line = _line_style(run_style)
        keys.append(Line2D([], [], color=run_style.light, linestyle=line, marker=marker, label=curve.run))
    if len(view.splits) > 1:
        keys.append(Line2D([], [], color="0.35", linewidth=1.7, label="validation"))
        keys.append(Line2D([], [], color="0.35", linewidth=0.8, label="training"))
    return keys


def _line_style(run_style: RunStyle) -> Literal["-"] | tuple[int, tuple[int, ...]]:
    solid = run_style.dash[1] == 0
    return "-" if solid else (0, run_style.dash)


def _plain_label(value: float, _: object) -> str:
    return f"{value:g}"


def _percent_label(value: float, _: object) -> str:
    return short_percent(value)


def as_file(figure: Figure, kind: str) -> bytes:
    """The figure as a file. kind: 'png' or 'svg'. The words in an SVG stay text."""
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "digit-duel"}):
        figure.savefig(buffer, format=kind, metadata={"Date": None} if kind == "svg" else None)
    return buffer.getvalue()
