"""The comparison of some runs as one HTML file that needs nothing else: for papers, for teaching and for the printer.

    >>> comparison = compare([load_run("mlp-specified"), load_run("cnn-specified")])    # doctest: +SKIP
    >>> write(build(comparison), Path("report.html"))                                   # doctest: +SKIP

The figures are those stored with the runs. Only the time for a digit and the accuracy on moved digits are measured on
this machine.
"""

import os
import platform
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from mnist_core import __version__
from mnist_core.errors import ReportError, RunError
from mnist_core.metrics.accuracy import confusion_matrix
from mnist_core.metrics.significance import McNemar, mcnemar
from mnist_core.models.classifier import Classifier
from mnist_core.reporting import comparison_cards, report_sections, tables
from mnist_core.reporting.html_templates import render
from mnist_core.reporting.run_styles import run_styles
from mnist_core.runs.corruption_results import load_corruption_results
from mnist_core.runs.file_format import load_history
from mnist_core.runs.learning_curves import LearningCurve, learning_curve
from mnist_core.runs.measurements import measure
from mnist_core.runs.predictions import TestPredictions, load_test_predictions
from mnist_core.runs.run import Run
from mnist_core.runs.summaries import RunSummary, same_digits, summarise, to_json
from mnist_core.sweeps.sweep_store import Sweep

STYLE_SHEETS = (Path(tables.__file__).with_suffix(".css"), Path(__file__).with_suffix(".css"))

NAMES_IN_TITLE = 4
"""The title of a report of more runs tells their number instead."""


@dataclass(frozen=True)
class Comparison:
    """Everything that a report tells about some runs.

    summaries, curves: one for each run. stored: the test predictions by the run's name. pairs: McNemar's test by the
    names of two runs, for every two that were tested on the same digits.
    """

    summaries: list[RunSummary]
    stored: dict[str, TestPredictions]
    curves: list[LearningCurve]
    pairs: dict[tuple[str, str], McNemar]

    def to_json(self) -> dict[str, Any]:
        """All figures as plain JSON values. A confusion matrix has a row for each true digit."""
        return {
            "digit_duel": __version__,
            "machine": machine(),
            "runs": [
                {
                    **to_json(summary),
                    "versions": summary.run.versions,
                    "confusion_matrix": self._confusion_matrix(summary.run.name),
                }
                for summary in self.summaries
            ],
            "mcnemar": [
                {
                    "left": left,
                    "right": right,
                    "both_correct": result.both,
                    "only_left_correct": result.only_left,
                    "only_right_correct": result.only_right,
                    "neither_correct": result.neither,
                    "p": result.p,
                }
                for (left, right), result in self.pairs.items()
            ],
        }

    def _confusion_matrix(self, name: str) -> list[list[int]]:
        counts: list[list[int]] = confusion_matrix(self.stored[name].predicted, self.stored[name].labels).tolist()
        return counts


def compare(runs: Sequence[Run]) -> Comparison:
    """Load and measure everything about these runs.

    Raises RunError if there are no runs, or if one is damaged, because a report is complete or does not exist.
    """
    if not runs:
        raise RunError("A report needs at least one run. Name some; `digit-duel models` lists them.")
    summaries, stored = [], {}
    for run in runs:
        stored[run.name] = load_test_predictions(run)
        measured, corruptions = measure(Classifier(run.model_path)), load_corruption_results(run)
        summaries.append(summarise(run, stored[run.name], measured, corruptions=corruptions))
    pairs = {}
    for left, right in combinations(summaries, 2):
        one, other = stored[left.run.name], stored[right.run.name]
        if same_digits([left, right]) and np.array_equal(one.labels, other.labels):
            pairs[left.run.name, right.run.name] = mcnemar(one.predicted == one.labels, other.predicted == other.labels)
    return Comparison(summaries, stored, [learning_curve(run, load_history(run)) for run in runs], pairs)


def build(comparison: Comparison, sweeps: Sequence[Sweep] = ()) -> str:
    """The report as HTML. It contains no script, and no font or picture from elsewhere.

    sweeps: each gets a section with its chart and its figures.
    """
    summaries = comparison.summaries
    names = [summary.run.name for summary in summaries]
    styles = run_styles({summary.run.name: summary.run.architecture for summary in summaries})
    several = len(names) > 1
    sections = {
        "At a glance": comparison_cards.leaders(summaries, styles),
        "All figures": tables.side_by_side(summaries, styles),
        "Do they really differ?": report_sections.pairs(comparison.pairs) if several else "",
        "Robustness": report_sections.robustness(summaries, styles),
        "How they learned": report_sections.learning_curves(comparison.curves, styles),
        "What they confuse": report_sections.confusion_matrices(comparison.stored, styles),
        **{f"Sweep {sweep.name}": report_sections.sweep(sweep) for sweep in sweeps},
        "Settings that differ": tables.settings(summaries, styles) if several else "",
        "Data and versions": report_sections.origins([summary.run for summary in summaries]),
        "References": report_sections.references(),
    }
    return render(
        "report.html.j2",
        title="Digit Duel: " + (", ".join(names) if len(names) <= NAMES_IN_TITLE else f"{len(names)} models compared"),
        style=Markup("".join(path.read_text(encoding="utf-8") for path in STYLE_SHEETS)),
        date=f"{datetime.now(UTC):%d %B %Y}",
        version=__version__,
        machine=machine(),
        comparable=same_digits(summaries),
        sections={heading: content for heading, content in sections.items() if content},
    )


def write(html: str, path: Path) -> None:
    """Write the report, so that at any time the file is complete or as it was before. Raises ReportError.

    The text goes to a new file in the same folder, which then replaces the old one.
    """
    beside = path.parent / f".report-{secrets.token_hex(8)}.partial"
    try:
        beside.write_text(html, encoding="utf-8", newline="\n")
        beside.replace(path)  # in one step on Linux, macOS and Windows
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        reason = error.strerror or error
        raise ReportError(
            f"The report cannot be written to {path} ({reason}). "
            "Name an .html file in a folder that exists and can be written."
        ) from error


def machine() -> str:
    """This machine in words: system, processor, number of cores, version of Python."""
    processor = platform.machine() or "an unknown processor"
    cores, python = os.cpu_count() or 1, platform.python_version()
    return f"{platform.system()} on {processor}, {cores} cores, Python {python}"
