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
from mnist_core.reporting.run_styles import Look, swatch
from mnist_core.runs.learning_curves import LearningCurve
from mnist_core.runs.store import Run
from mnist_core.runs.summaries import CRITERIA, Criterion, Standing, best, differing_settings, duration, ranked

LEADERS = (("multiply_adds", "Least arithmetic"), ("microseconds", "Fastest"), ("wrong_share", "Most accurate"), ("shifted", "Most robust"))
"""The four questions at a glance, as far as they are criteria; 'wrong_share' is the accuracy, drawn as mistakes."""

PLACES = 6
"""Runs that a card of leaders shows; the table shows all."""

PENDING = "measuring …"

GROUPS = (
    ("stored", "Stored with each model", "worked out once, when it was trained; arithmetic by its layout"),
    ("measured", "Measured on this machine", "with LiteRT, since the server started; no data set is needed"),
)


def leaders(standings: Sequence[Standing], looks: Mapping[str, Look]) -> str:
    """Four cards: who needs least arithmetic, is fastest, most accurate and most robust, each with a bar a run, the best first."""
    return f"<div class='leaders'>{''.join(_card(key, title, standings, looks) for key, title in LEADERS)}</div>"


def _card(key: str, title: str, standings: Sequence[Standing], looks: Mapping[str, Look]) -> str:
    mistakes = key == "wrong_share"
    criterion = CRITERIA["accuracy" if mistakes else key]
    order = ranked(criterion, standings)
    head = f"<h3>{title}</h3><p class='gloss'>{escape(_card_gloss(key))}</p>"
    if not order:
        return f"<section class='leader'>{head}<p class='none'>{PENDING if criterion.source == 'measured' else 'not known'}</p></section>"
    numbers = [1 - value if mistakes else value for standing in order if (value := criterion.value(standing)) is not None]
    largest = max(numbers) or 1.0
    rows = "".join(
        f"<li><span class='name'>{escape(standing.run.name)}</span><span class='value'>{escape(criterion.text(standing))}</span>"
        f"<span class='track'><i style='width:{max(number / largest, 0.004):.1%};background:{looks[standing.run.name].colour}'></i></span></li>"
        for standing, number in list(zip(order, numbers, strict=True))[:PLACES]
    )
    more = f"<p class='gloss'>and {len(order) - PLACES} more in the table</p>" if len(order) > PLACES else ""
    return f"<section class='leader'>{head}<ol>{rows}</ol>{more}</section>"


def _card_gloss(key: str) -> str:
    return {
        "multiply_adds": "multiply-adds for a digit",
        "microseconds": "time for a digit, measured here",
        "wrong_share": "test accuracy; bars are the mistakes",
        "shifted": f"{CRITERIA['shifted'].title.lower()}, still read right; measured here",
    }[key]


VERDICTS = {
    "multiply_adds": ("simpler", "{} arithmetic"),
    "microseconds": ("faster", "{} time for a digit"),
    "wrong": ("more accurate", "{} wrong, not {}"),
    "shifted": ("harder to fool", "{} of moved digits read right, not {}"),
}
"""Of the four questions: what the leader is, and what its figure is of; two places take the leader's figure and the other's, one how many times less."""


def conclusion(left: Standing, right: Standing, looks: Mapping[str, Look]) -> str:
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
            lines += f"<p>{swatch(looks[one.run.name])}<span><b>{escape(one.run.name)}</b> is {escape(words)}.</span></p>"
    return f"<div class='conclusion'>{lines}</div>"


def _proof(key: str, leader: Standing, other: Standing) -> str:
    form, criterion = VERDICTS[key][1], CRITERIA[key]
    return form.format(criterion.text(leader), criterion.text(other)) if form.count("{}") == 2 else form.format(_ratio(key, leader, other)[1])


def side_by_side(
    standings: Sequence[Standing], looks: Mapping[str, Look], *, caption: str = "All figures", to_mistakes: Callable[[Run], str] | None = None
) -> str:
    """The table of all criteria, a column a run; the best of each row is marked. to_mistakes: the address of the digits that a run reads wrong."""
    heads = "".join(
        f"<th scope='col'>{swatch(looks[standing.run.name])}<b>{escape(standing.run.name)}</b><small>{escape(standing.run.title)}</small></th>"
        for standing in standings
    )
    body = ""
    for source, title, gloss in GROUPS:
        body += (
            f"<tbody><tr class='group'><th scope='rowgroup' colspan='{len(standings) + 1}'><span>{title} <small>{gloss}</small></span></th></tr>"
            + "".join(_row(criterion, standings, to_mistakes) for criterion in CRITERIA.values() if criterion.source == source)
            + "</tbody>"
        )
    return _scrolling(f"<table class='figures'><caption>{escape(caption)}</caption><thead><tr><td></td>{heads}</tr></thead>{body}</table>", caption)


