"""Summaries of runs for the compare page: what is stored with a run at once, what is measured here as soon as it has
been measured.

Measurements are kept for all visitors until the server stops. Only one is made at a time, so that they do not disturb
each other.
"""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock

import streamlit as st

from mnist_core.access.roles import IN_WORDS, Action
from mnist_core.errors import DigitDuelError
from mnist_core.runs import measurements
from mnist_core.runs.corruption_results import CorruptionResults
from mnist_core.runs.measurements import Measured
from mnist_core.runs.run import Run
from mnist_core.runs.summaries import RunSummary, summarise
from pages.parts.access import allowed, show_note
from pages.parts.cached_runs import RunKey, classifier, corruption_results, run_key, test_predictions
from pages.parts.made_once import made_once

MOST_KEPT = 64


@dataclass
class _Measurements:
    """by_run: the measurements of the latest MOST_KEPT runs, or the reason why a run could not be measured."""

    by_run: OrderedDict[RunKey, Measured | str] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)


@made_once
def _measurements() -> _Measurements:
    return _Measurements()


def summaries_of(picked: list[Run]) -> tuple[list[RunSummary], list[str]]:
    """The summaries of these runs, with what has been measured so far, and a message about each problem with one
    of them.
    """
    summaries, problems = [], []
    for run in picked:
        try:
            summary, problem = _stored_summary(run_key(run), run)
        except DigitDuelError as error:  # it was deleted since it was listed
            problems.append(str(error))
            continue
        corruptions, damage = _corruptions(run)
        known = _measurements().by_run.get(run_key(run))
        summaries.append(
            replace(
                summary,
                measured=known if isinstance(known, Measured) else None,
                measurable=not isinstance(known, str) and (known is not None or allowed(Action.MEASURE)),
                corruptions=corruptions,
            )
        )
        problems += [text for text in (problem, damage, known if isinstance(known, str) else "") if text]
    return summaries, problems


def _corruptions(run: Run) -> tuple[CorruptionResults | None, str]:
    """The stored measurement on corrupted digits, and why it cannot be read, if so."""
    try:
        return corruption_results(run), ""
    except DigitDuelError as error:
        return None, str(error)


@st.cache_resource(max_entries=64, show_spinner=False)
def _stored_summary(key: RunKey, _run: Run) -> tuple[RunSummary, str]:
    """The summary without measurements, and why the predictions are missing, if they are."""
    try:
        return summarise(_run, test_predictions(_run), None), ""
    except DigitDuelError as error:
        return summarise(_run, None, None), str(error)


def measure_missing(picked: list[Run]) -> None:
    """Measure the first run that has not been measured, then run the page again.

    To be called at the end of a page, which is complete then.
    """
    missing = [run for run in picked if run_key(run) not in _measurements().by_run]
    if not missing:
        return
    if not allowed(Action.MEASURE):
        show_note(f"{IN_WORDS[Action.MEASURE]}, by opening this page")
        return
    more = f"; {len(missing) - 1} more to go" if len(missing) > 1 else ""
    with st.spinner(f"Measuring {missing[0].name} on this machine{more} …"), _measurements().lock:
        if run_key(missing[0]) not in _measurements().by_run:
            _measure(missing[0])
    st.rerun()


def _measure(run: Run) -> None:
    by_run = _measurements().by_run
    try:
        by_run[run_key(run)] = measurements.measure(classifier(run))
    except DigitDuelError as error:
        by_run[run_key(run)] = str(error)
    while len(by_run) > MOST_KEPT:
        by_run.popitem(last=False)
