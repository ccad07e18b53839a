"""Comparisons as pieces of HTML, for the pages and for the report alike; their look is in markup.css.

Everything that comes from a run is escaped: runs may be foreign. Tables are real tables, with a caption and headings, so that they can be heard
and printed.
"""

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_core.metrics.significance import McNemar
from mnist_core.reporting.run_styles import RunStyle, swatch
from mnist_core.runs.learning_curves import LearningCurve
from mnist_core.runs.run import Run
from mnist_core.runs.summaries import METRICS, Metric, RunSummary, best, differing_settings, duration, ranked

LEADERS = (
    ("multiply_adds", "Least arithmetic"),
    ("microseconds", "Fastest"),
    ("incorrect_fraction", "Most accurate"),
    ("shifted", "Most robust"),
)
"""The four questions at a glance, as far as they are criteria; 'wrong_share' is the accuracy, drawn as mistakes."""

PLACES = 6
"""Runs that a card of leaders shows; the table shows all."""

PENDING = "measuring …"

GROUPS = (
    ("stored", "Stored with each model", "worked out once, when it was trained; arithmetic by its layout"),
    ("measured", "Measured on this machine", "with LiteRT, since the server started; no data set is needed"),
)


def leaders(summaries: Sequence[RunSummary], run_styles: Mapping[str, RunStyle]) -> str:
    """Four cards: who needs least arithmetic, is fastest, most accurate and most robust, each with a bar a run, the best first."""
    return f"<div class='leaders'>{''.join(_card(key, title, summaries, run_styles) for key, title in LEADERS)}</div>"


def _card(key: str, title: str, summaries: Sequence[RunSummary], run_styles: Mapping[str, RunStyle]) -> str:
    mistakes = key == "incorrect_fraction"
    metric = METRICS["accuracy" if mistakes else key]
    order = ranked(metric, summaries)
    head = f"<h3>{title}</h3><p class='gloss'>{escape(_card_gloss(key))}</p>"
    if not order:
        return f"<section class='leader'>{head}<p class='none'>{PENDING if metric.source == 'measured' else 'not known'}</p></section>"
    numbers = [1 - value if mistakes else value for summary in order if (value := metric.value(summary)) is not None]
    largest = max(numbers) or 1.0
    rows = "".join(
        f"<li><span class='name'>{escape(summary.run.name)}</span><span class='value'>{escape(metric.text(summary))}</span>"
        f"<span class='track'><i style='width:{max(number / largest, 0.004):.1%};background:{run_styles[summary.run.name].colour}'></i></span></li>"
        for summary, number in list(zip(order, numbers, strict=True))[:PLACES]
    )
    more = f"<p class='gloss'>and {len(order) - PLACES} more in the table</p>" if len(order) > PLACES else ""
    return f"<section class='leader'>{head}<ol>{rows}</ol>{more}</section>"


def _card_gloss(key: str) -> str:
    return {
        "multiply_adds": "multiply-adds for a digit",
        "microseconds": "time for a digit, measured here",
        "incorrect_fraction": "test accuracy; bars are the mistakes",
        "shifted": f"{METRICS['shifted'].title.lower()}, still read right; measured here",
    }[key]


VERDICTS = {
    "multiply_adds": ("simpler", "{} arithmetic"),
    "microseconds": ("faster", "{} time for a digit"),
    "incorrect": ("more accurate", "{} wrong, not {}"),
    "shifted": ("harder to fool", "{} of moved digits read right, not {}"),
}
"""Of the four questions: what the leader is, and what its figure is of; two places take the leader's figure and the other's, one how many times less."""


def conclusion(left: RunSummary, right: RunSummary, run_styles: Mapping[str, RunStyle]) -> str:
    """What the four questions come to for two runs, a sentence each, from this machine's figures; nothing for a run beside itself.

    What is still being measured is left out, and the lines keep their place.
    """
    if left.run.name == right.run.name:
        return ""
    lines = ""
    for one, other in ((left, right), (right, left)):
        led = [key for key in VERDICTS if _ratio(key, left, right)[2] == one.run.name]
        said = [f"{VERDICTS[key][0]} ({_proof(key, one, other)})" for key in led]
        if said:
            words = " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
            lines += f"<p>{swatch(run_styles[one.run.name])}<span><b>{escape(one.run.name)}</b> is {escape(words)}.</span></p>"
    return f"<div class='conclusion'>{lines}</div>"


