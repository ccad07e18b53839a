"""Runs side by side: all figures by which they are compared, and where each comes from.

    >>> summary = summarise(load_run("cnn-specified"), stored, measured)   # doctest: +SKIP
    >>> METRICS["multiply_adds"].text(summary)                             # doctest: +SKIP
    '7.60 million'

The page Compare, the report and its JSON all take their figures from METRICS. A new figure is a new entry there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from mnist_core.errors import RunError
from mnist_core.formatting import count, duration, microseconds, number, percent, percent_range, size
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.metrics.calibration import expected_calibration_error
from mnist_core.runs.corruption_results import CorruptionResults
from mnist_core.runs.measurements import SHIFTS, SHOWN_SHIFT, Measured
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.run import Run, layers_of


@dataclass(frozen=True)
class RunSummary:
    """A run and what is known about it beyond run.json. A value is None if it is not known, or not yet.

    layers, multiply_adds: of its network. model_bytes: the size of model.tflite. folder_bytes: the size of the whole
    run. calibration_error: 0..1, on the test digits. measured: on this machine. digest: of the digits of its training.
    measurable: whether it can be measured; False if that was tried in vain.
    corruptions: how well it predicts corrupted digits; None if that has not been measured.
    """

    run: Run
    layers: int | None
    multiply_adds: int | None
    model_bytes: int
    folder_bytes: int
    calibration_error: float | None
    measured: Measured | None
    digest: str
    measurable: bool = True
    corruptions: CorruptionResults | None = None

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be measured."""
        return self.measured is None and self.measurable


def summarise(
    run: Run,
    stored: TestPredictions | None,
    measured: Measured | None,
    *,
    corruptions: CorruptionResults | None = None,
) -> RunSummary:
    """Summarise a run. Raises RunError if its files have been removed.

    stored: its test predictions, None if they cannot be read. measured: its measurements on this machine, None if there
    are none yet. corruptions: its stored measurement on corrupted digits, None if there is none.
    """
    layers = layers_of(run)
    try:
        model_bytes, folder_bytes = run.model_path.stat().st_size, run.size_bytes
    except OSError as error:
        raise RunError(
            f"The run {run.name!r} cannot be read any more ({error.strerror}). Reload the page, or "
            f"restore {run.folder}."
        ) from error
    return RunSummary(
        run=run,
        layers=len(layers) or None,
        multiply_adds=sum(layer.multiply_adds for layer in layers) or None,
        model_bytes=model_bytes,
        folder_bytes=folder_bytes,
        calibration_error=expected_calibration_error(stored.probabilities, stored.labels) if stored else None,
        measured=measured,
        digest=str(run.data.get("digest", "")),
        corruptions=corruptions,
    )


@dataclass(frozen=True)
class Metric:
    """One figure by which runs are compared.

    key: its name in JSON. title: its name in tables. short: its name on axes and cards. gloss: its explanation.
    better: whether a low or a high value is better.
    source: whether it is stored with the run, or measured on this machine.
    figure: computes the number. format: turns it into text. detail: a text below it.
    interval: of a fraction, the counts behind it with their 95 % interval; None for other figures, and if not measured.
    """

    key: str
    title: str
    short: str
    gloss: str
    better: Literal["low", "high"]
    source: Literal["stored", "measured"]
    figure: Callable[[RunSummary], float | None]
    format: Callable[[float], str]
    detail: Callable[[RunSummary], str] = lambda summary: ""
    interval: Callable[[RunSummary], Accuracy | None] = lambda summary: None

    def value(self, summary: RunSummary) -> float | None:
        """The number; None if it is unknown, or not finite in a foreign run."""
        value = self.figure(summary)
        return value if value is not None and isfinite(value) else None

    def text(self, summary: RunSummary) -> str:
        """The figure as text; a dash if it is unknown."""
        value = self.value(summary)
        return "–" if value is None else self.format(value)


def _shifted_accuracy(by: int) -> Callable[[RunSummary], Accuracy | None]:
    return lambda summary: summary.measured.shifted[SHIFTS.index(by)] if summary.measured else None


def _shifted(by: int) -> Callable[[RunSummary], float | None]:
    return lambda summary: summary.measured.shifted[SHIFTS.index(by)].fraction if summary.measured else None


def _shifted_detail(by: int) -> Callable[[RunSummary], str]:
    def detail(summary: RunSummary) -> str:
        if not summary.measured:
            return ""
        accuracy = summary.measured.shifted[SHIFTS.index(by)]
        return f"95 %: {percent_range(accuracy.low, accuracy.high, digits=1)}"

    return detail


def _corrupted(summary: RunSummary) -> Accuracy | None:
    return summary.corruptions.mean if summary.corruptions else None


def _corrupted_detail(summary: RunSummary) -> str:
    mean = _corrupted(summary)
    return f"95 %: {percent_range(mean.low, mean.high)}" if mean else ""


