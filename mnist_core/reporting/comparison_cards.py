"""The comparison of runs at a glance, as HTML for the pages and for the report. Its style is in tables.css.

Four questions are asked of every pair and every set of runs: which needs the least arithmetic, which is fastest, which
is most accurate, and which is most robust?
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from mnist_core.formatting import number, percentage_points, times
from mnist_core.metrics.significance import Difference, paired_difference
from mnist_core.reporting.html_templates import render
from mnist_core.reporting.run_styles import RunStyle, swatch
from mnist_core.reporting.tables import PENDING
from mnist_core.runs.summaries import METRICS, RunSummary, is_pending, ranked, same_digits

CARDS = (
    ("multiply_adds", "Least arithmetic", "multiply-adds for a digit"),
    ("microseconds", "Fastest", "time for a digit, measured here"),
    ("accuracy", "Most accurate", "test accuracy; bars show the mistakes"),
    ("corruptions", "Most robust", "test digits under 15 corruptions, still correct"),
)
"""Each card: the metric, a title, and what the figures are."""

BARS_OF_MISTAKES = {"accuracy"}
"""Metrics so close to 1 that a bar shows what is missing from 1."""

PLACES = 6
"""The number of runs on a card. The table has all of them."""

THINNEST_BAR = 0.004
"""The fraction of a card's width that even the smallest bar takes, so that it can be seen."""

CLAIMS = {
    "multiply_adds": ("simpler", "{ratio} arithmetic"),
    "microseconds": ("faster", "{ratio} time for a digit"),
    "incorrect": ("more accurate", "{leader} incorrect, not {other}"),
    "corruptions": ("more robust", "{leader} of corrupted digits correct, not {other}; {difference}"),
    "shifted": ("better with moved digits", "{leader} of them correct, not {other}"),
}
"""What the leader in a metric is, and the proof of it."""

NOT_MEASURED = "not measured yet; Robustness says how"


class Ratio(NamedTuple):
    """Two runs in one metric: by how much they differ, the name of the leader ('' for neither), and both figures."""

    title: str
    ratio: str
    leader: str
    figures: str


class Bar(NamedTuple):
    """A run on a card. width: the length of its bar, 0..1."""

    name: str
    text: str
    width: float
    colour: str


def leaders(summaries: Sequence[RunSummary], run_styles: Mapping[str, RunStyle]) -> Markup:
    """Four cards, one for each question. Each has a bar for each run, the best one first.

    A card whose figures are measured stays empty until every run is measured.
    """
    cards = [(title, gloss, key, _bars(key, summaries, run_styles)) for key, title, gloss in CARDS]
    unknown = {key: PENDING if is_pending(METRICS[key], summaries) else "not known" for key, _, _ in CARDS}
    unknown["corruptions"] = NOT_MEASURED
    missing = {key: sum(METRICS[key].value(summary) is None for summary in summaries) for key, _, _ in CARDS}
    return render("leaders.html.j2", cards=cards, unknown=unknown, missing=missing, places=PLACES)


def _bars(key: str, summaries: Sequence[RunSummary], run_styles: Mapping[str, RunStyle]) -> list[Bar]:
    metric = METRICS[key]
    if is_pending(metric, summaries):
        return []
    known = [(summary, value) for summary in ranked(metric, summaries) if (value := metric.value(summary)) is not None]
    numbers = [1 - value if key in BARS_OF_MISTAKES else value for _, value in known]
    longest = max(numbers, default=0) or 1.0
    return [
        Bar(
            summary.run.name,
            metric.text(summary),
            max(number / longest, THINNEST_BAR),
            run_styles[summary.run.name].colour,
        )
        for (summary, _), number in zip(known, numbers, strict=True)
    ]