def _proof(key: str, leader: RunSummary, other: RunSummary) -> str:
    form, metric = VERDICTS[key][1], METRICS[key]
    return (
        form.format(metric.text(leader), metric.text(other))
        if form.count("{}") == 2
        else form.format(_ratio(key, leader, other)[1])
    )


def side_by_side(
    summaries: Sequence[RunSummary],
    run_styles: Mapping[str, RunStyle],
    *,
    caption: str = "All figures",
    to_mistakes: Callable[[Run], str] | None = None,
) -> str:
    """The table of all criteria, a column a run; the best of each row is marked. to_mistakes: the address of the digits that a run reads wrong."""
    heads = "".join(
        f"<th scope='col'>{swatch(run_styles[summary.run.name])}<b>{escape(summary.run.name)}</b><small>{escape(summary.run.title)}</small></th>"
        for summary in summaries
    )
    body = ""
    for source, title, gloss in GROUPS:
        body += (
            f"<tbody><tr class='group'><th scope='rowgroup' colspan='{len(summaries) + 1}'><span>{title} <small>{gloss}</small></span></th></tr>"
            + "".join(_row(metric, summaries, to_mistakes) for metric in METRICS.values() if metric.source == source)
            + "</tbody>"
        )
    return _scrolling(
        f"<table class='figures'><caption>{escape(caption)}</caption><thead><tr><td></td>{heads}</tr></thead>{body}</table>",
        caption,
    )


def _row(metric: Metric, summaries: Sequence[RunSummary], to_mistakes: Callable[[Run], str] | None) -> str:
    winner, cells = best(metric, summaries), ""
    for summary in summaries:
        value = metric.value(summary)
        pending = value is None and metric.source == "measured"
        wins = value is not None and value == winner
        text = PENDING if pending else metric.text(summary)
        detail = metric.detail(summary) if value is not None else ""
        shown = escape(text)
        if to_mistakes and metric.key == "incorrect" and value:
            shown = f"<a href='{escape(to_mistakes(summary.run))}' title='See these digits'>{shown}</a>"
        cells += (
            f"<td class='{'best' if wins else ''}'><span class='{'pending' if pending else 'value'}'>{shown}</span>"
            f"{'<span class=hear> (best)</span>' if wins else ''}{f'<small>{escape(detail)}</small>' if detail else ''}</td>"
        )
    return f"<tr><th scope='row'>{escape(metric.title)}<small>{escape(metric.gloss)}</small></th>{cells}</tr>"


def settings(
    summaries: Sequence[RunSummary], run_styles: Mapping[str, RunStyle], *, caption: str = "Settings that differ"
) -> str:
    """The table of the settings in which these runs differ; a sentence if there is none."""
    rows = differing_settings([summary.run for summary in summaries])
    if not rows:
        return "<p class='none'>They were trained with the same settings.</p>"
    heads = "".join(
        f"<th scope='col'>{swatch(run_styles[summary.run.name])}<b>{escape(summary.run.name)}</b></th>"
        for summary in summaries
    )
    body = "".join(
        f"<tr><th scope='row'>{escape(name.replace('_', ' '))}</th>{''.join(f'<td>{escape(setting(value))}</td>' for value in values)}</tr>"
        for name, values in rows.items()
    )
    table = f"<table class='figures'><caption>{escape(caption)}</caption><thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return _scrolling(table, caption)


