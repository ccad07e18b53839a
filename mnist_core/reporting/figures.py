"""Grids of digits and pictures for files, as plain Matplotlib figures. Charts on pages are in charts.py.

>>> figure = mistakes_grid(digits, labels, probabilities)   # doctest: +SKIP
>>> figure.savefig("mistakes.png")                          # doctest: +SKIP
"""

import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from mnist_core.reporting.run_styles import RunStyle
from mnist_core.runs.learning_curves import MEASURES, LearningCurve, View, drawn

COLUMNS = 10
LARGEST = 60
"""Mistakes on one figure."""


def mistakes_grid(
    digits: NDArray[np.float32], labels: NDArray[np.integer], probabilities: NDArray[np.floating], *, title: str = ""
) -> Figure:
    """The worst mistakes: wrong digits, the surest first, each with 'true → read' and how sure.

    digits: (n, 28, 28) in 0..1. labels: (n,). probabilities: (n, 10). At most 60 are shown. Without any mistake the figure says so.
    """
    predicted = probabilities.argmax(axis=1)
    incorrect = np.flatnonzero(predicted != labels)
    worst = incorrect[np.argsort(-probabilities[incorrect, predicted[incorrect]], kind="stable")][:LARGEST]
    rows = max(1, -(-len(worst) // COLUMNS))
    figure = Figure(figsize=(COLUMNS, 1.25 * rows + 0.6), dpi=100, layout="constrained")
    figure.suptitle(
        f"{title}: {len(incorrect):,} wrong of {len(labels):,}" if len(incorrect) else f"{title}: not one mistake"
    )
    for place, axes in enumerate(figure.subplots(rows, COLUMNS, squeeze=False).flat):
        axes.axis("off")
        if place < len(worst):
            index = worst[place]
            axes.imshow(digits[index], cmap="gray_r", vmin=0, vmax=1)
            axes.set_title(f"{labels[index]} → {predicted[index]}  {probabilities[index].max():.0%}", fontsize=8)
    return figure


MARKERS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "cross": "P",
    "wye": "2",
    "triangle-up": "^",
    "triangle-down": "v",
    "triangle-left": "<",
    "triangle-right": ">",
    "stroke": "_",
    "arrow": "1",
    "wedge": "|",
}
"""Matplotlib's names of the symbols in looks.py."""


def learning_figure(curves: Sequence[LearningCurve], run_styles: Mapping[str, RunStyle], view: View) -> Figure:
    """The curves page as a picture on white: loss beside accuracy, a legend below. See charts.learning_chart for what is drawn how."""
    rows = -(-len(curves) // 4)
    figure = Figure(figsize=(11, 4.4 + 0.25 * rows), dpi=150, layout="constrained")
    for axes, measure in zip(figure.subplots(1, 2), MEASURES, strict=True):
        for curve in curves:
            run_style, x = run_styles[curve.run], curve.across(view.axis)
            style = "-" if run_style.dash[1] == 0 else (0, run_style.dash)
            for split in view.splits:
                raw, line = drawn(curve, measure, split, view)
                validation = split == "validation"
                if view.smoothing:
                    axes.plot(x, raw, color=run_style.light, linewidth=0.6, alpha=0.3)
                axes.plot(x, line, color=run_style.light, linestyle=style, linewidth=1.7 if validation else 0.8)
                if split == view.splits[0] and 1 <= curve.best_epoch <= len(x):
                    axes.plot(
                        x[curve.best_epoch - 1],
                        line[curve.best_epoch - 1],
                        MARKERS[run_style.shape],
                        color=run_style.light,
                        markersize=6,
                    )
        axes.set_xlabel({"epoch": "epoch", "seconds": "seconds of training"}[view.axis])
        axes.set_ylabel(view.name_of(measure))
        axes.set_xscale("log" if view.log_axis else "linear")
        axes.set_yscale("log" if view.log_values else "linear")
        for line_of_ticks, logarithmic in ((axes.xaxis, view.log_axis), (axes.yaxis, view.log_values)):
            percent = measure == "accuracy" and line_of_ticks is axes.yaxis
            line_of_ticks.set_major_formatter(_in_percent if percent else _plainly)
            if logarithmic:
                line_of_ticks.set_minor_formatter(NullFormatter())
        axes.grid(alpha=0.2)
        axes.spines[["top", "right"]].set_visible(False)
    keys = [
        Line2D(
            [],
            [],
            color=run_style.light,
            linestyle="-" if run_style.dash[1] == 0 else (0, run_style.dash),
            marker=MARKERS[run_style.shape],
            label=curve.run,
        )
        for curve in curves
        for run_style in (run_styles[curve.run],)
    ]
    if len(view.splits) > 1:
        keys += [
            Line2D([], [], color="0.35", linewidth=1.7, label="validation"),
            Line2D([], [], color="0.35", linewidth=0.8, label="training"),
        ]
    if keys:
        figure.legend(
            handles=keys,
            loc="outside lower center",
            ncols=min(len(keys), 4),
            frameon=False,
            handlelength=3.5,
            fontsize=9,
        )
    return figure


def _plainly(value: float, _: object) -> str:
    return f"{value:g}"


def _in_percent(value: float, _: object) -> str:
    return f"{value * 100:.6g} %"


def as_file(figure: Figure, kind: str) -> bytes:
    """The figure as 'png' or 'svg'. An SVG keeps its words as words."""
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "digit-duel"}):
        figure.savefig(buffer, format=kind, metadata={"Date": None} if kind == "svg" else None)
    return buffer.getvalue()