METRICS: dict[str, Metric] = {
    metric.key: metric
    for metric in (
        Metric(
            "accuracy",
            "Test accuracy",
            "Test accuracy",
            "the fraction of the test digits, which were not used in training, that it predicts correctly; below it "
            "the interval that holds the true fraction with 95 % confidence",
            "high",
            "stored",
            lambda summary: summary.run.test.fraction,
            percent,
            lambda summary: f"95 %: {percent_range(summary.run.test.low, summary.run.test.high)}",
            lambda summary: summary.run.test,
        ),
        Metric(
            "incorrect",
            "Incorrect",
            "Incorrect",
            "test digits that it predicts incorrectly",
            "low",
            "stored",
            lambda summary: float(summary.run.test.incorrect),
            count,
            lambda summary: f"of {number(summary.run.test.count)}",
        ),
        Metric(
            "loss",
            "Test loss",
            "Test loss",
            "mean cross-entropy: the less probability the correct digit gets, the higher",
            "low",
            "stored",
            lambda summary: summary.run.test_loss,
            lambda value: f"{value:.4f}",
        ),
        Metric(
            "calibration",
            "Calibration error",
            "Calibration error",
            "the mean difference between its probabilities and the fraction of correct predictions",
            "low",
            "stored",
            lambda summary: summary.calibration_error,
            percent,
        ),
        Metric(
            "corruptions",
            "Corrupted digits",
            "Corrupted digits",
            "the mean fraction predicted correctly of the test digits under fifteen corruptions, with five strengths "
            "each; no run was trained or chosen on it",
            "high",
            "stored",
            lambda summary: summary.corruptions.mean.fraction if summary.corruptions else None,
            percent,
            _corrupted_detail,
            _corrupted,
        ),
        Metric(
            "parameters",
            "Parameters",
            "Parameters",
            "weights and biases, which are learned",
            "low",
            "stored",
            lambda summary: float(summary.run.parameters),
            count,
            lambda summary: f"in {summary.layers} layers" if summary.layers else "",
        ),
        Metric(
            "multiply_adds",
            "Multiply-adds",
            "Multiply-adds a digit",
            "multiplications for one digit, each followed by an addition",
            "low",
            "stored",
            lambda summary: None if summary.multiply_adds is None else float(summary.multiply_adds),
            count,
        ),
        Metric(
            "model_size",
            "Model file",
            "Size of the model file",
            "model.tflite, with which it predicts here",
            "low",
            "stored",
            lambda summary: float(summary.model_bytes),
            size,
            lambda summary: f"whole run: {size(summary.folder_bytes)}",
        ),
        Metric(
            "training_time",
            "Training time",
            "Training time",
            "on the machine that trained it",
            "low",
            "stored",
            lambda summary: summary.run.duration_seconds,
            duration,
        ),
        Metric(
            "microseconds",
            "Time for a digit",
            "Time for a digit",
            "one prediction with LiteRT on one thread, median of 200",
            "low",
            "measured",
            lambda summary: summary.measured.microseconds if summary.measured else None,
            microseconds,
        ),
        Metric(
            "handwriting",
            "Other handwriting",
            "Other handwriting",
            "the fraction predicted correctly of 1,000 digits that our own generator writes, in styles that MNIST "
            "lacks; the robust recipe learned from the same generator",
            "high",
            "measured",
            _shifted(0),
            percent,
            _shifted_detail(0),
            _shifted_accuracy(0),
        ),
        Metric(
            "shifted",
            f"Moved by {SHOWN_SHIFT} pixels",
            f"Moved by {SHOWN_SHIFT} pixels",
            f"the fraction predicted correctly of the same digits, moved {SHOWN_SHIFT} pixels left, right, up or down",
            "high",
            "measured",
            _shifted(SHOWN_SHIFT),
            percent,
            _shifted_detail(SHOWN_SHIFT),
            _shifted_accuracy(SHOWN_SHIFT),
        ),
    )
}

COSTS = ("microseconds", "multiply_adds", "parameters", "model_size", "training_time")
"""The metrics that a scatter plot offers for its horizontal axis."""

QUALITIES = ("accuracy", "corruptions", "shifted", "handwriting")
"""The metrics that a scatter plot offers for its vertical axis."""


def best(metric: Metric, summaries: Sequence[RunSummary]) -> float | None:
    """The best value. None if no run leads: fewer than two values are known, all are the same, or some are still being
    measured.
    """
    if is_pending(metric, summaries):
        return None
    values = [value for summary in summaries if (value := metric.value(summary)) is not None]
    if len(set(values)) < 2:
        return None
    return min(values) if metric.better == "low" else max(values)


def is_pending(metric: Metric, summaries: Sequence[RunSummary]) -> bool:
    """Whether some of these figures are still to be measured. Until then no run leads."""
    return metric.source == "measured" and any(summary.is_pending for summary in summaries)


def ranked(metric: Metric, summaries: Sequence[RunSummary]) -> list[RunSummary]:
    """The summaries, the best first. Those without the figure are left out."""
    known = [(value, summary) for summary in summaries if (value := metric.value(summary)) is not None]
    return [summary for _, summary in sorted(known, key=lambda pair: pair[0], reverse=metric.better == "high")]


def same_digits(summaries: Sequence[RunSummary]) -> bool:
    """Whether all runs were tested on the same digits, so that their accuracies can be compared."""
    return len({(summary.digest, summary.run.test.count) for summary in summaries}) < 2


def differing_settings(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """The settings in which these runs differ, with a value per run. It is None if a run does not have the setting."""
    settings = [{**run.config, "training digits": run.data.get("digits"), "data": run.data.get("name")} for run in runs]
    names = list(dict.fromkeys(name for config in settings for name in config))
    values = {name: [config.get(name) for config in settings] for name in names}
    return {name: row for name, row in values.items() if any(value != row[0] for value in row)}


def to_json(summary: RunSummary) -> dict[str, Any]:
    """All figures of a run as plain JSON values."""
    return {
        "run": summary.run.name,
        "architecture": summary.run.architecture,
        "recipe": summary.run.recipe,
        **{key: metric.value(summary) for key, metric in METRICS.items()},
        "test": summary.run.test.to_json(),
        "layers": summary.layers,
        "folder_bytes": summary.folder_bytes,
        "measured": summary.measured.to_json() if summary.measured else None,
        "corrupted": summary.corruptions.to_json() if summary.corruptions else None,
        "data": summary.run.data,
    }
