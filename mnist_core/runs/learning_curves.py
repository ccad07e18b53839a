"""Learning curves: the stored histories of runs, prepared for charts, tooltips and files.

>>> curve = learning_curve(run, load_history(run))                    # doctest: +SKIP
>>> curve.values["val_loss"].min(), curve.seconds[-1]                 # doctest: +SKIP
(0.0470, 121.7)
"""

import csv
import io
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.errors import RunError
from mnist_core.formatting import percent
from mnist_core.runs.run import Run

MEASURES = ("loss", "accuracy")
SPLITS = ("validation", "training")
FIELDS = {
    ("loss", "training"): "loss",
    ("accuracy", "training"): "accuracy",
    ("loss", "validation"): "val_loss",
    ("accuracy", "validation"): "val_accuracy",
}
"""Keras' names, as history.json has them."""

Split = Literal["validation", "training"]


@dataclass(frozen=True)
class View:
    """The way in which curves are drawn.

    axis: the horizontal axis. log_values, log_axis: whether the vertical and the horizontal axis are logarithmic.
    smoothing: 0 for none, to below 1. splits: the lines that are drawn.
    until: where the horizontal axis ends; None for the end of the longest run.
    """

    axis: Literal["epoch", "seconds"] = "epoch"
    log_values: bool = False
    log_axis: bool = False
    smoothing: float = 0.0
    splits: tuple[Split, ...] = ("validation", "training")
    until: float | None = None

    def shows(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of these positions lie on the horizontal axis."""
        shown: NDArray[np.bool_] = (x > 0) | (not self.log_axis)
        return shown if self.until is None else shown & (x <= self.until)

    def name_of(self, measure: str) -> str:
        """The name of the quantity that is drawn. On a logarithmic axis, accuracy becomes the error rate."""
        return "error rate" if measure == "accuracy" and self.log_values else measure


@dataclass(frozen=True)
class LearningCurve:
    """The history of one run.

    epochs: (n,), from 1. seconds: (n,), since the start of the first epoch.
    values: by Keras' name, (n,) float64; NaN if the history has none. best_epoch: the epoch whose weights were kept.
    training_seconds: the time of the whole training, which is more than its epochs; None if it is not known.
    harder: whether training was made harder, for instance by distorted digits, so that its training figures are worse
    than those of validation.
    """

    run: str
    epochs: NDArray[np.int64]
    seconds: NDArray[np.float64]
    values: dict[str, NDArray[np.float64]]
    best_epoch: int
    harder: bool
    training_seconds: float | None = None

    def across(self, axis: str) -> NDArray[np.float64]:
        """The position of each epoch on the axis 'epoch' or 'seconds', (n,)."""
        return self.seconds if axis == "seconds" else self.epochs.astype(np.float64)


def learning_curve(run: Run, history: dict[str, list[float]]) -> LearningCurve:
    """Make the curve from a stored history. A line that the history lacks is NaN.

    Raises RunError if the history has neither loss nor accuracy.
    """
    known = [name for name in FIELDS.values() if history.get(name)]
    if not known:
        raise RunError(
            f"history.json of the run {run.name!r} holds neither loss nor accuracy. "
            f"Expected {', '.join(FIELDS.values())}."
        )
    length = max(len(history[name]) for name in known)
    values = {name: _padded(history.get(name, []), length) for name in (*FIELDS.values(), "learning_rate")}
    seconds = np.nan_to_num(_padded(history.get("seconds", []), length), nan=0.0)
    if not seconds.any() and run.duration_seconds > 0:  # Without times in the history, all epochs count alike.
        seconds = np.full(length, run.duration_seconds / length)
    harder = any(
        bool(run.config.get(name))
        for name in (
            "augmentation",
            "handwriting",
            "pen_fraction",
            "out_of_distribution",
            "teacher",
            "label_smoothing",
            "dropout",
        )
    )
    return LearningCurve(
        run.name,
        np.arange(1, length + 1),
        np.cumsum(seconds.clip(0)),
        values,
        run.best_epoch,
        harder,
        run.duration_seconds if isfinite(run.duration_seconds) else None,
    )


LONGER = 3
"""From this factor between the longest and the middle run on, half of the runs would be squeezed at the left."""


def beginning(curves: Sequence[LearningCurve], axis: str) -> float | None:
    """The part of the axis 'epoch' or 'seconds' in which short runs can be read beside long ones.

    It is twice as long as the middle run, the shorter of the two middle ones if their number is even. None if no run is
    much longer than that.
    """
    lengths = sorted(float(curve.across(axis)[-1]) for curve in curves)
    if not lengths or lengths[-1] <= LONGER * lengths[(len(lengths) - 1) // 2]:
        return None
    return float(ceil(2 * lengths[(len(lengths) - 1) // 2]))


def _padded(values: Sequence[float], length: int) -> NDArray[np.float64]:
    """The values, extended with NaN to that length. Infinite values become NaN."""
    padded = np.full(length, np.nan)
    padded[: len(values)] = values[:length]
    padded[~np.isfinite(padded)] = np.nan
    return padded


def smoothed(values: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
    """An exponential moving average of the values. NaN stays NaN.

    strength: the weight of all values before, 0 (no smoothing) to below 1. The average is divided by the sum of the
    weights, so that its beginning is not drawn towards zero (as in Adam, Kingma and Ba, 2015).

    >>> smoothed(np.array([1.0, 3.0]), 0.5).round(2).tolist()
    [1.0, 2.33]
    """
    if strength <= 0:
        return values
    result = np.full_like(values, np.nan)
    average = weight = 0.0
    for place, value in enumerate(values):
        if np.isnan(value):
            continue
        average = strength * average + (1 - strength) * value
        weight = strength * weight + (1 - strength)
        result[place] = average / weight
    return result


def drawn(
    curve: LearningCurve, measure: str, split: str, view: View
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The line as it was recorded, and smoothed, both (n,).

    On a logarithmic axis, an accuracy becomes the error rate, and values without a logarithm become NaN.
    """
    raw = curve.values[FIELDS[measure, split]]
    if view.log_values:
        raw = 1 - raw if measure == "accuracy" else raw
        raw = np.where(raw > 0, raw, np.nan)
    return raw, smoothed(raw, view.smoothing)


PLACES = 160
"""The most places of an axis that a pointer can tell apart, at three pixels each."""


def read_off(curves: Sequence[LearningCurve], measure: str, view: View) -> tuple[NDArray[np.float64], list[list[str]]]:
    """The values of all curves along the axis: the places (k,), and k texts per run. '–' before and after its epochs.

    The texts have the recorded values, not the smoothed ones. Between two epochs the earlier one counts. The places are
    as far apart as a pointer can tell, and the kept epochs are always among them.
    """
    places = np.unique(np.concatenate([curve.across(view.axis) for curve in curves])) if curves else np.zeros(0)
    places = places[view.shows(places)]
    marked = [place for curve in curves for place in curve.across(view.axis)[curve.best_epoch - 1 : curve.best_epoch]]
    along = np.log(places) if view.log_axis else places
    places = places[_apart(along, keep=np.flatnonzero(np.isin(places, marked)).tolist())]
    texts = []
    for curve in curves:
        across = curve.across(view.axis)
        index = np.searchsorted(across, places, side="right") - 1
        ended = places > across[-1] * (1 + 1e-9)
        texts.append(
            [
                "–" if at < 0 or over else _text(curve, measure, int(at), view)
                for at, over in zip(index, ended, strict=True)
            ]
        )
    return places, texts


def _apart(along: NDArray[np.float64], *, keep: list[int]) -> list[int]:
    """The indices of places that are apart by at least 1 / PLACES of the whole axis.

    The first, the last and those to keep are always among them. along: the positions, ascending.
    """
    if not len(along):
        return []
    chosen = sorted({0, *keep, len(along) - 1})
    least = (along[-1] - along[0]) / PLACES * (1 - 1e-9)
    for index, place in enumerate(along):
        at = bisect(chosen, index)
        if chosen[at - 1] != index and place - along[chosen[at - 1]] >= least and along[chosen[at]] - place >= least:
            chosen.insert(at, index)
    return chosen


def _text(curve: LearningCurve, measure: str, at: int, view: View) -> str:
    parts = []
    for split in view.splits:
        value = curve.values[FIELDS[measure, split]][at]
        if not np.isnan(value):
            fraction = 1 - value if view.log_values else value
            parts.append(
                (percent(fraction) if measure == "accuracy" else f"{value:.4f}")
                + (f" {split}" if len(view.splits) > 1 else "")
            )
    return (f"epoch {at + 1}: " if view.axis == "seconds" and parts else "") + (", ".join(parts) or "–")


def as_csv(curves: Sequence[LearningCurve]) -> str:
    """All recorded values as CSV, with a line per run and epoch."""
    names = (*FIELDS.values(), "learning_rate")
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("run", "epoch", "seconds", *names))
    for curve in curves:
        for place, epoch in enumerate(curve.epochs.tolist()):
            row = (curve.values[name][place] for name in names)
            writer.writerow(
                (
                    curve.run,
                    epoch,
                    f"{curve.seconds[place]:.3f}",
                    *("" if np.isnan(value) else f"{value:.8g}" for value in row),
                )
            )
    return file.getvalue()


def curves_in_words(curves: Sequence[LearningCurve], measure: str, view: View) -> str:
    """The curves in words, with a clause per run."""
    words = []
    for curve in curves:
        values = curve.values[FIELDS[measure, "validation"]]
        at = min(max(curve.best_epoch, 1), len(values)) - 1
        text = percent(float(values[at])) if measure == "accuracy" else f"{values[at]:.4f}"
        words.append(
            f"{curve.run}: {len(values)} epochs, validation {measure} "
            f"{'not recorded' if np.isnan(values[at]) else text} at epoch {at + 1}, the one kept"
        )
    return f"{measure.capitalize()} against {'epochs' if view.axis == 'epoch' else 'seconds'}. {'; '.join(words)}."
