"""The comparison of some runs as one HTML file that needs nothing else: for papers, lessons and the printer.

    >>> write(build([load_run("mlp-specified"), load_run("cnn-specified")]), Path("report.html"))    # doctest: +SKIP

Figures come from what is stored with the runs, but for the times and the moved digits, which are measured on this machine.
"""

import os
import platform
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core import __version__
from mnist_core.data.datasets import digit_set_title
from mnist_core.errors import ReportError, RunError
from mnist_core.metrics.accuracy import confusion_matrix
from mnist_core.metrics.significance import LEVEL, McNemar, mcnemar, p_in_words
from mnist_core.models.classifier import Classifier
from mnist_core.reporting import markup
from mnist_core.reporting.run_styles import RunStyle, run_styles, swatch
from mnist_core.runs.file_format import load_history
from mnist_core.runs.learning_curves import LearningCurve, View, curves_in_words, learning_curve
from mnist_core.runs.measurements import measure
from mnist_core.runs.predictions import TestPredictions, load_test_predictions
from mnist_core.runs.run import Run
from mnist_core.runs.summaries import RunSummary, same_digits, summarise, to_json

VIEW = View(log_values=True, log_axis=True)

REFERENCES = (
    "MNIST: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition, Proceedings of the IEEE 86, 1998.",
    "Interval of an accuracy: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22, 1927.",
    "Difference of two runs: Q. McNemar, Note on the sampling error of the difference between correlated proportions or percentages, Psychometrika 12, 1947; "
    "here exact, from the binomial distribution.",
    "Calibration error, over 15 bins: C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, On calibration of modern neural networks, ICML 2017.",
)


@dataclass(frozen=True)
class Comparison:
    """What a report tells. stored: test predictions by run. pairs: McNemar's test of each two runs that were tested on the same digits."""

    summaries: list[RunSummary]
    stored: dict[str, TestPredictions]
    curves: list[LearningCurve]
    pairs: dict[tuple[str, str], McNemar]

    def to_json(self) -> dict[str, Any]:
        """All figures as plain JSON values."""
        return {
            "digit_duel": __version__,
            "machine": machine(),
            "runs": [
                {
                    **to_json(summary),
                    "versions": summary.run.versions,
                    "confusion": _confusion(self.stored[summary.run.name]).tolist(),
                }
                for summary in self.summaries
            ],
            "mcnemar": [
                {"left": left, "right": right, **_pair_json(result)} for (left, right), result in self.pairs.items()
            ],
        }


def compare(runs: Sequence[Run]) -> Comparison:
    """Everything about these runs, measured and read. Raises RunError for one that is damaged: a report is whole or absent."""
    if not runs:
        raise RunError("A report needs at least one run. Name some; `python -m mnist_core models` lists them.")
    summaries, stored = [], {}
    for run in runs:
        stored[run.name] = load_test_predictions(run)
        summaries.append(summarise(run, stored[run.name], measure(Classifier(run.model_path))))
    pairs = {}
    for left, right in combinations(summaries, 2):
        one, other = stored[left.run.name], stored[right.run.name]
        if same_digits([left, right]) and np.array_equal(one.labels, other.labels):
            pairs[left.run.name, right.run.name] = mcnemar(one.predicted == one.labels, other.predicted == other.labels)
    return Comparison(summaries, stored, [learning_curve(run, load_history(run)) for run in runs], pairs)


def build(comparison: Comparison) -> str:
    """The report as HTML: no script, no font and no picture from elsewhere."""
    found = run_styles({summary.run.name: summary.run.architecture for summary in comparison.summaries})
    names = [summary.run.name for summary in comparison.summaries]
    title = "Digit Duel: " + (", ".join(names) if len(names) <= 4 else f"{len(names)} models compared")
    sections = [
        ("At a glance", markup.leaders(comparison.summaries, found)),
        ("All figures", markup.side_by_side(comparison.summaries, found) + _remark(comparison)),
        ("Do they really differ?", _pairs(comparison) if len(names) > 1 else ""),
        ("How they learned", _curves(comparison.curves, found)),
        ("What they confuse", _matrices(comparison, found)),
        ("What was set differently", markup.settings(comparison.summaries, found) if len(names) > 1 else ""),
        ("Data and versions", _origins(comparison.summaries)),
        (
            "References",
            "<ol class='references'>" + "".join(f"<li>{escape(text)}</li>" for text in REFERENCES) + "</ol>",
        ),
    ]
    body = "".join(f"<section><h2>{heading}</h2>{content}</section>" for heading, content in sections if content)
    here = Path(__file__)
    style = here.with_name("markup.css").read_text(encoding="utf-8") + here.with_suffix(".css").read_text(
        encoding="utf-8"
    )
    return (
        f"<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<meta name='viewport' content='width=device-width, initial-scale=1'><style>{style}</style></head>"
        f"<body><header><h1>{escape(title)}</h1><p>{datetime.now(UTC):%d %B %Y}, Digit Duel {__version__}. Measured on {escape(machine())}.</p></header>"
        f"<main>{body}</main></body></html>\n"
    )


