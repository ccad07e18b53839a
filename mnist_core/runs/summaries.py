"""Runs side by side: every figure by which they are compared, where it comes from, and which way is better.

    >>> standing = stand(load_run("cnn-specified"), stored, measured)      # doctest: +SKIP
    >>> CRITERIA["multiply_adds"].text(standing)                           # doctest: +SKIP
    '7.60 million'

The page, the report and its JSON all go through CRITERIA, so that they can neither differ nor forget one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from mnist_core.errors import RunError
from mnist_core.metrics.accuracy import Accuracy
from mnist_core.metrics.calibration import expected_calibration_error
from mnist_core.runs.measurements import SHIFTS, SHOWN_SHIFT, Measured
from mnist_core.runs.predictions import TestPredictions
from mnist_core.runs.run import Run, layers_of


@dataclass(frozen=True)
class RunSummary:
    """A run and what is known of it beyond run.json; None where that is not known, or not yet.

    layers, multiply_adds: of its network, by its layout. model_bytes: of model.tflite; folder_bytes: of the whole run. calibration_error: 0..1, on the
    test digits. digest: of the digits it was trained and tested on.
    """

    run: Run
    layers: int | None
    multiply_adds: int | None
    model_bytes: int
    folder_bytes: int
    calibration_error: float | None
    measured: Measured | None
    digest: str


def summarise(run: Run, stored: TestPredictions | None, measured: Measured | None) -> RunSummary:
    """stored: its test predictions, if they can be read. measured: on this machine, if that has been done. Raises RunError for a run that has gone."""
    layers = layers_of(run)
    try:
        model_bytes, folder_bytes = run.model_path.stat().st_size, run.size_bytes
    except OSError as error:
        raise RunError(
            f"The run {run.name!r} cannot be read any more ({error.strerror}). Reload the page, or restore {run.folder}."
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
    )


@dataclass(frozen=True)
class Metric:
    """One figure. title: as a table calls it; short: as an axis or a card does. better: which end is. source: stored with the run, worked out from
    its layout, or measured on this machine. figure, format, detail: where the number comes from, how people read it, and what stands below it.
    interval: of a share, the counts behind it with their 95 % interval; None of other figures, and of what is not measured yet."""

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
        """The number; None if it is unknown or, in a foreign run, none at all."""
        number = self.figure(summary)
        return number if number is not None and isfinite(number) else None

    def text(self, summary: RunSummary) -> str:
        """The figure, or a dash."""
        value = self.value(summary)
        return "–" if value is None else self.format(value)


def percent(fraction: float) -> str:
    """A share with two decimals: '99.35 %'."""
    return f"{fraction * 100:.2f} %"


def count(number: float) -> str:
    """A count: '407,050', '7.60 million'."""
    return f"{number / 1e6:.2f} million" if number >= 1e6 else f"{number:,.0f}"


def size(number: float) -> str:
    """Bytes: '817 kB', '2.1 MB'."""
    return f"{number / 1e6:.1f} MB" if number >= 1e6 else f"{number / 1e3:,.0f} kB"


def duration(seconds: float) -> str:
    """'7.5 s', '131 s', '12 min 25 s'."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 180 else f"{int(seconds / 60)} min {int(seconds % 60)} s"


def micro(number: float) -> str:
    """Microseconds: '20 µs', '1,250 µs'."""
    return f"{number:,.0f} µs" if number >= 10 else f"{number:.1f} µs"


def _shifted_accuracy(by: int) -> Callable[[RunSummary], Accuracy | None]:
    return lambda summary: summary.measured.shifted[SHIFTS.index(by)] if summary.measured else None


def _shifted(by: int) -> Callable[[RunSummary], float | None]:
    return lambda summary: summary.measured.shifted[SHIFTS.index(by)].fraction if summary.measured else None


def _shifted_detail(by: int) -> Callable[[RunSummary], str]:
    def detail(summary: RunSummary) -> str:
        if not summary.measured:
            return ""
        accuracy = summary.measured.shifted[SHIFTS.index(by)]
        return f"95 %: {accuracy.low * 100:.1f} to {accuracy.high * 100:.1f} %"

    return detail


METRICS: dict[str, Metric] = {
    metric.key: metric
    for metric in (
        Metric(
            "accuracy",
            "Test accuracy",
            "Test accuracy",
            "share of the test digits, never trained on, that it reads right; below it the interval that holds the true share with 95 % confidence",
            "high",
            "stored",
            lambda summary: summary.run.test.fraction,
            percent,
            lambda summary: f"95 %: {summary.run.test.low * 100:.2f} to {summary.run.test.high * 100:.2f} %",
            lambda summary: summary.run.test,
        ),
        Metric(
            "incorrect",
            "Wrong",
            "Wrong",
            "test digits it misreads",
            "low",
            "stored",
            lambda summary: float(summary.run.test.incorrect),
            count,
            lambda summary: f"of {summary.run.test.count:,}",
        ),
        Metric(
            "loss",
            "Test loss",
            "Test loss",
            "mean cross-entropy: how little probability the true digit got",
            "low",
            "stored",
            lambda summary: summary.run.test_loss,
            lambda value: f"{value:.4f}",
        ),
        Metric(
            "calibration",
            "Calibration error",
            "Calibration error",
            "how far from the truth its own percentages are, on average",
            "low",
            "stored",
            lambda summary: summary.calibration_error,
            percent,
        ),
        Metric(
            "parameters",
            "Parameters",
            "Parameters",
            "numbers learned",
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
            "arithmetic for one digit, from its layout",
            "low",
            "stored",
            lambda summary: None if summary.multiply_adds is None else float(summary.multiply_adds),
            count,
        ),
        Metric(
            "model_size",
            "Model file",
            "Size of the model file",
            "model.tflite, with which it reads here",
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
            "one reading with LiteRT on one thread, median of 200",
            "low",
            "measured",
            lambda summary: summary.measured.microseconds if summary.measured else None,
            micro,
        ),
        Metric(
            "handwriting",
            "Other handwriting",
            "Other handwriting",
            "share read right of 1,000 digits that our own generator writes, in styles that MNIST lacks; the robust recipe learned from the same generator",
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
            f"share read right of the same digits, moved {SHOWN_SHIFT} pixels left, right, up or down",
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
"""What a scatter may have along its horizontal axis."""

QUALITIES = ("accuracy", "shifted", "handwriting")
"""And along its vertical one."""


def best(metric: Metric, summaries: Sequence[RunSummary]) -> float | None:
    """The best value there is; None if fewer than two are known or all are the same, for then nobody leads."""
    values = [value for summary in summaries if (value := metric.value(summary)) is not None]
    if len(set(values)) < 2:
        return None
    return min(values) if metric.better == "low" else max(values)


def ranked(metric: Metric, summaries: Sequence[RunSummary]) -> list[RunSummary]:
    """The best first; those without the figure are left out."""
    known = [(value, summary) for summary in summaries if (value := metric.value(summary)) is not None]
    return [summary for _, summary in sorted(known, key=lambda pair: pair[0], reverse=metric.better == "high")]


def same_digits(summaries: Sequence[RunSummary]) -> bool:
    """Whether all were tested on the same digits, so that their accuracies compare."""
    return len({(summary.digest, summary.run.test.count) for summary in summaries}) < 2


def differing_settings(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """The settings in which these runs differ, a value a run; None where a run does not have the setting."""
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
        "data": summary.run.data,
    }