def setting(value: Any) -> str:
    """A setting as people write it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)[:120]


def ratios(left: RunSummary, right: RunSummary, run_styles: Mapping[str, RunStyle]) -> str:
    """What two runs differ by, question by question: how many times less, or how much more, and who leads."""
    tiles = "".join(
        f"<div class='tile' style='border-color:{run_styles[name].colour if name else 'var(--line)'}'><p class='what'>{escape(what)}</p>"
        f"<p class='ratio'>{escape(ratio)}</p><p class='who'>{escape(name)}</p><p class='gloss'>{escape(figures)}</p></div>"
        for what, ratio, name, figures in (
            _ratio(key, left, right) for key in ("multiply_adds", "microseconds", "incorrect", "shifted")
        )
    )
    return f"<div class='tiles'>{tiles}</div>"


def _ratio(key: str, left: RunSummary, right: RunSummary) -> tuple[str, str, str, str]:
    """What is compared, by how much, who leads ('' for neither), and both figures."""
    metric = METRICS[key]
    one, other = metric.value(left), metric.value(right)
    if one is None or other is None:
        return metric.title, PENDING if metric.source == "measured" else "–", "", ""
    figures = f"{metric.text(left)} and {metric.text(right)}"
    if one == other:
        return metric.title, "the same", "", figures
    leader = left if (one < other) == (metric.better == "low") else right
    if metric.better == "high":
        return metric.title, f"+{abs(one - other) * 100:.1f} points", leader.run.name, figures
    less, more = sorted((one, other))
    return metric.title, f"{times(more / less)} less" if less else f"0, not {more:,.0f}", leader.run.name, figures


def times(ratio: float) -> str:
    """How many times, with two figures or the whole number: '1.3 ×', '19 ×'."""
    return f"{ratio:.0f} ×" if ratio >= 9.5 else f"{ratio:.1f} ×"


def contingency(result: McNemar, left: str, right: str, links: tuple[str, str] | None = None) -> str:
    """The four counts behind McNemar's test, as a table. links: addresses of the digits that only the left, and only the right one reads right."""
    left, right = escape(left), escape(right)
    alone = [
        f"<a href='{escape(link)}' title='See these digits'>{count:,}</a>" if link and count else f"{count:,}"
        for count, link in zip((result.only_left, result.only_right), links or ("", ""), strict=True)
    ]
    return (
        "<table class='figures contingency'><caption>The test digits, by who reads them right</caption>"
        f"<thead><tr><td></td><th scope='col'>{right} right</th><th scope='col'>{right} wrong</th></tr></thead>"
        f"<tbody><tr><th scope='row'>{left} right</th><td>{result.both:,}</td><td class='best'>{alone[0]}</td></tr>"
        f"<tr><th scope='row'>{left} wrong</th><td class='best'>{alone[1]}</td><td>{result.neither:,}</td></tr></tbody></table>"
    )


def _scrolling(table: str, name: str) -> str:
    """Wide tables scroll by themselves, by finger, wheel and keyboard; the page does not."""
    return f"<div class='scrolling' tabindex='0' role='region' aria-label='{escape(name)}'>{table}</div>"


def kept_epochs(
    curves: Sequence[LearningCurve], run_styles: Mapping[str, RunStyle], *, caption: str = "At the epoch that was kept"
) -> str:
    """The figures of each run's kept epoch, a row a run."""
    names = (
        ("val_loss", "validation loss"),
        ("val_accuracy", "validation accuracy"),
        ("loss", "training loss"),
        ("accuracy", "training accuracy"),
    )
    heads = "".join(
        f"<th scope='col'>{name}</th>" for name in ("epoch kept", "epochs", "training", *(title for _, title in names))
    )
    body = ""
    for curve in curves:
        at = min(max(curve.best_epoch, 1), len(curve.epochs)) - 1
        figures = [f"{curve.best_epoch:,}", f"{len(curve.epochs):,}", duration(float(curve.seconds[-1]))]
        figures += [_recorded(float(curve.values[name][at]), accuracy="accuracy" in name) for name, _ in names]
        cells = "".join(f"<td>{text}</td>" for text in figures)
        body += f"<tr><th scope='row'>{swatch(run_styles[curve.run])} {escape(curve.run)}</th>{cells}</tr>"
    table = f"<table class='figures narrow'><caption>{escape(caption)}</caption><thead><tr><td></td>{heads}</tr></thead><tbody>{body}</tbody></table>"
    return _scrolling(table, caption)


def _recorded(value: float, *, accuracy: bool) -> str:
    if value != value:  # not recorded
        return "–"
    return f"{value * 100:.2f} %" if accuracy else f"{value:.4f}"


def data_url(pixels: NDArray[np.uint8]) -> str:
    """A picture (height, width) uint8, 255 is white, as an <img> takes it: a PNG within the page itself."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels, np.uint8)).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