def write(html: str, path: Path) -> None:
    """Write beside and rename, so that the file is whole or as it was before. Raises ReportError."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        beside.write_text(html, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        reason = error.strerror or error
        raise ReportError(
            f"The report cannot be written to {path} ({reason}). Name an .html file in a folder that exists and can be written."
        ) from error


def machine() -> str:
    """This machine, for a caption: system, processor, how many cores."""
    return f"{platform.system()} on {platform.machine() or 'an unknown processor'}, {os.cpu_count() or 1} cores, Python {platform.python_version()}"


def _confusion(stored: TestPredictions) -> NDArray[np.int64]:
    return confusion_matrix(stored.predicted, stored.labels)


def _pair_json(result: McNemar) -> dict[str, Any]:
    return {
        "both": result.both,
        "only_left": result.only_left,
        "only_correct": result.only_correct,
        "neither": result.neither,
        "p": result.p,
    }


def _remark(comparison: Comparison) -> str:
    if same_digits(comparison.summaries):
        return ""
    return (
        "<p class='remark'>These models were not all tested on the same digits, so their accuracies do not compare.</p>"
    )


def _pairs(comparison: Comparison) -> str:
    """McNemar's test of each pair; with many pairs, the level is divided among them (Bonferroni)."""
    if not comparison.pairs:
        return "<p>No two of them were tested on the same digits, so they cannot be compared digit by digit.</p>"
    level = LEVEL / len(comparison.pairs)
    rows = "".join(
        f"<tr><th scope='row'>{escape(left)} and {escape(right)}</th><td>{result.only_left:,}</td><td>{result.only_correct:,}</td>"
        f"<td>{escape(p_in_words(result.p))}</td><td>{'yes' if result.p < level else 'not for certain'}</td></tr>"
        for (left, right), result in comparison.pairs.items()
    )
    many = (
        f" With {len(comparison.pairs)} pairs at once, it has to be below {LEVEL} / {len(comparison.pairs)} = {level:.2g}."
        if len(comparison.pairs) > 1
        else ""
    )
    return (
        "<div class='scrolling'><table class='figures'><caption>McNemar's test of each pair</caption><thead><tr><th scope='col'>two models</th>"
        "<th scope='col'>only the first right</th><th scope='col'>only the second right</th><th scope='col'>chance</th><th scope='col'>a real difference</th>"
        f"</tr></thead><tbody>{rows}</tbody></table></div><p class='remark'>McNemar's exact test on the test digits that one of two models reads right and "
        f"the other wrong. p is the chance of so uneven a division if both were equally good; below {LEVEL} is taken for a real difference.{many}</p>"
    )


def _curves(curves: Sequence[LearningCurve], found: dict[str, RunStyle]) -> str:
    from mnist_core.reporting import figures  # Matplotlib takes a second to import

    svg = figures.as_file(figures.learning_figure(curves, found, VIEW), "svg").decode()
    words = " ".join(curves_in_words(curves, measure, VIEW) for measure in ("loss", "accuracy"))
    return (
        f"<figure role='img' aria-label='{escape(words, quote=True)}'>{svg[svg.index('<svg') :]}<figcaption>Loss and share misread after each epoch; thick "
        "lines are validation digits, thin ones training digits, the symbol marks the epoch that was kept. Recipes that make digits harder train, and partly "
        "validate, on harder ones.</figcaption></figure>"
    )


def _matrices(comparison: Comparison, found: dict[str, RunStyle]) -> str:
    """The confusion matrices on one colour scale: the darker, the more digits of that kind were misread like that."""
    counts = {name: _confusion(stored) for name, stored in comparison.stored.items()}
    most = max(int((matrix - np.diag(np.diag(matrix))).max()) for matrix in counts.values())
    matrices = "".join(_matrix(name, found[name], matrix, max(most, 1)) for name, matrix in counts.items())
    return f"<p class='remark'>Rows are the true digits, columns what the model read. Mistakes are coloured, all on one scale.</p>{matrices}"


def _matrix(name: str, run_style: RunStyle, counts: NDArray[np.int64], most: int) -> str:
    rows = ""
    for digit, row in enumerate(counts.tolist()):
        cells = "".join(
            f"<td class='{'right' if predicted == digit else ''}'{'' if predicted == digit or not count else f' style=background:rgb(180,81,15,{count / most:.2f})'}>"
            f"{count or '·'}</td>"
            for predicted, count in enumerate(row)
        )
        rows += f"<tr><th scope='row'>{digit}</th>{cells}<td class='sum'>{sum(row):,}</td></tr>"
    heads = "".join(f"<th scope='col'>{digit}</th>" for digit in range(10))
    return (
        f"<div class='matrix'><table><caption>{swatch(run_style)} {escape(name)}</caption>"
        f"<thead><tr><td></td>{heads}<th scope='col'>all</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _origins(summaries: Sequence[RunSummary]) -> str:
    """Where each run comes from: data with their digest, seed, date, versions."""
    rows = ""
    for run in (summary.run for summary in summaries):
        data = f"{digit_set_title(str(run.data.get('name', '–')))}, {markup.setting(run.data.get('digits'))} to learn from, {run.test.count:,} to test"
        versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
        cells = (
            data,
            str(run.data.get("digest", "–"))[:16],
            markup.setting(run.config.get("seed")),
            run.created[:10],
            versions,
        )
        rows += f"<tr><th scope='row'>{escape(run.name)}</th>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>"
    heads = "".join(
        f"<th scope='col'>{head}</th>"
        for head in ("digits", "digest of the data (SHA-256)", "seed", "trained", "versions")
    )
    return (
        "<div class='scrolling'><table class='figures origins'><caption>Data and versions</caption>"
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