def conclusion(
    left: RunSummary,
    right: RunSummary,
    run_styles: Mapping[str, RunStyle],
    *,
    fresh: Sequence[tuple[RunSummary, RunSummary]] = (),
    unmeasured: str = "",
) -> Markup:
    """The answers to the four questions for two runs: a sentence for each run that leads in something.

    fresh: runs that were just trained, each with the run that it is compared with; each pair has a sentence as well.
    unmeasured: how many runs are still to be measured, in words; then that is said, and nobody has won yet.
    A run beside itself gives nothing.
    """
    if left.run.name == right.run.name and not fresh:
        return Markup()
    sentences = [
        (one.run.name, f"is {_in_words(claims)}")
        for one, other in ((left, right), (right, left))
        if (claims := _claims(one, other))
    ]
    sentences += [(one.run.name, _beside(one, other)) for one, other in fresh]
    return render(
        "conclusion.html.j2",
        sentences=[] if unmeasured else [(swatch(run_styles[name]), name, words) for name, words in sentences],
        unmeasured=unmeasured,
    )


def _beside(one: RunSummary, other: RunSummary) -> str:
    """A run beside another one: in what it leads, and in what the other one does."""
    name, gains, losses = other.run.name, _claims(one, other), _claims(other, one)
    words = f"is {_in_words(gains)} than {name}" if gains else f"is nowhere ahead of {name}"
    if losses:
        words += f"; {name} is {_in_words(losses)}"
    if not same_digits([one, other]):
        words += "; they were tested on different digits, so their accuracies do not compare"
    return words


def _claims(leader: RunSummary, other: RunSummary) -> list[str]:
    """In what the one leads. Mistakes on different test digits do not compare."""
    keys = [key for key in CLAIMS if key != "incorrect" or same_digits([leader, other])]
    difference = _difference(leader, other)
    if difference is None or not difference.is_real:
        keys.remove("corruptions")
    return [_claim(key, leader, other) for key in keys if _ratio(key, leader, other).leader == leader.run.name]


def _in_words(claims: Sequence[str]) -> str:
    return " and ".join([", ".join(claims[:-1]), claims[-1]] if len(claims) > 1 else claims)


def _claim(key: str, leader: RunSummary, other: RunSummary) -> str:
    claim, proof = CLAIMS[key]
    metric = METRICS[key]
    values = {"leader": metric.text(leader), "other": metric.text(other), "ratio": _ratio(key, leader, other).ratio}
    if "{difference}" in proof and (difference := _difference(leader, other)):
        low, high = difference.low * 100, difference.high * 100
        values["difference"] = f"{low:.1f} to {high:.1f} points more with 95 % confidence"
    return f"{claim} ({proof.format(**values)})"


def _difference(left: RunSummary, right: RunSummary) -> Difference | None:
    """By how much the left run predicts more of the corrupted digits. None if it is not measured for both."""
    one, other = left.corruptions, right.corruptions
    if one is None or other is None or one.count != other.count:
        return None
    return paired_difference(one.by_digit, other.by_digit)


def ratios(left: RunSummary, right: RunSummary, run_styles: Mapping[str, RunStyle]) -> Markup:
    """By how much two runs differ in each question: how many times less, or how much more, and which run leads."""
    tiles = [
        (ratio, run_styles[ratio.leader].colour if ratio.leader else "var(--line)")
        for ratio in (_ratio(key, left, right) for key in CLAIMS)
    ]
    return render("ratios.html.j2", tiles=tiles)


def _ratio(key: str, left: RunSummary, right: RunSummary) -> Ratio:
    metric = METRICS[key]
    one, other = metric.value(left), metric.value(right)
    if one is None or other is None:
        return Ratio(metric.title, PENDING if metric.source == "measured" else "–", "", "")
    figures = f"{metric.text(left)} and {metric.text(right)}"
    if one == other:
        return Ratio(metric.title, "the same", "", figures)
    leader = left if (one < other) == (metric.better == "low") else right
    less, more = sorted((one, other))
    if metric.better == "high":
        ratio = percentage_points(more - less)
    elif less:
        ratio = f"{times(more / less)} less"
    else:
        ratio = f"0, not {number(more)}"
    return Ratio(metric.title, ratio, leader.run.name, figures)