def _row(criterion: Criterion, standings: Sequence[Standing], to_mistakes: Callable[[Run], str] | None) -> str:
    winner, cells = best(criterion, standings), ""
    for standing in standings:
        value = criterion.value(standing)
        pending = value is None and criterion.source == "measured"
        wins = value is not None and value == winner
        text = PENDING if pending else criterion.text(standing)
        detail = criterion.detail(standing) if value is not None else ""
        shown = escape(text)
        if to_mistakes and criterion.key == "wrong" and value:
            shown = f"<a href='{escape(to_mistakes(standing.run))}' title='See these digits'>{shown}</a>"
        cells += (
            f"<td class='{'best' if wins else ''}'><span class='{'pending' if pending else 'value'}'>{shown}</span>"
            f"{'<span class=hear> (best)</span>' if wins else ''}{f'<small>{escape(detail)}</small>' if detail else ''}</td>"
        )
    return f"<tr><th scope='row'>{escape(criterion.title)}<small>{escape(criterion.gloss)}</small></th>{cells}</tr>"


def settings(standings: Sequence[Standing], looks: Mapping[str, Look], *, caption: str = "Settings that differ") -> str:
    """The table of the settings in which these runs differ; a sentence if there is none."""
    rows = differing_settings([standing.run for standing in standings])
    if not rows:
        return "<p class='none'>They were trained with the same settings.</p>"
    heads = "".join(f"<th scope='col'>{swatch(looks[standing.run.name])}<b>{escape(standing.run.name)}</b></th>" for standing in standings)
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


def ratios(left: Standing, right: Standing, looks: Mapping[str, Look]) -> str:
    """What two runs differ by, question by question: how many times less, or how much more, and who leads."""
    tiles = "".join(
        f"<div class='tile' style='border-color:{looks[name].colour if name else 'var(--line)'}'><p class='what'>{escape(what)}</p>"
        f"<p class='ratio'>{escape(ratio)}</p><p class='who'>{escape(name)}</p><p class='gloss'>{escape(figures)}</p></div>"
        for what, ratio, name, figures in (_ratio(key, left, right) for key in ("multiply_adds", "microseconds", "wrong", "shifted"))
    )
    return f"<div class='tiles'>{tiles}</div>"


def _ratio(key: str, left: Standing, right: Standing) -> tuple[str, str, str, str]:
    """What is compared, by how much, who leads ('' for neither), and both figures."""
    criterion = CRITERIA[key]
    one, other = criterion.value(left), criterion.value(right)
    if one is None or other is None:
        return criterion.title, PENDING if criterion.source == "measured" else "–", "", ""
    figures = f"{criterion.text(left)} and {criterion.text(right)}"
    if one == other:
        return criterion.title, "the same", "", figures
    leader = left if (one < other) == (criterion.better == "low") else right
    if criterion.better == "high":
        return criterion.title, f"+{abs(one - other) * 100:.1f} points", leader.run.name, figures
    less, more = sorted((one, other))
    return criterion.title, f"{times(more / less)} less" if less else f"0, not {more:,.0f}", leader.run.name, figures


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


def kept_epochs(curves: Sequence[LearningCurve], looks: Mapping[str, Look], *, caption: str = "At the epoch that was kept") -> str:
    """The figures of each run's kept epoch, a row a run."""
    names = (("val_loss", "validation loss"), ("val_accuracy", "validation accuracy"), ("loss", "training loss"), ("accuracy", "training accuracy"))
    heads = "".join(f"<th scope='col'>{name}</th>" for name in ("epoch kept", "epochs", "training", *(title for _, title in names)))
    body = ""
    for curve in curves:
        at = min(max(curve.best_epoch, 1), len(curve.epochs)) - 1
        figures = [f"{curve.best_epoch:,}", f"{len(curve.epochs):,}", duration(float(curve.seconds[-1]))]
        figures += [_recorded(float(curve.values[name][at]), accuracy="accuracy" in name) for name, _ in names]
        cells = "".join(f"<td>{text}</td>" for text in figures)
        body += f"<tr><th scope='row'>{swatch(looks[curve.run])} {escape(curve.run)}</th>{cells}</tr>"
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
