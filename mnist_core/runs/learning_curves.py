"""How runs learned, epoch by epoch: their stored histories made ready to be drawn, read off and written to a file.

>>> curve = learning_curve(run, load_history(run))                    # doctest: +SKIP
>>> curve.values["val_loss"].min(), curve.seconds[-1]                 # doctest: +SKIP
(0.0470, 121.7)
"""

import csv
import io
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
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
    """How curves are drawn. axis: what runs across. logarithmic: values, axis. smoothing: 0 for none, to below 1. splits: which lines."""

    axis: Literal["epoch", "seconds"] = "epoch"
    log_values: bool = False
    log_axis: bool = False
    smoothing: float = 0.0
    splits: tuple[Split, ...] = ("validation", "training")

    def name_of(self, measure: str) -> str:
        """What is drawn of a measure: of accuracy, on a logarithmic axis, the share that it lacks."""
        return "share misread" if measure == "accuracy" and self.log_values else measure


@dataclass(frozen=True)
class LearningCurve:
    """epochs: (n,), from 1. seconds: (n,), since the first epoch began. values: by Keras' name, (n,) float64, NaN where the history has none.

    best_epoch: the one whose weights were kept. harder: whether it learned from digits made harder, so that its figures look worse than they are.
    """

    run: str
    epochs: NDArray[np.int64]
    seconds: NDArray[np.float64]
    values: dict[str, NDArray[np.float64]]
    best_epoch: int
    harder: bool

    def across(self, axis: str) -> NDArray[np.float64]:
        """(n,): where each epoch stands on the axis 'epoch' or 'seconds'."""
        return self.seconds if axis == "seconds" else self.epochs.astype(np.float64)


def learning_curve(run: Run, history: dict[str, list[float]]) -> LearningCurve:
    """From the stored history. A foreign one may lack a line, which is then NaN. Raises RunError if it has no loss and no accuracy at all."""
    known = [name for name in FIELDS.values() if history.get(name)]
    if not known:
        raise RunError(
            f"history.json of the run {run.name!r} holds no loss and no accuracy, so there are no curves. Expected {', '.join(FIELDS.values())}."
        )
    length = max(len(history[name]) for name in known)
    values = {name: _padded(history.get(name, []), length) for name in (*FIELDS.values(), "learning_rate")}
    seconds = np.nan_to_num(_padded(history.get("seconds", []), length), nan=0.0)
    if not seconds.any() and run.duration_seconds > 0:  # a history without times: as if each epoch took as long
        seconds = np.full(length, run.duration_seconds / length)
    harder = any(
        bool(run.config.get(name))
        for name in ("augmentation", "handwriting", "out_of_distribution", "teacher", "label_smoothing", "dropout")
    )
    return LearningCurve(run.name, np.arange(1, length + 1), np.cumsum(seconds.clip(0)), values, run.best_epoch, harder)


def _padded(values: Sequence[float], length: int) -> NDArray[np.float64]:
    """As long as asked, NaN at the end; and NaN for what is infinite."""
    padded = np.full(length, np.nan)
    padded[: len(values)] = values[:length]
    padded[~np.isfinite(padded)] = np.nan
    return padded


def smoothed(values: NDArray[np.float64], strength: float) -> NDArray[np.float64]:
    """An average that fades exponentially into the past. strength: the weight of all before, 0 (none) to below 1. NaN stays NaN.

    Divided by the sum of the weights, so that the beginning is not drawn towards zero (as in Adam, Kingma and Ba, 2015).
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
    """The line as it was recorded and smoothed, both (n,). On a logarithmic axis an accuracy becomes the share misread; what has no logarithm is NaN."""
    raw = curve.values[FIELDS[measure, split]]
    if view.log_values:
        raw = 1 - raw if measure == "accuracy" else raw
        raw = np.where(raw > 0, raw, np.nan)
    return raw, smoothed(raw, view.smoothing)


PLACES = 160
"""Of an axis, at most, at which a pointer finds something of its own: three pixels each."""


def read_off(curves: Sequence[LearningCurve], measure: str, view: View) -> tuple[NDArray[np.float64], list[list[str]]]:
    """What all curves are at each place of the axis: the places (k,), and k texts a run, '–' where it has ended or not begun.

    The recorded values, not the smoothed ones. At a time between two epochs the one before counts. Places stand apart as far as a pointer can tell;
    the kept epochs are always among them.
    """
    places = np.unique(np.concatenate([curve.across(view.axis) for curve in curves])) if curves else np.zeros(0)
    if view.log_axis:
        places = places[places > 0]
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
    """Indices of those that stand apart by at least a share 1 / PLACES of the whole way; the first, the last and those to keep are always among them.

    along: ascending.
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
                (f"{fraction * 100:.2f} %" if measure == "accuracy" else f"{value:.4f}")
                + (f" {split}" if len(view.splits) > 1 else "")
            )
    return (f"epoch {at + 1}: " if view.axis == "seconds" and parts else "") + (", ".join(parts) or "–")


def as_csv(curves: Sequence[LearningCurve]) -> str:
    """Everything recorded, a line an epoch of each run."""
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
    """What the curves show, in a sentence a run."""
    words = []
    for curve in curves:
        values = curve.values[FIELDS[measure, "validation"]]
        at = min(max(curve.best_epoch, 1), len(values)) - 1
        text = percent(float(values[at])) if measure == "accuracy" else f"{values[at]:.4f}"
        words.append(
            f"{curve.run}: {len(values)} epochs, validation {measure} {'not recorded' if np.isnan(values[at]) else text} at epoch {at + 1}, the one kept"
        )
    return f"{measure.capitalize()} against {'epochs' if view.axis == 'epoch' else 'seconds'}. {'; '.join(words)}."
